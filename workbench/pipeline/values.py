"""Values of parameters: which are accepted for a type, how text becomes one, and how one is shown.

A value is None, a bool, an int of 64 bits, a float, a str, a date, a datetime (naive, or with a fixed offset), a
PurePosixPath, or a list or dict[str] of such. The member of an Enum is held as its name.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from enum import Enum
from pathlib import PurePath, PurePosixPath
from typing import Any

from workbench.model.errors import did_you_mean
from workbench.model.pipeline import Kind, ParameterType

INT_LIMIT = 1 << 63
MAX_DEPTH = 20
_ANY = ParameterType(Kind.ANY, optional=True)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INT = re.compile(r"[+-]?\d{1,30}", re.ASCII)
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)|nan", re.ASCII | re.IGNORECASE)
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class Refused(ValueError):
    """A value that its type does not accept; the text says what was expected and found."""


def accept(kind: ParameterType, value: Any, depth: int = 0) -> Any:
    """``value`` in its one canonical form. Strict: a bool is no int; an int is a float where it loses nothing.

    Dates, datetimes and paths may be given as ISO text. Raises Refused.
    """
    if depth > MAX_DEPTH:
        raise Refused(f"nested deeper than {MAX_DEPTH} levels")
    if value is None:
        if kind.optional or kind.kind is Kind.ANY:
            return None
        raise _expected(kind, value)
    accepted = _ACCEPT[kind.kind](kind, value, depth)
    if (kind.minimum is not None and not accepted >= kind.minimum) or (
        kind.maximum is not None and not accepted <= kind.maximum
    ):
        raise _expected(kind, value)
    return accepted


def from_text(kind: ParameterType, text: str) -> Any:
    """The value that ``text`` means for a type, ``null`` and ``None`` being None where that is allowed.

    A list is ``a,b,c`` or JSON, a dict is JSON, a bool also ``yes``, ``no``, ``on``, ``off``, ``1``, ``0``; a parameter
    of any type takes the text as it is. Raises Refused.
    """
    if kind.optional and text in ("null", "None"):
        return None
    stripped = text.strip()
    match kind.kind:
        case Kind.STR | Kind.ANY | Kind.ENUM | Kind.DATE | Kind.PATH:
            value: Any = text
        case Kind.DATETIME:
            value = stripped
        case Kind.BOOL:
            value = _read_bool(stripped, kind, text)
        case Kind.INT:
            value = int(stripped) if _INT.fullmatch(stripped) else text
        case Kind.FLOAT:
            value = _read_float(stripped, kind, text)
        case Kind.LITERAL:
            value = next((choice for choice in kind.choices if _choice_text(choice) == text), text)
        case Kind.LIST:
            return _read_list(kind, stripped)
        case Kind.DICT:
            value = _read_json(stripped, kind)
    return accept(kind, value)


def infer(value: Any) -> ParameterType:
    """The type of a default that says none: that of the value; a list's items only when all are of one kind."""
    match value:
        case None:
            return _ANY
        case list():
            kinds = {infer(item) for item in value}
            return ParameterType(Kind.LIST, items=kinds.pop() if len(kinds) == 1 else None)
        case dict():
            return ParameterType(Kind.DICT)
        case PurePath():
            return ParameterType(Kind.PATH)
    kinds_of = {
        bool: Kind.BOOL, int: Kind.INT, float: Kind.FLOAT, str: Kind.STR, date: Kind.DATE, datetime: Kind.DATETIME
    }  # fmt: skip
    if type(value) not in kinds_of:
        raise Refused(f"{type(value).__name__} is not supported")
    return ParameterType(kinds_of[type(value)])


def show(value: Any) -> str:
    """A value as one line of text, different for different values; long ones end in a digest."""
    match value:
        case date():
            text = value.isoformat()
        case PurePath():
            text = f"Path({str(value)!r})"
        case list():
            text = "[" + ", ".join(map(show, value)) + "]"
        case dict():
            text = "{" + ", ".join(f"{key!r}: {show(item)}" for key, item in value.items()) + "}"
        case _:
            text = repr(value)
    if len(text) <= 200:
        return text
    return f"{text[:80]}… {hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:16]}"


def _expected(kind: ParameterType, value: Any) -> Refused:
    hint = ""
    if kind.kind in (Kind.ENUM, Kind.LITERAL) and isinstance(value, str):
        hint = did_you_mean(value, [str(choice) for choice in kind.choices])
    shown = _shown(value)
    return Refused(f"expected {kind}, got {shown if len(shown) <= 80 else shown[:77] + '…'}{hint and '.' + hint}")


def _shown(value: Any) -> str:
    match value:
        case str():
            return f"the text {str(value)!r}"
        case int() if not isinstance(value, bool):
            return f"the number {value}" if abs(value) < 1 << 100 else "a huge number"
        case None | bool() | float() | date():
            return show(value)
    return f"a {type(value).__module__}.{type(value).__qualname__}".replace("a builtins.", "a ")


def _accept_bool(kind: ParameterType, value: Any, depth: int) -> bool:
    if type(value) is bool:
        return value
    raise _expected(kind, value)


