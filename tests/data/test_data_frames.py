"""What frames become in a table, and what is refused."""

from __future__ import annotations

import datetime as dt
import decimal
import pickle
import uuid
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data.frames import from_arrow, to_arrow
from workbench.data.types import arrow_schema, arrow_type, iceberg_type, schema_of
from workbench.model.errors import FrameError, UsageError

UTC = dt.UTC
DAY = dt.datetime(2013, 1, 15, 6, 30)  # noqa: DTZ001 - a time without a zone is what is tested
NEW_YORK = pd.DatetimeIndex([DAY]).tz_localize("America/New_York")


def stored(values: Any) -> tuple[str, list[Any], tuple[str, ...]]:
    """The Iceberg type, the values and the notes of a frame with the one column ``c``."""
    table, notes = to_arrow(pd.DataFrame({"c": values}))
    return schema_of(table.schema).columns[0].type, table["c"].to_pylist(), notes


CONVERTED: dict[str, tuple[Any, str, list[Any], str]] = {
    "int8": (np.array([1, -1], "i1"), "int", [1, -1], ""),
    "uint16": (np.array([65535], "u2"), "int", [65535], ""),
    "uint32": (np.array([2**32 - 1], "u4"), "long", [2**32 - 1], ""),
    "uint64": (np.array([7], "u8"), "long", [7], "unsigned 64-bit integers stored as long"),
    "float16": (np.array([0.5], "f2"), "float", [0.5], ""),
    "NaN is null": (np.array([1.5, np.nan, np.inf]), "double", [1.5, None, float("inf")], ""),
    "text": (["a", None, "é\x00"], "string", ["a", None, "é\x00"], ""),
    "text in objects": (pd.Series(["a", np.nan, None], dtype=object), "string", ["a", None, None], ""),
    "nullable integers": (pd.array([1, None], "Int64"), "long", [1, None], ""),
    "nullable booleans": (pd.array([True, None], "boolean"), "boolean", [True, None], ""),
    "booleans in objects": (pd.Series([True, None], dtype=object), "boolean", [True, None], ""),
    "integers in objects": (pd.Series([2**62, None], dtype=object), "long", [2**62, None], ""),
    "numbers in objects": (pd.Series([1, 2.5], dtype=object), "double", [1.0, 2.5], "integers and decimals stored"),
    "decimals": ([decimal.Decimal("1.25"), None], "decimal(38, 2)", [decimal.Decimal("1.25"), None], ""),
    "dates": ([dt.date(2013, 1, 15), None], "date", [dt.date(2013, 1, 15), None], ""),
    "times of day": ([dt.time(6, 30, 0, 5), None], "time", [dt.time(6, 30, 0, 5), None], ""),
    "bytes": ([b"\x00", None], "binary", [b"\x00", None], ""),
    "nanoseconds, whole": (pd.DatetimeIndex([DAY]).as_unit("ns"), "timestamp", [DAY], ""),
    "seconds": (pd.DatetimeIndex([DAY]).as_unit("s"), "timestamp", [DAY], ""),
    "a time zone": (NEW_YORK, "timestamptz", [dt.datetime(2013, 1, 15, 11, 30, tzinfo=UTC)], "in America/New_York"),
    "UTC": (pd.DatetimeIndex([DAY], tz="UTC"), "timestamptz", [DAY.replace(tzinfo=UTC)], ""),
    "aware datetimes": (
        pd.Series([dt.datetime(2013, 1, 15, 8, tzinfo=dt.timezone(dt.timedelta(hours=1))), None], dtype=object),
        "timestamptz",
        [dt.datetime(2013, 1, 15, 7, tzinfo=UTC), None],
        "stored as the same moments in UTC",
    ),
    "durations": (pd.to_timedelta([1, None], unit="ms"), "long", [1000, None], "duration stored as whole microseconds"),
    "durations in objects": (pd.Series([dt.timedelta(1), None], dtype=object), "long", [86_400_000_000, None], "dur"),
    "categories": (pd.Categorical(["x", None, "x"]), "string", ["x", None, "x"], "category stored as its values"),
    "ordered categories of integers": (
        pd.Categorical([2, None, 1], ordered=True), "long", [2, None, 1], "their order is not kept"
    ),
    "periods": (pd.PeriodIndex(["2013-01", None], freq="M"), "string", ["2013-01", None], "period stored as text"),
    "intervals": (pd.cut([1.0, np.nan], [0, 2]), "string", ["(0, 2]", None], "interval stored as text"),
    "sparse": (pd.arrays.SparseArray([0, 0, 5]), "long", [0, 0, 5], "sparse values stored in full"),
    "sparse with gaps": (pd.arrays.SparseArray([np.nan, 5.0]), "double", [None, 5.0], "sparse"),
    "UUIDs": ([uuid.UUID(int=1), None], "string", [str(uuid.UUID(int=1)), None], "uuid stored as text"),
    "lists": ([[1, 2], None, []], "list<long>", [[1, 2], None, []], ""),
    "arrays": ([np.array([1.5]), np.array([])], "list<double>", [[1.5], []], ""),
    "records": (
        [{"a": 1}, {"a": 2, "b c": "x"}, None],
        'struct<a: long, "b c": string>',
        [{"a": 1, "b c": None}, {"a": 2, "b c": "x"}, None],
        "a key that a record lacks reads as null",
    ),
    "empty lists": ([[], []], "list<string>", [[], []], "nothing but nulls, stored as text"),
    "nothing": (pd.Series([None, None], dtype=object), "string", [None, None], "nothing but nulls, stored as text"),
    "arrow-backed": (pd.array([1, None], pd.ArrowDtype(pa.int16())), "int", [1, None], ""),
    "arrow-backed dictionary": (
        pd.array(["a"], pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))), "string", ["a"], "category"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONVERTED)
