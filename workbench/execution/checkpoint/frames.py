"""Frames and arrays as files, each read back and held against what was saved: Arrow for frames, NumPy's own for arrays.

pandas, polars, pyarrow and numpy are looked at only when the notebook has loaded them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.model.frozen import dataclass


class Refused(Exception):
    """A value cannot be saved so that it comes back as it was; the text says why."""


@dataclass(frozen=True)
class Form:
    """How one type of value becomes a file and back; ``same`` compares what came back."""

    ending: str
    save: Callable[[Any, Path], dict[str, Any]]
    load: Callable[[Path, dict[str, Any]], Any]
    same: Callable[[Any, Any], bool]


def form_of(value: Any) -> str | None:
    """The name of the form in which a value is saved; None for what is no frame and no array."""
    kind = type(value)
    return _TYPES.get(f"{kind.__module__.partition('.')[0]}.{kind.__name__}")


def save(value: Any, path: Path, form: str) -> dict[str, Any]:
    """Write ``value``; what it takes to read it again, beside the file. Raises Refused, and OSError."""
    chosen = FORMS[form]
    try:
        more = chosen.save(value, path)
        back = chosen.load(path, more)
        same = chosen.same(value, back)
    except (Refused, OSError):
        raise
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}") from None
    if not same:
        raise Refused("it would not come back as it is")
    return more


def load(path: Path, form: str, more: dict[str, Any]) -> Any:
    """The value in a file."""
    return FORMS[form].load(path, more)


# -- arrow -------------------------------------------------------------------------------------------------------------


def _write_arrow(table: Any, path: Path) -> None:
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _read_arrow(path: Path) -> Any:
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(file).read_all()


def _save_table(table: Any, path: Path) -> dict[str, Any]:
    _write_arrow(table, path)
    return {}


def _load_table(path: Path, more: dict[str, Any]) -> Any:
    return _read_arrow(path)


def _save_batch(batch: Any, path: Path) -> dict[str, Any]:
    import pyarrow as pa

    _write_arrow(pa.Table.from_batches([batch]), path)
    return {}


def _load_batch(path: Path, more: dict[str, Any]) -> Any:
    table = _read_arrow(path)
    batches = table.combine_chunks().to_batches()
    import pyarrow as pa

    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _save_column(column: Any, path: Path) -> dict[str, Any]:
    import pyarrow as pa

    _write_arrow(pa.table({"column": column}), path)
    return {}


def _load_column(path: Path, more: dict[str, Any]) -> Any:
    return _read_arrow(path).column("column")


def _load_array(path: Path, more: dict[str, Any]) -> Any:
    return _load_column(path, more).combine_chunks()


def _same_arrow(one: Any, other: Any) -> bool:
    same_schema = one.schema.equals(other.schema, check_metadata=True) if hasattr(one, "schema") else True
    return bool(one.equals(other)) and same_schema


# -- pandas ------------------------------------------------------------------------------------------------------------


def _save_frame(frame: Any, path: Path) -> dict[str, Any]:
    import pandas
    import pyarrow as pa

    _write_arrow(pa.Table.from_pandas(frame, preserve_index=None), path)
    columns = frame.columns
    counted = [columns.start, columns.stop, columns.step] if isinstance(columns, pandas.RangeIndex) else None
    return {"frequency": getattr(frame.index, "freqstr", None), "counted": counted}


def _load_frame(path: Path, more: dict[str, Any]) -> Any:
    import pandas

    frame = _read_arrow(path).to_pandas()
    if more["counted"]:
        start, stop, step = more["counted"]
        frame.columns = pandas.RangeIndex(start, stop, step, name=frame.columns.name)
    if more["frequency"]:
        frame.index.freq = more["frequency"]
    return frame


def _same_frame(one: Any, other: Any) -> bool:
    return bool(
        one.equals(other)
        and one.dtypes.equals(other.dtypes)
        and _same_index(one.index, other.index)
        and _same_index(one.columns, other.columns)
        and one.attrs == other.attrs
        and one.flags == other.flags
    )


def _save_series(series: Any, path: Path) -> dict[str, Any]:
    if not isinstance(series.name, str | None):
        raise Refused("its name is no text")
    frame = series.to_frame("values")
    frame.attrs = series.attrs
    return {**_save_frame(frame, path), "name": series.name}


def _load_series(path: Path, more: dict[str, Any]) -> Any:
    frame = _load_frame(path, more)
    series = frame["values"].rename(more["name"])
    series.attrs = frame.attrs
    return series


def _same_series(one: Any, other: Any) -> bool:
    same = bool(one.equals(other) and one.dtype == other.dtype and one.name == other.name)
    return same and _same_index(one.index, other.index) and one.attrs == other.attrs


def _save_index(index: Any, path: Path) -> dict[str, Any]:
    return _save_frame(index.to_frame(index=True).iloc[:, :0], path)


def _load_index(path: Path, more: dict[str, Any]) -> Any:
    return _load_frame(path, more).index


def _same_index(one: Any, other: Any) -> bool:
    same = type(one) is type(other) and one.equals(other) and list(one.names) == list(other.names)
    return bool(same) and one.dtype == other.dtype and getattr(one, "freq", None) == getattr(other, "freq", None)


# -- polars ------------------------------------------------------------------------------------------------------------


def _save_polars(frame: Any, path: Path) -> dict[str, Any]:
    frame.write_ipc(path)
    return {}


def _load_polars(path: Path, more: dict[str, Any]) -> Any:
    import polars

    return polars.read_ipc(path)


def _same_polars(one: Any, other: Any) -> bool:
    return bool(one.schema == other.schema and one.equals(other, null_equal=True))


def _save_polars_series(series: Any, path: Path) -> dict[str, Any]:
    return {**_save_polars(series.to_frame("values"), path), "name": series.name}


def _load_polars_series(path: Path, more: dict[str, Any]) -> Any:
    return _load_polars(path, more)["values"].rename(more["name"])


def _same_polars_series(one: Any, other: Any) -> bool:
    return bool(one.dtype == other.dtype and one.name == other.name and one.equals(other, null_equal=True))


# -- numpy -------------------------------------------------------------------------------------------------------------


def _save_ndarray(array: Any, path: Path) -> dict[str, Any]:
    import numpy

    with path.open("wb") as file:
        numpy.save(file, array, allow_pickle=False)
    return {"writeable": bool(array.flags.writeable)}


def _load_ndarray(path: Path, more: dict[str, Any]) -> Any:
    import numpy

    with path.open("rb") as file:
        array = numpy.load(file, allow_pickle=False)
    array.flags.writeable = more["writeable"]
    return array


def _same_ndarray(one: Any, other: Any) -> bool:
    same = one.dtype == other.dtype and one.shape == other.shape
    return bool(same) and one.tobytes() == other.tobytes()


FORMS = {
    "arrow": Form("arrow", _save_table, _load_table, _same_arrow),
    "arrow batch": Form("arrow", _save_batch, _load_batch, _same_arrow),
    "arrow column": Form("arrow", _save_column, _load_column, _same_arrow),
    "arrow array": Form("arrow", _save_column, _load_array, _same_arrow),
    "pandas": Form("arrow", _save_frame, _load_frame, _same_frame),
    "pandas series": Form("arrow", _save_series, _load_series, _same_series),
    "pandas index": Form("arrow", _save_index, _load_index, _same_index),
    "polars": Form("arrow", _save_polars, _load_polars, _same_polars),
    "polars series": Form("arrow", _save_polars_series, _load_polars_series, _same_polars_series),
    "numpy": Form("npy", _save_ndarray, _load_ndarray, _same_ndarray),
}
_INDEXES = ("Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "TimedeltaIndex", "CategoricalIndex", "IntervalIndex")
_ARRAYS = ("Array", "BooleanArray", "StringArray", "LargeStringArray", "DictionaryArray", "ListArray", "StructArray")
_NUMBERS = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Double")
_TYPES = {
    "pyarrow.Table": "arrow",
    "pyarrow.RecordBatch": "arrow batch",
    "pyarrow.ChunkedArray": "arrow column",
    **{f"pyarrow.{name}": "arrow array" for name in _ARRAYS},
    **{f"pyarrow.{name}Array": "arrow array" for name in (*_NUMBERS, "Timestamp", "Date32", "Decimal128", "Binary")},
    "pandas.DataFrame": "pandas",
    "pandas.Series": "pandas series",
    **{f"pandas.{name}": "pandas index" for name in (*_INDEXES, "PeriodIndex")},
    "polars.DataFrame": "polars",
    "polars.Series": "polars series",
    "numpy.ndarray": "numpy",
}


def share(one: Any, other: Any) -> bool:
    """Whether a change of one array may show in the other, which two files could not bring back."""
    numpy = sys.modules["numpy"]
    return bool(one.flags.writeable or other.flags.writeable) and bool(numpy.may_share_memory(one, other))
