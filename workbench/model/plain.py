"""Nouns as plain JSON values and back: one encoding for the store, the journal and every face."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, partial
from pathlib import PurePath, PurePosixPath
from typing import Any, TypeVar, cast

from workbench.model.pipeline import MISSING

T = TypeVar("T")
Maker = Callable[[Any], Any]
_AS_IS = frozenset({str, int, bool, type(None)})
"""Types whose values are plain already; looked up first, for a run of many steps has hundreds of thousands of them."""


def to_plain(value: Any) -> Any:
    """``value`` as dicts, lists, strings, numbers, booleans and None.

    What JSON lacks becomes a one-key object: ``{"$date": …}``, ``{"$datetime": …}``, ``{"$path": …}``,
    ``{"$float": "nan" | "inf" | "-inf"}``, ``{"$missing": true}``. Raises TypeError for anything else.
    """
    kind = type(value)
    if kind in _AS_IS:
        return value
    if kind is dict:
        return {str(key): to_plain(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [to_plain(item) for item in value]
    if names := _fields(cast(Hashable, kind)):
        return {name: to_plain(getattr(value, name)) for name in names}
    return _other(value)


def _other(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"$float": str(value)}
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case PurePath():
            return {"$path": value.as_posix()}
        case Mapping():
            return {str(key): to_plain(item) for key, item in value.items()}
        case list() | tuple():
            return [to_plain(item) for item in value]
    if value is MISSING:
        return {"$missing": True}
    if is_dataclass(value) and not isinstance(value, type):
        return {}
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(cls: type[T], value: Any) -> T:
    """The inverse of ``to_plain`` for a noun of type ``cls``; fields that ``value`` lacks keep their defaults."""
    return cast(T, _built(_maker(cast(Hashable, cls)), value))


def _built(maker: Maker | None, value: Any) -> Any:
    return value if maker is None or value is None else maker(value)


@cache
def _maker(hint: Hashable) -> Maker | None:
    """What makes a value of this type from its plain form; None when that is the value itself."""
    if hint in _AS_IS:
        return None
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return _maker(options[0]) if len(options) == 1 else _free
    if origin is tuple:
        inner = _maker(typing.get_args(hint)[0])
        return lambda value: tuple(value) if inner is None else tuple(_built(inner, item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        of = _maker(typing.get_args(hint)[1])
        return lambda value: dict(value) if of is None else {key: _built(of, item) for key, item in value.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return partial(_noun, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return (lambda value: float(_free(value))) if hint is float else _free


def _noun(cls: type, value: Any) -> Any:
    if type(value) is cls:
        return value
    makers = _makers(cls)
    return cls(**{key: _built(makers[key], item) for key, item in value.items() if key in makers})


def _free(value: Any) -> Any:
    if type(value) in _AS_IS:
        return value
    match value:
        case {"$float": text}:
            return float(text)
        case {"$datetime": text}:
            return datetime.fromisoformat(text)
        case {"$date": text}:
            return date.fromisoformat(text)
        case {"$path": text}:
            return PurePosixPath(text)
        case {"$missing": True}:
            return MISSING
        case dict():
            return {key: _free(item) for key, item in value.items()}
        case list():
            return [_free(item) for item in value]
    return value


@cache
def _makers(cls: type) -> dict[str, Maker | None]:
    return {name: _maker(hint) for name, hint in typing.get_type_hints(cls).items()}


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """The fields of a noun's class, none for any other; what is a date, a text or a mapping first is no noun."""
    if not is_dataclass(kind) or issubclass(kind, (Enum, str, int, float, date, PurePath, Mapping, list, tuple)):
        return ()
    return tuple(item.name for item in fields(kind))
