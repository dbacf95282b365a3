"""Who acts and who stands by, by clocks that are set by hand; with real processes in test_scheduler_up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from projects import MakeProject
from scheduler_bench import ONE, FakeClock, pipeline

from workbench.project import Project
from workbench.scheduler.clock import Watch
from workbench.scheduler.daemon import Options, Up
from workbench.scheduler.leader import LEASE, Leader
from workbench.store.transaction import Store


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    with Store.open(sqlite_store) as opened:
        yield opened


def contender(store: Store, clock: FakeClock) -> Leader:
    return Leader(store, clock, lambda text: None)


def test_f46_one_acts_and_the_other_takes_over_when_the_beats_end(store: Store) -> None:
    clock = FakeClock()
    first, second = contender(store, clock), contender(store, clock)
    assert first.contend()
    assert not second.contend()
    for _ in range(20):
        clock.sleep(1)
        assert first.contend()
        assert not second.contend()
    assert second.surely_held()
    waited = 0
    while not second.contend():
        clock.sleep(1)
        waited += 1
    assert LEASE <= waited <= 10
    assert not first.contend()  # it notices, and stands by
    clock.sleep(3)
    assert not first.contend()
    assert second.contend()


def test_f43_no_setting_of_the_clock_ends_a_lease(store: Store) -> None:
    ours, theirs = FakeClock(), FakeClock()
    first, second = contender(store, ours), contender(store, theirs)
    first.contend()
    for jump in (3600, -7200, 365 * 86400.0):
        theirs.set(jump)
        ours.set(-jump)
        for clock in (ours, theirs):
            clock.sleep(2.5)
        assert first.contend()
        assert not second.contend()


def test_what_is_given_up_is_free_at_once(store: Store) -> None:
    clock = FakeClock()
    first, second = contender(store, clock), contender(store, clock)
    first.contend()
    assert not second.contend()
    first.give_up()
    assert second.contend()
    assert not first.contend()


def test_f43_a_jump_of_the_clock_is_noticed_a_slow_look_is_not() -> None:
    clock = FakeClock()
    watch = Watch(clock)
    clock.sleep(120)
    assert watch.jump() == timedelta(0)
    clock.sleep(1)
    clock.set(3)
    assert watch.jump() == timedelta(0)
    clock.set(3600)
    assert watch.jump() == timedelta(hours=1)
    clock.set(-60)
    assert watch.jump() == timedelta(seconds=-60)
    assert watch.jump() == timedelta(0)


def test_f43_a_jump_is_told_and_what_runs_by_itself_too(make_project: MakeProject) -> None:
    root = make_project(
        {"hourly": pipeline("hourly", "{cron: 45 * * * *, timezone: Europe/Berlin, catchup: none}")}, ONE
    )
    clock, told = FakeClock(), []
    with Project.open(root) as project:
        up = Up(project, Options("prod"), clock, lambda news: told.append(news.text))
        up.step()
        clock.set(3600)
        up.step()
        clock.set(-60)
        up.step()
        up.leader.give_up()
        up.intake.survey.close()
    assert told == [
        "45 * * * * Europe/Berlin, next Mon 2026-03-02 13:45, Mon 2026-03-02 14:45, Mon 2026-03-02 15:45, "
        "Mon 2026-03-02 16:45, Mon 2026-03-02 17:45",
        "3600 s went by unseen: the clock was put forward, or the machine slept",
        "skipped for 2026-03-02 12:45 UTC: missed, and catchup is none",
        "the clock was put back by 60 s; what has run for a nominal time does not run for it again",
    ]


def test_a_store_that_fails_is_told_once_and_tried_again(make_project: MakeProject) -> None:
    root = make_project({}, ONE)
    clock, told = FakeClock(), []
    with Project.open(root) as project:
        up = Up(project, Options("prod"), clock, lambda news: told.append(news.text))
        up.step()
        file = root / ".workbench" / "store.db"
        project.store.close()
        file.rename(file.with_name("away"))
        file.mkdir()
        for _ in range(3):
            clock.sleep(3)
            assert up.step() is False
        assert [text for text in told if text.startswith("WB-DB-")] == told[1:2]
        project.store.close()
        file.rmdir()
        file.with_name("away").rename(file)
        clock.sleep(3)
        up.step()
        assert up.leader.lease is not None
        up.leader.give_up()
        up.intake.survey.close()
