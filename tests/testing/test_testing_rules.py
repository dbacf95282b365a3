"""What of a test is told to differ, and which rows a sample keeps."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from workbench.data.stage import stage
from workbench.model.comparison import Change
from workbench.model.dataset import Input, Mode
from workbench.model.errors import UsageError
from workbench.model.location import Location
from workbench.testing import fixtures
from workbench.testing.case import Case, Expected, ExpectedOutput
from workbench.testing.running import Outcome, Output, shortened
from workbench.testing.sampling import sample
from workbench.testing.verdict import Difference, alike, content, judge

ORDERS = pa.table({"n": [1, 2], "price": [2.5, 0.1]})


def case(tmp_path: Path, expected: Expected | None, **more: Any) -> Case:
    return Case("clean", "small", tmp_path, "shop", expected=expected, **more)


def outcome(table: pa.Table = ORDERS, **more: Any) -> Outcome:
    return Outcome(**{"values": {"orders": 2}, "outputs": {"a.b": Output(fixtures.schema(table), table)}, **more})


def expected(**more: Any) -> Expected:
    return Expected(**{"values": {"orders": 2}, "outputs": {"a.b": ExpectedOutput(fixtures.schema(ORDERS), 2)}, **more})


def told(differences: tuple[Difference, ...]) -> list[str]:
    return [str(difference) for difference in differences]


class TestJudge:
    def test_what_comes_out_as_expected_differs_in_nothing(self, tmp_path: Path) -> None:
        assert judge(case(tmp_path, expected()), outcome()) == ()

    @pytest.mark.parametrize(
        ("found", "what"),
        [
            ({"values": {"orders": 3}}, "value orders: expected 2, came out as 3"),
            ({"values": {}}, "value orders: expected 2, came out as nothing: it was not recorded"),
            ({"values": {"orders": 2, "more": "x"}}, "value more: expected nothing, came out as x"),
            ({"values": {"orders": 2.0000001}}, "value orders: expected 2, came out as 2.0000001"),
            ({"outputs": {}}, "output a.b: expected it is written, came out as it was not written"),
        ],
    )
    def test_each_difference_is_said(self, tmp_path: Path, found: dict[str, Any], what: str) -> None:
        assert told(judge(case(tmp_path, expected()), outcome(**found))) == [what]

    def test_columns_types_and_rows_are_compared(self, tmp_path: Path) -> None:
        other = pa.table({"price": ["x"], "m": [1]})
        assert told(judge(case(tmp_path, expected()), outcome(other))) == [
            "output a.b, column n: expected long, came out as none",
            "output a.b, column price: expected double, came out as string",
            "output a.b, column m: expected none, came out as long",
            "output a.b, rows: expected 2, came out as 1",
        ]
        turned = ORDERS.select(["price", "n"])
        assert told(judge(case(tmp_path, expected()), outcome(turned))) == [
            "output a.b, columns: expected n, price, came out as price, n"
        ]

    def test_values_that_vary_are_left_aside(self, tmp_path: Path) -> None:
        ignoring = case(tmp_path, expected(), ignore=("now",))
        assert judge(ignoring, outcome(values={"orders": 2, "now": 1.5})) == ()

    def test_rows_are_compared_where_a_file_has_them(self, tmp_path: Path) -> None:
        path = fixtures.write(ORDERS, tmp_path / "expected", "a.b")
        output = ExpectedOutput(fixtures.schema(ORDERS), 2, path.relative_to(tmp_path).as_posix())
        holding = case(tmp_path, expected(outputs={"a.b": output}))
        assert judge(holding, outcome(ORDERS.take([1, 0]))) == ()
        changed = pa.table({"n": [1, 2], "price": [2.5, 0.2]})
        (difference,) = judge(holding, outcome(changed))
        assert str(difference) == "output a.b, content: 1 row changed, against the rows of expected/a.b.csv"
        assert difference.grid and difference.grid.rows[1].cells[1].after == "0.2"
        ordered = replace(holding, ordered=True)
        (difference,) = judge(ordered, outcome(ORDERS.take([1, 0])))
        assert "row" in difference.found

    def test_a_failure_can_be_what_is_expected(self, tmp_path: Path) -> None:
        failing = case(tmp_path, Expected(fails="ValueError"))
        error = {"code": "WB-RUN-104", "what": "ValueError in cell 2"}
        assert judge(failing, Outcome(error=error, cause="ValueError")) == ()
        assert judge(case(tmp_path, Expected(fails="WB-RUN-104")), Outcome(error=error, cause="KeyError")) == ()
        assert told(judge(failing, Outcome(error=error, cause="KeyError"))) == [
            "the step: expected it fails with ValueError, came out as it failed with KeyError"
        ]
        assert told(judge(failing, outcome())) == [
            "the step: expected it fails with ValueError, came out as it succeeded"
        ]

    def test_without_expectations_it_says_how_to_make_them(self, tmp_path: Path) -> None:
        (difference,) = judge(case(tmp_path, None), outcome())
        assert "wb test --update" in str(difference)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True), (1, 2, False), (1, True, False), (0.1 + 0.2, 0.3, True), (1.0, 1.001, False), (2, 2.0, True),
        (math.nan, math.nan, True), (math.nan, 1.0, False), (math.inf, math.inf, True), ("a", "a", True),
        ([1, 0.3], [1, 0.1 + 0.2], True), ([1], [1, 2], False), ({"a": 0.3}, {"a": 0.1 + 0.2}, True),
        ({"a": 1}, {"b": 1}, False), (None, 0, False),
    ],
)  # fmt: skip
def test_numbers_are_alike_within_the_tolerance_and_all_else_is_equal(one: Any, other: Any, same: bool) -> None:
    assert alike(one, other, 1e-9) is same


class TestContent:
    def differs(self, one: pa.Table, other: pa.Table, **how: Any) -> dict[Change, int]:
        grid = content(one, other, **{"tolerance": 1e-9, "ordered": False, **how})
        return grid.counts if grid else {}

    def test_the_order_of_rows_does_not_matter_unless_it_is_said_to(self) -> None:
        turned = ORDERS.take([1, 0])
        assert self.differs(ORDERS, turned) == {}
        assert self.differs(ORDERS, turned, ordered=True) != {}

    def test_null_nan_and_empty_text_are_told_apart(self) -> None:
        assert self.differs(pa.table({"a": ["", None]}), pa.table({"a": [None, ""]})) == {}
        assert self.differs(pa.table({"a": [""]}), pa.table({"a": pa.array([None], pa.string())})) == {
            Change.REMOVED: 1, Change.ADDED: 1,
        }  # fmt: skip
        assert self.differs(pa.table({"a": [math.nan, 1.0]}), pa.table({"a": [1.0, math.nan]})) == {}

    def test_numbers_sort_as_numbers(self) -> None:
        many = pa.table({"a": [100, 9, 20]})
        grid = content(many, pa.table({"a": [9, 100]}), tolerance=0, ordered=False)
        assert grid and [row.cells[0].before for row in grid.rows] == ["9", "20", "100"]

    def test_a_difference_below_what_is_shown_is_a_difference(self) -> None:
        assert self.differs(pa.table({"a": [1.0]}), pa.table({"a": [1.0 + 1e-15]}), tolerance=0) != {}


def dataset(folder: Path, name: str, table: pa.Table) -> Input:
    staged = stage(table, name, mode=Mode.OVERWRITE, warehouse=Location.of(folder))
    return Input(name, 1, 1, staged.schema, staged.files)


class TestSample:
    def inputs(self, folder: Path, **tables: pa.Table) -> dict[str, Input]:
        return {f"raw.{name}": dataset(folder, f"raw.{name}", table) for name, table in tables.items()}

    def test_few_rows_are_kept_whole_and_of_many_some_of_everywhere(self, tmp_path: Path) -> None:
        made = sample(self.inputs(tmp_path, big=pa.table({"n": range(1000)}), few=pa.table({"m": range(5)})), 10)
        big = made["raw.big"].table["n"].to_pylist()
        assert len(big) == 10 and [n // 100 for n in big] == list(range(10)), "one out of each stretch, in their order"
        assert made["raw.few"].table.num_rows == 5 and made["raw.few"].how == "all 5 rows"
        assert made["raw.big"].how == "10 of 1,000 rows, spread from the first to the last"

    def test_the_same_rows_are_taken_every_time(self, tmp_path: Path) -> None:
        inputs = self.inputs(tmp_path, big=pa.table({"n": range(1000)}))
        assert sample(inputs, 7)["raw.big"].table.equals(sample(inputs, 7)["raw.big"].table)

    def test_what_repeats_is_not_taken_in_step(self, tmp_path: Path) -> None:
        made = sample(self.inputs(tmp_path, big=pa.table({"n": [index % 5 for index in range(1000)]})), 50)
        assert len(set(made["raw.big"].table["n"].to_pylist())) > 2

    def test_rows_that_join_stay_together_by_the_key_that_is_unique(self, tmp_path: Path) -> None:
        flights = pa.table({"tailnum": [f"N{n % 300}" for n in range(1000)], "year": [2013] * 1000})
        planes = pa.table({"tailnum": [f"N{n}" for n in range(300)], "year": [1990 + n % 20 for n in range(300)]})
        made = sample(self.inputs(tmp_path, flights=flights, planes=planes), 20)
        wanted = set(made["raw.flights"].table["tailnum"].to_pylist())
        assert set(made["raw.planes"].table["tailnum"].to_pylist()) == wanted
        assert made["raw.planes"].how.endswith("rows, of those whose tailnum occur in raw.flights")

    def test_without_a_unique_key_all_shared_columns_are_the_key(self, tmp_path: Path) -> None:
        hours = [(origin, hour) for origin in ("EWR", "JFK") for hour in range(100)]
        flights = pa.table(
            {"origin": [hours[n % 200][0] for n in range(1000)], "hour": [hours[n % 200][1] for n in range(1000)]}
        )
        weather = pa.table(
            {"origin": [one for one, _ in hours] * 2, "hour": [hour for _, hour in hours] * 2, "wind": [1.5] * 400}
        )
        made = sample(self.inputs(tmp_path, flights=flights, weather=weather), 30)
        keys = set(zip(*(made["raw.flights"].table[name].to_pylist() for name in ("origin", "hour")), strict=True))
        found = set(zip(*(made["raw.weather"].table[name].to_pylist() for name in ("origin", "hour")), strict=True))
        assert found <= keys and found
        assert "whose origin, hour occur in raw.flights" in made["raw.weather"].how

    def test_tables_that_share_nothing_are_sampled_each_for_itself(self, tmp_path: Path) -> None:
        one, other = pa.table({"a": range(100), "x": [0.5] * 100}), pa.table({"b": range(90), "x": [0.5] * 90})
        made = sample(self.inputs(tmp_path, one=one, other=other), 10)
        assert made["raw.other"].table.num_rows == 10 and "spread" in made["raw.other"].how

    def test_a_dataset_without_rows_keeps_its_columns(self, tmp_path: Path) -> None:
        made = sample(self.inputs(tmp_path, none=pa.table({"a": pa.array([], pa.int64())})), 10)
        assert made["raw.none"].table.column_names == ["a"] and made["raw.none"].how == "all 0 rows"

    def test_a_condition_chooses_the_rows_and_others_keep_what_joins_with_them(self, tmp_path: Path) -> None:
        flights = pa.table({"day": [n % 10 for n in range(1000)], "plane": [n % 200 for n in range(1000)]})
        planes = pa.table({"plane": range(200), "seats": [n % 7 for n in range(200)]})
        made = sample(self.inputs(tmp_path, flights=flights, planes=planes), 50, "day = 3 -- the third")
        assert set(made["raw.flights"].table["day"].to_pylist()) == {3}
        assert made["raw.flights"].how.startswith("50 of 100 rows where day = 3 -- the third, spread")
        kept = set(made["raw.flights"].table["plane"].to_pylist())
        again = sample(self.inputs(tmp_path / "2", flights=flights, days=pa.table({"day": range(10)})), 10, "day = 3")
        assert again["raw.days"].how == "all 10 rows", "a condition is for those of many rows"
        small = sample(self.inputs(tmp_path / "3", days=pa.table({"day": range(10)})), 10, "day = 3")
        assert small["raw.days"].how == "all 1 rows where day = 3"
        assert set(made["raw.planes"].table["plane"].to_pylist()) == kept

    @pytest.mark.parametrize("where", ["dai = 3", "day =", "1) or (", "day = 'x'"])
    def test_a_condition_that_fits_no_dataset_is_refused(self, tmp_path: Path, where: str) -> None:
        with pytest.raises(UsageError, match="is a condition for none"):
            sample(self.inputs(tmp_path, flights=pa.table({"day": [1, 2]})), 10, where)


def test_a_traceback_keeps_the_lines_of_the_cell_when_libraries_stand_between() -> None:
    above = ["-----", "KeyError  Traceback (most recent call last)"]
    cell = ["Cell In[9], line 3", "      1 x = 1", "      2 y = 2", "----> 3 frame.loc[0]", "      4 z = 4", ""]
    library = [
        "File pandas/range.py:547, in get_loc(self)",
        *(f"    {n} code" for n in range(9)),
        "",
        "KeyError: 0",
        "",
    ]
    assert shortened([*above, *cell, *library]) == [
        "Cell In[9], line 3", "      2 y = 2", "----> 3 frame.loc[0]", "      4 z = 4", "…", "KeyError: 0",
    ]  # fmt: skip
    short = [*above, *cell, "KeyError: 0"]
    assert shortened(short) == short[-8:]
