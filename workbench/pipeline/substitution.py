"""``${name}`` in a pipeline file: a closed set of names, replaced by values and never evaluated.

A text that is nothing but ``${name}`` becomes the value itself, with its type; inside a longer text the value is
written out. ``$${name}`` stands for the letters ``${name}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

_REFERENCE = re.compile(r"(\$?)\$\{([^{}]*)\}")
Place = tuple[str | int, ...]


def references(value: Any, place: Place = ()) -> Iterator[tuple[str, Place]]:
    """Every name that ``value`` refers to, and the path inside ``value`` at which it does."""
    match value:
        case str():
            yield from ((match[2], place) for match in _REFERENCE.finditer(value) if not match[1])
        case list():
            for index, item in enumerate(value):
                yield from references(item, (*place, index))
        case Mapping():
            for key, item in value.items():
                yield from references(item, (*place, key))


def whole_reference(text: str) -> str:
    """``name`` for a text that is nothing but ``${name}``, else nothing."""
    found = _REFERENCE.fullmatch(text)
    return found[2] if found and not found[1] else ""


def recorded(value: Any) -> dict[str, tuple[str, ...]]:
    """Step → the names of what it records that ``value`` refers to, as ``${step.name}``."""
    found: dict[str, dict[str, None]] = {}
    for reference, _ in references(value):
        step, dot, name = reference.partition(".")
        if dot:
            found.setdefault(step, {})[name] = None
    return {step: tuple(names) for step, names in found.items()}


def substitute(value: Any, values: Mapping[str, Any]) -> Any:
    """``value`` with its references replaced; they were checked when the file was loaded."""
    match value:
        case str():
            whole = _REFERENCE.fullmatch(value)
            if whole and not whole[1]:
                return values[whole[2]]
            return _REFERENCE.sub(lambda found: found[0][1:] if found[1] else in_text(values[found[2]]), value)
        case list():
            return [substitute(item, values) for item in value]
        case Mapping():
            return {key: substitute(item, values) for key, item in value.items()}
    return value


def in_text(value: Any) -> str:
    """A value as it reads inside a sentence: dates in ISO form, lists and dicts with commas, None as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case PurePath():
            return value.as_posix()
        case list():
            return ", ".join(in_text(item) for item in value)
        case dict():
            return ", ".join(f"{key}: {in_text(item)}" for key, item in value.items())
    return str(value)