def test_a_column_is_converted_faithfully_and_the_rule_is_told(case: str) -> None:
    values, kind, expected, note = CONVERTED[case]
    found_kind, found, notes = stored(values)
    assert (found_kind, found) == (kind, expected)
    assert bool(notes) == bool(note)
    assert all(each.startswith("c: ") for each in notes)
    assert note in "; ".join(notes)


REFUSED: dict[str, tuple[Any, str]] = {
    "nanoseconds that matter": (pd.to_datetime([1], unit="ns"), "WB-DAT-307"),
    "nanoseconds in objects": (pd.Series([pd.Timestamp(1)], dtype=object), "WB-DAT-307"),
    "durations that are too fine": (pd.to_timedelta([1], unit="ns"), "WB-DAT-307"),
    "times out of range": (np.array(["300000-01-01"], "M8[s]"), "WB-DAT-307"),
    "too large for long": (np.array([2**63], "u8"), "WB-DAT-307"),
    "huge integers": (pd.Series([2**70], dtype=object), "WB-DAT-308"),
    "an integer that a float would change": (pd.Series([0.5, 2**60 + 1], dtype=object), "WB-DAT-307"),
    "decimals of 39 digits": ([decimal.Decimal("1e38")], "WB-DAT-308"),
    "infinite decimals": ([decimal.Decimal("Infinity")], "WB-DAT-308"),
    "complex numbers": ([1j], "WB-DAT-306"),
    "long doubles": (np.array([1], np.longdouble), "WB-DAT-306"),
    "text and numbers": (pd.Series(["a", 1], dtype=object), "WB-DAT-308"),
    "booleans and numbers": (pd.Series([True, 1], dtype=object), "WB-DAT-308"),
    "dates and timestamps": (pd.Series([dt.date(2013, 1, 1), DAY], dtype=object), "WB-DAT-308"),
    "with and without zone": (pd.Series([DAY, DAY.replace(tzinfo=UTC)], dtype=object), "WB-DAT-308"),
    "times of day with a zone": ([dt.time(1, tzinfo=UTC)], "WB-DAT-306"),
    "mixed lists": ([[1, "a"]], "WB-DAT-308"),
    "sets": ([{1}], "WB-DAT-306"),
    "records of numbers": ([{1: 2}], "WB-DAT-306"),
    "records without fields": ([{}], "WB-DAT-306"),
    "fields that differ by capitals": ([{"a": 1, "A": 2}], "WB-DAT-306"),
    "objects": ([object()], "WB-DAT-306"),
    "text that is no Unicode": (pd.Series(["\ud800"], dtype=object), "WB-DAT-307"),
    "categories that cannot be stored": (pd.Categorical([1j]), "WB-DAT-306"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_column_that_would_change_is_refused_by_name_with_the_mend(case: str) -> None:
    values, code = REFUSED[case]
    with pytest.raises(FrameError) as caught:
        to_arrow(pd.DataFrame({"fine": range(len(values)), "c": values}))
    assert caught.value.code == code
    assert '"c"' in caught.value.what
    assert caught.value.next
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


FRAMES: dict[str, tuple[Any, str]] = {
    "no columns": (pd.DataFrame(), "WB-DAT-302"),
    "no columns, some rows": (pd.DataFrame(index=range(3)), "WB-DAT-302"),
    "a number for a name": (pd.DataFrame({1: [1]}), "WB-DAT-303"),
    "levels of names": (pd.DataFrame({("a", "b"): [1]}), "WB-DAT-303"),
    "an empty name": (pd.DataFrame({"": [1]}), "WB-DAT-303"),
    "a name of blanks": (pd.DataFrame({"  ": [1]}), "WB-DAT-303"),
    "a newline in a name": (pd.DataFrame({"a\nb": [1]}), "WB-DAT-303"),
    "a name too long": (pd.DataFrame({"a" * 256: [1]}), "WB-DAT-303"),
    "a name twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "WB-DAT-304"),
    "capitals": (pd.DataFrame({"a": [1], "A": [2]}), "WB-DAT-304"),
    "a named index": (pd.DataFrame({"a": [1]}, index=pd.Index([5], name="id")), "WB-DAT-305"),
    "levels of index": (pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])), "WB-DAT-305"),
    "an index of text": (pd.DataFrame({"a": [1]}, index=["x"]), "WB-DAT-305"),
    "a series": (pd.Series([1]), "WB-DAT-301"),
    "a list": ([1], "WB-DAT-301"),
    "nothing": (None, "WB-DAT-301"),
    "arrow, a name twice": (pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), "WB-DAT-304"),
    "polars objects": (pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}), "WB-DAT-306"),
    "arrow union": (
        pa.table({"a": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])}), "WB-DAT-306"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMES)
