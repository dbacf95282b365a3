"""Lineage edges as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, select

from workbench.model.lineage import Edge
from workbench.store.rows import insert_all
from workbench.store.tables import lineage_edge as table


class Lineage:
    """The edges that runs proved; they are only ever added."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, edges: Iterable[Edge]) -> None:
        """Keep the edges."""
        insert_all(self._connection, table, (vars(edge) for edge in edges))

    def into(self, *names: str) -> tuple[Edge, ...]:
        """The edges whose target is one of ``names``, oldest first."""
        return self._where(table.c.target.in_(names))

    def out_of(self, *names: str) -> tuple[Edge, ...]:
        """The edges whose source is one of ``names``, oldest first."""
        return self._where(table.c.source.in_(names))

    def of_snapshot(self, snapshot: int) -> tuple[Edge, ...]:
        """The edges that say what a snapshot was made from."""
        return self._where(table.c.target_snapshot == snapshot)

    def _where(self, condition: ColumnElement[bool]) -> tuple[Edge, ...]:
        columns: Sequence[ColumnElement[object]] = [column for column in table.c if column.name != "id"]
        rows = self._connection.execute(select(*columns).where(condition).order_by(table.c.id))
        return tuple(Edge(**row) for row in rows.mappings())
