"""A warehouse, a store and a publisher of their own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from data_bench import ENVIRONMENTS, Bench, Tables, Witness

from workbench.data.publish import Publisher
from workbench.data.warehouse import Warehouse
from workbench.plugins import make_hooks
from workbench.store.transaction import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A warehouse folder whose name has every character that somebody once forgot to escape."""
    return tmp_path / "ware [x] #1 100% é's"


@pytest.fixture
def tables(folder: Path) -> Tables:
    return Tables(Warehouse(folder))


@pytest.fixture
def bench(tmp_path: Path, tables: Tables) -> Iterator[Bench]:
    witness = Witness()
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        yield Bench(store, tables, witness, Publisher(store, tables.warehouse, make_hooks([witness]), ENVIRONMENTS))
