"""Small samples of datasets that still fit together: rows of one table, and of the others those that join with them.

The rule is simple, and what it did is written into the test, so that a reviewer can see it. A dataset of few rows is
kept whole. The largest of the others is cut into equal stretches, and one row is taken out of each, always the same.
Each further one keeps the rows whose keys occur in a sample taken before, and of these again one out of each stretch.
Keys are columns that both have by the same name and type: one that is unique in the table if there is such a one, else
all of them together, else the one with the most values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.data.query import connect
from workbench.data.types import arrow_schema, quoted
from workbench.model.dataset import Input, Schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

NO_KEYS = ("float", "double", "boolean", "binary", "list", "map", "struct")
"""Types, by how they begin, that no two tables are joined by."""


@dataclass(frozen=True)
class Sample:
    """Some rows of a dataset, in their order; ``how`` says in words which."""

    table: pa.Table
    how: str


def sample(inputs: Mapping[str, Input], rows: int) -> dict[str, Sample]:
    """At most ``rows`` rows of each dataset. Raises StorageError when files of it are gone or damaged."""
    connection = connect(inputs)
    taken: dict[str, Sample] = {}
    for name in sorted(inputs, key=lambda one: (-_count(inputs[one]), one)):
        whole = _count(inputs[name])
        if whole > rows:
            taken[name] = _part(connection, inputs, name, rows, taken)
        else:
            table = _table(connection, f"SELECT * FROM {_quoted(name)}", inputs[name].schema)
            taken[name] = Sample(table, f"all {whole:,} rows")
    return {name: taken[name] for name in inputs}


def _part(
    connection: duckdb.DuckDBPyConnection,
    inputs: Mapping[str, Input],
    name: str,
    rows: int,
    taken: Mapping[str, Sample],
) -> Sample:
    """Some rows of a dataset of many: of those that join with a sample taken before, else of all."""
    whole = f"{rows:,} of {_count(inputs[name]):,} rows"
    for other, before in taken.items():
        if not before.how.startswith("all "):
            for keys in _keys(connection, inputs, name, other):
                found = _spread(connection, inputs[name], rows, (before.table, keys))
                if found.num_rows:
                    told = f"{found.num_rows:,} of {_count(inputs[name]):,} rows"
                    return Sample(found, f"{told}, of those whose {', '.join(keys)} occur in {other}")
    return Sample(_spread(connection, inputs[name], rows), f"{whole}, spread from the first to the last")


def _keys(
    connection: duckdb.DuckDBPyConnection, inputs: Mapping[str, Input], name: str, other: str
) -> list[tuple[str, ...]]:
    """The columns by which a dataset may join with another, the most likely first."""
    theirs = {column.name: column.type for column in inputs[other].schema.columns}
    shared = [
        column.name
        for column in inputs[name].schema.columns
        if theirs.get(column.name) == column.type and not column.type.startswith(NO_KEYS)
    ]
    if not shared:
        return []
    counts = ", ".join(f"count(DISTINCT {quoted(column)})" for column in shared)
    (values,) = connection.execute(f"SELECT {counts}, count(*) FROM {_quoted(name)}").fetchall()
    distinct = dict(zip(shared, values, strict=False))
    unique = [column for column in shared if distinct[column] == values[-1]]
    most = max(shared, key=lambda column: distinct[column])
    return list(dict.fromkeys([*((column,) for column in unique), tuple(shared), (most,)]))


def _spread(
    connection: duckdb.DuckDBPyConnection,
    input: Input,
    rows: int,
    join: tuple[pa.Table, Sequence[str]] | None = None,
) -> pa.Table:
    """Rows spread over a dataset, in their order; with ``join`` over those whose keys occur in a table."""
    source = f"FROM {_quoted(input.dataset)} AS t"
    if join is not None:
        table, keys = join
        connection.register("wb$sample", table.select(list(keys)))
        source += f" SEMI JOIN {quoted('wb$sample')} AS s USING ({', '.join(quoted(key) for key in keys)})"
    numbered = f'SELECT t.*, row_number() OVER () - 1 AS "wb$i", count(*) OVER () AS "wb$n" {source}'
    stretch = f'CASE WHEN "wb$n" <= {rows} THEN "wb$i" ELSE "wb$i" * {rows} // "wb$n" END'
    first = f'row_number() OVER (PARTITION BY {stretch} ORDER BY hash("wb$i"), "wb$i") = 1'
    picked = f'SELECT * FROM ({numbered}) QUALIFY {first} ORDER BY "wb$i"'
    return _table(connection, f'SELECT * EXCLUDE ("wb$i", "wb$n") FROM ({picked})', input.schema)


def _table(connection: duckdb.DuckDBPyConnection, query: str, schema: Schema) -> pa.Table:
    return connection.sql(query).to_arrow_table().cast(arrow_schema(schema))


def _count(input: Input) -> int:
    return sum(file.rows for file in input.files)


def _quoted(dataset: str) -> str:
    return ".".join(quoted(part) for part in dataset.split("."))
