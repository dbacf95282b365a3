"""Values as YAML that people review: a line a fact, quoted only where it must be, read back as exactly what it was."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

LINE = 100
"""Characters of a list or an empty mapping that stand on one line."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./]+)*|\d{4}-\d\d-\d\d")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "none"})
"""Texts that one or the other reader of YAML takes for something else."""


def dump(data: Mapping[str, Any], about: str = "") -> str:
    """A mapping of plain values as a YAML file, with a comment of one line above it."""
    return (f"# {about}\n" if about else "") + "\n".join(_mapping(data, "")) + "\n"


def _mapping(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        name = f"{indent}{_text(str(key))}:"
        if isinstance(value, Mapping) and value:
            yield name
            yield from _mapping(value, indent + "  ")
        elif isinstance(value, list) and len(short := flow(value)) + len(name) > LINE:
            yield name
            yield from (f"{indent}  - {flow(item)}" for item in value)
        else:
            yield f"{name} {flow(value) if not isinstance(value, list) else short}"


def flow(value: Any) -> str:
    """A value on one line."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return _text(value)
        case float() if not math.isfinite(value):
            return {"nan": ".nan", "inf": ".inf"}.get(str(value), "-.inf")
        case int() | float():
            return json.dumps(value)
        case list():
            return f"[{', '.join(flow(item) for item in value)}]"
    return "{" + ", ".join(f"{_text(str(key))}: {flow(item)}" for key, item in value.items()) + "}"


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and len(text) <= 200
    return text if plain else "".join(map(_letter, json.dumps(text, ensure_ascii=False)))


def _letter(letter: str) -> str:
    """A letter by its number when it does not print, or is the one that may open a subscript."""
    code = ord(letter)
    if letter.isprintable() and letter != "[" and code <= 0xFFFF:
        return letter
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
