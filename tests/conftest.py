"""What tests of several rooms share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from projects import MakeProject, lay_out
from servers import CREDENTIALS, Buckets, Dask, PostgreSQL, buckets, postgresql
from sqlalchemy import make_url

from workbench.model.location import Location
from workbench.store.transaction import Store

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a machine that has much to do is no fault of what is tested


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Lays out a project in a folder of its own; see ``projects.lay_out``."""
    return partial(lay_out, tmp_path / "project")


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an SQLite store with its tables and nothing else, to make copies of."""
    file = tmp_path_factory.mktemp("filled") / "store.db"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def sqlite_store(filled_file: Path, tmp_path: Path) -> str:
    """The address of an empty store on SQLite, ``store.db`` in ``tmp_path``."""
    return f"sqlite:///{shutil.copyfile(filled_file, tmp_path / 'store.db')}"


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[Buckets]:
    """One server for buckets, for all tests of this process that want one."""
    with buckets() as server:
        yield server


@pytest.fixture
def bucket(bucket_server: Buckets, monkeypatch: pytest.MonkeyPatch) -> Location:
    """A prefix in a bucket of its own, and the environment that may use it."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return bucket_server.make()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """One PostgreSQL server, for all tests of this process that want one."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def filled_database(postgresql_server: PostgreSQL) -> str:
    """The name of a database with the tables of a store, to make copies of."""
    address = postgresql_server.database()
    Store.open(address).close()
    return str(make_url(address).database)


@pytest.fixture
def postgresql_store(postgresql_server: PostgreSQL, filled_database: str) -> str:
    """The address of an empty store on PostgreSQL."""
    return postgresql_server.database(filled_database)


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server that a test may stop."""
    with postgresql() as server:
        yield server


@pytest.fixture
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A Dask cluster that a test starts, piece by piece, and may break."""
    cluster = Dask(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster
    finally:
        cluster.stop()
