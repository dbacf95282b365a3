"""Reports as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, insert, select

from workbench.model.report import Report
from workbench.store.tables import report as table


class Reports:
    """The reports there are; the files themselves lie in the state folder."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: Report) -> None:
        """Keep a report."""
        self._connection.execute(insert(table).values({**vars(made), "run": made.run or None}))

    def get(self, identifier: str) -> Report | None:
        """A report by its id."""
        found = self._find(select(table).where(table.c.id == identifier))
        return found[0] if found else None

    def latest(self, pipeline: str, step: str) -> Report | None:
        """The newest report of a step."""
        found = self._find(select(table).where(table.c.pipeline == pipeline, table.c.step == step).limit(1))
        return found[0] if found else None

    def of_run(self, run: str) -> tuple[Report, ...]:
        """The reports that a run made, newest first."""
        return self._find(select(table).where(table.c.run == run))

    def list(self, limit: int | None = None) -> tuple[Report, ...]:
        """All reports, newest first."""
        return self._find(select(table).limit(limit))

    def _find(self, statement: Select[Any]) -> tuple[Report, ...]:
        rows = self._connection.execute(statement.order_by(table.c.created_at.desc(), table.c.id.desc())).mappings()
        return tuple(Report(**{**row, "run": row["run"] or ""}) for row in rows)
