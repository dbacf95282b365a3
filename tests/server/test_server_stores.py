"""A project whose store or settings are not as they should be: the API says so, and goes on when they are mended."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from projects import lay_out, notebook
from readonly import only_read
from web import Server, serving

from workbench.project import Project


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a project that these tests spoil and mend."""
    root = lay_out(tmp_path_factory.mktemp("stores") / "project")
    Project.open(root).close()
    with serving(root, tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture
def store(own: Server) -> Iterator[Path]:
    """The file of its store, put back when the test is over."""
    path = own.root / ".workbench" / "store.db"
    assert own.ask("catalog").status == 200
    kept = path.with_name("kept.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(kept),))
    yield path
    replace(path, kept)


def replace(path: Path, by: Path | None) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    if by is not None:
        by.rename(path)


def test_a_store_that_is_locked_can_be_read(own: Server, store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert own.ask("catalog").status == 200
        assert own.ask("runs").status == 200
        connection.execute("ROLLBACK")


def test_a_store_that_is_missing_is_made_anew(own: Server, store: Path) -> None:
    replace(store, None)
    answer = own.ask("catalog")
    assert answer.status == 200 and answer.json["total"] == 0
    assert store.exists()


def test_a_store_of_a_newer_version(own: Server, store: Path) -> None:
    newer = store.with_name("newer.db")
    shutil.copy(store.with_name("kept.db"), newer)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE workbench_version SET version_num = '9999'")
    replace(store, newer)
    for path in ("catalog", "runs", "project", "live", "quality"):
        answer = own.ask(path)
        assert answer.status == 503 and answer.code == "WB-DB-520"


def test_a_store_that_is_none(own: Server, store: Path) -> None:
    other = store.with_name("other.db")
    other.write_bytes(b"this is no database, but long enough to look like one " * 400)
    replace(store, other)
    answer = own.ask("catalog")
    assert answer.status == 503 and answer.code == "WB-DB-510"


def test_settings_that_are_wrong_and_mended(own: Server) -> None:
    settings = own.root / "workbench.toml"
    right = settings.read_text()
    settings.write_text("name = [")
    try:
        assert own.ask("catalog").status == 400
        settings.unlink()
        answer = own.ask("catalog")
        assert answer.status == 404 and answer.code == "WB-CFG-601"
        assert own.ask("openapi.json").status == 200, "that says nothing of the project"
    finally:
        settings.write_text(right)
    assert own.ask("catalog").status == 200


def test_a_pipeline_file_with_an_error_is_listed_with_it(own: Server) -> None:
    path = own.root / "pipelines" / "wrong.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("name: wrong\nsteps: {a: [}")
    (row,) = own.ask("pipelines").json["pipelines"]
    assert row["error"]["code"] == "WB-CFG-620" and row["error"]["what"].startswith("pipelines/wrong.yaml:2:")
    assert own.ask("pipelines/wrong").status == 400
    path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("open_elsewhere", [True, False])
def test_a_project_in_a_folder_that_is_only_read(own: Server, tmp_path: Path, open_elsewhere: bool) -> None:
    root = own.root
    if not open_elsewhere:
        root = lay_out(tmp_path / "alone", {"one": "name: one\nsteps: {a: notebooks/a.ipynb}"}, {"a": notebook("1")})
        Project.open(root).close()
    with only_read(root, tmp_path / "only") as here, serving(here, tmp_path / "jupyter") as server:
        for path in ("catalog", "runs", "live", "quality", "reports", "pipelines", "project", "doctor"):
            answer = server.ask(path)
            assert answer.status == 200, answer.text
        if not open_elsewhere:
            assert server.ask("pipelines/one/plan", "POST", {}).status == 200
            begun = server.ask("runs", "POST", {"target": "one"})
            assert begun.status == 503 and begun.code == "WB-DB-517"
            assert "may not be written to" in begun.json["error"]["cause"] and begun.json["error"]["next"]


def test_hostile_texts_come_back_as_they_were(own: Server) -> None:
    hostile = "<script>alert(1)</script>\u202e\U0001f4a5" + "x" * 400
    answer = own.ask("catalog", query=hostile)
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    told = own.ask("pipelines/%3Cscript%3E")
    assert told.status == 400 and told.headers["content-type"] == "application/problem+json"