def _accept_int(kind: ParameterType, value: Any, depth: int) -> int:
    if type(value) is not int:
        raise _expected(kind, value)
    if not -INT_LIMIT <= value < INT_LIMIT:
        raise Refused("expected an int of 64 bits, got a larger one")
    return value


def _accept_float(kind: ParameterType, value: Any, depth: int) -> float:
    if type(value) is float:
        return value
    if type(value) is int and abs(value) <= INT_LIMIT and int(float(value)) == value:
        return float(value)
    raise _expected(kind, value)


def _accept_str(kind: ParameterType, value: Any, depth: int) -> str:
    if type(value) is str:
        return value
    raise _expected(kind, value)


def _accept_date(kind: ParameterType, value: Any, depth: int) -> date:
    if type(value) is date:
        return value
    if type(value) is str and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _expected(kind, value)


def _accept_datetime(kind: ParameterType, value: Any, depth: int) -> datetime:
    if type(value) is str:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _expected(kind, value) from None
    if type(value) is not datetime:
        raise _expected(kind, value)
    offset = value.utcoffset()
    zone = None if offset is None else timezone(offset)
    return value.replace(tzinfo=zone, fold=0)


def _accept_path(kind: ParameterType, value: Any, depth: int) -> PurePosixPath:
    text = value.as_posix() if isinstance(value, PurePath) else value
    if type(text) is not str or not text or "\0" in text:
        raise _expected(kind, value)
    return PurePosixPath(text)


def _accept_literal(kind: ParameterType, value: Any, depth: int) -> Any:
    for choice in kind.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    raise _expected(kind, value)


def _accept_enum(kind: ParameterType, value: Any, depth: int) -> str:
    if isinstance(value, Enum) and type(value).__name__ == kind.enum:
        value = value.name
    if type(value) is str and value in kind.choices:
        return value
    raise _expected(kind, value)


def _accept_list(kind: ParameterType, value: Any, depth: int) -> list[Any]:
    if type(value) not in (list, tuple):
        raise _expected(kind, value)
    return [_inside(f"item {index}", kind, item, depth) for index, item in enumerate(value)]


def _accept_dict(kind: ParameterType, value: Any, depth: int) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _expected(kind, value)
    for key in value:
        if type(key) is not str:
            raise Refused(f"expected keys that are str, got {key!r}")
    return {key: _inside(f"key {key!r}", kind, item, depth) for key, item in value.items()}


def _inside(where: str, kind: ParameterType, item: Any, depth: int) -> Any:
    try:
        return accept(kind.items or _ANY, item, depth + 1)
    except Refused as error:
        raise Refused(f"{where}: {error}") from None


def _accept_any(kind: ParameterType, value: Any, depth: int) -> Any:
    for plain in (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STR, Kind.LIST, Kind.DICT):
        if type(value) in _NATIVE[plain]:
            return _ACCEPT[plain](ParameterType(plain), value, depth)
    if type(value) is date:
        return value
    if type(value) is datetime:
        return _accept_datetime(kind, value, depth)
    if isinstance(value, PurePath):
        return _accept_path(kind, value, depth)
    raise Refused(f"a {type(value).__qualname__} is not supported")


_NATIVE: dict[Kind, tuple[type, ...]] = {
    Kind.BOOL: (bool,),
    Kind.INT: (int,),
    Kind.FLOAT: (float,),
    Kind.STR: (str,),
    Kind.LIST: (list, tuple),
    Kind.DICT: (dict,),
}
_ACCEPT: dict[Kind, Callable[[ParameterType, Any, int], Any]] = {
    Kind.ANY: _accept_any,
    Kind.BOOL: _accept_bool,
    Kind.INT: _accept_int,
    Kind.FLOAT: _accept_float,
    Kind.STR: _accept_str,
    Kind.DATE: _accept_date,
    Kind.DATETIME: _accept_datetime,
    Kind.PATH: _accept_path,
    Kind.LITERAL: _accept_literal,
    Kind.ENUM: _accept_enum,
    Kind.LIST: _accept_list,
    Kind.DICT: _accept_dict,
}


def _read_bool(stripped: str, kind: ParameterType, text: str) -> bool:
    if stripped.lower() in _TRUE:
        return True
    if stripped.lower() in _FALSE:
        return False
    raise _expected(kind, text)


def _read_float(stripped: str, kind: ParameterType, text: str) -> float:
    value = float(stripped) if _FLOAT.fullmatch(stripped) else None
    if value is None or (math.isinf(value) and "inf" not in stripped.lower()):
        raise _expected(kind, text)
    return value


def _choice_text(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _read_list(kind: ParameterType, text: str) -> Any:
    if text.startswith("["):
        return accept(kind, _read_json(text, kind))
    items = [part.strip() for part in text.split(",")] if text else []
    item_kind = kind.items or _ANY
    return [from_text(item_kind, item) for item in items]


def _read_json(text: str, kind: ParameterType) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"expected {kind} as JSON, got {text[:60]!r}: {error}") from None
