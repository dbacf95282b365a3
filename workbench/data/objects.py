"""pandas columns of Python objects, and of the types that pandas has for itself, as Arrow columns."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.data.storable import MAX_PRECISION, unstorable
from workbench.model.errors import FrameError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

EXACT_INTEGERS = 2**53
"""Up to here, floating point numbers hold every integer."""


def from_series(name: str, series: pd.Series) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    """A pandas column as an Arrow column, with notes. NaN, NaT, None and NA all become null.

    Raises FrameError: WB-DAT-306 (type), WB-DAT-307 (values), WB-DAT-308 (mixed values).
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    dtype: Any = series.dtype
    match dtype:
        case pd.CategoricalDtype():
            return _categories(name, series)
        case pd.SparseDtype():
            column, notes = from_series(name, series.astype(dtype.subtype))
            return column, (f"{name}: sparse values stored in full", *notes)
        case pd.PeriodDtype() | pd.IntervalDtype():
            kind = "period" if isinstance(dtype, pd.PeriodDtype) else "interval"
            return _as_text(_values(series)), (f"{name}: {kind} stored as text",)
        case _ if dtype.kind == "O" and isinstance(dtype, np.dtype):
            return from_objects(name, _values(series))
        case _ if dtype.kind == "c":
            raise unstorable(
                name, "complex numbers have no place in a table", "store the real and imaginary parts as two columns"
            )
    try:
        column = pa.array(series, from_pandas=True)
    except (pa.ArrowNotImplementedError, ValueError, TypeError) as error:
        raise unstorable(
            name, f"its dtype is {dtype} ({_first_line(error)})", f'convert it first: df["{name}"].astype("string")'
        ) from None
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column]), ()