def test_a_frame_that_is_no_table_is_refused(case: str) -> None:
    frame, code = FRAMES[case]
    with pytest.raises(FrameError) as caught:
        to_arrow(frame)
    assert caught.value.code == code


def test_the_index_is_kept_or_dropped_when_asked() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["JFK", "LGA"], name="origin"))
    assert to_arrow(frame, index=True)[0].to_pydict() == {"origin": ["JFK", "LGA"], "n": [1, 2]}
    assert to_arrow(frame, index=False)[0].to_pydict() == {"n": [1, 2]}
    with pytest.raises(FrameError, match="WB-DAT-304"):
        to_arrow(frame.assign(origin="x"), index=True)


def test_row_numbers_are_no_index_that_matters() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]})
    assert to_arrow(frame[frame["n"] > 1])[0].to_pydict() == {"n": [2, 3]}
    assert to_arrow(frame.iloc[::-1])[0].to_pydict() == {"n": [3, 2, 1]}
    assert to_arrow(frame.iloc[:0])[0].num_rows == 0


def test_no_rows_are_a_value_with_a_schema() -> None:
    table, _ = to_arrow(pd.DataFrame({"a": pd.Series([], dtype="int64"), "b": pd.Series([], dtype="str")}))
    assert [column.type for column in schema_of(table.schema).columns] == ["long", "string"]
    assert from_arrow(table).dtypes.astype(str).to_dict() == {"a": "int64", "b": "str"}


def test_every_kind_of_frame_is_written_alike() -> None:
    import duckdb

    arrow = pa.table({"i": [1, 2], "s": ["a", None]})
    with duckdb.connect() as connection:
        relation = connection.from_arrow(arrow)
        frames = [arrow, arrow.to_batches()[0], arrow.to_reader(), pl.from_arrow(arrow), pl.from_arrow(arrow).lazy(),
                  arrow.to_pandas(), relation]  # fmt: skip
        assert all(to_arrow(frame)[0].equals(arrow) for frame in frames)


