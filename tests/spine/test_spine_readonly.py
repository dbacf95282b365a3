"""A project where nothing may be written: all of it can be looked at, and what would change it says why it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from projects import lay_out, notebook
from readonly import only_read
from terminal import type_wb

from workbench.model.errors import StorageError
from workbench.project import Project
from workbench.store.transaction import Store

PIPELINES = {"sales": "name: sales\nsteps: {load: notebooks/load.ipynb}"}
LOAD = """
import pandas as pd
import workbench as wb
wb.write(pd.DataFrame({"id": [1, 2]}), "raw.sales", mode="overwrite")
"""

WORKS = """
import sys
from workbench.project import Project
with Project.open(sys.argv[1]) as project:
    for _ in sys.stdin:
        print(project.run("sales", executor="inline", force=True).state, flush=True)
"""
"""Another process that has the project open, and runs it once for each line that it is told."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run; nobody has it open."""
    root = lay_out(tmp_path_factory.mktemp("shop") / "project", PIPELINES, {"load": notebook(LOAD)})
    with Project.open(root) as project:
        assert project.run("sales", executor="inline").state == "succeeded"
    return root


def files(root: Path) -> dict[str, int]:
    """What lies in the folder of the state, and when it was changed last."""
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in (root / ".workbench").rglob("*")}


def test_all_of_it_is_read_and_no_file_is_left_beside(shop: Path, tmp_path: Path) -> None:
    before = files(shop)
    with only_read(shop, tmp_path / "seen") as root, Project.open(root) as project:
        assert "may not be written to" in project.store.only_read
        assert [hit.dataset for hit in project.catalog.search("")] == ["raw.sales"]
        assert [run.state for run in project.runs.list(5)] == ["succeeded"]
        assert project.lineage.show("raw.sales").nodes
        assert [step.name for step in project.plan("sales").steps] == ["load"]
        assert project.settle() == ()
    assert files(shop) == before


@pytest.mark.slow
def test_what_somebody_writes_elsewhere_is_seen(shop: Path, tmp_path: Path) -> None:
    with only_read(shop, tmp_path / "seen") as root, Project.open(root) as project:
        if root == shop:
            pytest.skip("permissions hold for everybody here, so that nobody else writes")
        many = len(project.runs.list(50))
        with subprocess.Popen([sys.executable, "-c", WORKS, shop], stdin=PIPE, stdout=PIPE, text=True) as other:
            assert other.stdin is not None and other.stdout is not None
            for more in (1, 2):
                print(file=other.stdin, flush=True)
                assert other.stdout.readline().strip() == "succeeded"
                assert (shop / ".workbench/store.db-wal").stat().st_size > 0, "it stands in the log so far"
                assert len(project.runs.list(50)) == many + more
            other.stdin.close()
        assert len(project.runs.list(50)) == many + 2


def test_what_would_change_it_says_why_it_cannot(shop: Path, tmp_path: Path) -> None:
    with only_read(shop, tmp_path / "seen") as root, Project.open(root) as project:
        for act in (
            lambda: project.run("sales", executor="inline"),
            lambda: project.run("sales", executor="inline", force=True),
            lambda: project.store.write(lambda transaction: transaction.runs.list(1)),
        ):
            with pytest.raises(StorageError) as raised:
                act()
            assert raised.value.code == "WB-DB-517" and "may not be written to" in raised.value.cause


def test_the_command_line_looks_and_says_so_too(shop: Path, tmp_path: Path) -> None:
    with only_read(shop, tmp_path / "seen") as root:
        found = type_wb("catalog", "search", "sales", "--json", cwd=root)
        assert found.code == 0 and "raw.sales" in found.out, found.err
        refused = type_wb("run", "sales", "--force", "--json", cwd=root)
        assert refused.code == 1
        assert json.loads(refused.out or refused.err)["error"]["code"] == "WB-DB-517"


def test_a_store_that_is_not_there_cannot_be_made(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", PIPELINES, {"load": notebook("1")})
    with only_read(root, tmp_path / "seen") as place, pytest.raises(StorageError) as raised:
        Project.open(place)
    assert raised.value.code == "WB-DSK-302"


def test_a_store_that_can_be_written_says_nothing_of_it(sqlite_store: str) -> None:
    with Store.open(sqlite_store) as store:
        assert store.only_read == ""
        store.check_writable()
