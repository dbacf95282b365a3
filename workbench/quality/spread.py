"""How the values of each column are spread: histograms of what has an order, the most frequent of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from workbench.model.dataset import Schema
from workbench.model.quality import Bin, Distribution, Spread
from workbench.quality.relation import Relation, first_line, over_files, quoted, unreadable

MOST_ROWS = 200_000
"""Rows that are looked at; of more, so many by chance, the same each time."""
MOST_COLUMNS = 60
"""Columns that are looked at, the first ones."""
BINS, TOP = 16, 8
"""Bins of a histogram; values that are named one by one."""
LONGEST = 80
"""Characters of a value."""
_NUMBERS = frozenset({"integer", "float", "decimal"})
_TIMES = frozenset({"date", "time", "timestamp", "timestamptz"})
_NESTED = frozenset({"list", "struct"})


def spread(dataset: str, version: int, files: Sequence[str], schema: Schema) -> Distribution:
    """How the values of a snapshot are spread, of at most ``MOST_ROWS`` rows of it.

    Raises StorageError (WB-CHK-710) and NotFound (WB-CHK-712) for a file that cannot be read or is gone.
    """
    import duckdb

    names = schema.names[:MOST_COLUMNS]
    with over_files(files, schema) as relation:
        try:
            total = int(relation.rows("SELECT count(*) AS n FROM data")[0]["n"])
            if total > MOST_ROWS:
                sample = f"USING SAMPLE reservoir({MOST_ROWS} ROWS) REPEATABLE (42)"
                relation.connection.execute(f"CREATE TEMPORARY TABLE looked AS SELECT * FROM data {sample}")
            else:
                relation.connection.execute("CREATE TEMPORARY TABLE looked AS SELECT * FROM data")
            columns = tuple(_column(relation, name, *counts) for name, counts in _counts(relation, names).items())
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise unreadable(list(files), first_line(error)) from error
    return Distribution(dataset, version, min(total, MOST_ROWS), total, columns)


def _counts(relation: Relation, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Column → how many nulls, and about how many different values it has."""
    if not names:
        return {}
    parts = []
    for index, name in enumerate(names):
        distinct = "0" if relation.family(name) in _NESTED else f"approx_count_distinct({quoted(name)})"
        parts += [f"count(*) - count({quoted(name)}) AS n{index}", f"{distinct} AS d{index}"]
    (row,) = relation.rows(f"SELECT {', '.join(parts)} FROM looked")
    return {name: (int(row[f"n{index}"]), int(row[f"d{index}"])) for index, name in enumerate(names)}


def _column(relation: Relation, name: str, nulls: int, distinct: int) -> Spread:
    family = relation.family(name)
    if family in _NESTED:
        return Spread(name, "none", nulls, 0)
    if family in _NUMBERS | _TIMES and distinct > TOP:
        return Spread(name, "range", nulls, distinct, _histogram(relation, name, family))
    return Spread(name, "values", nulls, distinct, _values(relation, name, ordered=family in _NUMBERS | _TIMES))


def _histogram(relation: Relation, name: str, family: str) -> tuple[Bin, ...]:
    """Bins of one width from the least to the greatest value; what is not finite is in none."""
    column = quoted(name)
    value = f"CAST({column} AS DOUBLE)" if family in _NUMBERS else f"CAST(epoch({column}) AS DOUBLE)"
    finite = f"isfinite({column})" if family in ("float", "date", "timestamp", "timestamptz") else "true"
    rows = relation.rows(
        f"""
        WITH found AS (SELECT {value} AS v FROM looked WHERE {column} IS NOT NULL AND {finite}),
        ends AS (SELECT min(v) AS low, max(v) AS high FROM found)
        SELECT low, high, TRY_CAST(least(floor((v - low) / ((high - low) / {BINS})), {BINS - 1}) AS INTEGER) AS bin,
            count(*) AS rows
        FROM found, ends WHERE high > low GROUP BY ALL ORDER BY bin
        """
    )
    counted = {row["bin"]: int(row["rows"]) for row in rows if row["bin"] is not None}
    if not counted:
        return ()
    low, width = rows[0]["low"], (rows[0]["high"] - rows[0]["low"]) / BINS
    edges = [_edge(low + number * width, family) for number in range(BINS + 1)]
    return tuple(Bin(edges[number], edges[number + 1], counted.get(number, 0)) for number in range(BINS))


def _values(relation: Relation, name: str, *, ordered: bool) -> tuple[Bin, ...]:
    """The most frequent values, in their own order where they have one."""
    column = quoted(name)
    rows = relation.rows(
        f"""
        SELECT * FROM (
            SELECT CAST({column} AS VARCHAR) AS v, count(*) AS rows, min({column}) AS own
            FROM looked WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY rows DESC, v LIMIT {TOP}
        ) ORDER BY {"own" if ordered else "rows DESC, v"}
        """
    )
    return tuple(Bin(_cut(str(row["v"])), "", int(row["rows"])) for row in rows)


def _edge(value: float, family: str) -> str:
    """The edge of a bin as people write it."""
    if family in _NUMBERS:
        return f"{value:.6g}"
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
    except OverflowError:
        return f"{value:.6g}"
    match family:
        case "date":
            return at.date().isoformat()
        case "time":
            return at.time().isoformat("seconds")
    return at.replace(tzinfo=None).isoformat(" ", "seconds")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
