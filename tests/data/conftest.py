"""A warehouse, a store and a publisher of their own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from data_bench import ENVIRONMENTS, Bench, Tables, Witness, catalog_in

from workbench.data.publish import Publisher
from workbench.data.warehouse import Warehouse
from workbench.model.location import Location
from workbench.plugins import make_hooks
from workbench.store.transaction import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A warehouse folder whose name has every character that somebody once forgot to escape."""
    return tmp_path / "ware [x] #1 100% é's"


@pytest.fixture
def kind() -> str:
    """``folder``, or ``bucket`` in a test marked ``data_bench.anywhere``."""
    return "folder"


@pytest.fixture
def location(kind: str, folder: Path, request: pytest.FixtureRequest) -> Location:
    """Where the warehouse lies."""
    found: Location = Location.of(folder) if kind == "folder" else request.getfixturevalue("bucket")
    return found


@pytest.fixture
def tables(location: Location, tmp_path: Path) -> Iterator[Tables]:
    folder = tmp_path if location.remote else location.folder
    warehouse = Warehouse(location, catalog_in(folder))
    yield Tables(warehouse)
    warehouse.close()


@pytest.fixture
def bench(sqlite_store: str, tables: Tables) -> Iterator[Bench]:
    witness = Witness()
    with Store.open(sqlite_store) as store:
        yield Bench(store, tables, witness, Publisher(store, tables.warehouse, make_hooks([witness]), ENVIRONMENTS))
