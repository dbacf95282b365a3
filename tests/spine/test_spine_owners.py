"""Who carries out a run may be killed, stopped or told to end: the next knows the truth, and a stale one is refused."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest
from projects import MakeProject, notebook
from runners import kernel_at_work, left_after, running, said, stop_between_writes, supervisor, until

from workbench.data import query
from workbench.model.run import AttemptState, State
from workbench.project import Project

PIPELINE = """
    name: who
    parameters: {name: {type: str}, seconds: {type: int, default: 120}}
    steps: {write: notebooks/write.ipynb}
"""
WRITE = notebook(
    "import pandas as pd, time, workbench as wb",
    'wb.write(pd.DataFrame({"who": [name]}), "who.wrote", mode="overwrite")',
    "time.sleep(seconds)",
    parameters="name: str\nseconds: int = 0",
)
HOLDS_THE_INTERPRETER = notebook(
    "import re", 're.match(r"(a+)+$", "a" * 40 + "b")', parameters="name: str\nseconds: int = 0"
)
SETTINGS = {"workbench.toml": 'name = "tested"\n[run]\nlease = "2s"\n'}

pytestmark = pytest.mark.slow


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    return make_project({"who": PIPELINE}, {"write": WRITE}, SETTINGS)


def last_states(root: Path) -> tuple[State, State, AttemptState]:
    with Project.open(root) as project:
        run = project.runs.get("last")
    return run.state, run.steps[0].state, run.steps[0].attempts[-1].state


@pytest.mark.parametrize("cells", [WRITE, HOLDS_THE_INTERPRETER], ids=["sleeps", "holds_the_interpreter"])
def test_f6_a_runner_that_is_killed_leaves_no_kernel_and_a_run_that_is_lost(
    make_project: MakeProject, cells: dict[str, object]
) -> None:
    root = make_project({"who": PIPELINE}, {"write": cells}, SETTINGS)
    with running(root, "run", "who", "-p", "name=a") as process:
        kernel = until(lambda: kernel_at_work(root))
        process.kill()
        process.wait()
        until(lambda: not psutil.pid_exists(kernel))
    assert last_states(root) == (State.LOST, State.LOST, AttemptState.LOST)
    assert left_after(5.0, root) == []
    with Project.open(root) as project:
        run = project.runs.get("last")
        assert run.error is not None
        assert run.error["code"] == "WB-RUN-121"
        assert run.steps[0].attempts[-1].cause == "worker_lost"
        assert project.resolve("prod", ["who.wrote"]) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_f7_a_runner_that_is_told_to_end_cancels_its_steps_and_begins_no_more(
    make_project: MakeProject, number: signal.Signals
) -> None:
    two = PIPELINE.replace("steps: {", "steps: {other: {notebook: notebooks/other.ipynb, after: [write]}, ")
    root = make_project({"who": two}, {"write": WRITE, "other": notebook("1")}, SETTINGS)
    with running(root, "run", "who", "-p", "name=a") as process:
        until(lambda: kernel_at_work(root))
        process.send_signal(number)
        assert process.wait(60) == 130
    assert left_after(5.0, root) == []
    assert "WB-RUN-190" in said(root)
    with Project.open(root) as project:
        run = project.runs.get("last")
        assert run.state is State.CANCELLED and run.error is not None and run.error["code"] == "WB-RUN-190"
        steps = {step.step: (step.state, [attempt.state for attempt in step.attempts]) for step in run.steps}
        assert steps == {"write": (State.CANCELLED, [AttemptState.CANCELLED]), "other": (State.CANCELLED, [])}
        assert project.resolve("prod", ["who.wrote"]) == {}


def test_f7_a_second_signal_does_not_wait_for_a_step_that_will_not_end(make_project: MakeProject) -> None:
    root = make_project({"who": PIPELINE}, {"write": HOLDS_THE_INTERPRETER}, SETTINGS)
    with running(root, "run", "who", "-p", "name=a") as process:
        kernel = until(lambda: kernel_at_work(root))
        process.terminate()
        until(lambda: "interrupted" in said(root) or not psutil.pid_exists(kernel) or process.poll() is None)
        process.terminate()
        assert process.wait(60) == 130
        until(lambda: not psutil.pid_exists(kernel))
    assert last_states(root) == (State.CANCELLED, State.CANCELLED, AttemptState.CANCELLED)


def test_f9_a_runner_that_stood_still_for_too_long_is_refused_and_the_new_one_stands(root: Path) -> None:
    with running(root, "run", "who", "-p", "name=old") as old:
        until(lambda: kernel_at_work(root))
        stop_between_writes(old, root)
        until(lambda: lost(root))
        with running(root, "run", "who", "-p", "name=new", "-p", "seconds=0") as new:
            assert new.wait(120) == 0
        old.send_signal(signal.SIGCONT)
        assert old.wait(60) == 1
    assert "WB-RUN-120" in said(root)
    with Project.open(root) as project:
        assert [run.state for run in project.runs.list()] == [State.SUCCEEDED, State.LOST]
        frame = query.read(project.resolve("prod", ["who.wrote"])["who.wrote"])
        assert list(frame.who) == ["new"]
        with project.store.reading() as transaction:
            assert [snapshot.version for snapshot in transaction.datasets.snapshots("who.wrote")] == [1]
    assert left_after(5.0, root) == []


def lost(root: Path) -> bool:
    with Project.open(root) as project:
        return [run.state for run in project.runs.list()] == [State.LOST]


def test_a_supervisor_that_stands_still_is_killed_and_its_attempt_lost(root: Path) -> None:
    with running(root, "run", "who", "-p", "name=a") as process:
        kernel = until(lambda: kernel_at_work(root))
        supervisor(root).send_signal(signal.SIGSTOP)
        assert process.wait(60) == 1
        until(lambda: not psutil.pid_exists(kernel))
    assert last_states(root) == (State.FAILED, State.LOST, AttemptState.LOST)
    with Project.open(root) as project:
        error = project.runs.get("last").steps[0].error
        assert error is not None
        assert error["code"] == "WB-RUN-122"
        assert "nothing was heard of its supervisor for 2 s" in error["cause"]


def test_f17_two_runs_of_one_notebook_at_once_keep_their_files_apart(root: Path) -> None:
    with (
        running(root, "run", "who", "-p", "name=a", "-p", "seconds=0") as one,
        running(root, "run", "who", "-p", "name=b", "-p", "seconds=0") as other,
    ):
        assert (one.wait(120), other.wait(120)) == (0, 0)
    with Project.open(root) as project:
        steps = [project.runs.get(run.id).steps[0] for run in project.runs.list()]
        notebooks = {project.runs.notebook(step) for step in steps}
        assert len(notebooks) == 2
        texts = [notebook.read_text() for notebook in notebooks if notebook]
        assert sorted(("'a'" in text, "'b'" in text) for text in texts) == [(False, True), (True, False)]
        with project.store.reading() as transaction:
            versions = [snapshot.version for snapshot in transaction.datasets.snapshots("who.wrote")]
        assert sorted(versions) == list(range(1, len(versions) + 1))