def from_objects(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    """Python values, ``None`` for null, as an Arrow column, when all of them are of one kind."""
    import pyarrow as pa

    families: dict[str, object] = {}
    for value in values:
        if value is not None:
            families.setdefault(_family(type(value)), value)
    if set(families) == {"integer", "number"}:
        return _numbers(name, values)
    if len(families) > 1:
        raise _mixed(name, families)
    if not families:
        return pa.chunked_array([pa.nulls(len(values))]), ()
    family = next(iter(families))
    try:
        return _BUILDERS[family](name, values)
    except UnicodeEncodeError:
        raise FrameError(
            "WB-DAT-307", f'column "{name}" holds text that is not valid Unicode', next="repair or drop these values"
        ) from None
    except (pa.ArrowNotImplementedError, OverflowError, TypeError, ValueError) as error:
        raise FrameError(
            "WB-DAT-308",
            f'column "{name}" cannot be stored',
            cause=f"its {_PLURAL[family]} do not fit one type: {_first_line(error)}",
            next="make them all alike, or store them as text",
        ) from None


def _values(series: pd.Series) -> list[Any]:
    return [None if missing else value for value, missing in zip(series.array, series.isna(), strict=True)]


def _categories(name: str, series: pd.Series) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    import pandas as pd
    import pyarrow as pa

    categories, notes = from_series(name, pd.Series(series.cat.categories))
    codes = pa.array(series.cat.codes.to_numpy(), mask=series.isna().to_numpy())
    order = ", their order is not kept" if series.cat.ordered else ""
    note = f"{name}: category stored as its values{order}"
    return pa.chunked_array([categories.combine_chunks().take(codes)], categories.type), (note, *notes)


def _family(kind: type) -> str:
    """The family of a Python or NumPy scalar type; ``other`` when a table has no place for it."""
    import numpy as np
    import pandas as pd

    families: tuple[tuple[str, tuple[type, ...]], ...] = (
        ("boolean", (bool, np.bool_)),
        ("duration", (dt.timedelta, np.timedelta64)),
        ("integer", (int, np.integer)),
        ("number", (float, np.floating)),
        ("text", (str,)),
        ("bytes", (bytes, bytearray, memoryview)),
        ("decimal", (decimal.Decimal,)),
        ("timestamp", (dt.datetime, np.datetime64)),
        ("date", (dt.date,)),
        ("time", (dt.time,)),
        ("uuid", (uuid.UUID,)),
        ("period", (pd.Period,)),
        ("interval", (pd.Interval,)),
        ("list", (list, tuple, np.ndarray)),
        ("record", (dict,)),
    )
    return next((family for family, kinds in families if issubclass(kind, kinds)), "other")


def _mixed(name: str, families: dict[str, object]) -> FrameError:
    shown = " and ".join(f"{_PLURAL[family]} (such as {_shown(value)})" for family, value in families.items())
    return FrameError(
        "WB-DAT-308",
        f'column "{name}" mixes kinds of values',
        cause=f"it holds {shown}",
        next=f'make it one kind, for example df["{name}"] = df["{name}"].astype("string")',
    )


def _numbers(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    import pyarrow as pa

    for value in values:
        if _family(type(value)) == "integer" and int(float(value)) != int(value):
            raise FrameError(
                "WB-DAT-307",
                f'column "{name}" would lose precision',
                cause=f"it mixes decimals and integers, and {value} is too large for a floating point number",
                next="convert it to Int64 or to text first",
            )
    array = pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.chunked_array([array]), (f"{name}: integers and decimals stored as double",)


def _plain(kind: Callable[[], pa.DataType]) -> Callable[[str, Sequence[Any]], tuple[pa.ChunkedArray, tuple[str, ...]]]:
    def build(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
        import pyarrow as pa

        return pa.chunked_array([pa.array(values, kind())]), ()

    return build


def _arrow(name: str) -> Callable[[], pa.DataType]:
    def kind() -> pa.DataType:
        import pyarrow as pa

        return {"time": pa.time64("us")}.get(name) or pa.type_for_alias(name)

    return kind


def _decimals(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    """All digits that a table can hold, so that the type does not hang on today's largest value."""
    import pyarrow as pa

    if not all(value is None or value.is_finite() for value in values):
        raise OverflowError("one of them is infinite")
    array = pa.array(values)
    if array.type.precision > MAX_PRECISION:
        raise OverflowError(f"they need {array.type.precision} digits, a table holds at most {MAX_PRECISION}")
    return pa.chunked_array([array.cast(pa.decimal128(MAX_PRECISION, array.type.scale))]), ()


def _timestamps(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    import pandas as pd
    import pyarrow as pa

    stamps = [None if value is None else pd.Timestamp(value) for value in values]
    known = [stamp for stamp in stamps if stamp is not None]
    if any(stamp.nanosecond for stamp in known):
        raise FrameError(
            "WB-DAT-307",
            f'column "{name}" would lose precision',
            cause="a table holds microseconds, and some of its times are finer",
            next=f'round them first: df["{name}"] = pd.to_datetime(df["{name}"]).dt.floor("us")',
        )
    aware = {stamp.tzinfo is not None for stamp in known}
    if len(aware) > 1:
        raise FrameError(
            "WB-DAT-308",
            f'column "{name}" mixes kinds of values',
            cause="some of its times have a time zone and some have none",
            next="give all of them a zone: pd.to_datetime(…, utc=True)",
        )
    if aware == {True}:
        moments = [None if stamp is None else stamp.tz_convert("UTC").to_pydatetime() for stamp in stamps]
        zones = {str(stamp.tzinfo) for stamp in known} - {"UTC"}
        note = (f"{name}: times in {', '.join(sorted(zones))} stored as the same moments in UTC",) if zones else ()
        return pa.chunked_array([pa.array(moments, pa.timestamp("us", "UTC"))]), note
    plain = [None if stamp is None else stamp.to_pydatetime() for stamp in stamps]
    return pa.chunked_array([pa.array(plain, pa.timestamp("us"))]), ()


def _times(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    if any(value is not None and value.tzinfo is not None for value in values):
        raise unstorable(
            name,
            "its times of day have a time zone",
            "store whole timestamps, or drop the zone with .replace(tzinfo=None)",
        )
    return _plain(_arrow("time"))(name, values)


def _durations(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    import pandas as pd
    import pyarrow as pa

    spans = [None if value is None else pd.Timedelta(value) for value in values]
    if any(span is not None and span.nanoseconds for span in spans):
        fine = [None if span is None else span.value for span in spans]
        return pa.chunked_array([pa.array(fine, pa.duration("ns"))]), ()
    whole = [None if span is None else span // pd.Timedelta(1, "us") for span in spans]
    return pa.chunked_array([pa.array(whole, pa.duration("us"))]), ()


def _lists(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    import numpy as np
    import pyarrow as pa

    lists = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
    return pa.chunked_array([pa.array(lists, from_pandas=True)]), ()


def _records(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    import pyarrow as pa

    keys = {key for value in values if value is not None for key in value}
    if not all(isinstance(key, str) for key in keys):
        raise unstorable(name, "the keys of its records are not all text", "make every key a string")
    lacking = any(value is not None and len(value) < len(keys) for value in values)
    note = (f"{name}: a key that a record lacks reads as null",) if lacking else ()
    return pa.chunked_array([pa.array(values, from_pandas=True)]), note


def _uuids(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    return _as_text(values), (f"{name}: uuid stored as text",)


def _labels(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    return _as_text(values), (f"{name}: period or interval stored as text",)


def _refuse(name: str, values: Sequence[Any]) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    value = next(value for value in values if value is not None)
    raise unstorable(
        name,
        f"it holds objects of type {type(value).__name__}, such as {_shown(value)}",
        f'convert them first, for example df["{name}"] = df["{name}"].astype(str)',
    )


def _as_text(values: Sequence[Any]) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([pa.array([None if value is None else str(value) for value in values], pa.string())])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


_BUILDERS: dict[str, Callable[[str, Sequence[Any]], tuple[pa.ChunkedArray, tuple[str, ...]]]] = {
    "boolean": _plain(_arrow("bool")),
    "integer": _plain(_arrow("int64")),
    "number": _plain(_arrow("float64")),
    "text": _plain(_arrow("string")),
    "bytes": _plain(_arrow("binary")),
    "date": _plain(_arrow("date32")),
    "decimal": _decimals,
    "timestamp": _timestamps,
    "time": _times,
    "duration": _durations,
    "uuid": _uuids,
    "period": _labels,
    "interval": _labels,
    "list": _lists,
    "record": _records,
    "other": _refuse,
}
_PLURAL = {
    "boolean": "booleans",
    "integer": "integers",
    "number": "floating point numbers",
    "text": "texts",
    "bytes": "bytes",
    "date": "dates",
    "decimal": "decimals",
    "timestamp": "timestamps",
    "time": "times of day",
    "duration": "durations",
    "uuid": "UUIDs",
    "period": "periods",
    "interval": "intervals",
    "list": "lists",
    "record": "records",
    "other": "objects",
}
