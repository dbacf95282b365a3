"""Ticks, leases and how far triggers have been looked at, as the store keeps them."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from workbench.model.errors import Conflict, NotFound
from workbench.model.names import new_id
from workbench.model.schedule import Arrival, Lease, Standing, Tick, TickState
from workbench.store.schedule import holder_alive
from workbench.store.transaction import Store


def tick(nominal: str, **more: object) -> Tick:
    fields = {"id": new_id(), "pipeline": "p", "trigger": "schedule", "kind": "schedule", "nominal": nominal}
    return Tick(**{**fields, "nominal_at": nominal, "environment": "prod", "run": new_id(), **more})  # type: ignore[arg-type]


class TestTicks:
    def test_a_nominal_time_has_one_row(self, store: Store) -> None:
        first = tick("2026-03-02T06:00:00+00:00", parameters={"day": "2026-03-01", "n": 3}, facts={"a": [1]}, depth=2)
        with store.writing() as transaction:
            assert transaction.schedules.add(first)
            assert not transaction.schedules.add(tick(first.nominal))
            assert transaction.schedules.add(tick(first.nominal, trigger="other"))
            assert transaction.schedules.add(tick(first.nominal, pipeline="q"))
        with store.reading() as transaction:
            found = transaction.schedules.get(first.id)
            assert replace(found, created_at="", moved_at="") == first
            assert transaction.schedules.of_run(first.run) == found
            assert transaction.schedules.of_run("none") is None
            assert len(transaction.schedules.ticks()) == 3
            assert [item.pipeline for item in transaction.schedules.ticks(pipeline="q")] == ["q"]

    def test_f46_of_many_writers_one_adds_it(self, store: Store) -> None:
        added: list[bool] = []

        def add() -> None:
            with store.writing() as transaction:
                added.append(transaction.schedules.add(tick("2026-03-02T06:00:00+00:00")))

        threads = [threading.Thread(target=add) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(added) == [False] * 7 + [True]

    def test_it_moves_once(self, store: Store) -> None:
        one = tick("2026-03-02T06:00:00+00:00")
        with store.writing() as transaction:
            transaction.schedules.add(one)
            transaction.schedules.tried(one.id, "2026-03-02T06:00:05+00:00")
            assert [(item.id, item.tries) for item in transaction.schedules.waiting()] == [(one.id, 1)]
            assert transaction.schedules.move(one.id, TickState.STARTED)
            assert not transaction.schedules.move(one.id, TickState.SKIPPED, "too late")
            assert transaction.schedules.waiting() == ()
            assert transaction.schedules.get(one.id).state is TickState.STARTED
            with pytest.raises(NotFound, match="WB-SCH-853"):
                transaction.schedules.get("none")

    def test_what_waits_goes_by_its_nominal_time(self, store: Store) -> None:
        with store.writing() as transaction:
            for hour in (7, 5, 6):
                transaction.schedules.add(tick(f"2026-03-02T0{hour}:00:00+00:00"))
            transaction.schedules.add(tick("2026-03-02T04:00:00+00:00", state=TickState.SKIPPED))
            assert [item.nominal[12] for item in transaction.schedules.waiting()] == ["5", "6", "7"]
            assert [item.nominal[12] for item in transaction.schedules.ticks(2)] == ["7", "6"]
            skipped = transaction.schedules.ticks(states=[TickState.SKIPPED])
            assert [item.nominal[12] for item in skipped] == ["4"]


class TestLease:
    def test_f46_it_is_taken_from_the_one_that_was_seen(self, store: Store) -> None:
        with store.writing() as transaction:
            first = transaction.schedules.take("up", None)
            assert holder_alive(first)
            transaction.schedules.hold(first)
            transaction.schedules.beat(first)
            with pytest.raises(Conflict, match="WB-SCH-851"):
                transaction.schedules.take("up", first)  # it has beaten since
            seen = transaction.schedules.lease("up")
            second = transaction.schedules.take("up", seen)
            assert second.fence == first.fence + 1
            for act in (transaction.schedules.beat, transaction.schedules.hold):
                with pytest.raises(Conflict, match="WB-SCH-851"):
                    act(first)

    def test_what_is_given_back_is_free_and_its_fence_is_remembered(self, store: Store) -> None:
        with store.writing() as transaction:
            first = transaction.schedules.take("up", None)
            transaction.schedules.release(first)
            free = transaction.schedules.lease("up")
            assert isinstance(free, Lease)
            assert holder_alive(free) is False
            second = transaction.schedules.take("up", free)
            assert second.fence == first.fence + 1
            transaction.schedules.release(first)
            transaction.schedules.hold(second)


def test_how_far_a_trigger_has_been_looked_at(store: Store) -> None:
    one = Standing("p", "schedule", "2026-03-02T06:00:00+00:00", facts={"a.b": 7})
    with store.writing() as transaction:
        assert transaction.schedules.standings() == {}
        transaction.schedules.put(one)
        transaction.schedules.put(replace(one, since="2026-03-03T06:00:00+00:00", paused_by="ann"))
        assert transaction.schedules.standings() == {
            ("p", "schedule"): replace(one, since="2026-03-03T06:00:00+00:00", paused_by="ann")
        }


def test_files_as_they_arrived(store: Store) -> None:
    one, two = Arrival("landing/a.csv", 3, 1_700_000_000_123_456_789, "aa"), Arrival("landing/ü \udcff.csv", 0, 1, "bb")
    with store.writing() as transaction:
        transaction.schedules.arrived("p", "files", [one, two])
        transaction.schedules.arrived("p", "files", [replace(one, size=4)])
        assert transaction.schedules.arrivals("p", "files")["landing/a.csv"] == replace(one, size=4)
        assert len(transaction.schedules.arrivals("p", "files")) == 2
        assert transaction.schedules.arrivals("p", "other") == {}
