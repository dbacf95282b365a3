"""Small samples of datasets that still fit together: rows of one table, and of the others those that join with them.

The rule is simple, and what it did is written into the test, so that a reviewer can see it. A dataset of few rows is
kept whole. Of the others only rows count for which the condition holds, if there is one and it names columns of theirs;
a condition that only datasets of few rows have the columns of is for these. What a condition was for comes first, then
the largest. The first is cut into equal stretches, and one row is taken out of each, always the same. Each further one
keeps the rows whose keys occur in a sample taken before, and of these again one out of each stretch. Keys are columns
that both have by the same name and type: one that is unique in the table if there is such a one, else all of them
together, else the one with the most values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.data.query import connect
from workbench.data.types import arrow_schema, quoted
from workbench.model.dataset import Input, Schema
from workbench.model.errors import UsageError
from workbench.model.frozen import dataclass

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

NO_KEYS = ("float", "double", "boolean", "binary", "list", "map", "struct")
"""Types, by how they begin, that no two tables are joined by."""


@dataclass(frozen=True)
class Sample:
    """Some rows of a dataset, in their order; ``how`` says in words which, ``whole`` whether none was left out."""

    table: pa.Table
    how: str
    whole: bool = False


@dataclass(frozen=True)
class _Source:
    """What rows of a dataset are taken from, as SQL, and how many that are; ``told`` says which, if not all."""

    input: Input
    sql: str
    count: int
    told: str = ""


def sample(inputs: Mapping[str, Input], rows: int, where: str = "") -> dict[str, Sample]:
    """At most ``rows`` rows of each dataset, of those ``where`` a condition in SQL holds, if it has such columns.

    Raises UsageError (WB-TST-608) for a condition that fits none, StorageError when files are gone or damaged.
    """
    connection = connect(inputs)
    sources = {name: _whole(one) for name, one in inputs.items()}
    if where:
        chosen = _chosen(connection, inputs, where)
        large = {name: source for name, source in chosen.items() if sources[name].count > rows}
        sources |= large or chosen
    taken: dict[str, Sample] = {}
    for name in sorted(sources, key=lambda one: (not sources[one].told, -sources[one].count, one)):
        source = sources[name]
        if source.count > rows:
            taken[name] = _part(connection, sources, name, rows, taken)
        else:
            table = _table(connection, f"SELECT * FROM {source.sql}", source.input.schema)
            taken[name] = Sample(table, f"all {source.count:,} rows{source.told}", not source.told)
    return {name: taken[name] for name in inputs}


def _whole(input: Input) -> _Source:
    return _Source(input, _quoted(input.dataset), sum(file.rows for file in input.files))


def _chosen(connection: duckdb.DuckDBPyConnection, inputs: Mapping[str, Input], where: str) -> dict[str, _Source]:
    """The rows for which a condition holds, of the datasets that have its columns; UsageError when none has."""
    import duckdb

    found: dict[str, _Source] = {}
    cause = "the step reads no dataset"
    for name, input in inputs.items():
        try:
            count = _counted(connection, _quoted(name), where)
        except duckdb.Error as error:
            cause = f"{name}: {str(error).partition(chr(10))[0]}"
        else:
            sql = f"(SELECT * FROM {_quoted(name)} WHERE ({where}\n))"
            found[name] = _Source(input, sql, count, f" where {where}")
    if found:
        return found
    raise UsageError(
        "WB-TST-608",
        f'"{where}" is a condition for none of the datasets',
        cause=cause,
        kept="No test was written.",
        next="""write a condition in SQL, such as --where "day = DATE '2026-03-02'\"""",
    )


def _counted(connection: duckdb.DuckDBPyConnection, name: str, where: str) -> int:
    import duckdb

    duckdb.SQLExpression(where)  # refuses what would be none between parentheses either
    return int(connection.execute(f"SELECT count(*) FROM {name} WHERE ({where}\n)").fetchall()[0][0])


def _part(
    connection: duckdb.DuckDBPyConnection,
    sources: Mapping[str, _Source],
    name: str,
    rows: int,
    taken: Mapping[str, Sample],
) -> Sample:
    """Some rows of a dataset of many: of those that join with a sample taken before, else of all."""
    source = sources[name]
    whole = f"{rows:,} of {source.count:,} rows{source.told}"
    for other, before in taken.items():
        if not before.whole:
            for keys in _keys(connection, source, sources[other].input):
                found = _spread(connection, source, rows, (before.table, keys))
                if found.num_rows:
                    told = f"{found.num_rows:,} of {source.count:,} rows{source.told}"
                    return Sample(found, f"{told}, of those whose {', '.join(keys)} occur in {other}")
    return Sample(_spread(connection, source, rows), f"{whole}, spread from the first to the last")


def _keys(connection: duckdb.DuckDBPyConnection, source: _Source, other: Input) -> list[tuple[str, ...]]:
    """The columns by which a dataset may join with another, the most likely first."""
    theirs = {column.name: column.type for column in other.schema.columns}
    shared = [
        column.name
        for column in source.input.schema.columns
        if theirs.get(column.name) == column.type and not column.type.startswith(NO_KEYS)
    ]
    if not shared:
        return []
    counts = ", ".join(f"count(DISTINCT {quoted(column)})" for column in shared)
    (values,) = connection.execute(f"SELECT {counts}, count(*) FROM {source.sql}").fetchall()
    distinct = dict(zip(shared, values, strict=False))
    unique = [column for column in shared if distinct[column] == values[-1]]
    most = max(shared, key=lambda column: distinct[column])
    return list(dict.fromkeys([*((column,) for column in unique), tuple(shared), (most,)]))


def _spread(
    connection: duckdb.DuckDBPyConnection,
    source: _Source,
    rows: int,
    join: tuple[pa.Table, Sequence[str]] | None = None,
) -> pa.Table:
    """Rows spread over a dataset, in their order; with ``join`` over those whose keys occur in a table."""
    text = f"FROM {source.sql} AS t"
    if join is not None:
        table, keys = join
        connection.register("wb$sample", table.select(list(keys)))
        text += f" SEMI JOIN {quoted('wb$sample')} AS s USING ({', '.join(quoted(key) for key in keys)})"
    numbered = f'SELECT t.*, row_number() OVER () - 1 AS "wb$i", count(*) OVER () AS "wb$n" {text}'
    stretch = f'CASE WHEN "wb$n" <= {rows} THEN "wb$i" ELSE "wb$i" * {rows} // "wb$n" END'
    first = f'row_number() OVER (PARTITION BY {stretch} ORDER BY hash("wb$i"), "wb$i") = 1'
    picked = f'SELECT * FROM ({numbered}) QUALIFY {first} ORDER BY "wb$i"'
    return _table(connection, f'SELECT * EXCLUDE ("wb$i", "wb$n") FROM ({picked})', source.input.schema)


def _table(connection: duckdb.DuckDBPyConnection, query: str, schema: Schema) -> pa.Table:
    return connection.sql(query).to_arrow_table().cast(arrow_schema(schema))


def _quoted(dataset: str) -> str:
    return ".".join(quoted(part) for part in dataset.split("."))
