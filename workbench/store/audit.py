"""The audit log: rows that are only ever added, each sealed with the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workbench.model.governance import AuditEntry
from workbench.model.plain import from_plain, to_plain
from workbench.store.rows import now
from workbench.store.tables import audit_entry as table
from workbench.store.tables import counter


class Audit:
    """Who did what, in a chain of hashes that shows any later change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> AuditEntry:
        """Add an entry at the end of the chain."""
        seq = self._count(by=1)
        previous = self._connection.execute(select(table.c.hash).where(table.c.seq == seq - 1)).scalar_one_or_none()
        row = {
            "seq": seq,
            "at": now(),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": _canonical(to_plain(detail or {})),
            "previous": previous or "",
        }
        row["hash"] = _seal(row)
        self._connection.execute(insert(table).values(row))
        return _noun(row)

    def entries(self, limit: int | None = 100) -> tuple[AuditEntry, ...]:
        """The newest entries, newest first."""
        rows = self._connection.execute(select(table).order_by(table.c.seq.desc()).limit(limit)).mappings()
        return tuple(_noun(row) for row in rows)

    def latest(self, action: str) -> AuditEntry | None:
        """The newest entry of an action."""
        statement = select(table).where(table.c.action == action).order_by(table.c.seq.desc()).limit(1)
        row = self._connection.execute(statement).mappings().first()
        return _noun(row) if row else None

    def verify(self) -> int | None:
        """The number of the first entry that was changed, is missing or was put in; ``None`` when the chain holds."""
        expected, previous = 1, ""
        with self._connection.execute(
            select(table).order_by(table.c.seq), execution_options={"yield_per": 1000}
        ) as rows:
            for row in rows.mappings():
                if row["seq"] != expected or row["previous"] != previous or not _sealed(row):
                    return expected
                expected, previous = expected + 1, row["hash"]
        return None if self._count() == expected - 1 else expected

    def _count(self, *, by: int = 0) -> int:
        here = counter.c.name == "audit"
        if by:
            self._connection.execute(update(counter).where(here).values(value=counter.c.value + by))
        return int(self._connection.execute(select(counter.c.value).where(here)).scalar_one())


def _seal(row: Mapping[Any, Any]) -> str:
    kept = {key: row[key] for key in ("seq", "at", "actor", "action", "subject")}
    text = _canonical({**kept, "detail": json.loads(row["detail"])})
    return hashlib.sha256((row["previous"] + text).encode()).hexdigest()


def _sealed(row: Mapping[Any, Any]) -> bool:
    try:
        return bool(row["hash"] == _seal(row))
    except ValueError:  # the detail is no longer JSON
        return False


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _noun(row: Mapping[Any, Any]) -> AuditEntry:
    return from_plain(AuditEntry, {**row, "detail": json.loads(row["detail"])})
