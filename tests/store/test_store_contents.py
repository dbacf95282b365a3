"""The files of snapshots: kept as what changed, read as what they were."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import create_engine, text

from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.store.transaction import Store

SCHEMA = Schema((Column("day", "date"),))


def file(number: int) -> DataFile:
    return DataFile(f"clean/flights/data/{number}.parquet", 1, 10, f"d{number}", {"day": str(number)})


def snapshot(number: int, parent: int | None, files: list[DataFile], *, withheld: bool = False) -> Snapshot:
    at = f"2026-01-01T00:00:00.{number:06}+00:00"
    return Snapshot(number, "clean.flights", 0, parent, SCHEMA, tuple(files), Mode.PARTITION, at, "prod",
                    withheld=withheld)  # fmt: skip


def rows(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("select count(*) from snapshot_file")).scalar_one()
    engine.dispose()
    return int(found)


def test_partitions_published_one_by_one_are_kept_in_as_many_rows(store: Store, url: str) -> None:
    files = [file(number) for number in range(200)]
    with store.writing() as transaction:
        for number in range(1, 201):
            transaction.datasets.add_snapshot(snapshot(number, number - 1 or None, files[:number]))
    assert rows(url) == 200
    with store.reading() as transaction:
        assert transaction.datasets.snapshot(200).files == tuple(files)
        assert transaction.datasets.snapshot(77).files == tuple(files[:77])
        assert [len(each.files) for each in transaction.datasets.snapshots("clean.flights")] == list(range(200, 0, -1))
        assert transaction.successes.contents([3])[3] < transaction.successes.contents([4])[4]


def test_a_dataset_that_is_rewritten_again_and_again_is_told_whole_now_and_then(store: Store, url: str) -> None:
    files, fresh = [file(number) for number in range(20)], 20
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(snapshot(1, None, files))
        for number in range(2, 202):
            files = [*files[1:], file(fresh)]
            fresh += 1
            transaction.datasets.add_snapshot(snapshot(number, number - 1, files))
    assert 400 < rows(url) < 1000
    with store.reading() as transaction:
        assert transaction.datasets.snapshot(201).files == tuple(files)


@pytest.mark.parametrize("seed", range(8))
def test_every_snapshot_has_the_files_that_it_was_given_whatever_came_before(store: Store, seed: int) -> None:
    """Branches, withheld ones, other orders, overwrites, files that come back, parents that nobody knows."""
    chance = random.Random(seed)
    given: dict[int, list[DataFile]] = {}
    with store.writing() as transaction:
        for number in range(1, 60):
            parent = chance.choice([None, 9999, *given, *list(given)[-3:] * 4])
            files = list(given.get(parent or 0, []))
            match chance.randrange(6):
                case 0:
                    files = [file(chance.randrange(500)) for _ in range(3)]
                case 1:
                    chance.shuffle(files)
                case 2 | 3:
                    files = [each for each in files if chance.random() > 0.2]
            files = list(
                {each.path: each for each in [*files, *(file(chance.randrange(500)) for _ in range(2))]}.values()
            )
            transaction.datasets.add_snapshot(snapshot(number, parent, files, withheld=chance.random() < 0.2))
            given[number] = files
    with store.reading() as transaction:
        for number, files in given.items():
            assert transaction.datasets.snapshot(number).files == tuple(files)
        found = {each.id: each.files for each in transaction.datasets.snapshots("clean.flights")}
    assert found == {number: tuple(files) for number, files in given.items()}
