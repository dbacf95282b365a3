"""How the values of columns are spread."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.model.dataset import Column, Schema
from workbench.model.errors import NotFound, StorageError
from workbench.model.quality import Distribution, Spread
from workbench.quality import spread as module
from workbench.quality.spread import BINS, TOP, spread


def looked(folder: Path, kind: str, values: pa.Array | list[Any]) -> Spread:
    """The spread of one column ``x`` of an Iceberg type."""
    file = folder / "one.parquet"
    pq.write_table(pa.table({"x": values}), file)
    (found,) = spread("raw.one", 3, [str(file)], Schema((Column("x", kind),))).columns
    return found


def test_numbers_are_counted_in_bins_from_the_least_to_the_greatest(tmp_path: Path) -> None:
    found = looked(tmp_path, "long", [*range(160), None])
    assert (found.kind, found.nulls, len(found.bins)) == ("range", 1, BINS)
    assert [each.rows for each in found.bins] == [10] * BINS
    assert (found.bins[0].label, found.bins[-1].upto) == ("0", "159")


def test_few_values_are_named_in_their_order(tmp_path: Path) -> None:
    found = looked(tmp_path, "long", [10, 2, 2, 10, 10])
    assert found.kind == "values"
    assert [(each.label, each.rows) for each in found.bins] == [("2", 2), ("10", 3)]


def test_texts_are_named_by_how_frequent_they_are(tmp_path: Path) -> None:
    found = looked(tmp_path, "string", [*"aab", "long" * 100, *(f"t{number}" for number in range(50))])
    assert len(found.bins) == TOP and (found.bins[0].label, found.bins[0].rows) == ("a", 2)
    assert all(len(each.label) <= module.LONGEST for each in found.bins)


@pytest.mark.parametrize(
    ("kind", "values", "first"),
    [
        ("date", [date(2026, 1, day) for day in range(1, 32)], "2026-01-01"),
        (
            "timestamp",
            [datetime.fromisoformat(f"2026-01-01T{hour:02}:00") for hour in range(24)],
            "2026-01-01 00:00:00",
        ),
        ("timestamptz", [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(24)], "2026-01-01 00:00:00"),
        ("time", [time(hour) for hour in range(24)], "00:00:00"),
        ("double", [number / 7 for number in range(50)], "0"),
        ("decimal(9, 2)", [Decimal(number) / 100 for number in range(50)], "0"),
    ],
)
def test_whatever_has_an_order_has_bins(tmp_path: Path, kind: str, values: list[Any], first: str) -> None:
    found = looked(tmp_path, kind, values)
    assert (found.kind, found.bins[0].label) == ("range", first)
    assert sum(each.rows for each in found.bins) == len(values)


def test_what_is_not_finite_is_in_no_bin(tmp_path: Path) -> None:
    values = [float("nan"), float("inf"), float("-inf"), *(float(number) for number in range(32))]
    assert sum(each.rows for each in looked(tmp_path, "double", values).bins) == 32


def test_extreme_numbers_do_not_overflow(tmp_path: Path) -> None:
    found = looked(tmp_path, "double", [1e308, -1e308, *(float(number) for number in range(32))])
    assert sum(each.rows for each in found.bins) <= 34


@pytest.mark.parametrize(("kind", "values"), [("list<long>", [[1], None]), ("boolean", [None, None])])
def test_without_values_there_are_no_bins(tmp_path: Path, kind: str, values: list[Any]) -> None:
    array = pa.array(values, pa.list_(pa.int64()) if kind.startswith("list") else pa.bool_())
    assert looked(tmp_path, kind, array).bins == ()


def test_no_rows_and_no_files_are_nothing_to_see() -> None:
    found = spread("raw.none", 1, [], Schema((Column("x", "long"),)))
    assert (found.rows, found.columns[0].bins) == (0, ())
    assert spread("raw.none", 1, [], Schema(())) == Distribution("raw.none", 1, 0, 0, ())


def test_of_many_rows_the_same_ones_are_looked_at_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 500)
    file = tmp_path / "many.parquet"
    pq.write_table(pa.table({"x": range(5000)}), file)
    schema = Schema((Column("x", "long"),))
    first = spread("raw.many", 1, [str(file)], schema)
    assert (first.looked, first.rows) == (500, 5000)
    assert sum(each.rows for each in first.columns[0].bins) == 500
    assert spread("raw.many", 1, [str(file)], schema) == first


def test_hostile_names_of_columns_are_names(tmp_path: Path) -> None:
    name = 'x"; DROP TABLE looked; --'
    file = tmp_path / "hostile.parquet"
    pq.write_table(pa.table({name: ["a"]}), file)
    (found,) = spread("raw.hostile", 1, [str(file)], Schema((Column(name, "string"),))).columns
    assert found.bins[0].label == "a"


def test_files_that_are_gone_or_damaged_are_told_of(tmp_path: Path) -> None:
    schema = Schema((Column("x", "long"),))
    with pytest.raises(NotFound, match="WB-CHK-712"):
        spread("raw.gone", 1, [str(tmp_path / "gone.parquet")], schema)
    (tmp_path / "bad.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(StorageError, match="WB-CHK-710"):
        spread("raw.bad", 1, [str(tmp_path / "bad.parquet")], schema)
