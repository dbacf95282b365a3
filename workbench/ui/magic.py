"""``%%wb sql``: a cell that is one query over datasets and frames, whose rows are shown as a table.

IPython loads it when it is first used: ``import workbench`` tells it where to look, as does ``%load_ext workbench``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.pipeline import sql_cell

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 1000
"""Rows that are fetched of a query whose rows are not kept: they are there to be looked at."""


def load_ipython_extension(shell: Any) -> None:
    """Give ``shell`` the cell magic ``%%wb``."""

    def wb(line: str, cell: str) -> Any:
        """``%%wb sql [NAME] [--as pandas|polars|arrow|duckdb]``: one SELECT over datasets and frames, as a table."""
        return run(sql_cell.read(line, cell), shell.user_ns)

    shell.register_magic_function(wb, "cell", sql_cell.MAGIC)


def run(asked: sql_cell.SqlCell, variables: dict[str, Any]) -> Any:
    """The rows of a query, also kept in ``variables`` where it says so; only the first ones of one that does not.

    Raises what ``wb.sql`` raises, UsageError (WB-DAT-336) for a library that is missing.
    """
    from workbench.step import sql_over

    relation = sql_over(asked.query, variables)
    if not asked.name:
        return _frame(relation.limit(MOST_ROWS), asked.kind)
    value = variables[asked.name] = _frame(relation, asked.kind)
    return value


def _frame(relation: duckdb.DuckDBPyRelation, kind: str) -> Any:
    if kind == "duckdb":
        return relation
    from workbench.data.frames import from_arrow

    return from_arrow(relation.to_arrow_table(), kind)
