"""A run over time: phases, the critical path, what is folded and what is cut out of a drawing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timed_runs import at, crowd, flights, ran, timed_run, tried

from workbench.execution.history.timeline import fold, lay_out, ticks
from workbench.model.run import AttemptState, Run, State
from workbench.model.timeline import Phase, Timeline


def phases(run: Run, name: str) -> list[tuple[str, float, float, int]]:
    lane = next(lane for lane in lay_out(run, at(300)).lanes if lane.name == name)
    return [(span.phase, span.start, span.end, span.attempt) for span in lane.spans]


def test_an_attempt_queues_runs_and_publishes() -> None:
    run = timed_run(ran("first", tried(1, 0, 10)), ran("second", tried(1, 14, 30, publishing=2), after=("first",)))
    assert phases(run, "first") == [(Phase.RUNNING, 0, 9, 1), (Phase.PUBLISHING, 9, 10, 1)]
    assert phases(run, "second") == [
        (Phase.QUEUED, 10, 14, 1),
        (Phase.RUNNING, 14, 28, 1),
        (Phase.PUBLISHING, 28, 30, 1),
    ]


def test_a_retry_waits_for_its_time_and_then_for_a_place() -> None:
    assert phases(flights(), "clean") == [
        (Phase.QUEUED, 58, 62, 1),
        (Phase.RUNNING, 62, 100, 1),
        (Phase.WAITING, 100, 112, 2),
        (Phase.QUEUED, 112, 115, 2),
        (Phase.RUNNING, 115, 149, 2),
        (Phase.PUBLISHING, 149, 150, 2),
    ]


def test_what_goes_on_reaches_to_now() -> None:
    run = timed_run(ran("first", tried(1, 5, None, AttemptState.RUNNING), state=State.RUNNING), seconds=None)
    assert phases(run, "first")[-1] == (Phase.RUNNING, 5, 300, 1)
    waits = tried(1, 0, None, AttemptState.QUEUED, started_at="")
    assert phases(timed_run(ran("first", waits, state=State.QUEUED), seconds=None), "first") == [
        (Phase.QUEUED, 0, 300, 1)
    ]


def test_the_critical_path_leads_back_from_the_end_through_what_ended_last() -> None:
    path = lay_out(flights()).path
    assert path.steps == ("ingest", "clean", "delays[LGA]", "daily")
    assert path.busy == pytest.approx(57.5 + 38 + 35 + 15 + 15)
    assert path.waited == pytest.approx(190 - path.busy)


def test_the_critical_path_goes_through_steps_that_did_not_run() -> None:
    run = timed_run(
        ran("first", tried(1, 0, 10)),
        ran("same", after=("first",), state=State.SKIPPED),
        ran("last", tried(1, 11, 20), after=("same",)),
    )
    assert lay_out(run).path.steps == ("first", "last")


def test_a_run_in_which_nothing_ran_has_no_path() -> None:
    timeline = lay_out(timed_run(ran("same", state=State.SKIPPED)))
    assert timeline.path.steps == () and timeline.most == 0
    assert lay_out(timed_run()).lanes == ()


def test_a_step_that_is_gone_from_the_run_is_no_upstream() -> None:
    assert lay_out(timed_run(ran("last", tried(1, 0, 5), after=("nobody",)))).path.steps == ("last",)


def test_steps_at_work_at_once_are_counted() -> None:
    assert lay_out(flights()).most == 3


class TestFold:
    def test_instances_become_one_line(self) -> None:
        run = flights()
        folded = fold(lay_out(run), run)
        assert [lane.name for lane in folded.lanes] == ["ingest", "clean", "delays ×3", "daily", "old"]
        delays = folded.lanes[2]
        assert delays.steps == ("delays[EWR]", "delays[JFK]", "delays[LGA]")
        assert (delays.start, delays.end, delays.busy, delays.critical) == (150, 173, 45, True)

    def test_of_a_thousand_steps_those_that_tell_most_are_left(self) -> None:
        run = crowd(1000)
        folded = fold(lay_out(run), run, most=30)
        assert len(folded.lanes) == 30
        assert folded.lanes[-1].name == "971 others" and folded.lanes[-1].members == 971
        shown = {lane.name for lane in folded.lanes}
        assert "s0500" in shown, "what failed keeps its line"
        assert set(lay_out(run).path.steps) <= shown, "and so does the critical path"
        assert sum(lane.members for lane in folded.lanes) == 1000

    def test_the_worst_state_is_that_of_the_line(self) -> None:
        run = flights()
        steps = [replace(step, state=State.FAILED) if step.step == "delays[JFK]" else step for step in run.steps]
        run = replace(run, steps=tuple(steps))
        delays = fold(lay_out(run), run).lanes[2]
        assert delays.state is State.FAILED
        assert delays.states == {State.SUCCEEDED: 2, State.FAILED: 1}


class TestCuts:
    def repaired(self) -> Timeline:
        first = tried(1, 0, 40, AttemptState.FAILED)
        return lay_out(timed_run(ran("clean", first, tried(2, 7200, 7240)), seconds=7240))

    def test_hours_before_a_repair_are_left_out_of_the_drawing(self) -> None:
        run = timed_run(ran("one", tried(1, 0, 40)), ran("two", tried(1, 7200, 7240), after=("one",)), seconds=7240)
        timeline = lay_out(run)
        assert timeline.cuts == ((40, 7200),)
        assert timeline.shown == 80
        assert [timeline.place(at) for at in (0, 20, 40, 5000, 7200, 7220, 7240)] == [0, 0.25, 0.5, 0.5, 0.5, 0.75, 1]
        assert timeline.path.waited == 0

    def test_attempts_of_one_step_are_told_apart_there_too(self) -> None:
        assert self.repaired().cuts == ((40, 7200),)

    def test_a_short_pause_is_no_cut(self) -> None:
        run = timed_run(ran("one", tried(1, 0, 400)), ran("two", tried(1, 465, 500), after=("one",)), seconds=500)
        assert lay_out(run).cuts == ()

    def test_no_mark_lies_inside_a_cut(self) -> None:
        assert all(not 40 < at < 7200 for at in ticks(self.repaired(), 6))


@pytest.mark.parametrize(
    ("seconds", "most", "marks"),
    [(190, 6, (0, 60, 120, 180)), (3, 6, (0, 0.5, 1, 1.5, 2, 2.5, 3)), (0.2, 4, (0, 0.05, 0.1, 0.15, 0.2))],
)
def test_an_axis_has_round_marks(seconds: float, most: int, marks: tuple[float, ...]) -> None:
    timeline = lay_out(timed_run(ran("one", tried(1, 0, seconds)), seconds=seconds))
    assert ticks(timeline, most) == pytest.approx(marks)
