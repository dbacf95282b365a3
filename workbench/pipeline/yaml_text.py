"""A text of YAML is changed in its places, and stays as it was everywhere else: comments, order, quotes, empty lines.

Each change is proven before it counts: what the new text holds must be what the old one held, and what was
changed in it otherwise. A text that is laid out so that this cannot be done is left to people.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workbench.documents import MAX_DEPTH, Path, load_yaml
from workbench.model.errors import SpecError, UsageError
from workbench.pipeline.outline import Entry, Part, find, outline

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*", re.ASCII)
_WHOLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_.]*\}", re.ASCII)
_COMMA = re.compile(r"\s*,")
_MARK = "\ufeff"

Span = tuple[int, int, str]
"""What stands for the letters from the first number to the second."""


@dataclass
class Changes:
    """What is to become of a text: of its parts, and of what it holds."""

    root: Part | None
    wanted: Any
    spans: list[Span] = field(default_factory=list)


class Rewriting:
    """A text and what it holds as ``data``; ``name`` is how its file is called in errors.

    Raises SpecError (WB-CFG-62x) for a text that cannot be read.
    """

    def __init__(self, text: str, name: str) -> None:
        self._mark = _MARK if text.startswith(_MARK) else ""
        self._text = text.removeprefix(_MARK)
        self._name = name
        self._changes: Changes | None = None
        self.data: Any = load_yaml(self._text, name).data

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._mark + self._text

    @contextmanager
    def at_once(self) -> Iterator[Changes]:
        """Changes within the block are made in the text as it is before it, and proven together at its end.

        So a thousand take no longer than one. They are of different places, and none needs what another one puts
        there. Raises UsageError (WB-PIP-651).
        """
        if self._changes is not None:
            yield self._changes
            return
        self._changes = Changes(outline(self._text), copy.deepcopy(self.data))
        try:
            yield self._changes
            self._settle(self._changes)
        finally:
            self._changes = None

    def put(self, path: Path, value: Any) -> None:
        """Set the value at ``path``; what is not there yet comes last in what encloses it, which has to be there.

        In a list, the number behind the last one adds an item. Raises UsageError (WB-PIP-651).
        """
        with self.at_once() as changes:
            if changes.root is None:
                changes.wanted = _set({}, path[:1], value)
                changes.spans.append(self._line_at_end(self._entry("", path[0], value)))
                return
            try:
                changes.wanted = _set(changes.wanted, path, value)
            except (TypeError, KeyError, IndexError):
                raise self._refusal(f"{'.'.join(map(str, path))} has no place in what stands there") from None
            changes.spans.append(self._put(changes.root, path, value))

    def drop(self, path: Path) -> None:
        """Take the entry at ``path`` away, with the comment on its line. Raises UsageError (WB-PIP-651)."""
        with self.at_once() as changes:
            inside = _get(changes.wanted, path[:-1])
            del inside[path[-1]]
            way = find(changes.root, path)
            if changes.root is None or way is None:
                raise self._refusal()
            parent = way[-2].value if len(way) > 1 else changes.root
            if not inside and not parent.flow:
                changes.wanted = _set(changes.wanted, path[:-1], None)
            changes.spans.append(self._without(parent, way[-1]))

    def rename(self, path: Path, key: str) -> None:
        """Give the entry at ``path`` another key. Raises UsageError (WB-PIP-651)."""
        with self.at_once() as changes:
            old = _get(changes.wanted, path[:-1])
            new = {key if each == path[-1] else each: value for each, value in old.items()}
            changes.wanted = _set(changes.wanted, path[:-1], new)
            way = find(changes.root, path)
            if way is None:
                raise self._refusal()
            changes.spans.append((way[-1].start, way[-1].key_end, write(key)))

    # -- where, and what -----------------------------------------------------------------------------------------

    def _put(self, root: Part, path: Path, value: Any) -> Span:
        way = find(root, path)
        if way is not None:
            part = way[-1].value if way else root
            return (part.start, part.end, (" " if part.absent else "") + write(value))
        above = find(root, path[:-1])
        if above is None:
            raise self._refusal()
        parent = above[-1].value if above else root
        within = any(entry.value.flow for entry in above[:-1]) or (len(above) > 0 and root.flow)
        key = path[-1]
        if parent.kind == "scalar":
            return self._begun(above, within, key, value)
        if parent.flow:
            at = parent.entries[-1].value.end if parent.entries else parent.start + 1
            return (at, at, (", " if parent.entries else "") + self._flowing(parent, key, value))
        last = parent.entries[-1]
        if parent.kind == "mapping":
            indent = " " * self._column(last.start)
            return self._line_behind(last, self._entry(indent, key, value))
        return self._line_behind(last, f"{' ' * self._column(self._dash(last))}- {write(value)}")

    def _begun(self, above: list[Entry], within: bool, key: str | int, value: Any) -> Span:
        """The first entry of a mapping of which there is only the key."""
        entry = above[-1] if above else None
        if entry is None or isinstance(key, int):
            raise self._refusal()
        if within or not entry.value.absent:
            written = write({key: value})
            return (entry.value.start, entry.value.end, " " * entry.value.absent + written)
        return self._line_behind(entry, self._entry(" " * (self._column(entry.start) + 2), key, value))

    def _without(self, parent: Part, entry: Entry) -> Span:
        """Nothing, for an entry of ``parent``."""
        number = parent.entries.index(entry)
        stop = max(entry.value.end, entry.key_end)
        if parent.flow:
            if number + 1 < len(parent.entries):
                return (entry.start, parent.entries[number + 1].start, "")
            if number == 0:  # nothing would stand before a comma that is left
                comma = _COMMA.match(self._text, stop)
                return (entry.start, comma.end() if comma else stop, "")
            before = parent.entries[number - 1]
            return (max(before.value.end, before.key_end), stop, "")
        start = entry.start if parent.kind == "mapping" else self._dash(entry)
        begin = self._text.rfind("\n", 0, start) + 1
        if self._text[begin:start].strip():
            raise self._refusal()
        return (begin, self._line_end(stop), "")

    def _entry(self, indent: str, key: str | int, value: Any) -> str:
        return f"{indent}{write(key)}:" + ("" if value is None else f" {write(value)}")

    def _flowing(self, parent: Part, key: str | int, value: Any) -> str:
        return write(value) if parent.kind == "list" else f"{write(key)}: {write(value)}"

    def _line_behind(self, entry: Entry, line: str) -> Span:
        """A line below the last one of an entry."""
        at = self._line_end(max(entry.value.end, entry.key_end))
        return self._line_at_end(line) if at == len(self._text) else (at, at, line + self._newline())

    def _line_at_end(self, line: str) -> Span:
        gap = "" if not self._text or self._text.endswith("\n") else self._newline()
        return (len(self._text), len(self._text), f"{gap}{line}{self._newline()}")

    def _line_end(self, at: int) -> int:
        """Where the line after the one at ``at`` begins."""
        found = self._text.find("\n", at)
        return len(self._text) if found < 0 else found + 1

    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self._text else "\n"

    def _column(self, at: int) -> int:
        return at - (self._text.rfind("\n", 0, at) + 1)

    def _dash(self, item: Entry) -> int:
        """Where the hyphen of an item of a list stands."""
        at = self._text.rfind("-", 0, item.start)
        if at < 0 or self._text[at + 1 : item.start].strip(" "):
            raise self._refusal()
        return at

    def _settle(self, changes: Changes) -> None:
        """Let the changed text be the text if it holds what is wanted, in that order."""
        text = self._text
        begun = len(text)
        for start, end, new in sorted(changes.spans, reverse=True):
            if end > begun:
                raise self._refusal("two changes of it meet in one place")
            text = text[:start] + new + text[end:]
            begun = start
        try:
            data = load_yaml(text, self._name).data
        except SpecError as error:
            raise self._refusal(str(error)) from None
        if repr(data) != repr(changes.wanted):
            raise self._refusal()
        self._text, self.data = text, data

    def _refusal(self, cause: str = "") -> UsageError:
        return UsageError(
            "WB-PIP-651",
            f"{self._name}: this cannot be changed here",
            cause=cause or "the text is laid out so that no small change of it would do",
            kept="The text is as it was.",
            next="change the text itself",
        )


def write(value: Any) -> str:
    """A plain value as YAML on one line that may stand anywhere. Raises UsageError (WB-PIP-651) for one too deep."""
    return _written(value, 0)


def _written(value: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        what = f"a value is nested deeper than {MAX_DEPTH} levels"
        raise UsageError("WB-PIP-651", what, kept="The text is as it was.")
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case list():
            return f"[{', '.join(_written(item, depth + 1) for item in value)}]"
        case dict():
            inside = (f"{_text(str(key))}: {_written(item, depth + 1)}" for key, item in value.items())
            return f"{{{', '.join(inside)}}}"
    return _text(str(value))


def _text(text: str) -> str:
    """A text as a scalar, in quotes where it would be taken for something else without."""
    if _WHOLE.fullmatch(text) or (_PLAIN.fullmatch(text) and _means_itself(text)):
        return text
    written = '"'
    for letter in text:
        if letter in '"\\':
            written += "\\" + letter
        elif letter == "[" and re.match(r"\w", written[-1]):  # might be read as the beginning of a type
            written += "\\x5B"
        else:
            written += letter if letter.isprintable() else f"\\U{ord(letter):08X}"
    return written + '"'


def _means_itself(text: str) -> bool:
    try:
        return bool(load_yaml(f"- {text}", "").data == [text])
    except SpecError:
        return False


def _get(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _set(data: Any, path: Path, value: Any) -> Any:
    """``data`` with the value at ``path``; a mapping that is not there is made where only its key is."""
    if not path:
        return value
    inside = _get(data, path[:-1])
    key = path[-1]
    if inside is None and len(path) > 1:
        _get(data, path[:-2])[path[-2]] = inside = {}
    if isinstance(inside, list) and key == len(inside):
        inside.append(value)
    else:
        inside[key] = value
    return data
