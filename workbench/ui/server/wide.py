"""Whole numbers that JavaScript cannot hold go over HTTP as texts; which those are, the types of the answers say."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from workbench.model.dataset import Wide

Rewrite = Callable[[Any], Any]
SAFE = 2**53 - 1
"""The greatest whole number up to which JavaScript holds every one."""


def texts(hint: Any, inside: tuple[Any, ...] = ()) -> Rewrite | None:
    """What makes texts of the wide numbers in a plain value of a type; ``None`` when that has none."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return str if Wide in inner[1:] else texts(inner[0], inside)
    if origin in (Union, types.UnionType):
        found = [rewrite for each in inner if (rewrite := texts(each, inside))]
        return _optional(found[0]) if found else None
    if origin is list or (origin is tuple and inner[-1] is Ellipsis):
        rewrite = texts(inner[0], inside)
        return _each(rewrite) if rewrite else None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        rewrite = texts(inner[1], inside)
        return _values(rewrite) if rewrite else None
    if (typing.is_typeddict(hint) or is_dataclass(hint)) and hint not in inside:
        hints = get_type_hints(hint, include_extras=True).items()
        parts = {name: rewrite for name, each in hints if (rewrite := texts(each, (*inside, hint)))}
        return _parts(parts) if parts else None
    return None


def safe(value: Any) -> Any:
    """A value of data, as text where it is a whole number that JavaScript does not hold."""
    return str(value) if isinstance(value, int) and not -SAFE <= value <= SAFE else value


def _optional(rewrite: Rewrite) -> Rewrite:
    return lambda value: None if value is None else rewrite(value)


def _each(rewrite: Rewrite) -> Rewrite:
    return lambda value: [rewrite(item) for item in value]


def _values(rewrite: Rewrite) -> Rewrite:
    return lambda value: {name: rewrite(item) for name, item in value.items()}


def _parts(parts: Mapping[str, Rewrite]) -> Rewrite:
    return lambda value: {**value, **{name: rewrite(value[name]) for name, rewrite in parts.items()}}
