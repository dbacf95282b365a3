"""Tests of notebooks as files: what is read, what is refused, and that what is written is read back as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents import load_yaml
from workbench.model.dataset import Column, Schema
from workbench.model.errors import InvalidName, NotFound, SpecError, UsageError
from workbench.testing import fixtures
from workbench.testing.case import Expected, ExpectedOutput, choose, find, read
from workbench.testing.written import dump

CASE = "pipeline: flights\nparameters: {day: 2013-02-09}\nignore: [now]\n"
EXPECTED = """
values: {orders: 6}
outputs:
  clean.orders: {rows: 2, columns: {n: long}}
"""


def lay(root: Path, name: str = "clean/blizzard", case: str = CASE, expected: str | None = EXPECTED) -> Path:
    folder = root / "tests" / "notebooks" / name
    (folder / "inputs").mkdir(parents=True)
    (folder / "case.yaml").write_text(case)
    (folder / "inputs" / "raw.orders.csv").write_text("n\n1\n")
    if expected is not None:
        (folder / "expected.yaml").write_text(expected)
    return folder


class TestCase:
    def test_it_says_what_to_run_on_what_and_what_must_come_of_it(self, tmp_path: Path) -> None:
        case = read(tmp_path, lay(tmp_path))
        assert (case.id, case.pipeline, case.parameters) == ("clean::blizzard", "flights", {"day": "2013-02-09"})
        assert case.inputs == {"raw.orders": case.folder / "inputs" / "raw.orders.csv"}
        output = ExpectedOutput(Schema((Column("n", "long"),)), 2)
        assert case.expected == Expected({"orders": 6}, {"clean.orders": output})

    def test_without_expected_yaml_nothing_is_expected_yet(self, tmp_path: Path) -> None:
        assert read(tmp_path, lay(tmp_path, expected=None)).expected is None
        assert read(tmp_path, lay(tmp_path, "clean/empty", expected="")).expected == Expected()

    @pytest.mark.parametrize(
        ("case", "told"),
        [
            ("pipline: flights", "case.yaml:1:1: unknown key"),
            ("", 'give one of "pipeline" and "notebook"'),
            ("pipeline: a\nnotebook: b", 'give one of "pipeline" and "notebook"'),
            ("pipeline: [", "case.yaml:1"),
            ("pipeline: a\ntolerance: high", '"tolerance" must be a number'),
            ("pipeline: a\nordered: maybe", '"ordered" must be true or false'),
            ("pipeline: a\ninputs: {raw.order: {columns: {n: long}}}", "Did you mean"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_place(self, tmp_path: Path, case: str, told: str) -> None:
        with pytest.raises(SpecError) as caught:
            read(tmp_path, lay(tmp_path, case=case))
        assert str(caught.value).partition(": ")[2].startswith("tests/notebooks/clean/blizzard/case.yaml:")
        assert told in str(caught.value)

    @pytest.mark.parametrize(
        ("expected", "told"),
        [
            ("outputs: {clean.orders: {rows: -1}}", "a whole number of at least 0"),
            ("outputs: {clean.orders: {content: expected/none.csv}}", "there is no file expected/none.csv"),
            ("outputs: {clean.orders: {lines: 1}}", "unknown key"),
        ],
    )
    def test_what_is_expected_is_read_as_strictly(self, tmp_path: Path, expected: str, told: str) -> None:
        with pytest.raises(SpecError, match=told):
            read(tmp_path, lay(tmp_path, expected=expected))

    def test_names_are_names(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidName):
            read(tmp_path, lay(tmp_path, "clean/Not A Name"))
        folder = lay(tmp_path)
        (folder / "inputs" / "orders.csv").touch()
        with pytest.raises(SpecError, match=r"inputs/orders\.csv"):
            read(tmp_path, folder)

    def test_a_dataset_has_one_file(self, tmp_path: Path) -> None:
        folder = lay(tmp_path)
        (folder / "inputs" / "raw.orders.parquet").touch()
        with pytest.raises(SpecError, match=r"holds raw\.orders twice"):
            read(tmp_path, folder)


class TestChoose:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        for name in ("clean/blizzard", "clean/quiet", "delays/quiet"):
            lay(tmp_path, name)
        return tmp_path

    @pytest.mark.parametrize(
        ("names", "found"),
        [
            ((), "clean::blizzard clean::quiet delays::quiet"),
            (("clean",), "clean::blizzard clean::quiet"),
            (("clean::quiet",), "clean::quiet"),
            (("*::quiet", "clean"), "clean::blizzard clean::quiet delays::quiet"),
            (("d*",), "delays::quiet"),
        ],
    )
    def test_names_and_patterns_mean_tests(self, root: Path, names: tuple[str, ...], found: str) -> None:
        assert " ".join(case.id for case in choose(root, names)) == found

    @pytest.mark.parametrize(("name", "meant"), [("claen", "clean"), ("clean::blizard", "clean::blizzard")])
    def test_a_name_that_means_none_says_which_was_meant(self, root: Path, name: str, meant: str) -> None:
        with pytest.raises(NotFound, match=f'Did you mean "{meant}"'):
            choose(root, [name])

    def test_a_project_without_tests_has_none(self, tmp_path: Path) -> None:
        assert find(tmp_path) == () and choose(tmp_path) == ()
        with pytest.raises(NotFound, match="there is none yet"):
            choose(tmp_path, ["clean"])


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=20) | st.sampled_from(
    [
        "yes",
        "null",
        "1",
        "1e5",
        "0o17",
        "2013-01-15",
        "12:30",
        "-",
        "a: b",
        "# no",
        "${x}",
        "",
        " x",
        "x ",
        "[",
        "~",
        "a,b",
        "é",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_what_is_written_is_read_back_as_it_was(data: dict[str, Any]) -> None:
    assert load_yaml(dump(data, "a comment"), "x.yaml").data == data


def test_what_is_written_is_made_for_reviewers() -> None:
    data = {"values": {"day": "2013-01-15", "rows": 6, "word": "yes"}, "many": ["x" * 50, "y" * 50, "z"], "empty": {}}
    assert dump(data) == (
        'values:\n  day: 2013-01-15\n  rows: 6\n  word: "yes"\n'
        f"many:\n  - {'x' * 50}\n  - {'y' * 50}\n  - z\nempty: {{}}\n"
    )


PLAIN = pa.table(
    {
        "n": pa.array([1, None, 3], pa.int64()),
        "word": pa.array(["", None, 'a "b", c\nd'], pa.string()),
        "share": pa.array([1 / 3, None, -0.5], pa.float64()),
        "day": pa.array([date(2013, 1, 15), None, date(1900, 1, 1)], pa.date32()),
        "at": pa.array([1358229600000001, None, 0], pa.timestamp("us")),
        "zoned": pa.array([datetime(2013, 1, 15, 6, tzinfo=UTC), None, None], pa.timestamp("us", "UTC")),
        "clock": pa.array([time(6, 0, 1), None, time(0)], pa.time64("us")),
        "price": pa.array([Decimal("2.50"), None, Decimal("-1.00")], pa.decimal128(9, 2)),
        "sure": pa.array([True, None, False], pa.bool_()),
    }
)


class TestFixtures:
    def test_plain_values_become_csv_and_come_back_as_they_were(self, tmp_path: Path) -> None:
        path = fixtures.write(PLAIN, tmp_path, "raw.orders")
        assert path.name == "raw.orders.csv"
        assert fixtures.read(path, fixtures.schema(PLAIN)).equals(PLAIN)
        assert path.read_text().splitlines()[1].startswith('1,"",0.3333333333333333,2013-01-15')

    @pytest.mark.parametrize(
        "column",
        [
            pa.array([[1, 2], None], pa.list_(pa.int64())),
            pa.array([{"a": 1}, None], pa.struct([("a", pa.int64())])),
            pa.array([b"\x00\xff", None], pa.binary()),
            pa.array([float("nan"), None], pa.float64()),
            pa.array(["\r\n", "x"], pa.string()),
        ],
    )
    def test_whatever_csv_would_change_becomes_parquet(self, tmp_path: Path, column: Any) -> None:
        table = pa.table({"c": column})
        path = fixtures.write(table, tmp_path, "raw.orders")
        found = fixtures.read(path, fixtures.schema(table))
        assert found.to_pylist() == table.to_pylist() or path.suffix == ".parquet"
        assert fixtures.schema(found) == fixtures.schema(table)

    def test_no_rows_keep_their_columns(self, tmp_path: Path) -> None:
        empty = PLAIN.slice(0, 0)
        assert fixtures.read(fixtures.write(empty, tmp_path, "raw.orders"), fixtures.schema(empty)).equals(empty)

    def test_types_that_nobody_told_are_guessed(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("n,word\n1,x\n,\n")
        assert fixtures.read(tmp_path / "a.csv").to_pylist() == [{"n": 1, "word": "x"}, {"n": None, "word": None}]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("m\n1\n", "has other columns"),
            ("n\nmany\n", "cannot be read"),
            ("n\n1,2\n", "cannot be read"),
            ("", "cannot be read"),
        ],
    )
    def test_a_file_that_does_not_fit_its_columns_is_refused(self, tmp_path: Path, text: str, told: str) -> None:
        (tmp_path / "raw.orders.csv").write_text(text)
        with pytest.raises(UsageError, match=told):
            fixtures.read(tmp_path / "raw.orders.csv", Schema((Column("n", "long"),)))
