"""What a dataset becomes after writes of every mode, against a model in plain Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from data_bench import anywhere, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.model.dataset import Mode, Snapshot
from workbench.model.errors import FrameError

Rows = list[dict[str, Any]]


def table(entries: Rows, **kinds: pa.DataType) -> pa.Table:
    names = list(kinds) or list(entries[0])
    inferred = {name: pa.array([entry[name] for entry in entries], kinds.get(name)) for name in names}
    return pa.table(inferred)


def test_appended_rows_come_after_those_that_are_there(tables: Any) -> None:
    first = tables.write(pd.DataFrame({"n": [2, 1]}))
    second = tables.write(pd.DataFrame({"n": [3]}), first, "append")
    assert rows(second) == [{"n": 2}, {"n": 1}, {"n": 3}]
    assert second.files[0] == first.files[0]


def test_an_overwrite_leaves_nothing_and_takes_its_own_schema(tables: Any) -> None:
    first = tables.write(pd.DataFrame({"n": [1], "gone": ["x"]}))
    made = tables.candidate(tables.stage(pd.DataFrame({"n": ["text"], "new": [1.5]})), base=first)
    assert rows(made) == [{"n": "text", "new": 1.5}]
    assert (made.added, made.removed) == (made.files, first.files)


@anywhere
def test_an_upsert_replaces_rows_by_key_and_leaves_other_files_alone(tables: Any) -> None:
    first = tables.write(pd.DataFrame({"id": [1, 2, 3], "v": ["a", "b", "c"]}))
    second = tables.write(pd.DataFrame({"id": [10], "v": ["j"]}), first, "append")
    made = tables.candidate(
        tables.stage(pd.DataFrame({"id": [4, 2], "v": ["d", "B"]}), mode="upsert", keys=["id"]), base=second
    )
    assert [(row["id"], row["v"]) for row in rows(made)] == [(1, "a"), (3, "c"), (10, "j"), (4, "d"), (2, "B")]
    assert second.files[1] in made.files
    assert [file.path for file in made.removed] == [second.files[0].path]


def test_the_same_upsert_again_changes_nothing(tables: Any) -> None:
    base = tables.write(pd.DataFrame({"id": [1, 2], "v": ["a", "b"]}))
    change = pd.DataFrame({"id": [2, 3], "v": ["B", "c"]})
    once = tables.write(change, base, "upsert", ["id"])
    assert tables.candidate(tables.stage(change, mode="upsert", keys=["id"]), base=once).unchanged


def test_a_partition_overwrite_replaces_what_it_names(tables: Any) -> None:
    base = tables.write(pd.DataFrame({"day": ["mon", "tue", "mon"], "n": [1, 2, 3]}), mode="partition", keys=["day"])
    assert [dict(file.partition) for file in base.files] == [{"day": "mon"}, {"day": "tue"}]
    made = tables.candidate(
        tables.stage(pd.DataFrame({"day": ["tue", "wed"], "n": [9, 8]}), mode="partition", keys=["day"]), base=base
    )
    assert sorted((row["day"], row["n"]) for row in rows(made)) == [("mon", 1), ("mon", 3), ("tue", 9), ("wed", 8)]
    assert base.files[0] in made.files
    assert made.partition_by == ("day",)


@anywhere
def test_a_partition_overwrite_finds_its_rows_in_files_that_hold_several(tables: Any) -> None:
    base = tables.write(pd.DataFrame({"day": ["mon", "tue", "wed"], "n": [1, 2, 3]}))
    made = tables.candidate(
        tables.stage(pd.DataFrame({"day": ["tue"], "n": [9]}), mode="partition", keys=["day"]), base=base
    )
    assert rows(made) == [{"day": "mon", "n": 1}, {"day": "wed", "n": 3}, {"day": "tue", "n": 9}]


def test_partitions_of_several_columns_and_types(tables: Any) -> None:
    frame = pd.DataFrame(
        {"y": [2013, 2013, 2014], "d": pd.to_datetime(["2013-01-01", "2013-01-02", "2013-01-01"]).date}
    )
    base = tables.write(frame.assign(n=1), mode="partition", keys=["y", "d"])
    assert len(base.files) == 3
    assert dict(base.files[0].partition) == {"y": "2013", "d": "2013-01-01"}
    made = tables.candidate(tables.stage(frame[:1].assign(n=2), mode="partition", keys=["y", "d"]), base=base)
    assert sorted(row["n"] for row in rows(made)) == [1, 1, 2]


def test_the_same_content_is_unchanged(tables: Any) -> None:
    frame = pd.DataFrame({"n": [1, 2], "s": ["a", None]})
    base = tables.write(frame)
    assert tables.candidate(tables.stage(frame), base=base).unchanged
    assert not tables.candidate(tables.stage(frame[::-1]), base=base).unchanged
    assert not tables.candidate(tables.stage(frame.rename(columns={"s": "t"})), base=base).unchanged
    assert tables.candidate(tables.stage(frame[:0]), base=None).unchanged is False


def test_several_writes_of_one_step_follow_each_other(tables: Any) -> None:
    base = tables.write(pd.DataFrame({"id": [0], "v": ["old"]}))
    made = tables.candidate(
        tables.stage(pd.DataFrame({"id": [1, 2], "v": ["a", "b"]})),
        tables.stage(pd.DataFrame({"id": [3], "v": ["c"]}), mode="append"),
        tables.stage(pd.DataFrame({"id": [2], "v": ["B"]}), mode="upsert", keys=["id"]),
        base=base,
    )
    assert [(row["id"], row["v"]) for row in rows(made)] == [(1, "a"), (3, "c"), (2, "B")]
    assert made.mode is Mode.OVERWRITE
    assert made.removed == base.files


@anywhere
def test_new_columns_are_null_in_older_rows_and_missing_ones_in_newer(tables: Any) -> None:
    first = tables.write(pd.DataFrame({"a": [1], "b": ["x"]}))
    second = tables.write(pd.DataFrame({"c": [0.5], "a": [2]}), first, "append")
    assert second.schema.names == ("a", "b", "c")
    assert rows(second) == [{"a": 1, "b": "x", "c": None}, {"a": 2, "b": None, "c": 0.5}]


WIDENED = {
    "int to long": (pa.int32(), pa.int64(), "long"),
    "long takes int": (pa.int64(), pa.int32(), "long"),
    "float to double": (pa.float32(), pa.float64(), "double"),
    "more digits": (pa.decimal128(22, 2), pa.decimal128(29, 2), "decimal(29, 2)"),
    "fewer digits": (pa.decimal128(29, 2), pa.decimal128(25, 1), "decimal(29, 2)"),
    "long takes whole doubles": (pa.int64(), pa.float64(), "long"),
    "double takes integers": (pa.float64(), pa.int64(), "double"),
    "decimal takes integers": (pa.decimal128(20, 2), pa.int32(), "decimal(20, 2)"),
}


@pytest.mark.parametrize("case", WIDENED)
def test_types_widen_where_nothing_is_lost(tables: Any, case: str) -> None:
    old, new, expected = WIDENED[case]
    one = pa.array([1]).cast(pa.decimal128(20, 0))
    first = tables.write(pa.table({"n": one.cast(old)}))
    second = tables.write(pa.table({"n": one.cast(new)}), first, "append")
    assert second.schema.columns[0].type == expected
    assert [int(row["n"]) for row in rows(second)] == [1, 1]
    assert second.files[0] == first.files[0]


REFUSED = {
    "text into long": (["a"], [1]),
    "long into text": ([1], ["a"]),
    "parts into long": ([0.5], [1]),
    "a zone": (pd.to_datetime(["2013-01-01"], utc=True), pd.to_datetime(["2013-01-01"])),
    "lists of others": ([["a"]], [[1]]),
    "too large for a double": ([2**53 + 1], [0.5]),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("mode", ["append", "upsert", "partition"])
def test_other_changes_of_type_are_refused_with_both_types(tables: Any, case: str, mode: str) -> None:
    new, old = REFUSED[case]
    base = tables.write(pd.DataFrame({"id": [1], "c": old}))
    staged = tables.stage(pd.DataFrame({"id": [2], "c": new}), mode=mode, keys=["id"] if mode != "append" else [])
    with pytest.raises(FrameError) as caught:
        tables.candidate(staged, base=base)
    assert caught.value.code == "WB-DAT-316"
    assert '"c" of clean.flights' in caught.value.what
    assert base.schema.columns[1].type in caught.value.cause
    assert staged.schema.columns[1].type in caught.value.cause


@anywhere
def test_a_column_of_nulls_takes_any_type(tables: Any) -> None:
    nothing = pd.DataFrame({"c": pd.Series([None], dtype=object)})
    first = tables.write(pd.DataFrame({"c": [1]}))
    second = tables.write(nothing, first, "append")
    assert (second.schema.columns[0].type, rows(second)) == ("long", [{"c": 1}, {"c": None}])
    other = tables.write(nothing, name="clean.other")
    later = tables.write(pd.DataFrame({"c": [0.5]}), other, "append", name="clean.other")
    assert (later.schema.columns[0].type, rows(later)) == ("double", [{"c": None}, {"c": 0.5}])


def test_capitals_do_not_make_another_column(tables: Any) -> None:
    base = tables.write(pd.DataFrame({"Origin": ["JFK"]}))
    with pytest.raises(FrameError, match=r"WB-DAT-316.*capitals"):
        tables.candidate(tables.stage(pd.DataFrame({"origin": ["LGA"]}), mode="append"), base=base)


def test_no_rows_are_a_value(tables: Any) -> None:
    frame = pd.DataFrame({"day": ["mon"], "n": [1]})
    nothing = frame[:0]
    first = tables.write(nothing)
    assert (rows(first), first.schema.names) == ([], ("day", "n"))
    second = tables.write(frame, first, "append")
    for mode, keys in (("append", []), ("upsert", ["n"]), ("partition", ["day"])):
        made = tables.candidate(tables.stage(nothing, mode=mode, keys=keys), base=second)
        assert made.unchanged
    assert rows(tables.candidate(tables.stage(nothing), base=second)) == []


def test_a_key_that_older_files_lack_matches_nothing_there(tables: Any) -> None:
    first = tables.write(pd.DataFrame({"v": ["old"]}))
    second = tables.write(pd.DataFrame({"id": [1], "v": ["a"]}), first, "append")
    third = tables.write(pd.DataFrame({"id": [1], "v": ["b"]}), second, "upsert", ["id"])
    assert rows(third) == [{"v": "old", "id": None}, {"v": "b", "id": 1}]


KEYS, PARTS = st.integers(0, 4), st.sampled_from(["a", "b", "c"])
ENTRIES = st.lists(st.fixed_dictionaries({"id": KEYS, "part": PARTS, "v": st.none() | st.integers(0, 9)}), max_size=5)
WRITES = st.lists(st.tuples(st.sampled_from(list(Mode)), ENTRIES), min_size=1, max_size=6)


def order(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


def model(current: Rows, mode: Mode, entries: Rows) -> Rows:
    match mode:
        case Mode.OVERWRITE:
            return entries
        case Mode.APPEND:
            return current + entries
        case Mode.UPSERT:
            ids = {entry["id"] for entry in entries}
            return [row for row in current if row["id"] not in ids] + entries
    parts = {entry["part"] for entry in entries}
    return [row for row in current if row["part"] not in parts] + entries


@given(WRITES, st.booleans())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_writes_gives_what_the_model_gives(tables: Any, writes: Any, together: bool) -> None:
    """Together: all writes of one step; else each on the candidate of the one before."""
    kinds = {"id": pa.int64(), "part": pa.string(), "v": pa.int64()}
    expected: Rows = []
    staged = []
    for mode, entries in writes:
        if mode is Mode.UPSERT:
            entries = list({entry["id"]: entry for entry in entries}.values())
        expected = model(expected, mode, entries)
        keys = {Mode.UPSERT: ["id"], Mode.PARTITION: ["part"]}.get(mode, [])
        staged.append(tables.stage(table(entries, **kinds), mode=mode.value, keys=keys))
    if together:
        found = rows(tables.candidate(*staged))
    else:
        base = None
        for write in staged:
            made = tables.candidate(write, base=base)
            base = Snapshot(1, made.dataset, 1, None, made.schema, made.files, made.mode, "", "prod")
        assert base
        found = rows(base)
    assert sorted(found, key=order) == sorted(expected, key=order)


def test_a_candidate_writes_only_below_its_dataset(tables: Any, folder: Path) -> None:
    base = tables.write(pd.DataFrame({"id": [1, 2]}))
    tables.candidate(tables.stage(pd.DataFrame({"id": [1]}), mode="upsert", keys=["id"]), base=base)
    assert {path.parent for path in folder.rglob("*.parquet")} == {folder / "clean" / "flights" / "data"}
    assert not list(folder.rglob("*.tmp"))
