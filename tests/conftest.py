"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from projects import MakeProject, lay_out
from servers import CREDENTIALS, Buckets, buckets

from workbench.model.location import Location


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Lays out a project in a folder of its own; see ``projects.lay_out``."""
    return partial(lay_out, tmp_path / "project")


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
