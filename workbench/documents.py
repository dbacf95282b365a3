"""YAML read strictly: every value knows its line and column, and nothing in a file can become code.

It is YAML 1.2 with its core scalars only (``no``, ``12:30`` and dates stay text, ``0777`` is no octal), one document,
no tags, no anchors or aliases, no duplicate keys, keys that are text, at most 1 MB and 20 levels. ``${name}`` and
``list[str]`` may stand unquoted inside ``{…}`` and ``[…]`` too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, NoReturn

import yaml  # type: ignore[import-untyped]

from workbench.model.errors import SpecError, did_you_mean
from workbench.model.frozen import dataclass

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_PREFIXES = ("k", "m", "g", "t")
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kKMGT]i?B|B)", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,4})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,8})s)?", re.ASCII)

Path = tuple[str | int, ...]
"""The way to a value: ``("steps", "clean", "reads", 0)``."""


@dataclass(frozen=True)
class Document:
    """A parsed file: plain dicts, lists and scalars in ``data``, and where each of them stands.

    ``values`` and ``keys`` map a path to the (line, column), counted from 1, of the value and of its key.
    """

    name: str
    data: Any
    values: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Sequence[str | int] = (), *, key: bool = False) -> str:
        """``file:line:column`` of the value at ``path`` (of its key with ``key``), else of what encloses it."""
        way = tuple(path)
        marks = (self.keys.get(way) if key else None) or self.values.get(way) or self.keys.get(way)
        while marks is None and way:
            way = way[:-1]
            marks = self.values.get(way) or self.keys.get(way)
        line, column = marks or (1, 1)
        return f"{self.name}:{line}:{column}"

    def error(
        self, code: str, what: str, path: Sequence[str | int] = (), *, key: bool = False, **more: Any
    ) -> SpecError:
        """A SpecError whose text begins with the place of ``path``."""
        return SpecError(code, f"{self.place(path, key=key)}: {what}", **more)

    def section(self, path: Sequence[str | int] = (), allowed: Collection[str] | None = None) -> Section:
        """The mapping at ``path``, its keys held to ``allowed``. Raises SpecError (WB-CFG-625, WB-CFG-624)."""
        return Section.over(self, tuple(path), allowed)


@dataclass(frozen=True)
class Section(Mapping[str, Any]):
    """A mapping inside a document, whose values can be asked for by type; faults are SpecErrors with their place."""

    document: Document
    path: Path
    data: Mapping[str, Any]

    @classmethod
    def over(cls, document: Document, path: Path, allowed: Collection[str] | None) -> Section:
        """The mapping at ``path`` of ``document``."""
        data = document.data
        for part in path:
            data = data[part]
        if not isinstance(data, dict):
            raise document.error("WB-CFG-625", f"expected a mapping here, found {describe(data)}", path)
        section = cls(document, path, data)
        if allowed is not None:
            section.refuse_unknown(allowed)
        return section

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def refuse_unknown(self, allowed: Collection[str]) -> None:
        """Raise SpecError (WB-CFG-624), with did-you-mean, at the first key that is not ``allowed``."""
        for key in self.data:
            if key not in allowed:
                hint = did_you_mean(key, allowed)
                cause = f"known here: {', '.join(allowed)}.{hint}" if allowed else "no key is allowed here"
                raise self.error("WB-CFG-624", f'unknown key "{key}"', key, key=True, cause=cause)

    def error(self, code: str, what: str, *path: str | int, key: bool = False, **more: Any) -> SpecError:
        """A SpecError placed at ``path`` inside this section."""
        return self.document.error(code, what, (*self.path, *path), key=key, **more)

    def wrong(self, key: str, expected: str) -> SpecError:
        """The SpecError (WB-CFG-625) that the value of ``key`` is not what was ``expected``."""
        return self.error("WB-CFG-625", f'"{key}" must be {expected}', key, cause=f"found {describe(self.data[key])}")

    def require(self, key: str) -> Any:
        """The value of ``key``. Raises SpecError (WB-CFG-626) when it is missing."""
        if key not in self.data:
            raise self.error("WB-CFG-626", f'"{key}" is missing')
        return self.data[key]

    def text(self, key: str, default: str | None = None) -> str:
        """The text at ``key``; required when there is no ``default``."""
        value = self.require(key) if default is None else self.data.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """The ``true`` or ``false`` at ``key``."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def whole(self, key: str, default: int, *, minimum: int = 0) -> int:
        """The whole number at ``key``, at least ``minimum``."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise self.wrong(key, f"a whole number of at least {minimum}")
        return value

    def duration(self, key: str, default: float | None) -> float | None:
        """The seconds of a text such as ``90s``, ``30m`` or ``1h 30m`` at ``key``."""
        if key not in self.data:
            return default
        value = self.data[key]
        found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        parts = found.groups() if found else ()
        seconds = sum(int(part or 0) * unit for part, unit in zip(parts, (86400.0, 3600.0, 60.0, 1.0), strict=False))
        if seconds <= 0:
            raise self.wrong(key, "a duration such as 90s, 30m or 1h 30m")
        return seconds

    def size(self, key: str, default: int | None) -> int | None:
        """The bytes of a text such as ``500MB``, ``4GB`` or ``4GiB`` at ``key``."""
        if key not in self.data:
            return default
        value = self.data[key]
        found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
        unit = found[2].lower() if found else ""
        step = 1 + _PREFIXES.index(unit[0]) if unit[:1] in _PREFIXES else 0
        count = int(float(found[1]) * (1024 if "i" in unit else 1000) ** step) if found else 0
        if count <= 0:
            raise self.wrong(key, "a size such as 500MB, 4GB or 4GiB")
        return count

    def number(self, key: str, default: float, *, minimum: float, above: bool = False) -> float:
        """The finite number at ``key``, at least ``minimum``, or more than it with ``above``."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong(key, "a number")
        if value < minimum or (above and value == minimum):
            raise self.wrong(key, f"a number {'greater than' if above else 'of at least'} {minimum:g}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts at ``key``; a single text counts as a list of one, an absent key as none."""
        value = self.data.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "a text or a list of texts")
        return tuple(items)

    def items_at(self, key: str) -> list[Any]:
        """The list at ``key``; an absent key is an empty list."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return value

    def section(self, key: str | int, allowed: Collection[str] | None = None) -> Section:
        """The mapping at ``key``; an absent or empty key is an empty mapping."""
        if isinstance(key, str) and self.data.get(key) is None:
            return Section(self.document, (*self.path, key), {})
        return Section.over(self.document, (*self.path, key), allowed)

    def sections(self, key: str, allowed: Collection[str] | None = None) -> tuple[Section, ...]:
        """The list of mappings at ``key``; an absent key is an empty list."""
        return tuple(
            Section.over(self.document, (*self.path, key, index), allowed) for index in range(len(self.items_at(key)))
        )


def describe(value: Any) -> str:
    """What a value of a document is, in words: ``the number 3``, ``a list``."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f'the text "{value}"' if len(value) <= 40 else f'the text "{value[:39]}…"'
        case list():
            return "a list"
        case dict():
            return "a mapping"
    return f"a {type(value).__name__}"


