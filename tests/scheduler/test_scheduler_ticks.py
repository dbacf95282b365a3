"""Which ticks are made, by a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from projects import MakeProject
from scheduler_bench import ONE, Bench, FakeClock, edit, pipeline

from workbench.model.errors import Conflict
from workbench.model.schedule import TickState
from workbench.project import Project
from workbench.scheduler.desk import MOST_TRIES
from workbench.scheduler.service import ScheduleService

WAITING, SKIPPED = TickState.WAITING, TickState.SKIPPED
HOUR = 3600.0


@pytest.fixture
def bench(make_project: MakeProject) -> Iterator[Bench]:
    root = make_project({"hourly": pipeline("hourly", "{cron: 0 * * * *, catchup: all, overlap: queue}")}, ONE)
    with Project.open(root) as project:
        yield Bench(project)


def rewrite(bench: Bench, schedule: str, more: str = "") -> None:
    edit(bench.project.root, "hourly", pipeline("hourly", schedule, more))


class TestDue:
    def test_what_is_new_begins_now(self, bench: Bench) -> None:
        assert bench.look() == []
        bench.clock.sleep(29 * 60)
        assert bench.look() == []
        bench.clock.sleep(31 * 60)
        assert bench.look() == [("13:00", WAITING)]
        assert bench.look() == []

    def test_a_tick_holds_all_that_its_run_needs(self, bench: Bench) -> None:
        rewrite(
            bench,
            '{cron: 0 * * * *, timezone: America/New_York, parameters: {day: "${run.date - 1d}"}, force: true}',
            "parameters: {day: {type: date}}",
        )
        bench.look()
        bench.clock.sleep(HOUR)
        bench.look()
        (tick,) = bench.ticks()
        assert (tick.pipeline, tick.trigger, tick.kind, tick.environment) == ("hourly", "schedule", "schedule", "prod")
        assert tick.nominal == tick.nominal_at == "2026-03-02T13:00:00+00:00"
        assert tick.parameters == {"day": "2026-03-01"}
        assert tick.force
        assert len(tick.run) == 26

    def test_f46_two_schedulers_make_one_tick(self, bench: Bench) -> None:
        bench.look()
        other = Bench(bench.project, bench.clock)  # it took the lease
        bench.clock.sleep(HOUR)
        with pytest.raises(Conflict, match="WB-SCH-851"):
            bench.look()
        assert bench.ticks() == []
        assert other.look() == [("13:00", WAITING)]
        again = Bench(bench.project, bench.clock)
        assert again.look() == []

    def test_a_schedule_that_changed_begins_anew(self, bench: Bench) -> None:
        bench.look()
        bench.clock.sleep(2.5 * HOUR)
        rewrite(bench, "{cron: 30 * * * *, catchup: all}")
        assert bench.look() == []
        bench.clock.sleep(HOUR)
        assert bench.look() == [("15:30", WAITING)]

    def test_a_file_that_is_wrong_misses_nothing_when_it_is_mended(self, bench: Bench) -> None:
        bench.look()
        rewrite(bench, "{cron: 99 * * * *}")
        bench.clock.sleep(2 * HOUR)
        assert bench.look() == []
        assert list(bench.book.faults) == ["hourly"]
        rewrite(bench, "{cron: 0 * * * *, catchup: all, overlap: queue}")
        assert bench.look() == [("13:00", WAITING), ("14:00", WAITING)]


class TestMissed:
    @pytest.mark.parametrize(
        ("catchup", "waiting"),
        [("none", []), ("latest", ["17:00"]), ("all", ["13:00", "14:00", "15:00", "16:00", "17:00"])],
    )
    def test_f45_what_nobody_was_there_for(self, bench: Bench, catchup: str, waiting: list[str]) -> None:
        rewrite(bench, f"{{cron: 0 * * * *, catchup: {catchup}}}")
        bench.look()
        bench.clock.sleep(5 * HOUR + 300)
        later = Bench(bench.project, bench.clock)  # after a restart
        found = later.look()
        assert [time for time, state in found if state is WAITING] == waiting
        assert len(found) == 5
        skipped = [tick for tick in bench.ticks() if tick.state is SKIPPED]
        assert len(skipped) == 5 - len(waiting)
        assert all(tick.reason.startswith("missed, and ") for tick in skipped)
        assert len(later.told) == len(skipped)

    def test_f45_at_most_so_many_are_made_up(self, bench: Bench) -> None:
        rewrite(bench, "{cron: 0 * * * *, catchup: all, catchup_max: 2}")
        bench.look()
        bench.clock.sleep(5 * HOUR + 300)
        assert [time for time, state in bench.look() if state is WAITING] == ["16:00", "17:00"]


class TestOverlap:
    def test_one_that_comes_too_soon_is_skipped_with_its_reason(self, bench: Bench) -> None:
        rewrite(bench, "{cron: 0 * * * *}")
        bench.look()
        bench.clock.sleep(HOUR)
        assert bench.look() == [("13:00", WAITING)]
        bench.clock.sleep(HOUR)
        assert bench.look() == [("14:00", SKIPPED)]
        assert bench.ticks()[-1].reason == "the one before it still waits"
        assert bench.told[-1].text == "skipped for 2026-03-02 14:00 UTC: the one before it still waits"

    def test_or_waits_in_the_queue(self, bench: Bench) -> None:
        bench.look()
        for _ in range(3):
            bench.clock.sleep(HOUR)
            assert [state for _, state in bench.look()] == [WAITING]

    def test_a_run_that_does_not_begin_is_given_up_after_some_tries(self, bench: Bench) -> None:
        bench.look()
        bench.clock.sleep(HOUR)
        bench.look()
        (tick,) = bench.ticks()
        with bench.project.store.writing() as transaction:
            for _ in range(MOST_TRIES):
                transaction.schedules.tried(tick.id, bench.clock.now().isoformat())
            transaction.schedules.note(tick.id, "WB-DSK-303: the disk is full")
        bench.desk.begin(bench.lease)
        (tick,) = bench.ticks()
        assert tick.state is SKIPPED
        assert tick.reason == "its run did not begin in 5 tries: WB-DSK-303: the disk is full"
        assert bench.desk.children == {}


class TestClocks:
    def test_f43_a_clock_that_is_put_back_runs_nothing_twice(self, bench: Bench) -> None:
        bench.look()
        bench.clock.sleep(2 * HOUR)
        assert bench.look() == [("13:00", WAITING), ("14:00", WAITING)]
        bench.clock.set(-1.5 * HOUR)
        bench.desk.forget()
        assert bench.look() == []
        bench.clock.sleep(HOUR)
        assert bench.look() == []  # 13:00 has its tick
        bench.clock.sleep(HOUR)
        assert bench.look() == []  # and 14:00
        bench.clock.sleep(HOUR)
        assert bench.look() == [("15:00", WAITING)]

    def test_f43_a_clock_that_was_years_ahead_leaves_no_silence(self, bench: Bench) -> None:
        rewrite(bench, "{cron: 0 * * * *, catchup: none, overlap: queue}")
        bench.look()
        bench.clock.set(70 * 365 * 24 * HOUR)
        bench.desk.forget()
        bench.look()
        bench.clock.set(-70 * 365 * 24 * HOUR)
        bench.desk.forget()
        assert bench.look() == []
        bench.clock.sleep(2 * HOUR)
        assert bench.look() == [("14:00", WAITING)]  # 13:00 stands for all that seemed to be missed

    def test_f43_a_machine_that_slept_makes_up_by_the_rule(self, bench: Bench) -> None:
        rewrite(bench, "{cron: 0 * * * *}")
        bench.look()
        bench.clock.set(3.5 * HOUR)
        assert [time for time, state in bench.look() if state is WAITING] == ["15:00"]

    def test_f44_a_day_with_a_gap_has_one_tick(self, bench: Bench) -> None:
        clock = FakeClock(bench.clock.at.replace(month=3, day=7, hour=12))
        rewrite(bench, "{cron: 30 2 * * *, timezone: America/New_York, catchup: all, overlap: queue}")
        bench.clock = clock
        later = Bench(bench.project, clock)
        later.look()
        for _ in range(72):
            clock.sleep(HOUR)
            later.look()
        assert [tick.nominal_at[5:16] for tick in later.ticks()] == ["03-08T07:00", "03-09T06:30", "03-10T06:30"]


class TestPause:
    def test_nothing_begins_and_the_reason_is_kept(self, bench: Bench) -> None:
        bench.look()
        service = ScheduleService(bench.project)
        service.pause("hourly", now=bench.clock.now())
        bench.clock.sleep(2 * HOUR)
        assert bench.look() == [("13:00", SKIPPED), ("14:00", SKIPPED)]
        assert bench.ticks()[0].reason == f"paused by {bench.project.actor}"
        (listed,) = service.list(bench.clock.now())
        assert listed.paused
        bench.clock.sleep(HOUR)
        service.resume("hourly", now=bench.clock.now())
        assert [tick.state for tick in bench.ticks()] == [SKIPPED] * 3
        bench.clock.sleep(HOUR)
        assert bench.look() == [("16:00", WAITING)]

    def test_what_waits_already_waits_on(self, bench: Bench) -> None:
        bench.look()
        bench.clock.sleep(HOUR)
        bench.look()
        service = ScheduleService(bench.project)
        service.pause("hourly", now=bench.clock.now())
        assert bench.desk.begin(bench.lease) == 0
        assert bench.desk.children == {}
        assert [tick.state for tick in bench.ticks()] == [WAITING]

    def test_before_it_was_ever_looked_at(self, bench: Bench) -> None:
        ScheduleService(bench.project).pause("hourly", now=bench.clock.now())
        bench.clock.sleep(HOUR)
        assert bench.look() == [("13:00", SKIPPED)]
        assert ScheduleService(bench.project).resume("hourly", now=bench.clock.now())
        assert not ScheduleService(bench.project).resume("hourly", now=bench.clock.now())
