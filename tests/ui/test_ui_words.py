"""Numbers, times and names as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workbench.model.run import CellState, State
from workbench.ui.cli import words
from workbench.ui.cli.console import ASCII


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 ms"), (-1, "0 ms"), (0.0123, "12 ms"), (0.0996, "0.1 s"), (1.24, "1.2 s"), (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (190, "3 min 10 s"), (3599.6, "1 h 0 min"), (7500, "2 h 5 min"),
    ],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (42.9, "0:42"), (723, "12:03"), (3723, "1:02:03")])
def test_clocks(seconds: float, text: str) -> None:
    assert words.clock(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (441_000_000, "441 MB"), (9e12, "9.0 TB")],
)
def test_sizes(count: int | None, text: str) -> None:
    assert words.size(count) == text


def test_numbers_and_counts() -> None:
    assert words.number(336776) == "336,776"
    assert words.count(1, "row") == "1 row"
    assert words.count(0, "row") == "0 rows"
    assert words.count(2, "miss", "misses") == "2 misses"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0 %"), (1, 0, "0 %"), (23, 1000, "2.3 %"), (1, 336776, "< 0.1 %"), (1, 1, "100.0 %")],
)
def test_shares(part: int, whole: int, text: str) -> None:
    assert words.share(part, whole) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "just now"),
        (12, "12 s ago"),
        (200, "3 min ago"),
        (7300, "2 h ago"),
        (90000, "1 day ago"),
        (2e5, "2 days ago"),
    ],
)
def test_relative_times(seconds: float, text: str) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert words.ago((now - timedelta(seconds=seconds)).isoformat(), now) == text


def test_no_time_is_no_text() -> None:
    assert words.ago("") == ""


@pytest.mark.parametrize("width", range(1, 70))
def test_a_shortened_name_keeps_its_ends_and_fits(width: int) -> None:
    name = "a" * 30 + "z" * 30
    short = words.shorten(name, width)
    assert len(short) == min(width, 60)
    if 3 <= width < 60:
        assert short[0] == "a" and short[-1] == "z" and "…" in short


def test_every_state_has_a_look_and_every_sign_an_ascii_twin_of_the_same_width() -> None:
    for state in [*State, *CellState]:
        look = words.STATES[state]
        assert look.word
        assert look.glyph.translate(ASCII).isascii()
    assert all(len(twin) == 1 for twin in ASCII.values())
