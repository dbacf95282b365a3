"""A store of its own for every test, on SQLite and on PostgreSQL in turn; commands typed at a project around one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_terminal import Said, Wb

from workbench.store.transaction import Store
from workbench.ui.cli.app import main

OF_A_FILE = {"tmp_path", "file", "other"}
"""What a test asks for that looks at the file of an SQLite store."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What a test asks of a store holds on every database, unless it looks at the file."""
    if "dialect" in metafunc.fixturenames and OF_A_FILE.isdisjoint(inspect.signature(metafunc.function).parameters):
        metafunc.parametrize("dialect", ["sqlite", "postgresql"])


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if dialect == "postgresql":
        address: str = request.getfixturevalue("postgresql_store")
        return address
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def wb(capsys: pytest.CaptureFixture[str]) -> Wb:
    """Types ``wb`` with arguments for the project in a folder, in this process."""

    def run(root: Path, *arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--project", str(root), *arguments])
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run
