"""Rows F6, F8 and F9 of the table of faults: whichever process of a run is killed or stopped, all of it comes right."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from invariants import faults
from nemesis import Command, of_roles, tagged, type_wb
from projects import MakeProject, notebook
from runners import stop_between_writes

from workbench.model.run import AttemptState, State
from workbench.project import Project

pytestmark = pytest.mark.slow
PATIENCE = 60.0
"""Seconds that the test waits for what takes a second."""
PIPELINE = """
name: held
steps:
  hold: {notebook: notebooks/hold.ipynb, retries: {max: 3, on: [kernel_died, worker_lost], backoff: 1s}}
"""
HOLD = notebook(
    """
    import os, subprocess, time
    from pathlib import Path
    import pandas as pd, workbench as wb
    """,
    """
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with Path("../held").open("a") as held:
        held.write(f"{os.getpid()} {child.pid}\\n")
    """,
    'while not Path("../go").exists():\n    time.sleep(0.02)',
    'wb.write(pd.DataFrame({"n": [1]}), "held.ones", mode="append")',
)


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    """A project whose one step waits for a file, with a child of its kernel that detached itself."""
    files = {"workbench.toml": '[run]\nlease = "6s"\n'}
    return make_project({"held": PIPELINE}, {"hold": HOLD}, files=files)


@pytest.fixture
def command(root: Path) -> Iterator[Command]:
    """``wb run held``, as soon as its step waits."""
    typed = type_wb(root, 1, "run", "held", "--json")
    until(lambda: len(held(root)) == 1, typed)
    yield typed
    for process in tagged(typed.tag):
        process.kill()
    typed.process.wait()


def held(root: Path) -> list[tuple[int, int]]:
    """The kernels that reached the wait, and the child of each."""
    path = root / "held"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [(int(line.split()[0]), int(line.split()[1])) for line in lines if line.endswith("\n")]


def until(true: Callable[[], bool], command: Command) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, [(process.pid, process.name()) for process in tagged(command.tag)]
        time.sleep(0.02)


def at_work(command: Command, kernel: int, role: str) -> psutil.Process:
    """The process of a role that the kernel is below."""
    above = {process.pid for process in (psutil.Process(kernel), *psutil.Process(kernel).parents())}
    (found,) = [process for process in of_roles(command)[role] if process.pid in above]
    return found


def states(root: Path) -> tuple[State, list[AttemptState]]:
    with Project.open(root) as project:
        run = project.runs.get("last")
        return run.state, [attempt.state for attempt in run.steps[0].attempts]


@pytest.mark.parametrize("role", ["guardian", "supervisor", "kernel"])
def test_what_carries_out_a_step_is_killed_and_the_step_is_tried_again(root: Path, command: Command, role: str) -> None:
    ((kernel, child),) = held(root)
    at_work(command, kernel, role).kill()
    until(lambda: not alive(kernel) and not alive(child), command)
    until(lambda: len(held(root)) == 2, command)
    (root / "go").touch()
    assert command.process.wait(PATIENCE) == 0
    state, (first, second) = states(root)
    assert state is State.SUCCEEDED and second is AttemptState.COMMITTED
    assert first is (AttemptState.FAILED if role == "kernel" else AttemptState.LOST)
    until(lambda: not tagged(command.tag), command)
    assert faults(root) == []


def test_the_template_is_killed_and_the_step_goes_on(root: Path, command: Command) -> None:
    ((kernel, _),) = held(root)
    at_work(command, kernel, "template").kill()
    (root / "go").touch()
    assert command.process.wait(PATIENCE) == 0
    assert states(root) == (State.SUCCEEDED, [AttemptState.COMMITTED])
    until(lambda: not tagged(command.tag), command)
    assert faults(root) == []


@pytest.mark.parametrize("also", ["", "template", "guardian", "supervisor"])
def test_the_runner_is_killed_and_nothing_of_it_is_left(root: Path, command: Command, also: str) -> None:
    ((kernel, child),) = held(root)
    other = at_work(command, kernel, also) if also else None
    at_work(command, kernel, "runner").kill()
    if other is not None and other.is_running():
        other.kill()
    command.process.wait()
    assert states(root) == (State.LOST, [AttemptState.LOST])
    until(lambda: not alive(kernel) and not alive(child) and not tagged(command.tag), command)
    assert faults(root) == []


def test_a_runner_that_was_stopped_beyond_its_lease_changes_nothing(root: Path, command: Command) -> None:
    ((kernel, child),) = held(root)
    runner = at_work(command, kernel, "runner")
    stop_between_writes(runner, root)
    until(lambda: states(root)[0] is State.LOST, command)
    (root / "go").touch()
    time.sleep(0.5)  # its step ends meanwhile, and what it wrote waits to be published
    runner.send_signal(signal.SIGCONT)
    assert command.process.wait(PATIENCE) != 0
    assert states(root) == (State.LOST, [AttemptState.LOST])
    until(lambda: not alive(kernel) and not alive(child) and not tagged(command.tag), command)
    with Project.open(root) as project:
        assert project.resolve("prod", ["held.ones"]) == {}
    assert faults(root) == []


@pytest.mark.parametrize(("role", "tries"), [("guardian", 1), ("supervisor", 2), ("kernel", 1)])
def test_what_was_stopped_beyond_the_lease_comes_right(root: Path, command: Command, role: str, tries: int) -> None:
    ((kernel, child),) = held(root)
    victim = at_work(command, kernel, role)
    victim.send_signal(signal.SIGSTOP)
    if tries > 1:
        until(lambda: len(held(root)) == tries, command)
        assert not alive(kernel) and not alive(child)
    else:
        time.sleep(8.0)  # longer than the lease
        victim.send_signal(signal.SIGCONT)
    (root / "go").touch()
    assert command.process.wait(PATIENCE) == 0
    assert states(root) == (State.SUCCEEDED, [*[AttemptState.LOST] * (tries - 1), AttemptState.COMMITTED])
    until(lambda: not tagged(command.tag), command)
    assert faults(root) == []


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
