"""Frames of every kind to Arrow tables that Iceberg can hold, and back.

Writing: a missing value of pandas (NaN, NaT, None, NA) is null in the table; a NaN of polars or Arrow stays NaN.
Reading as pandas: text is ``str``, timestamps are ``datetime64[us]`` (with UTC when they have a zone), integers with
nulls are floating point as everywhere in pandas, or ``Int64`` where that would change a value; booleans with nulls are
``boolean``; dates, times of day and decimals are Python objects.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from workbench.data.objects import EXACT_INTEGERS, from_series
from workbench.data.storable import storable
from workbench.model.errors import FrameError, MissingExtra, UsageError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KINDS = ("pandas", "polars", "arrow", "duckdb")
"""What ``as_`` may be."""
_LONGEST_NAME = 255


def to_arrow(frame: Any, *, index: bool | None = None) -> tuple[pa.Table, tuple[str, ...]]:
    """A pandas or polars frame, Arrow table or DuckDB relation as a table of stored types, and notes on conversions.

    ``index`` says whether the index of a pandas frame is kept as columns; without it, an index that carries
    information is refused. Raises FrameError, WB-DAT-301 to 308, which names the column and the mend.
    """
    import pyarrow as pa

    columns, notes = _columns(frame, index)
    _check_names([name for name, _ in columns])
    stored = []
    for name, column in columns:
        array, more = storable(name, column)
        stored.append(array)
        notes = (*notes, *more)
    fields = [pa.field(name, array.type) for (name, _), array in zip(columns, stored, strict=True)]
    return pa.table(stored, schema=pa.schema(fields)), notes


def from_arrow(table: pa.Table, as_: str = "pandas") -> Any:
    """A table as a ``pandas``, ``polars`` or ``arrow`` frame. Raises UsageError and MissingExtra."""
    check_kind(as_)
    match as_:
        case "arrow":
            return table
        case "polars":
            return _polars().from_arrow(table)
    return _to_pandas(table)


def check_kind(as_: str) -> None:
    """Raise UsageError (WB-DAT-336) unless ``as_`` names a kind of frame."""
    if as_ not in KINDS:
        raise UsageError(
            "WB-DAT-336",
            f'there is no kind of frame "{as_}"',
            cause=f"as_ is one of {', '.join(KINDS)}." + did_you_mean(str(as_), KINDS),
        )


def _columns(frame: Any, index: bool | None) -> tuple[list[tuple[str, pa.ChunkedArray]], tuple[str, ...]]:
    """The columns of a frame, in order, as they are in Arrow, before they are made to fit."""
    import pyarrow as pa

    home = type(frame).__module__.partition(".")[0]
    kind = type(frame).__name__
    if home == "pandas" and kind == "DataFrame":
        return _from_pandas(frame, index)
    if home == "polars" and kind in {"DataFrame", "LazyFrame"}:
        return _from_table(_from_polars(frame))
    if isinstance(frame, pa.Table):
        return _from_table(frame)
    if isinstance(frame, pa.RecordBatch):
        return _from_table(pa.Table.from_batches([frame]))
    if isinstance(frame, pa.RecordBatchReader):
        return _from_table(frame.read_all())
    if kind == "DuckDBPyRelation":
        return _from_table(frame.to_arrow_table())
    mend = "call .to_frame() on it" if kind == "Series" else "make it a frame first: pd.DataFrame(…)"
    raise FrameError(
        "WB-DAT-301",
        f"cannot write a {kind}",
        cause="a dataset is written from a pandas or polars DataFrame, an Arrow table or a DuckDB relation",
        next=mend,
    )


def _from_table(table: pa.Table) -> tuple[list[tuple[str, pa.ChunkedArray]], tuple[str, ...]]:
    return list(zip(table.column_names, table.columns, strict=True)), ()


def _from_polars(frame: Any) -> pa.Table:
    if type(frame).__name__ == "LazyFrame":
        frame = frame.collect()
    unfit = [name for name, dtype in frame.schema.items() if "Object" in str(dtype)]
    if unfit:
        raise FrameError(
            "WB-DAT-306",
            f'column "{unfit[0]}" cannot be stored',
            cause="it holds Python objects",
            next=f'convert it first: pl.col("{unfit[0]}").map_elements(str, return_dtype=pl.String)',
        )
    return frame.to_arrow()


def _from_pandas(frame: pd.DataFrame, index: bool | None) -> tuple[list[tuple[str, pa.ChunkedArray]], tuple[str, ...]]:
    frame = _with_index(frame, index)
    _check_names(list(frame.columns))
    columns: list[tuple[str, pa.ChunkedArray]] = []
    notes: list[str] = []
    for position, name in enumerate(frame.columns):
        column, more = from_series(name, frame.iloc[:, position])
        columns.append((str(name), column))
        notes.extend(more)
    return columns, tuple(notes)


def _with_index(frame: pd.DataFrame, index: bool | None) -> pd.DataFrame:
    if index is False or (index is None and not _index_matters(frame)):
        return frame
    names = [name for name in frame.index.names if name is not None]
    if index is None:
        called = ", ".join(f'"{name}"' for name in names) or f"of {frame.index.dtype} without a name"
        raise FrameError(
            "WB-DAT-305",
            f"the frame has an index {called} that would be lost",
            cause="a table has columns, not an index",
            next="write it with index=True to keep it as columns, or with index=False to drop it",
        )
    taken = [name for name in names if name in frame.columns]
    if taken:
        raise FrameError(
            "WB-DAT-304",
            f'the index "{taken[0]}" has the name of a column',
            next="rename one of them, or write with index=False",
        )
    return frame.reset_index()


def _index_matters(frame: pd.DataFrame) -> bool:
    """Row numbers carry nothing; a name, several levels or anything but integers do."""
    import pandas as pd

    index = frame.index
    if index.nlevels > 1 or index.name is not None:
        return True
    return len(index) > 0 and not pd.api.types.is_integer_dtype(index.dtype)


def _check_names(names: list[Any]) -> None:
    if not names:
        raise FrameError("WB-DAT-302", "the frame has no columns", next="write at least one column; 0 rows are fine")
    for name in names:
        if not isinstance(name, str):
            raise FrameError(
                "WB-DAT-303",
                f"column {name!r} has a name that is not text",
                cause=f"it is a {type(name).__name__}",
                next="rename the columns: df.columns = [str(name) for name in df.columns]"
                if not isinstance(name, tuple)
                else 'join the levels: df.columns = ["_".join(map(str, levels)) for levels in df.columns]',
            )
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise FrameError(
                "WB-DAT-303",
                f"column {ascii(name)[:80]} has a name that a table cannot bear",
                cause=f"a name has 1 to {_LONGEST_NAME} printable characters, not only blanks",
                next="rename the column",
            )
    counts = Counter(name.casefold() for name in names)
    twice = next((name for name in names if counts[name.casefold()] > 1), None)
    if twice is not None:
        alike = [name for name in names if name.casefold() == twice.casefold()]
        raise FrameError(
            "WB-DAT-304",
            f'the column "{twice}" is there {len(alike)} times',
            cause=f"capitals do not tell columns apart: {', '.join(alike)}" if len(set(alike)) > 1 else "",
            next="rename or drop all but one of them",
        )


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import types

    frame: pd.DataFrame = table.to_pandas()
    for position, field in enumerate(table.schema):
        column = table.column(position)
        if not column.null_count:
            continue
        if types.is_boolean(field.type):
            exact: Any = pd.BooleanDtype()
        elif field.type == pa.int64() and _too_large(column):
            exact = pd.Int64Dtype()
        else:
            continue
        frame[field.name] = column.to_pandas(types_mapper={field.type: exact}.get)
    return frame


def _too_large(column: pa.ChunkedArray) -> bool:
    """Whether floating point would change an integer of the column."""
    import pyarrow.compute as pc

    ends = pc.min_max(column).as_py()
    return any(end is not None and abs(end) > EXACT_INTEGERS for end in ends.values())


def _polars() -> Any:
    try:
        import polars
    except ImportError:
        raise MissingExtra(
            "WB-EXT-901",
            "polars is not installed",
            next='pip install "dataops-workbench[polars]", or read with as_="pandas"',
        ) from None
    return polars
