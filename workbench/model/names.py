"""Names and ids: one alphabet, parsed once at the border, never a path."""

from __future__ import annotations

import os
import re
import time

from workbench.model.errors import InvalidName

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_RULE = "a name is a lowercase letter, then lowercase letters, digits or _, at most 63 in all"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.ASCII)
RESERVED_NAMESPACES = frozenset({"information_schema", "main", "pg_catalog", "temp"})
"""Namespaces that DuckDB keeps for itself, so that no dataset can hide one of its schemas."""


def parse_name(text: object, kind: str = "name") -> str:
    """``text`` if it may name a pipeline, step, environment or namespace; ``kind`` is the word used in the error.

    Raises InvalidName (WB-NAM-330).
    """
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise InvalidName("WB-NAM-330", f"{kind} {_quote(text)} is not a valid name", cause=_RULE)
    return text


def parse_dataset(text: object) -> str:
    """``text`` if it names a dataset, as ``namespace.name``.

    Raises InvalidName (WB-NAM-331).
    """
    parts = text.split(".") if isinstance(text, str) else []
    if not isinstance(text, str) or len(parts) != 2 or not all(_NAME.fullmatch(part) for part in parts):
        raise InvalidName(
            "WB-NAM-331",
            f"dataset {_quote(text)} is not a valid name",
            cause=f"a dataset is namespace.name, where {_RULE}",
            next='write it like "clean.flights"',
        )
    if parts[0] in RESERVED_NAMESPACES:
        raise InvalidName(
            "WB-NAM-332", f"namespace {_quote(parts[0])} is reserved", cause="the query engine keeps it for itself"
        )
    return text


def parse_reference(text: str) -> tuple[str, str | None]:
    """``"clean.flights.origin"`` → ``("clean.flights", "origin")``; without a column the second is None."""
    parts = text.split(".", 2)
    if len(parts) == 3 and parts[2]:
        return parse_dataset(".".join(parts[:2])), parts[2]
    return parse_dataset(text), None


def new_id() -> str:
    """A ULID: 26 letters and digits, sorting by the millisecond it was made in."""
    return _spelled((time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10)))


def id_of(moment: float) -> str:
    """The smallest id that ``new_id`` can make at a moment, in seconds since the epoch."""
    return _spelled(int(moment * 1000) << 80)


def _spelled(value: int) -> str:
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Whether ``text`` is a whole id as ``new_id`` makes them."""
    return bool(_ID.fullmatch(text))


def short_id(identifier: str) -> str:
    """The last six characters, as shown to people."""
    return identifier[-6:]


def _quote(text: object) -> str:
    shown = ascii(text) if isinstance(text, str) else repr(text)
    return shown if len(shown) <= 80 else shown[:77] + "..."
