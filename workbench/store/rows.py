"""What every repository does with rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert

CHUNK = 500
"""Values in one ``IN (…)``: databases limit how many a statement may bind."""


def now() -> str:
    """This moment in UTC, as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def insert_all(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert many rows at once; none is fine too."""
    values = list(rows)
    if values:
        connection.execute(insert(table), values)


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """``values`` in lists of at most ``CHUNK``."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
