"""Python values as JSON and files, and back: plain ones, containers with all that shares them, frames, references.

Only what comes back as it was is taken; everything else is ``Refused`` with the reason. Nothing read here becomes code,
save what was pickled because the step allows it.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import importlib
import math
import pathlib
import pickle
import random
import re
import sys
import types
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.execution.checkpoint import frames, libraries
from workbench.execution.checkpoint.frames import Refused

Plain = Any
"""What JSON holds."""
_EXACT = (bool, int, str, type(None))
_CACHED = type(functools.lru_cache(lambda: None))
_PATHS = (pathlib.PurePosixPath, pathlib.PureWindowsPath, type(pathlib.Path()))
_FEW = 1 << 63
"""Numbers below it are digits in JSON; Python refuses to write very long ones so."""


class Writer:
    """Turns values into plain form and files in ``folder``; the objects they share are in ``objects``, by number.

    ``defined`` gives the name under which a cell defines a function or class, or None when none does.
    """

    def __init__(
        self, folder: Path, room: int, defined: Callable[[Any], str | None], pickling: bool, skip: Iterable[Any] = ()
    ) -> None:
        self.folder = folder
        self.objects: list[Plain] = []
        self.files: list[str] = []
        self.room = room
        self._defined = defined
        self._pickling = pickling
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = list(skip)
        self._arrays: list[Any] = []

    def add(self, value: Any) -> Plain:
        """The plain form of ``value``. Raises Refused; then nothing of it stays."""
        before = len(self.objects), len(self.files), len(self._kept), len(self._arrays)
        try:
            return self._plain(value)
        except (Refused, RecursionError) as error:
            self._forget(*before)
            if isinstance(error, RecursionError):
                raise Refused("it is nested too deeply") from None
            raise

    def _forget(self, objects: int, files: int, kept: int, arrays: int) -> None:
        for name in self.files[files:]:
            (self.folder / name).unlink(missing_ok=True)
        self._numbers = {key: number for key, number in self._numbers.items() if number < objects}
        del self.objects[objects:], self.files[files:], self._kept[kept:], self._arrays[arrays:]

    def _plain(self, value: Any) -> Plain:
        kind = type(value)
        if kind in _EXACT:
            return value if kind is not int or -_FEW < value < _FEW else {"k": "int", "v": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"k": "float", "v": str(value)}
        if kind is re.Pattern and isinstance(value.pattern, str):
            return {"k": "pattern", "v": [value.pattern, value.flags]}
        if kind in _SIMPLE:
            name, write, _ = _SIMPLE[kind]
            return {"k": name, "v": write(value)}
        if kind is tuple or kind is frozenset:
            return {"k": kind.__name__, "v": [self._plain(item) for item in value]}
        if isinstance(value, enum.Enum):
            return {"k": "member", "of": self._plain(kind), "v": self._plain(value.value)}
        if kind is datetime.datetime or kind is datetime.time:
            return self._moment(value)
        if isinstance(value, types.ModuleType):
            return self._module(value)
        if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | _CACHED):
            return self._reference(value)
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return {"k": "named", "of": self._plain(kind), "v": [self._plain(item) for item in value]}
        return self._shared(value)

    def _shared(self, value: Any) -> Plain:
        """A value that may change, and that others may hold, too: it is written once."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.objects)
            self.objects.append(None)
            self._kept.append(value)
            self.objects[number] = self._object(value)
        return {"k": "ref", "v": number}

    def _object(self, value: Any) -> Plain:
        kind = type(value)
        if kind is list:
            if all(type(item) in (str, bool, type(None)) for item in value):
                return {"k": "list", "v": list(value)}
            return {"k": "list", "v": [self._plain(item) for item in value]}
        if kind in _MAPPINGS:
            pairs = [[self._plain(key), self._plain(item)] for key, item in value.items()]
            return {"k": _MAPPINGS[kind], "v": pairs, "default": self._plain(getattr(value, "default_factory", None))}
        if kind is set:
            return {"k": "set", "v": [self._plain(item) for item in value]}
        if kind is collections.deque:
            return {"k": "deque", "v": [self._plain(item) for item in value], "most": value.maxlen}
        if kind is bytearray:
            return {"k": "bytearray", "v": _base64(value)}
        if kind is types.SimpleNamespace:
            return {"k": "namespace", "v": [[name, self._plain(item)] for name, item in vars(value).items()]}
        if kind is random.Random:
            return {"k": "random", "v": self._plain(value.getstate())}
        if form := frames.form_of(value):
            return self._file(value, form)
        if (small := libraries.small(value)) is not None:
            return small
        if dataclasses.is_dataclass(kind):
            return self._record(value)
        return self._pickled(value)

    def _file(self, value: Any, form: str) -> Plain:
        if form == "numpy":
            if any(frames.share(value, other) for other in self._arrays):
                raise Refused("it shares its memory with another array")
            self._arrays.append(value)
        name = f"{len(self.files)}.{frames.FORMS[form].ending}"
        self.files.append(name)
        more = frames.save(value, self.folder / name, form)
        self._take((self.folder / name).stat().st_size)
        return {"k": "file", "v": name, "form": form, "more": more}

    def _record(self, value: Any) -> Plain:
        names = [item.name for item in dataclasses.fields(value)]
        if set(getattr(value, "__dict__", dict.fromkeys(names))) != set(names):
            raise Refused(f"a {type(value).__name__} that holds more than its fields")
        pairs = [[name, self._plain(getattr(value, name))] for name in names]
        return {"k": "record", "of": self._plain(type(value)), "v": pairs}

    def _pickled(self, value: Any) -> Plain:
        kind = type(value)
        what = f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", "").replace("__main__.", "")
        if not self._pickling:
            raise Refused(what)
        name = f"{len(self.files)}.pickle"
        self.files.append(name)
        try:
            with (self.folder / name).open("wb") as file:
                pickle.dump(value, file, protocol=5)
        except OSError:
            raise
        except Exception as error:
            raise Refused(f"{what}; pickle says: {str(error)[:200]}") from None
        self._take((self.folder / name).stat().st_size)
        return {"k": "pickle", "v": name}

    def _take(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            raise Refused("the checkpoint would be too large")

    def _moment(self, value: Any) -> Plain:
        naive = value.replace(tzinfo=None)
        name = type(value).__name__
        return {"k": name, "v": naive.isoformat(), "fold": value.fold, "zone": self._zone(value.tzinfo)}

    def _zone(self, zone: Any) -> Plain:
        if zone is None:
            return None
        if type(zone) is datetime.timezone:
            return {"offset": zone.utcoffset(None).total_seconds(), "name": zone.tzname(None)}
        if type(zone) is zoneinfo.ZoneInfo and zone.key:
            return {"key": zone.key}
        raise Refused(f"a time in a zone of type {type(zone).__name__}")

    def _module(self, value: Any) -> Plain:
        name = value.__name__
        if sys.modules.get(name) is not value or name == "__main__":
            raise Refused("a module that cannot be imported")
        return {"k": "module", "v": name}

    def _reference(self, value: Any) -> Plain:
        """A function or class: by the cell that defines it, or by where it is imported from."""
        if (name := self._defined(value)) is not None:
            return {"k": "defined", "v": name}
        module, path = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        found: Any = sys.modules.get(module or "")
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is value and module != "__main__":
            return {"k": "import", "of": module, "v": path}
        raise Refused(f"a {'class' if isinstance(value, type) else 'function'} that no cell defines by itself")


class Reader:
    """Turns plain form into values again. ``defined`` gives what a cell has defined, and raises KeyError."""

    def __init__(self, folder: Path, objects: list[Plain], defined: Callable[[str], Any]) -> None:
        self._folder = folder
        self._objects = objects
        self._defined = defined
        self._made: dict[int, Any] = {}

    def value(self, plain: Plain) -> Any:
        """The value that was saved. Raises KeyError when it needs a definition that is not there yet."""
        if not isinstance(plain, dict):
            return plain
        kind, inside = plain["k"], plain["v"]
        match kind:
            case "ref":
                return self._object(inside)
            case "int":
                return int(inside, 16)
            case "float":
                return float(inside)
            case "tuple" | "frozenset":
                return (tuple if kind == "tuple" else frozenset)(self.value(item) for item in inside)
            case "member":
                return self.value(plain["of"])(self.value(inside))
            case "datetime" | "time":
                naive = getattr(datetime, kind).fromisoformat(inside)
                return naive.replace(tzinfo=_zone(plain["zone"]), fold=plain["fold"])
            case "module":
                return importlib.import_module(inside)
            case "defined":
                return self._defined(inside)
            case "import":
                found: Any = importlib.import_module(plain["of"])
                for part in inside.split("."):
                    found = getattr(found, part)
                return found
            case "named":
                return self.value(plain["of"])._make(self.value(item) for item in inside)
        return _READ[kind](inside)

    def _object(self, number: int) -> Any:
        if number not in self._made:
            try:
                self._make(number, self._objects[number])
            except BaseException:
                self._made.pop(number, None)
                raise
        return self._made[number]

    def _make(self, number: int, plain: Plain) -> None:
        """Make an object known before it is filled: it may hold itself."""
        kind, inside = plain["k"], plain["v"]
        made = self._made
        match kind:
            case "list":
                held: list[Any] = []
                made[number] = held
                held.extend(self.value(item) for item in inside)
            case "dict" | "OrderedDict" | "defaultdict" | "Counter":
                mapping: Any = _empty(kind, self.value(plain["default"]))
                made[number] = mapping
                for key, item in inside:
                    mapping[self.value(key)] = self.value(item)
            case "set":
                members: set[Any] = set()
                made[number] = members
                members.update(self.value(item) for item in inside)
            case "deque":
                queue: collections.deque[Any] = collections.deque(maxlen=plain["most"])
                made[number] = queue
                queue.extend(self.value(item) for item in inside)
            case "bytearray":
                made[number] = bytearray(base64.b64decode(inside))
            case "namespace":
                made[number] = space = types.SimpleNamespace()
                for name, item in inside:
                    setattr(space, name, self.value(item))
            case "random":
                made[number] = generator = random.Random()
                generator.setstate(self.value(inside))
            case "record":
                cls = self.value(plain["of"])
                made[number] = record = object.__new__(cls)
                for name, item in inside:
                    object.__setattr__(record, name, self.value(item))
            case "file":
                made[number] = frames.load(self._folder / inside, plain["form"], plain["more"])
            case "pickle":
                try:
                    with (self._folder / inside).open("rb") as file:
                        made[number] = pickle.load(file)
                except AttributeError as error:  # a class that a cell defines is not there yet
                    raise KeyError(inside) from error
            case _:
                made[number] = libraries.SMALL[kind](inside)


def _empty(kind: str, default: Any) -> Any:
    if kind == "defaultdict":
        return collections.defaultdict(default)
    return {} if kind == "dict" else getattr(collections, kind)()


def _zone(plain: Mapping[str, Any] | None) -> datetime.tzinfo | None:
    if plain is None:
        return None
    if "key" in plain:
        return zoneinfo.ZoneInfo(plain["key"])
    zone = datetime.timezone(datetime.timedelta(seconds=plain["offset"]))
    if zone == datetime.UTC:
        return datetime.UTC
    return zone if zone.tzname(None) == plain["name"] else datetime.timezone(zone.utcoffset(None), plain["name"])


def _base64(value: bytes | bytearray) -> str:
    return base64.b64encode(value).decode()


_MAPPINGS: dict[Any, str] = {
    dict: "dict",
    collections.OrderedDict: "OrderedDict",
    collections.defaultdict: "defaultdict",
    collections.Counter: "Counter",
}
_Simple = tuple[str, Callable[[Any], Plain], Callable[[Plain], Any]]
_SIMPLE: dict[type, _Simple] = {
    complex: ("complex", lambda value: [value.real.hex(), value.imag.hex()], lambda v: complex(*map(float.fromhex, v))),
    bytes: ("bytes", _base64, base64.b64decode),
    datetime.date: ("date", datetime.date.isoformat, datetime.date.fromisoformat),
    datetime.timedelta: (
        "timedelta",
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda v: datetime.timedelta(*v),
    ),
    decimal.Decimal: ("decimal", str, decimal.Decimal),
    fractions.Fraction: ("fraction", str, fractions.Fraction),
    uuid.UUID: ("uuid", str, uuid.UUID),
    range: ("range", lambda value: [value.start, value.stop, value.step], lambda v: range(*v)),
    type(...): ("ellipsis", lambda value: None, lambda v: ...),
    type(NotImplemented): ("not implemented", lambda value: None, lambda v: NotImplemented),
    zoneinfo.ZoneInfo: ("zone", lambda value: value.key, zoneinfo.ZoneInfo),
    datetime.timezone: (
        "offset",
        lambda value: {"offset": value.utcoffset(None).total_seconds(), "name": value.tzname(None)},
        _zone,
    ),
    **{kind: (kind.__name__, str, kind) for kind in _PATHS},
}
_READ: dict[str, Callable[[Plain], Any]] = {name: read for name, _, read in _SIMPLE.values()}
_READ["pattern"] = lambda inside: re.compile(*inside)
