"""A run while it goes on: the tree that redraws in place, and the log where there is no terminal."""

from __future__ import annotations

from typing import Any

import pytest
from ui_nouns import LONG, START, drawn, plan_of, planned

from workbench.model.events import Event, Kind, Progress
from workbench.model.pipeline import Fan
from workbench.model.run import State
from workbench.ui.cli.views import live


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def watching(*steps: Any) -> tuple[live.Watch, Clock]:
    clock = Clock()
    watch = live.Watch("flights", "prod", now=clock)
    watch.expect(plan_of(*steps))
    return watch, clock


def changed(step: str, state: State, message: str = "") -> Progress:
    return Progress("01J00000000000000000ABCDEF", step, state, message)


def happened(step: str, kind: Kind, **data: Any) -> Progress:
    return Progress("01J00000000000000000ABCDEF", step, event=Event(1, START, kind, data))


class TestLive:
    def test_the_tree_shows_steps_running_cells_and_times(self) -> None:
        watch, clock = watching(planned("clean", seconds=63.0), planned("daily"))
        watch.hear(changed("clean", State.RUNNING))
        watch.hear(happened("clean", Kind.ATTEMPT_STARTED, cells=12))
        clock.seconds += 39
        watch.hear(happened("clean", Kind.CELL_STARTED, cell=3, number=4))
        clock.seconds += 3
        lines = [line.rstrip() for line in drawn(watch).splitlines()]
        assert lines == [
            "flights  prod  run ABCDEF  0:42",
            "● clean  running 0:42  ~1 min 3 s",
            "    cell 4 of 12  0:03",
            "○ daily  queued",
        ]
        watch.hear(happened("clean", Kind.CELL_ENDED, cell=3))
        watch.hear(changed("clean", State.SUCCEEDED))
        clock.seconds += 100
        assert "✓ clean  succeeded  42.0 s" in drawn(watch)
        assert "cell 4" not in drawn(watch)

    def test_a_low_screen_keeps_what_runs_and_what_failed_in_sight(self) -> None:
        steps = [planned(f"s{number:03}") for number in range(200)]
        watch, _ = watching(*steps)
        for number in range(50):
            watch.hear(changed(f"s{number:03}", State.RUNNING))
            watch.hear(changed(f"s{number:03}", State.FAILED if number == 7 else State.SUCCEEDED))
        watch.hear(changed("s150", State.RUNNING))
        watch.hear(happened("s150", Kind.CELL_STARTED, cell=0, number=1))
        lines = [line.plain.rstrip() for line in watch.lines(60, 20)]
        assert len(lines) <= 20
        assert any(line.startswith("✗ s007") for line in lines)
        assert any(line.startswith("● s150") for line in lines)
        assert lines[-1].startswith("… and ")
        assert "149 queued" in lines[-1]

    @pytest.mark.parametrize("width", [20, 40, 60])
    def test_long_names_fit_a_narrow_screen(self, width: int) -> None:
        watch, _ = watching(planned(LONG, seconds=3.0))
        watch.hear(changed(LONG, State.RUNNING))
        watch.hear(happened(LONG, Kind.CELL_STARTED, cell=0, number=1))
        assert max(len(line.plain) for line in watch.lines(width, 10)) <= width

    def test_a_log_has_a_line_for_each_change(self) -> None:
        watch, clock = watching(planned("clean", seconds=2.0), planned("daily"))
        told: list[str] = []
        for progress in (
            changed("clean", State.RUNNING, "the reason"),
            happened("clean", Kind.CELL_STARTED, cell=0, number=1),
            changed("clean", State.FAILED, "ValueError in cell 2"),
            changed("daily", State.UPSTREAM_FAILED, "not run: clean failed"),
        ):
            watch.hear(progress)
            told += live.log_lines(watch, progress)
            clock.seconds += 1.5
        assert told == [
            "clean: running (took 2.0 s before)",
            "clean: failed in 3.0 s - ValueError in cell 2",
            "daily: upstream failed - not run: clean failed",
        ]

    def test_a_retry_counts_down_and_then_says_which_it_is(self) -> None:
        watch, clock = watching(planned("clean"))
        watch.hear(changed("clean", State.RUNNING))
        clock.seconds += 5
        again = changed("clean", State.QUEUED, "kernel died in cell 4 of clean.ipynb; attempt 2 of 3 in 12 s")
        watch.hear(again)
        assert list(live.log_lines(watch, again)) == [
            "clean: queued - kernel died in cell 4 of clean.ipynb; attempt 2 of 3 in 12 s"
        ]
        clock.seconds += 4
        assert "○ clean  queued  attempt 2 of 3 in 0:08" in drawn(watch)
        clock.seconds += 20
        assert "○ clean  queued  attempt 2 of 3\n" in drawn(watch)
        watch.hear(changed("clean", State.RUNNING))
        clock.seconds += 3
        assert "● clean  running 0:03, attempt 2" in drawn(watch)
        assert list(live.log_lines(watch, changed("clean", State.RUNNING))) == ["clean: running again, attempt 2"]
        watch.hear(changed("clean", State.SUCCEEDED))
        assert "✓ clean  succeeded  32.0 s" in drawn(watch)

    def test_what_waits_says_why(self) -> None:
        watch, _ = watching(planned("clean"))
        watch.hear(changed("clean", State.QUEUED, "waits: run ABCDEF of flights is writing clean.flights"))
        assert "○ clean  queued  waits: run ABCDEF of flights is writing clean.flights" in drawn(watch)
        watch.hear(changed("", State.QUEUED, "waits for run GHJKMN of flights"))
        assert "0:00  waits for run GHJKMN of flights" in drawn(watch)
        told = live.log_lines(watch, changed("", State.QUEUED, "waits for run GHJKMN of flights"))
        assert list(told) == ["flights: waits for run GHJKMN of flights"]

    def test_instances_are_one_line_with_those_at_work_below(self) -> None:
        watch, clock = watching(*(planned(f"delays[{n}]", base="delays") for n in range(30)), planned("daily"))
        for number in range(8):
            watch.hear(changed(f"delays[{number}]", State.RUNNING))
        for number in range(6):
            watch.hear(changed(f"delays[{number}]", State.SUCCEEDED))
        watch.hear(happened("delays[6]", Kind.CELL_STARTED, cell=0, number=1))
        clock.seconds += 7
        assert [line.rstrip() for line in drawn(watch).splitlines()] == [
            "flights  prod  run ABCDEF  0:07",
            "● delays ×30  6 succeeded, 2 running, 22 queued",
            "    delays[6]  running 0:07  cell 1  0:07",
            "    delays[7]  running 0:07",
            "○ daily       queued",
        ]

    def test_instances_that_an_earlier_step_decided_take_the_place_of_their_step(self) -> None:
        watch, _ = watching(planned("list"), planned("delays", fan=Fan({"origin": "${list.origins}"})))
        assert "delays" in drawn(watch)
        for name in ("EWR", "JFK"):
            watch.hear(changed(f"delays[{name}]", State.RUNNING))
        assert "● delays ×2  2 running" in drawn(watch)

    def test_a_thousand_steps_are_drawn_as_far_as_they_fit(self) -> None:
        watch, _ = watching(*(planned(f"s{number:04}") for number in range(1000)))
        for number in range(1000):
            watch.hear(changed(f"s{number:04}", State.RUNNING))
            watch.hear(changed(f"s{number:04}", State.FAILED if number == 3 else State.SUCCEEDED))
        lines = [line.plain for line in watch.lines(80, 24)]
        assert len(lines) == 24
        assert any(line.startswith("✗ s0003") for line in lines)
        assert lines[-1] == "… and 977 succeeded"
        assert watch.redraws < 8

    def test_a_step_nobody_expected_is_followed_too(self) -> None:
        watch, _ = watching()
        watch.hear(changed("surprise", State.RUNNING))
        assert "surprise" in drawn(watch)
