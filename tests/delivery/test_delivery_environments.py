"""Environments over a real store: parents are read where an environment has nothing of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.delivery.environments import EnvironmentService
from workbench.model.dataset import Column, Mode, Schema, Snapshot
from workbench.model.delivery import Environment, chain
from workbench.store.transaction import Store

ENVIRONMENTS = (Environment("prod"), Environment("dev", "prod"), Environment("dev_anna", "dev"))


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    opened = Store.open(sqlite_store)
    yield opened
    opened.close()


def publish(store: Store, environment: str, dataset: str, identifier: int) -> None:
    schema = Schema((Column("id", "long"),))
    snapshot = Snapshot(
        identifier, dataset, 0, None, schema, (), Mode.OVERWRITE, "2026-01-01T00:00:00.000+00:00", environment
    )
    with store.writing() as transaction:
        transaction.datasets.describe(dataset)
        transaction.datasets.add_snapshot(snapshot)
        transaction.datasets.move_pointer(environment, dataset, None, identifier)


def test_an_environment_reads_its_parents_where_it_has_nothing_of_its_own(store: Store) -> None:
    publish(store, "prod", "raw.flights", 1)
    publish(store, "prod", "raw.planes", 2)
    publish(store, "dev", "raw.flights", 3)
    publish(store, "dev_anna", "raw.mine", 4)
    service = EnvironmentService(store, ENVIRONMENTS)
    with store.reading() as transaction:
        assert service.pointers(transaction, "prod") == {"raw.flights": 1, "raw.planes": 2}
        assert service.pointers(transaction, "dev") == {"raw.flights": 3, "raw.planes": 2}
        assert service.pointers(transaction, "dev_anna") == {"raw.flights": 3, "raw.planes": 2, "raw.mine": 4}
    counted = [(standing.environment.name, standing.pointers) for standing in service.list()]
    assert counted == [("prod", 2), ("dev", 1), ("dev_anna", 1)]


def test_the_chain_leads_from_an_environment_to_the_last_parent() -> None:
    assert chain(ENVIRONMENTS, "dev_anna") == ("dev_anna", "dev", "prod")
    assert chain(ENVIRONMENTS, "prod") == ("prod",)
