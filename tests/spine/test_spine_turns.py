"""Runs that go on at once wait for each other where they have to, and say for what; anybody may end them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from projects import MakeProject, notebook
from runners import kernel_at_work, left_after, running, said, start, until

from workbench.model.events import Progress
from workbench.model.run import AttemptState, Run, State
from workbench.project import Project

PIPELINE = """
    name: turns
    parameters: {name: {type: str, default: x}}
    steps: {wait: notebooks/wait.ipynb}
"""
WAIT = notebook(
    """
    import time
    from pathlib import Path
    Path(f"began-{name}").touch()
    while not Path(f"go-{name}").exists():
        time.sleep(0.02)
    """,
    parameters='name: str = "x"',
)
WRITE = notebook(
    *[cell["source"] for cell in WAIT["cells"][1:]],
    'import pandas as pd, workbench as wb\nwb.write(pd.DataFrame({"name": [name]}), "turns.written", mode="overwrite")',
    parameters='name: str = "x"',
)


class Going:
    """A run in a thread of its own, with what it told."""

    def __init__(self, root: Path, name: str, max_parallel: int | None = None, concurrency: int | None = None) -> None:
        self.root, self.name = root, name
        self.told: list[Progress] = []
        self.run: Run | None = None
        self._how = max_parallel, concurrency
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def _go(self) -> None:
        parallel, concurrency = self._how
        with Project.open(self.root) as project:
            plan = replace(project.plan("turns", {"name": self.name}), concurrency=concurrency)
            self.run = project.run(plan, max_parallel=parallel, on_progress=self.told.append)

    @property
    def began(self) -> bool:
        return (self.root / "notebooks" / f"began-{self.name}").exists()

    def messages(self, state: State = State.QUEUED) -> list[str]:
        return [one.message for one in self.told if one.state == state and one.message]

    def go(self) -> None:
        """Let its notebook end."""
        (self.root / "notebooks" / f"go-{self.name}").touch()

    def end(self) -> Run:
        """Let its notebook end, and wait for the run."""
        self.go()
        self._thread.join(120)
        assert self.run is not None
        return self.run


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    return make_project({"turns": PIPELINE}, {"wait": WAIT}, {"workbench.toml": "[run]\nmax_parallel = 1\n"})


@contextmanager
def two(root: Path, **how: int) -> Iterator[tuple[Going, Going]]:
    """Two runs, the second begun while the first is at work."""
    first = Going(root, "first", **how)
    until(lambda: first.began)
    second = Going(root, "second", **how)
    try:
        yield first, second
    finally:
        first.end()
        second.end()


@pytest.mark.slow
def test_f46_attempts_of_all_runs_count_together(root: Path) -> None:
    with two(root) as (first, second):
        until(second.messages)
        assert not second.began
        assert second.messages() == ["waits: 1 of 1 places are taken"]
        assert first.end().state is State.SUCCEEDED
        until(lambda: second.began)
        assert second.end().state is State.SUCCEEDED


@pytest.mark.slow
def test_later_runs_of_a_pipeline_wait_in_the_queue_and_can_be_cancelled_there(root: Path) -> None:
    with two(root, max_parallel=3, concurrency=1) as (first, second):
        until(second.messages)
        third = Going(root, "third", max_parallel=3, concurrency=1)
        until(third.messages)
        with Project.open(root) as project:
            waiting = project.runs.list(states=[State.QUEUED])
            assert len(waiting) == 2
            assert third.messages()[0].startswith("waits for its turn, 1 at a time; before it: ")
            cancelled = project.cancel(waiting[1].id)
            assert cancelled.state is State.CANCELLED
            assert cancelled.error is not None
            assert cancelled.error["code"] == "WB-RUN-191"
            assert project.cancel(waiting[1].id) == cancelled
        assert second.end().state is State.CANCELLED
        assert not second.began
        first.end()
        until(lambda: third.began)
        assert third.end().state is State.SUCCEEDED


@pytest.mark.slow
def test_f27_a_dataset_has_one_writer_at_a_time(make_project: MakeProject) -> None:
    root = make_project({"turns": PIPELINE}, {"wait": WRITE}, {"workbench.toml": "[run]\nmax_parallel = 4\n"})
    with two(root) as (first, second):
        until(second.messages)
        (message,) = second.messages()
        assert message.startswith("waits: run ")
        assert message.endswith(" of turns is writing turns.written")
        assert not second.began
        assert [run.state for run in (first.end(), second.end())] == [State.SUCCEEDED, State.SUCCEEDED]
    with Project.open(root) as project, project.store.reading() as transaction:
        versions = transaction.datasets.snapshots("turns.written")
    assert [snapshot.version for snapshot in versions] == [2, 1]


@pytest.mark.slow
@pytest.mark.parametrize("command", [("runs", "cancel", "last"), ("runs", "cancel", "last", "--json")])
def test_a_run_is_cancelled_from_another_process(root: Path, command: tuple[str, ...]) -> None:
    with running(root, "run", "turns") as process:
        until(lambda: kernel_at_work(root))
        assert start(root, *command).wait(60) == 0
        assert process.wait(60) == 130
    assert "WB-RUN-191" in said(root)
    with Project.open(root) as project:
        run = project.runs.get("last")
        assert run.state is State.CANCELLED
        assert run.cancel == project.actor
        assert [one.state for one in run.steps[0].attempts] == [AttemptState.CANCELLED]
    assert start(root, "runs", "cancel", "last").wait(60) == 0
    assert "was over: cancelled" in said(root)
    assert left_after(5.0, root) == []


@pytest.mark.slow
def test_cancelling_ends_a_retry_that_waits(make_project: MakeProject) -> None:
    options = "notebook: notebooks/fail.ipynb, retries: {max: 5, on: [ZeroDivisionError], backoff: 1h}"
    root = make_project({"turns": f"name: turns\nsteps: {{fail: {{{options}}}}}\n"}, {"fail": notebook("1 / 0")})
    with running(root, "run", "turns") as process:
        until(lambda: "attempt 2 of 6 in" in said(root))
        with Project.open(root) as project:
            step = project.runs.get("last").steps[0]
            assert [one.state for one in step.attempts] == [AttemptState.FAILED, AttemptState.QUEUED]
            assert step.state is State.QUEUED
            assert step.attempts[1].not_before > step.attempts[0].ended_at
            run = project.cancel("last")
        assert process.wait(60) == 130
    assert run.state is State.CANCELLED
    assert [one.state for one in run.steps[0].attempts] == [AttemptState.FAILED, AttemptState.CANCELLED]


@pytest.mark.slow
def test_a_retry_that_waits_outlives_its_runner_until_a_repair(make_project: MakeProject) -> None:
    options = "notebook: notebooks/fail.ipynb, retries: {max: 5, on: [ZeroDivisionError], backoff: 1h}"
    root = make_project({"turns": f"name: turns\nsteps: {{fail: {{{options}}}}}\n"}, {"fail": notebook("1 / 0")})
    with running(root, "run", "turns") as process:
        until(lambda: "attempt 2 of 6 in" in said(root))
        process.kill()
        process.wait()
    (root / "notebooks" / "fail.ipynb").write_text(
        (root / "notebooks" / "fail.ipynb").read_text().replace("1 / 0", "1")
    )
    with Project.open(root) as project:
        lost = project.runs.get("last")
        assert lost.state is State.LOST
        assert [one.state for one in lost.steps[0].attempts] == [AttemptState.FAILED, AttemptState.CANCELLED]
        run = project.repair("last")
    assert run.state is State.SUCCEEDED
    assert [one.state for one in run.steps[0].attempts][2:] == [AttemptState.COMMITTED]


def test_a_run_that_goes_on_is_not_repaired(root: Path) -> None:
    waits: Callable[[], bool] = (root / "notebooks" / "began-x").exists
    with running(root, "run", "turns"):
        until(waits)
        assert start(root, "runs", "repair", "last").wait(60) == 5
    assert "WB-RUN-123" in said(root)
