"""Partitions of one dataset that are written at the same time: all of them land, whoever comes first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from data_bench import ENVIRONMENTS, Bench, rows

from workbench.data.publish import Publisher
from workbench.model.dataset import StagedWrite
from workbench.model.errors import Conflict
from workbench.model.run import Finished, State
from workbench.plugins import make_hooks

DAYS = [f"2013-01-{day:02}" for day in range(1, 13)]


def part(bench: Bench, day: str, value: int = 1, mode: str = "partition") -> StagedWrite:
    keys = ("day",) if mode == "partition" else ()
    return bench.tables.stage(pd.DataFrame({"day": [day], "n": [value]}), mode=mode, keys=keys)


def held(bench: Bench) -> list[tuple[str, int]]:
    snapshot = bench.current()
    assert snapshot
    return sorted((row["day"], row["n"]) for row in rows(snapshot))


def others(bench: Bench, count: int) -> list[Publisher]:
    """Publishers that share nothing but the store and the warehouse, as those of other processes would."""
    return [
        Publisher(bench.store, bench.tables.warehouse, make_hooks([bench.witness]), ENVIRONMENTS) for _ in range(count)
    ]


def at_once(publishers: list[Publisher], attempts: list[Finished]) -> list[State | Conflict]:
    gate = threading.Barrier(len(attempts))

    def publish(number: int) -> State | Conflict:
        gate.wait()
        try:
            return publishers[number % len(publishers)].publish(attempts[number]).state
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(publish, range(len(attempts))))


@pytest.mark.parametrize("processes", [1, 3])
def test_partitions_that_land_at_the_same_time_all_stay(bench: Bench, processes: int) -> None:
    attempts = [bench.attempt(part(bench, day)) for day in DAYS]
    assert at_once(others(bench, processes), attempts) == [State.SUCCEEDED] * len(DAYS)
    assert held(bench) == [(day, 1) for day in DAYS]
    again = [bench.attempt(part(bench, day, 2)) for day in DAYS[:6]]
    assert at_once(others(bench, processes), again) == [State.SUCCEEDED] * 6
    assert held(bench) == [(day, 2 if day in DAYS[:6] else 1) for day in DAYS]
    with bench.store.reading() as transaction:
        versions = [snapshot.version for snapshot in transaction.datasets.snapshots("clean.flights")]
        assert transaction.datasets.unfollowed() == ()
    assert sorted(versions) == list(range(1, len(DAYS) + 7))
    assert set(bench.tables.warehouse.load("clean.flights").refs()) == {"main"}


def test_appends_that_land_at_the_same_time_all_stay(bench: Bench) -> None:
    attempts = [bench.attempt(part(bench, day, mode="append")) for day in DAYS]
    assert at_once(others(bench, 2), attempts) == [State.SUCCEEDED] * len(DAYS)
    assert held(bench) == [(day, 1) for day in DAYS]


def test_a_partition_gives_way_to_rows_that_may_be_its_own_and_loses_none(bench: Bench) -> None:
    """Nobody knows which partitions appended rows are of, so a partition written meanwhile is told of them."""
    attempts = [
        bench.attempt(part(bench, day, mode="append" if index % 2 else "partition")) for index, day in enumerate(DAYS)
    ]
    results = at_once(others(bench, 2), attempts)
    assert [results[index] for index in range(1, len(DAYS), 2)] == [State.SUCCEEDED] * (len(DAYS) // 2)
    assert held(bench) == [(day, 1) for day, result in zip(DAYS, results, strict=True) if result is State.SUCCEEDED]


def test_of_two_that_write_the_same_partition_one_is_told(bench: Bench) -> None:
    bench.publish(part(bench, DAYS[0], 0))
    attempts = [bench.attempt(part(bench, DAYS[0], value)) for value in (1, 2)]
    results = at_once(others(bench, 2), attempts)
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    assert next(result.code for result in results if isinstance(result, Conflict)) == "WB-DAT-320"
    assert held(bench) in ([(DAYS[0], 1)], [(DAYS[0], 2)])
