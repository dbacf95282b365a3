"""Nouns as plain JSON values and back: one encoding for the store, the journal and every face."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import PurePath, PurePosixPath
from typing import Any, TypeVar, cast

from workbench.model.pipeline import MISSING

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """``value`` as dicts, lists, strings, numbers, booleans and None.

    What JSON lacks becomes a one-key object: ``{"$date": …}``, ``{"$datetime": …}``, ``{"$path": …}``,
    ``{"$float": "nan" | "inf" | "-inf"}``, ``{"$missing": true}``. Raises TypeError for anything else.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
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
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(cls: type[T], value: Any) -> T:
    """The inverse of ``to_plain`` for a noun of type ``cls``; fields that ``value`` lacks keep their defaults."""
    return cast(T, _build(cls, value))


def _build(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return _build(options[0], value) if len(options) == 1 else _free(value)
    if origin is tuple:
        return tuple(_build(typing.get_args(hint)[0], item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        inner = typing.get_args(hint)[1]
        return {key: _build(inner, item) for key, item in value.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        hints = _hints(hint)
        return hint(**{key: _build(hints[key], item) for key, item in value.items() if key in hints})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint is float:
        return float(_free(value))
    return _free(value)


def _free(value: Any) -> Any:
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
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)
