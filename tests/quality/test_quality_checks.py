"""The constructors of checks, and what each check finds in data."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.model.dataset import Column, Schema
from workbench.model.errors import NotFound, StorageError, UsageError
from workbench.model.plain import to_plain
from workbench.model.quality import Check, CheckResult, Outcome, Severity
from workbench.quality import checks
from workbench.quality.compiler import evaluate, evaluate_table

NAN = float("nan")
NOW = dt.datetime(2013, 1, 3, tzinfo=dt.UTC)
UTC = dt.UTC

TABLE = pa.table(
    {
        "id": pa.array([1, 2, 2, None], pa.int64()),
        "delay": pa.array([1.0, 20.5, NAN, None]),
        "small": pa.array([0.1, 0.2, None, 0.3], pa.float32()),
        "origin": ["EWR", "jfk", "ü", None],
        "at": pa.array([dt.datetime(2013, 1, d, tzinfo=UTC) for d in (1, 2, 1, 1)], pa.timestamp("us", tz="UTC")),
        "local": pa.array([dt.datetime(2013, 1, d) for d in (1, 2, 1, 1)], pa.timestamp("us")),  # noqa: DTZ001
        "day": pa.array([dt.date(2013, 1, d) for d in (1, 2, 1, 1)]),
        "price": pa.array([Decimal("0.10"), Decimal("9.99"), None, Decimal("5.00")], pa.decimal128(10, 2)),
        "flag": [True, False, None, True],
        "tags": [["a"], [], None, ["b"]],
        "raw": pa.array([b"x", b"", None, b"y"], pa.binary()),
        'we"ird; drop table data': [1, 2, 3, 4],
    }
)


def one(check: Check, table: pa.Table = TABLE) -> CheckResult:
    return evaluate_table([check], table, now=NOW)[0]


# check, failing rows; None where the check must end in error
CASES: list[tuple[Check, int | None]] = [
    (checks.not_null("id"), 1),
    (checks.not_null("day"), 0),
    (checks.not_null("delay"), 2),
    (checks.not_null('we"ird; drop table data'), 0),
    (checks.not_null("we"), None),
    (checks.not_null("ID"), None),
    (checks.not_missing("origin", ["", "ü"]), 2),
    (checks.not_missing("id", [None, 2]), 3),
    (checks.unique("id"), 2),
    (checks.unique("id", "origin"), 0),
    (checks.unique("day"), 3),
    (checks.unique("delay"), 0),
    (checks.unique("id", "nope"), None),
    (checks.between("id", 2), 1),
    (checks.between("id", 1, 2), 0),
    (checks.between("id", 1, 2, exclusive_high=True), 2),
    (checks.between("id", 1, 2, exclusive_low=True), 1),
    (checks.between("id", 1.5, 1e30), 1),
    (checks.between("id", None, 1.5), 2),
    (checks.between("id", -(2**62), 2**62), 0),
    (checks.between("id", float("-inf"), float("inf")), 0),
    (checks.between("id", "one"), None),
    (checks.between("id", True), None),
    (checks.between("delay", 0, 100), 1),
    (checks.between("delay", 0), 1),
    (checks.between("delay", None, 10), 2),
    (checks.between("delay", float("-inf"), float("inf")), 1),
    (checks.between("small", 0.1, 0.3), 0),
    (checks.between("price", 0.1, 9.99), 0),
    (checks.between("price", Decimal("0.11"), "9.990"), 1),
    (checks.between("price", 0.1000000001), 1),
    (checks.between("origin", "A", "Z"), 2),
    (checks.between("origin", 1), None),
    (checks.between("day", "2013-01-01", dt.date(2013, 1, 1)), 1),
    (checks.between("day", "2013-13-01"), None),
    (checks.between("day", 20130101), None),
    (checks.between("at", dt.datetime(2013, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=1)))), 3),
    (checks.between("at", "2013-01-01", "2013-01-02"), 0),
    (checks.between("local", "2013-01-02"), 3),
    (checks.between("local", "2013-01-02T00:00:00+00:00"), None),
    (checks.between("flag", 0, 1), None),
    (checks.between("tags", 0, 1), None),
    (checks.between("raw", "a"), None),
    (checks.one_of("origin", ["EWR", "jfk"]), 1),
    (checks.one_of("origin", ["'; drop table data; --", 'q"', "ü"]), 2),
    (checks.one_of("origin", [1, 2]), None),
    (checks.one_of("origin", [f"v{i}" for i in range(3000)]), 3),
    (checks.one_of("id", range(2, 3000)), 1),
    (checks.one_of("id", [1, 2.0]), 0),
    (checks.one_of("id", [1.5, 2]), 1),
    (checks.one_of("delay", [1.0, 20.5]), 1),
    (checks.one_of("flag", [True]), 1),
    (checks.one_of("flag", ["true"]), None),
    (checks.one_of("day", [dt.date(2013, 1, 1)]), 1),
    (checks.matches("origin", "[A-Z]{3}"), 2),
    (checks.matches("origin", "E"), 3),
    (checks.matches("origin", r"\p{L}+"), 0),
    (checks.matches("origin", "[A-"), None),
    (checks.matches("origin", "(?=x)"), None),
    (checks.matches("origin", "'; drop table data; --"), 3),
    (checks.matches("id", "1"), None),
    (checks.length("origin", 3), 1),
    (checks.length("origin", None, 1), 2),
    (checks.length("id", 1), None),
    (checks.multiple_of("small", 0.1), 0),
    (checks.multiple_of("delay", 0.5), 1),
    (checks.multiple_of("origin", 2), None),
    (checks.row_count(4, 4), 0),
    (checks.fresh("at", dt.timedelta(days=1)), 0),
    (checks.fresh("day", 86400), 0),
    (checks.fresh("local", 86400), 0),
    (checks.fresh("origin", 86400), None),
    (checks.schema({"id": "integer", "delay": "number", "at": "timestamp", "tags": "array", "flag": ""}), 0),
    (Check("astrology", "id"), None),
]


@pytest.mark.parametrize(("check", "failing"), CASES, ids=lambda value: value.name if isinstance(value, Check) else "")
def test_failing_rows_are_counted_exactly(check: Check, failing: int | None, tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "it's data.parquet")
    from_file = evaluate([check], [str(tmp_path / "it's data.parquet")], None, now=NOW)[0]
    for result in (one(check), from_file):
        if failing is None:
            assert result.outcome is Outcome.ERROR and result.error and result.blocks
        else:
            assert (result.failing, result.outcome) == (failing, Outcome.FAIL if failing else Outcome.PASS)
            assert bool(result.sample) == bool(failing) and len(result.sample) <= 5
        json.dumps(to_plain(result))


def test_results_keep_the_order_and_an_error_spoils_no_other() -> None:
    asked = [check for check, _ in CASES]
    results = evaluate_table(asked, TABLE, now=NOW)
    assert [result.check for result in results] == asked
    assert [None if r.outcome is Outcome.ERROR else r.failing for r in results] == [failing for _, failing in CASES]


def test_a_nan_that_statistics_hide_is_found_and_shown(tmp_path: Path) -> None:
    """pyarrow leaves NaN out of the statistics by which a scan with WHERE is pruned."""
    pq.write_table(pa.table({"x": [1.0, 2.0, NAN]}), tmp_path / "nan.parquet")
    result = evaluate([checks.between("x", 0, 10)], [str(tmp_path / "nan.parquet")], None)[0]
    assert result.failing == 1 and len(result.sample) == 1


def test_an_unknown_column_is_an_error_with_the_nearest_name() -> None:
    assert 'Did you mean "origin"?' in one(checks.not_null("orign")).error


def test_row_count_fresh_and_schema_say_what_they_saw() -> None:
    assert one(checks.row_count(5)).outcome is Outcome.FAIL
    assert one(checks.row_count(5)).observed == "4 rows"
    old = one(checks.fresh("at", 3600))
    assert (old.outcome, old.observed) == (Outcome.FAIL, "newest 2013-01-02 00:00 UTC, 1 day old")
    broken = one(checks.schema({"id": "string", "orign": "string"}))
    assert broken.outcome is Outcome.FAIL
    assert '"id" is integer, not string' in broken.observed and 'Did you mean "origin"?' in broken.observed


def test_no_rows_and_no_files_are_values() -> None:
    schema = Schema(tuple(Column(name, kind) for name, kind in EMPTY_TYPES.items()))
    asked = [
        checks.not_null("a"),
        checks.unique("a", "b"),
        checks.between("c", 0),
        checks.between("d", "2013-01-01"),
        checks.matches("b", "x"),
        checks.row_count(0, 0),
    ]
    for results in (evaluate(asked, [], schema), evaluate_table(asked, EMPTY)):
        assert [result.outcome for result in results] == [Outcome.PASS] * len(asked)
    assert evaluate([checks.row_count(1)], [], schema)[0].outcome is Outcome.FAIL
    assert evaluate([checks.fresh("d", 60)], [], schema)[0].outcome is Outcome.FAIL
    assert evaluate([checks.not_null("x")], [], Schema(()))[0].outcome is Outcome.ERROR
    assert evaluate([], ["/nowhere"], None) == ()


EMPTY_TYPES = {"a": "long", "b": "string", "c": "decimal(10, 2)", "d": "timestamptz", "e": "list<int>", "f": "uuid"}
EMPTY = pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string()), "c": pa.array([], pa.float64())})
EMPTY = EMPTY.append_column("d", pa.array([], pa.timestamp("us", "UTC")))


def test_files_of_one_dataset_may_differ_in_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "gone": ["x", "y"]}), tmp_path / "1.parquet")
    pq.write_table(
        pa.table({"b": ["u"], "a": [None]}, schema=pa.schema({"b": "string", "a": "int64"})), tmp_path / "2.parquet"
    )
    schema = Schema((Column("a", "long"), Column("b", "string"), Column("c", "date")))
    files = [str(tmp_path / "1.parquet"), f"file://{tmp_path / '2.parquet'}"]
    asked = [checks.not_null("a"), checks.not_null("b"), checks.not_null("c"), checks.not_null("gone")]
    assert [(r.outcome, r.failing) for r in evaluate(asked, files, schema)] == [
        (Outcome.FAIL, 1),
        (Outcome.FAIL, 2),
        (Outcome.FAIL, 3),
        (Outcome.ERROR, 0),
    ]


def test_csv_files_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,a\n,b\n")
    assert evaluate([checks.not_null("id")], [str(tmp_path / "a.csv")], None)[0].failing == 1


def test_files_that_are_missing_or_damaged_are_told(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(NotFound, match="WB-CHK-712"):
        evaluate([checks.row_count(1)], [str(tmp_path / "none.parquet")], None)
    with pytest.raises(StorageError, match="WB-CHK-710"):
        evaluate([checks.row_count(1)], [str(tmp_path / "bad.parquet")], None)


def test_nothing_but_the_files_under_examination_can_be_opened(tmp_path: Path) -> None:
    import duckdb

    from workbench.quality.relation import over_files

    pq.write_table(TABLE, tmp_path / "mine.parquet")
    pq.write_table(TABLE, tmp_path / "other.parquet")
    with over_files([str(tmp_path / "mine.parquet")], None) as relation:
        for sql in (
            f"SELECT * FROM '{tmp_path / 'other.parquet'}'",
            "SELECT * FROM read_csv('/etc/passwd')",
            f"COPY data TO '{tmp_path / 'out.csv'}'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                relation.connection.execute(sql)
    assert not (tmp_path / "out.csv").exists()


def test_the_sample_starts_with_the_column_and_cuts_long_texts() -> None:
    table = pa.table({"a": [1] * 9, "b": ["x" * 5000] * 9, "c": pa.array([b"\xff"] * 9)})
    result = one(checks.length("b", None, 5), table)
    assert list(result.sample[0]) == ["b", "a", "c"] and len(result.sample) == 5 and result.failing == 9
    assert len(result.sample[0]["b"]) == 200 and result.sample[0]["c"] == "ff"
    assert one(checks.unique("a"), table).sample == ({"a": 1, "rows": 9},)


def test_conditions_allow_some_rows_to_break_a_check() -> None:
    def outcome(kind: Check, operator: str, value: Any, unit: str = "rows") -> Outcome:
        must = {"operator": operator, "value": value, "unit": unit}
        return one(Check(kind.kind, kind.column, {**kind.arguments, "must": must})).outcome

    nulls = checks.not_null("id")
    assert outcome(nulls, "mustBe", 1) is Outcome.PASS
    assert outcome(nulls, "mustNotBe", 1) is Outcome.FAIL
    assert outcome(nulls, "mustBeLessThan", 25, "percent") is Outcome.FAIL
    assert outcome(nulls, "mustBeLessOrEqualTo", 25, "percent") is Outcome.PASS
    assert outcome(nulls, "mustBeBetween", [1, 3]) is Outcome.PASS
    assert outcome(checks.unique("id"), "mustBeLessThan", 2) is Outcome.PASS
    assert outcome(Check("row_count"), "mustBeGreaterThan", 4) is Outcome.FAIL


def test_severity_decides_whether_a_failure_withholds() -> None:
    assert one(checks.not_null("id")).blocks
    assert not one(checks.not_null("id", severity="warn")).blocks
    assert checks.not_null("id", severity="info", name="mine") == Check("not_null", "id", {}, Severity.INFO, "mine")


@pytest.mark.parametrize(
    "make",
    [
        lambda: checks.not_null(""),
        lambda: checks.not_null(3),
        lambda: checks.not_null("a", severity="fatal"),
        lambda: checks.unique(),
        lambda: checks.unique("a", ""),
        lambda: checks.between("a"),
        lambda: checks.between("a", NAN),
        lambda: checks.between("a", 2, 1),
        lambda: checks.between("a", object()),
        lambda: checks.one_of("a", []),
        lambda: checks.one_of("a", [None]),
        lambda: checks.one_of("a", "text"),
        lambda: checks.one_of("a", 5),
        lambda: checks.matches("a", ""),
        lambda: checks.matches("a", None),
        lambda: checks.length("a"),
        lambda: checks.length("a", -1),
        lambda: checks.length("a", 1.5),
        lambda: checks.multiple_of("a", 0),
        lambda: checks.multiple_of("a", "x"),
        lambda: checks.row_count(),
        lambda: checks.row_count(5, 1),
        lambda: checks.fresh("a", 0),
        lambda: checks.fresh("a", NAN),
        lambda: checks.fresh("a", "1d"),
    ],
)
def test_a_check_written_wrong_is_refused(make: Any) -> None:
    with pytest.raises(UsageError, match="WB-CHK-702"):
        make()


def test_every_kind_says_what_it_expects() -> None:
    assert {check.kind for check, _ in CASES} - {"astrology"} == set(checks.BUILTIN_CHECKS)
    assert checks.expectation(checks.between("a", 0, 120)) == "from 0 to 120"
    assert checks.expectation(checks.between("a", None, 1000)) == "at most 1,000"
    assert (
        checks.expectation(checks.between("a", 0, 1, exclusive_low=True, exclusive_high=True)) == "above 0 to below 1"
    )
    assert checks.expectation(checks.row_count(16, 16)) == "exactly 16 rows"
    assert checks.expectation(checks.fresh("a", 93_600)) == "at most 1 day 2 h old"
    assert checks.expectation(checks.one_of("a", range(20))).endswith("(20 values)")
    for check, _ in CASES:
        assert checks.expectation(check)
