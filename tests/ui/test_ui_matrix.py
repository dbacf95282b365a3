"""The matrix of partitions in a terminal, as JSON and as a page."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from ui_nouns import drawn

from workbench.model.matrix import Matrix, Row, Square
from workbench.model.run import State
from workbench.ui import planned
from workbench.ui.cli.views.matrix import draw, says, tally
from workbench.ui.pages.matrix import draw as draw_page

DAYS = [(date(2013, 1, 1) + timedelta(days=number)).isoformat() for number in range(365)]
STEPS = ("ingest", "clean", "join_weather", "delays", "explore_quality", "daily")
GOOD = Square(
    State.SUCCEEDED, 1, 1, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "clean[x]", "2013-02-01T00:00:00+00:00", "reports/r.html"
)


def year(**other: Square) -> Matrix:
    """A year of six steps that are all well, but for the days that are given as ``d15``."""
    rows = []
    for number, day in enumerate(DAYS, 1):
        squares = [GOOD] * len(STEPS)
        if f"d{number}" in other:
            squares[1] = other[f"d{number}"]
        rows.append(Row((day,), tuple(squares)))
    return Matrix("flights", "prod", ("day",), STEPS, tuple(rows))


def lines(matrix: Matrix, width: int = 100, **more: str) -> list[str]:
    return [line.rstrip() for line in drawn(*draw(matrix, width=width, **more), width=width).splitlines()]


def test_a_year_that_is_well_is_a_line() -> None:
    found = lines(year(), 120, command="wb backfill")
    assert found[0] == "flights  prod"
    assert [name in found[1] for name in STEPS] == [True] * 6
    assert found[2].startswith("2013-01-01 … 2013-12-31  × 365  ✓")
    assert found[-1] == "365 of 365 days are whole."
    assert len(found) == 5


def test_what_is_not_well_breaks_the_fold_and_says_what_it_is() -> None:
    failed = Square(State.FAILED, 2, 3, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "clean[x]", "2013-02-01T00:00:00+00:00")
    matrix = year(d15=failed, d16=Square(), d17=Square(), d200=Square(State.WITHHELD, 0, 1))
    found = lines(matrix, command="wb backfill flights --over day --only failed")
    labels = [line.split("  ")[0] for line in found[2:8]]
    assert labels == [
        "2013-01-01 … 2013-01-14",
        "2013-01-15",
        "2013-01-16 … 2013-01-17",
        "2013-01-18 … 2013-07-18",
        "2013-07-19",
        "2013-07-20 … 2013-12-31",
    ]
    assert "✗ 2/3" in found[3]
    assert "· never ran" in found[-3] and "✗ failed" in found[-3] and "⊘ withheld" in found[-3]
    assert found[-2] == "361 of 365 days are whole, 2 did not end well, 2 lack a step."
    assert found[-1] == "Next: wb backfill flights --over day --only failed"


def test_of_two_partitions_the_hours_that_look_alike_fold_as_one() -> None:
    hours, airports = [f"{hour:02}:00" for hour in range(24)], ("EWR", "JFK", "LGA")
    bad = {("03:00", "JFK"), ("04:00", "JFK")}
    rows = [
        Row((hour, airport), (Square() if (hour, airport) in bad else GOOD,)) for hour in hours for airport in airports
    ]
    found = lines(Matrix("flights", "prod", ("hour", "airport"), ("clean",), tuple(rows)))
    assert found[1:7] == [
        "hour           airport          clean",
        "00:00 … 02:00  EWR … LGA   × 9  ✓",
        "03:00 … 04:00  EWR         × 2  ✓",
        "               JFK         × 2  ·",
        "               LGA         × 2  ✓",
        "05:00 … 23:00  EWR … LGA  × 57  ✓",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_it_fits_the_width_and_shows_every_step(width: int) -> None:
    found = lines(year(d15=Square()), width)
    assert all(len(line) <= width for line in found)
    signs = [line for line in found if line.startswith("2013-")]
    assert sum(line.count("✓") + line.count("·") for line in signs) == 3 * len(STEPS)


def test_unchanged_is_as_good_as_succeeded_and_what_goes_on_is_not_bad() -> None:
    matrix = year(d1=Square(State.SKIPPED, 1, 1), d2=Square(State.RUNNING, 0, 1))
    assert (tally(matrix).whole, tally(matrix).bad, tally(matrix).missing) == (364, 0, 0)
    assert says(matrix) == "364 of 365 days are whole, 1 goes on."


def test_the_json_has_every_square() -> None:
    document = planned.matrix(year(d2=Square()))
    assert document["rows"][1]["squares"][1] == {
        "state": None, "good": 0, "count": 0, "run": None, "step": None, "at": None, "report": None,
    }  # fmt: skip
    assert document["rows"][0]["squares"][0]["state"] == "succeeded"


def test_the_page_needs_nothing_else_and_can_be_read_without_colours(tmp_path: Path) -> None:
    hostile = Square(
        State.FAILED, 0, 1, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "<script>x</script>", "2013-02-01T00:00:00+00:00"
    )
    page = draw_page(year(d15=hostile), state=tmp_path / ".workbench", folder=tmp_path)
    assert "<script" not in page.lower()
    assert not re.search(r"(?:src|href)=\"https?:", page)
    head, full = page.split("<details>")
    assert re.findall(r'<th scope="row">(.*?)</th>', head) == [
        "2013-01-01 … 2013-01-14", "2013-01-15", "2013-01-16 … 2013-12-31",
    ]  # fmt: skip
    assert full.count('<th scope="row">') == 365
    assert full.count('<span class="hidden">succeeded, report</span>') == 365 * 6 - 1
    assert '<span class="hidden">failed</span>' in page
    assert 'href=".workbench/reports/r.html"' in page
    assert "prefers-color-scheme: dark" in page
    assert "364 of 365 days are whole, 1 did not end well." in page
