"""The kernel ``workbench``, as it comes with an installation: in steps, and in what else runs notebooks."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from execution_orders import carry_out, order_of
from hatchling.build import build_wheel
from projects import notebook

from workbench.execution.executor import Demand
from workbench.execution.kernels import PROVISIONER, why_cold
from workbench.execution.local import LocalExecutor
from workbench.model.events import Kind

ROOT = Path(__file__).parent.parent.parent
KERNEL = "workbench"
PAPERMILL = """
import json, papermill
told = papermill.execute_notebook("n.ipynb", "out.ipynb", kernel_name="workbench", progress_bar=False)
print(json.dumps([told.cells[-1].outputs[0]["text"], told.metadata.papermill.exception]))
"""
LAB = """
import json
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning import KernelProvisionerFactory
manager, client = start_new_kernel(kernel_name="workbench")
told = []
hear = lambda message: told.append(message["content"].get("text"))
reply = client.execute_interactive("print(6 * 7)", output_hook=hear, timeout=60)
client.stop_channels()
manager.shutdown_kernel()
print(json.dumps([type(manager.provisioner).__name__, reply["content"]["status"], told]))
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what our wheel would install, without the packages that are installed already."""
    folder = tmp_path_factory.mktemp("installed")
    before = Path.cwd()
    os.chdir(ROOT)  # where a builder has to stand
    try:
        wheel = folder / build_wheel(str(folder))
    finally:
        os.chdir(before)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def finding_it(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets this process, and those it starts, find the kernel and the packages of the installation."""
    (data,) = installation.glob("*.data/data/share/jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(data))
    monkeypatch.setenv("PYTHONPATH", str(installation))
    why_cold.cache_clear()
    yield
    why_cold.cache_clear()


def told(program: str, folder: Path) -> object:
    """What a program prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_wheel_brings_the_kernel_and_its_provisioner(installation: Path) -> None:
    (spec,) = installation.glob(f"*.data/data/share/jupyter/kernels/{KERNEL}/kernel.json")
    (entry_points,) = installation.glob("*.dist-info/entry_points.txt")
    named = json.loads(spec.read_text())["metadata"]["kernel_provisioner"]["provisioner_name"]
    assert named == PROVISIONER
    assert f"{named} = workbench.execution.seats.provisioner:WarmProvisioner" in entry_points.read_text()


@pytest.mark.usefixtures("finding_it")
def test_a_step_that_wants_it_gets_one_that_was_ready(tmp_path: Path) -> None:
    with contextlib.closing(LocalExecutor()) as executor:
        executor.warm_up(Demand(steps=1))
        outcome = carry_out(executor, order_of(tmp_path / "a1", "6 * 7", kernel=KERNEL))
    ready = next(event.data for event in outcome.events() if event.kind is Kind.KERNEL_READY)
    assert (outcome.code, outcome.text_of(0), ready["warm"]) == (None, "42", True)


@pytest.mark.usefixtures("finding_it")
def test_a_step_that_wants_it_and_no_fork_gets_one_that_is_started(tmp_path: Path) -> None:
    with contextlib.closing(LocalExecutor()) as executor:
        order = order_of(tmp_path / "a1", "6 * 7", kernel=KERNEL, environment={"PYTHONHASHSEED": "0"})
        outcome = carry_out(executor, order)
    ready = next(event.data for event in outcome.events() if event.kind is Kind.KERNEL_READY)
    assert (outcome.code, outcome.text_of(0), ready["warm"]) == (None, "42", False)


@pytest.mark.slow
@pytest.mark.usefixtures("finding_it")
def test_papermill_alone_starts_it_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook("print(6 * 7)", kernel=KERNEL)))
    assert told(PAPERMILL, tmp_path) == ["42\n", None]


@pytest.mark.slow
@pytest.mark.usefixtures("finding_it")
def test_servers_of_notebooks_start_it_as_any_other(tmp_path: Path) -> None:
    name, status, heard = told(LAB, tmp_path)  # type: ignore[misc]
    assert (name, status) == ("WarmProvisioner", "ok")
    assert "42\n" in heard