def test_polars_types_are_stored() -> None:
    frame = pl.DataFrame(
        {
            "c": pl.Series(["a", "b"], dtype=pl.Categorical),
            "e": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
            "d": [dt.timedelta(seconds=1), None],
            "t": [dt.time(1, 2), None],
            "n": [float("nan"), None],
            "z": pl.Series([DAY, None]).dt.replace_time_zone("Europe/Paris"),
            "u": pl.Series([1, None], dtype=pl.UInt64),
            "l": [[1], []],
        }
    )
    table, notes = to_arrow(frame)
    kinds = {column.name: column.type for column in schema_of(table.schema).columns}
    assert kinds == {"c": "string", "e": "string", "d": "long", "t": "time", "n": "double", "z": "timestamptz",
                     "u": "long", "l": "list<long>"}  # fmt: skip
    assert str(table["n"][0].as_py()) == "nan"
    assert any(note.startswith("z: times in Europe/Paris") for note in notes)


def test_pandas_gets_types_that_lose_nothing() -> None:
    table = pa.table(
        {
            "few": pa.array([1, None]),
            "large": pa.array([2**53 + 1, None]),
            "flag": pa.array([True, None]),
            "at": pa.array([DAY, None], pa.timestamp("us")),
            "moment": pa.array([DAY, None], pa.timestamp("us", "UTC")),
            "text": pa.array(["a", None]),
            "day": pa.array([dt.date(2013, 1, 1), None]),
        }
    )
    frame = from_arrow(table)
    assert frame.dtypes.astype(str).to_dict() == {
        "few": "float64", "large": "Int64", "flag": "boolean", "at": "datetime64[us]",
        "moment": "datetime64[us, UTC]", "text": "str", "day": "object",
    }  # fmt: skip
    assert frame["large"][0] == 2**53 + 1


def test_an_unknown_kind_of_frame_is_refused() -> None:
    with pytest.raises(UsageError, match=r'WB-DAT-336.*Did you mean "pandas"'):
        from_arrow(pa.table({"a": [1]}), "panda")


KINDS = st.recursive(
    st.sampled_from([pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.date32(), pa.time64("us"),
                     pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.string(), pa.binary(), pa.decimal128(9, 2)]),
    lambda inner: st.one_of(
        inner.map(lambda kind: pa.list_(pa.field("element", kind))),
        st.tuples(st.sampled_from([pa.string(), pa.int64()]), inner).map(lambda pair: pa.map_(*pair)),
        st.dictionaries(st.text(min_size=1, max_size=6), inner, min_size=1, max_size=3).map(
            lambda fields: pa.struct(list(fields.items()))
        ),
    ),
    max_leaves=6,
)  # fmt: skip


@given(KINDS)
@settings(deadline=None)
def test_types_survive_their_text(kind: pa.DataType) -> None:
    assert arrow_type(iceberg_type(kind)) == kind


@pytest.mark.parametrize(
    "text", ["", "lang", "list<long", "list<long>>", "struct<a long>", "decimal(3)", "map<long>", "§"]
)
def test_text_that_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        arrow_type(text)


NAIVE = st.datetimes(DAY.replace(year=1700), DAY.replace(year=2200))
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "Int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(allow_nan=False),
    "str": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    "boolean": st.none() | st.booleans(),
    "datetime64[us]": st.none() | NAIVE,
    "datetime64[us, UTC]": st.none() | NAIVE.map(lambda at: at.replace(tzinfo=UTC)),
    "object": st.none() | st.dates(dt.date(1, 1, 1)),
}


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(0, 8))
    kinds = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=4))
    columns = {
        f"c{place}": pd.Series(draw(st.lists(COLUMNS[kind], min_size=size, max_size=size)), dtype=kind)
        for place, kind in enumerate(kinds)
    }
    return pd.DataFrame(columns)


@given(frames())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_read_back_is_what_was_written(frame: pd.DataFrame) -> None:
    table, _ = to_arrow(frame)
    schema = schema_of(table.schema)
    assert arrow_schema(schema) == table.schema
    again, notes = to_arrow(from_arrow(table))
    assert [note for note in notes if "nothing but nulls" not in note] == []
    for name in table.column_names:
        assert again[name].to_pylist() == table[name].to_pylist()
        expected = [None if pd.isna(value) else value for value in frame[name].tolist()]
        assert table[name].to_pylist() == expected
