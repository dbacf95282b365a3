"""Who acts and who stands by, by clocks that are set by hand; with real processes in test_scheduler_up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from scheduler_bench import FakeClock

from workbench.scheduler.clock import Watch
from workbench.scheduler.leader import LEASE, Leader
from workbench.store.transaction import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.db") as opened:
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
