"""Faults around a run: a full disk, two processes, bad input; each is told, and nothing is half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import MakeProject, lay_out, notebook

from workbench.model.errors import StorageError, WorkbenchError
from workbench.model.run import State
from workbench.project import Project

PIPELINE = "name: grow\nparameters: {rows: {type: int, default: 10}}\nsteps: {write: notebooks/write.ipynb}\n"
WRITE = notebook(
    "import numpy as np, pandas as pd, workbench as wb",
    'wb.write(pd.DataFrame({"x": np.random.default_rng(rows).random(rows)}), "grow.numbers", mode="overwrite")',
    parameters="rows: int = 10",
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this machine does not let root mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_fails_the_step_and_keeps_what_was_there(small_disk: Path) -> None:
    files = {"workbench.toml": "[run]\ndisk_floor_mb = 0\n"}
    root = lay_out(small_disk / "project", {"grow": PIPELINE}, {"write": WRITE}, files)
    with Project.open(root) as project:
        assert project.run("grow").state is State.SUCCEEDED
        before = project.resolve("prod", ["grow.numbers"])
        done = project.run("grow", {"rows": 3_000_000})
        assert done.state is State.FAILED
        assert done.steps[0].error is not None
        assert "WB-DSK-301" in json.dumps(done.steps[0].error)
        assert project.resolve("prod", ["grow.numbers"]) == before
    with Project.open(root) as project:
        assert project.run("grow", {"rows": 20}).state is State.SUCCEEDED


def test_no_run_starts_on_a_disk_that_is_nearly_full(small_disk: Path) -> None:
    root = lay_out(small_disk / "project", {"grow": PIPELINE}, {"write": WRITE})
    with Project.open(root) as project:
        with pytest.raises(StorageError) as caught:
            project.run("grow")
        assert caught.value.code == "WB-DSK-303"
        assert project.runs.list() == ()


def test_f14_a_kernel_that_is_not_installed_is_refused_before_anything_starts(make_project: MakeProject) -> None:
    root = make_project({"grow": PIPELINE}, {"write": {**WRITE, "metadata": {"kernelspec": {"name": "pyton3"}}}})
    with Project.open(root) as project:
        with pytest.raises(WorkbenchError) as caught:
            project.run("grow")
        assert caught.value.code == "WB-RUN-141"
        assert "python3" in str(caught.value)
        assert project.runs.list() == ()


def test_a_faulty_contract_is_refused_before_anything_starts(make_project: MakeProject) -> None:
    contract = {"contracts/grow.numbers.odcs.yaml": "apiVersion: v3.1.0\nkind: DataContract\nshema: []\n"}
    root = make_project({"grow": PIPELINE}, {"write": WRITE}, contract)
    with Project.open(root) as project:
        with pytest.raises(WorkbenchError) as caught:
            project.run("grow")
        assert "grow.numbers.odcs.yaml:3:1" in str(caught.value)
        assert project.runs.list() == ()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("pd.DataFrame(index=[1, 2])", "WB-DAT-"),
        ('pd.DataFrame({"k": [1.0, float("nan")]})', "WB-DAT-"),
        ('pd.DataFrame([[1, 2]], columns=["a", "a"])', "WB-DAT-"),
    ],
)
def test_a_frame_that_no_table_holds_fails_its_step(make_project: MakeProject, frame: str, code: str) -> None:
    write = notebook("import pandas as pd, workbench as wb", f'wb.write({frame}, "bad.frame", mode="upsert", on=["k"])')
    root = make_project({"bad": "name: bad\nsteps: {write: notebooks/write.ipynb}\n"}, {"write": write})
    with Project.open(root) as project:
        done = project.run("bad", executor="inline")
        assert done.steps[0].error is not None
        assert code in done.steps[0].error["cause"]
        assert project.resolve("prod", ["bad.frame"]) == {}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ('{"kind": "staged", "data": {"dataset": 3}}', "WB-RUN-152"),
        (
            '{"kind": "staged", "data": {"dataset": "a.b", "mode": "append", "schema": {"columns": []}, "files": []}}',
            "WB-RUN-151",
        ),
        ('{"kind": "attempt_ended", "data": {}}', ""),
        ('"nonsense"', ""),
    ],
)
def test_a_notebook_that_forges_events_harms_only_itself(make_project: MakeProject, event: str, code: str) -> None:
    forge = notebook(
        "from IPython.display import publish_display_data",
        f'publish_display_data({{"application/vnd.workbench.event+json": {event}, "text/plain": "x"}})',
    )
    root = make_project({"forge": "name: forge\nsteps: {forge: notebooks/forge.ipynb}\n"}, {"forge": forge})
    with Project.open(root) as project:
        done = project.run("forge", executor="inline")
        assert done.state is (State.FAILED if code else State.SUCCEEDED)
        assert (done.steps[0].error or {"code": ""})["code"] == code


def test_two_processes_open_and_run_one_project(make_project: MakeProject) -> None:
    other = notebook(
        "import pandas as pd, workbench as wb", 'wb.write(pd.DataFrame({"x": [1]}), "other.numbers", mode="overwrite")'
    )
    pipelines = {"grow": PIPELINE, "other": "name: other\nsteps: {write: notebooks/other.ipynb}\n"}
    root = make_project(pipelines, {"write": WRITE, "other": other})
    command = [sys.executable, "-m", "workbench", "run", "--json"]
    started = [
        subprocess.Popen([*command, name], cwd=root, stdout=subprocess.PIPE, text=True) for name in ("grow", "other")
    ]
    for process in started:
        output, _ = process.communicate(timeout=180)
        assert process.returncode == 0
        assert json.loads(output)["state"] == "succeeded"
    with Project.open(root) as project:
        assert set(project.resolve("prod", ["grow.numbers", "other.numbers"])) == {"grow.numbers", "other.numbers"}