def load_yaml(text: str, name: str) -> Document:
    """Parse one strict YAML document; ``name`` is how the file is called in errors.

    Raises SpecError: WB-CFG-620 not YAML, WB-CFG-621 duplicate key, WB-CFG-622 tag, anchor, alias or key that is no
    text, WB-CFG-623 too large or too deep.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise SpecError(
            "WB-CFG-623", f"{name}:1:1: larger than {MAX_BYTES // 1_000_000} MB", cause="nothing of it was read"
        )
    return _Composer(text, name).document()


def parse_events(text: str) -> Iterator[Any]:
    """The events of the parser for a text that ``load_yaml`` accepts, but for a byte order mark; marks count in it."""
    return iter(yaml.parse(_veil(text), Loader=yaml.SafeLoader if _FAST is None or _ODD.search(text) else _FAST))


_ODD = re.compile("[?!\t\r\ufeff\x85\u2028\u2029]|---|^%|[|>][-+0-9]*#|:\\s*[]}]", re.MULTILINE)
"""Where the parser in C (libyaml) and the one in Python are of two minds; the latter decides."""
_REFERENCE = re.compile(r"\$\{[^{}\n\"']*\}")
_SUBSCRIPT = re.compile(r"(?<=\w)\[(?:[^\[\]\n]|\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\])*\]")
_VEILED = "${}[],"
_VEIL = str.maketrans(_VEILED, "".join(chr(0xE000 + index) for index in range(len(_VEILED))))
"""Private letters that stand in for those of ``${name}`` and ``list[str]`` that YAML would take apart, one for one."""

_UNVEIL = {veil: letter for letter, veil in _VEIL.items()}
_HALF = re.compile("[\ud800-\udfff]")
_OUTSIDE = re.compile("[\ud800-\udfff\ue000-\uf8ff]")
"""Letters that no file has: halves of others, and those for private use, some of which are our veil."""
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}


_FAST: Any = getattr(yaml, "CSafeLoader", None)


class _Composer:
    """Builds plain data from the events of a YAML parser, and notes where each value stands."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text.removeprefix("\ufeff")
        self.name = name
        self.values: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.events: Iterator[Any] = iter(())

    def document(self) -> Document:
        self._refuse_private_letters()
        veiled = _veil(self.text)
        if _FAST is not None and not _ODD.search(self.text):
            try:
                return Document(self.name, self._parse(veiled, _FAST), self.values, self.keys)
            except yaml.YAMLError:  # to be told in the words of the other
                self.values, self.keys = {}, {}
        try:
            data = self._parse(veiled, yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (0, 0)
            cause = error.problem or error.context or ""
            if "'\\t'" in cause:
                cause = "a tab stands where YAML wants spaces"
            self._refuse("WB-CFG-620", "not valid YAML", (line + 1, column + 1), cause)
        except yaml.reader.ReaderError as error:
            before = self.text[: error.position]
            at = (before.count("\n") + 1, len(before) - before.rfind("\n"))
            self._refuse("WB-CFG-620", "not valid YAML", at, "a character that YAML does not allow")
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._refuse("WB-CFG-620", "not valid YAML", (1, 1), str(error))
        return Document(self.name, data, self.values, self.keys)

    def _parse(self, text: str, loader: Any) -> Any:
        self.events = yaml.parse(text, Loader=loader)
        return self._stream()

    def _refuse_private_letters(self) -> None:
        if found := _OUTSIDE.search(self.text):
            before = self.text[: found.start()]
            at = (before.count("\n") + 1, len(before) - before.rfind("\n"))
            self._refuse(
                "WB-CFG-620",
                "not valid YAML",
                at,
                "half a letter" if found[0] < "\ue000" else "a letter from the private use area",
            )

    def _stream(self) -> Any:
        data: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse("WB-CFG-620", "a second document begins here", _mark(event), "one file holds one")
            elif isinstance(event, yaml.NodeEvent):
                data = self._node(event, ())
        return data

    def _node(self, event: Any, path: Path) -> Any:
        self._refuse_magic(event)
        self.values[path] = _mark(event)
        if len(path) > MAX_DEPTH:
            self._refuse("WB-CFG-623", f"nested deeper than {MAX_DEPTH} levels", _mark(event))
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(path)
            case yaml.SequenceStartEvent():
                return self._sequence(path)
            case yaml.ScalarEvent():
                return self._scalar(event)
        raise AssertionError(event)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            self._refuse_magic(event)
            key = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None
            if key == "<<":
                self._refuse("WB-CFG-622", 'merge key "<<"', _mark(event), "write the keys out")
            if not isinstance(key, str):
                self._refuse("WB-CFG-622", "a key must be a text", _mark(event), "quote it if it looks like a number")
            if key in found:
                line = self.keys[(*path, key)][0]
                self._refuse("WB-CFG-621", f'duplicate key "{key}"', _mark(event), f"it is already on line {line}")
            self.keys[(*path, key)] = _mark(event)
            found[key] = None
            found[key] = self._node(next(self.events), (*path, key))
        return found

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found

    def _scalar(self, event: Any) -> Any:
        text = str(event.value)
        if _HALF.search(text):
            self._refuse("WB-CFG-620", "not valid YAML", _mark(event), "an escape that is half a letter")
        if not event.implicit[0] or event.style in ("'", '"', "|", ">"):
            return unveil(text)
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            if len(text) > 20:
                self._refuse("WB-CFG-625", "a number beyond 64 bits", _mark(event), "quote it if it is a text")
            return int(text, 10 if text[:2] not in ("0o", "0x") else 0)
        if _FLOAT.fullmatch(text):
            return float(text)
        return unveil(text)

    def _refuse_magic(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse("WB-CFG-622", f'alias "*{event.anchor}"', _mark(event), "write the value out")
        if anchor := getattr(event, "anchor", None):
            self._refuse("WB-CFG-622", f'anchor "&{anchor}"', _mark(event), "write the value out where needed")
        if tag := getattr(event, "tag", None):
            self._refuse("WB-CFG-622", f'tag "{tag}"', _mark(event), "files hold plain values only")

    def _refuse(self, code: str, what: str, at: tuple[int, int], cause: str = "") -> NoReturn:
        line, column = at
        raise SpecError(code, f"{self.name}:{line}:{column}: {what}", cause=cause) from None


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _veil(text: str) -> str:
    for pattern in (_REFERENCE, _SUBSCRIPT):
        text = pattern.sub(lambda found: found[0].translate(_VEIL), text)
    return text


def unveil(text: str) -> str:
    """The text of a scalar of ``parse_events`` as it stands in the file."""
    return text.translate(_UNVEIL)
