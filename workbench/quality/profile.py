"""What is in the data: rows, nulls, smallest and largest values, from the statistics in the files if they suffice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.files import source
from workbench.model.dataset import Column, Schema
from workbench.model.quality import ColumnProfile, Profile
from workbench.quality.relation import missing_file, over_files, quoted, unreadable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

SHOWN_TEXT = 200
_ORDERED = frozenset(
    {"int", "long", "float", "double", "date", "time", "timestamp", "timestamptz", "string", "boolean"}
)
_CUTS_NOTHING = "parquet-cpp-arrow"
"""The writer whose statistics of texts are whole values; others may cut them, which would be shown as a value."""


@dataclass
class _Tally:
    """Statistics of one column summed over files; ``whole`` is false once one of them did not say enough."""

    column: Column
    nulls: int = 0
    low: Any = None
    high: Any = None
    whole: bool = True

    @property
    def ordered(self) -> bool:
        return self.column.type in _ORDERED or self.column.type.startswith("decimal")

    def add(self, statistics: pq.Statistics | None, rows: int, exact: bool) -> None:
        """Take in one row group, whose values are all ``rows`` of it."""
        if statistics is None or not statistics.has_null_count:
            self.whole = False
            return
        self.nulls += statistics.null_count
        if not self.ordered or statistics.null_count == rows:
            return
        if not statistics.has_min_max or (self.column.type == "string" and not exact):
            self.whole = False
            return
        self.low = statistics.min if self.low is None else min(self.low, statistics.min)
        self.high = statistics.max if self.high is None else max(self.high, statistics.max)


def measure(dataset: str, files: Sequence[str], schema: Schema) -> Profile:
    """The profile of Parquet files; its ``snapshot`` is 0, as they belong to none yet.

    ``nulls`` counts nulls alone; a NaN is no null, and neither a minimum nor a maximum. Columns whose statistics in
    the files do not suffice are scanned, all in one pass. Raises StorageError (WB-CHK-710), NotFound (WB-CHK-712).
    """
    tallies = {column.name: _Tally(column) for column in schema.columns}
    rows = sum(_add_file(file.removeprefix("file://"), tallies) for file in files)
    if unknown := [tally for tally in tallies.values() if not tally.whole]:
        with over_files(files, schema) as relation:
            selected = [part for index, tally in enumerate(unknown) for part in _aggregates(index, tally)]
            found = relation.rows(f"SELECT {', '.join(selected)} FROM data")[0]
        for index, tally in enumerate(unknown):
            tally.nulls = found[f"n{index}"]
            tally.low, tally.high = found.get(f"l{index}"), found.get(f"h{index}")
    columns = tuple(
        ColumnProfile(tally.column.name, tally.column.type, tally.nulls, _text(tally.low), _text(tally.high))
        for tally in tallies.values()
    )
    return Profile(dataset, 0, rows, columns)


def _add_file(path: str, tallies: dict[str, _Tally]) -> int:
    """Sum up the footer of one file; returns its rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source(path)) as file:
            metadata = file.metadata
            leaves = list(_leaves(file.schema_arrow))
    except FileNotFoundError:
        raise missing_file(path) from None
    except (OSError, pa.ArrowException) as error:
        raise unreadable([path], str(error)) from error
    exact = (metadata.created_by or "").startswith(_CUTS_NOTHING)
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    for name, leaf in leaves:
        tally = tallies.get(name)
        if tally is None:
            continue
        if leaf is None:
            tally.whole = False
            continue
        for group in groups:
            tally.add(group.column(leaf).statistics, group.num_rows, exact)
    absent = tallies.keys() - {name for name, _ in leaves}
    for name in absent:
        tallies[name].nulls += metadata.num_rows
    return int(metadata.num_rows)


def _leaves(schema: pa.Schema) -> Iterator[tuple[str, int | None]]:
    """Each column with the place of its values in the file; ``None`` for a nested one, which has several."""
    position = 0
    for field in schema:
        width = _width(field.type)
        yield field.name, None if field.type.num_fields else position
        position += width


def _width(kind: pa.DataType) -> int:
    return sum(_width(kind.field(index).type) for index in range(kind.num_fields)) if kind.num_fields else 1


def _aggregates(index: int, tally: _Tally) -> Iterator[str]:
    column = quoted(tally.column.name)
    yield f"count(*) - count({column}) AS n{index}"
    if tally.ordered:
        kept = f" FILTER (WHERE NOT isnan({column}))" if tally.column.type in ("float", "double") else ""
        yield f"min({column}){kept} AS l{index}"
        yield f"max({column}){kept} AS h{index}"


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime() | date() | time():
            return value.isoformat()
        case float():
            return repr(value)
        case Decimal():
            return format(value, "f")
    text = str(value)
    return text if len(text) <= SHOWN_TEXT else text[: SHOWN_TEXT - 1] + "…"
