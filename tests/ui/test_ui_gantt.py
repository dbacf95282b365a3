"""Runs over time in a terminal and as a page, lists of runs, and slow cells against their own median."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from timed_runs import crowd, flights, ran, timed_run, tried
from ui_nouns import CELLS, LONG, attempt_of, drawn, run_of, step_of

from workbench.execution.history.timeline import fold, lay_out
from workbench.model.plan import Forecast
from workbench.model.run import AttemptState, Run, State
from workbench.model.timeline import Beside, Usual
from workbench.ui.cli.console import ASCII
from workbench.ui.cli.views import gantt, history
from workbench.ui.cli.views import run as run_view
from workbench.ui.pages import run as page

FLIGHTS = """\
            0                            1 min                        2 min                         3 min
◆ ingest    ████████████████████████████                                                                      57.5 s ✓
◆ clean                                 ··██████████████████✗╌╌╌╌╌··█████████████████                     1 min 13 s ✓
◆ delays ×3                                                                          ▃▃▅▅████▅▅▃▃             45.0 s ✓
◆ daily                                                                                         ·████████     15.0 s ✓
  ╌ waiting   · queued   █ running   ▒ publishing   ✗ tried again   ▁█ few to many at work   ◆ critical path
Critical path: ingest → clean → delays[LGA] → daily: 2 min 40 s at work, 84.5 % of 3 min 10 s; 29.5 s waiting
At most 3 steps at work at once.
"""


def chart(run: Run, width: int, most: int = 40) -> str:
    whole = lay_out(run)
    lines = [line.plain.rstrip() for line in gantt.draw(fold(whole, run, most), width, whole)]
    return "\n".join(lines) + "\n"


class TestTerminal:
    def test_a_run_looks_like_this(self) -> None:
        assert chart(flights(), 118) == FLIGHTS

    @pytest.mark.parametrize("width", [40, 60, 80, 118, 200])
    def test_no_line_passes_the_edge(self, width: int) -> None:
        run = timed_run(ran(LONG, tried(1, 0, 100)), *flights().steps)
        lines = chart(run, width).splitlines()
        assert max(len(line) for line in lines if "Critical path" not in line) <= width

    def test_a_thousand_steps_are_a_screenful(self) -> None:
        run = crowd(1000)
        text = chart(run, 100, 30)
        assert len(text.splitlines()) < 40
        assert "971 others" in text and "s0500" in text

    def test_every_sign_has_one_in_ascii(self) -> None:
        assert chart(flights(), 118).translate(ASCII).isascii()

    def test_where_nothing_ran_there_is_no_chart(self) -> None:
        assert gantt.draw(lay_out(timed_run(ran("same", state=State.SKIPPED))), 80) == []

    def test_a_terminal_too_narrow_for_bars_still_says_the_path(self) -> None:
        assert chart(flights(), 30).startswith("Critical path: ingest")

    def test_hours_left_out_are_told(self) -> None:
        run = timed_run(ran("one", tried(1, 0, 40)), ran("two", tried(1, 7200, 7240), after=("one",)), seconds=7240)
        text = chart(run, 60)
        assert "Left out: 1 h 59 min after 40 s in which nothing ran." in text

    def test_a_long_path_is_named_at_both_ends(self) -> None:
        steps = [ran(f"s{n}", tried(1, n, n + 1), after=(f"s{n - 1}",) if n else ()) for n in range(12)]
        assert "s0 → s1 → s2 → 6 more → s9 → s10 → s11:" in chart(timed_run(*steps, seconds=12), 200)


def usual(seconds: float) -> Usual:
    past = Forecast(seconds, seconds, 9)
    return Usual(Forecast(60, 70, 9), {"clean": past}, {"clean": {"a": past, "b": past}})


class TestMedians:
    def test_a_slow_cell_and_step_are_flagged(self) -> None:
        run = run_of(step_of("clean", attempts=(attempt_of(*CELLS),)))
        facts = run_view.Facts(Path("/p"), timeline=lay_out(run), usual=usual(2.0))
        text = drawn(*run_view.draw(run, facts, width=120, cells=True), width=120)
        assert "▲ cell 2: 8.0 s, peak 441 MB, 4.0× its median" in text
        assert "▲ 2.5× its median of 2.0 s" in text
        assert "▲ 3.2× its median of 1 min 0 s" in text

    def test_one_step_shows_each_cell_against_its_own_and_its_code(self) -> None:
        step = step_of("clean", attempts=(attempt_of(*CELLS),))
        facts = run_view.Facts(Path("/p"), usual=usual(2.0))
        sources = {"b": "# why\n\ndf = wb.read('raw.flights')\nmore"}
        parts = run_view.one_step(run_of(step), step, facts, width=120, sources=sources)
        lines = [" ".join(line.split()) for line in drawn(*parts, width=120).splitlines()]
        assert "✓ 1 succeeded 1.2 s 2.0 s 100 MB" in lines
        assert "✗ 2 failed 8.0 s ▲ 4.0× 2.0 s 441 MB df = wb.read('raw.flights')" in lines

    def test_every_cell_of_every_attempt_is_shown_when_asked_for(self) -> None:
        tries = attempt_of(*CELLS, state=AttemptState.FAILED), replace(attempt_of(*CELLS[:1]), number=2)
        run = run_of(step_of("clean", attempts=tries))
        facts = run_view.Facts(Path("/p"))
        text = drawn(*run_view.draw(run, facts, width=120, sources={"clean": {"a": "import pandas"}}), width=120)
        assert text.count("import pandas") == 2
        assert "attempt 1" in text and "attempt 2" in text


class TestList:
    def runs(self) -> list[Run]:
        return [
            run_of(trigger="schedule", parameters={"day": "2013-01-15"}),
            run_of(id="01J00000000000000000GHJKMN", state=State.FAILED, pipeline=LONG),
        ]

    def beside(self) -> Beside:
        past = Forecast(60, 70, 9)
        partitions = {"01J00000000000000000ABCDEF": ({"day": "2013-01-15"},)}
        return Beside(partitions, {run.id: past for run in self.runs()})

    def test_a_line_says_trigger_partition_and_duration_against_the_median(self) -> None:
        lines = drawn(history.draw(self.runs(), 140, self.beside()), width=140).splitlines()
        heads = "run pipeline state when took × p50 env trigger for parameters"
        assert lines[0].split() == heads.split()
        assert re.split(r"\s{2,}", lines[1].strip())[5:] == [
            "3 min 10 s", "3.2×", "prod", "schedule", "day=2013-01-15", "day=2013-01-15",
        ]  # fmt: skip
        assert "3.2×" not in lines[2], "what failed is not held against the median"

    @pytest.mark.parametrize("width", [60, 80, 100, 140])
    def test_it_fits_the_terminal(self, width: int) -> None:
        lines = drawn(history.draw(self.runs(), width, self.beside()), width=width).splitlines()
        assert len(lines) == 3
        assert max(map(len, lines)) <= width
        assert "ABCDEF" in lines[1] and "GHJKMN" in lines[2]

    def test_columns_that_say_nothing_are_left_out(self) -> None:
        text = drawn(history.draw([run_of()], 140), width=140)
        assert "trigger" not in text and "p50" not in text and "for" not in text


class TestPage:
    def page(self, run: Run, **facts: Any) -> str:
        return page.draw(run, run_view.Facts(Path("/p"), timeline=lay_out(run), **facts))

    def test_it_needs_nothing_else_and_runs_nothing(self) -> None:
        text = self.page(flights())
        assert text.startswith("<!doctype html>")
        assert "<script" not in text and "http:" not in text and "https:" not in text and "url(" not in text
        assert "default-src 'none'" in text

    def test_what_notebooks_and_people_wrote_cannot_act(self) -> None:
        evil = "</title></svg><script>hit()</script><img src=x onerror=hit()>"
        error = {"code": "WB-RUN-104", "what": evil, "cause": evil, "kept": evil, "next": evil, "detail": []}
        bad = ran(
            "clean", tried(1, 0, 9, AttemptState.FAILED, cause=evil, worker=evil), state=State.FAILED, error=error
        )
        run = timed_run(
            replace(bad, values={evil: evil}, reason=evil), actor=evil, commit=evil, parameters={evil: evil}
        )
        facts = run_view.Facts(Path("/p"), timeline=lay_out(run), tracebacks={"clean": [evil]})
        text = page.draw(replace(run, state=State.FAILED), facts, {"clean": {"one": evil}})
        assert "<script" not in text and "<img" not in text
        assert text.count("&lt;script&gt;") > 8

    def test_it_shows_bars_path_and_slow_cells(self) -> None:
        text = self.page(timed_run(ran("clean", tried(1, 0, 9, cells=CELLS))), usual=usual(2.0))
        assert 'class="running' in text and "on the critical path" in text
        assert "4.0× 2.0 s" in text and "1 slower than usual" in text

    def test_a_thousand_steps_are_all_there_and_the_chart_stays_low(self) -> None:
        text = self.page(crowd(1000))
        assert text.count("<td>s0") + text.count("</span> s0") >= 1000
        assert text.count("<rect") < 200

    def test_a_run_without_steps_says_so(self) -> None:
        text = self.page(run_of())
        assert "This run has no steps." in text and "nothing to lay out" in text
