"""A run whose step fails may leave its kernel behind, known to the project until it is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from invariants import faults, processes
from projects import MakeProject, notebook

from workbench.model.errors import NotFound, UsageError
from workbench.model.run import State
from workbench.project import Project

FAIL = notebook("x = 42", "1 / 0")
EACH = notebook("1 / 0", parameters="x: int = 0")
FLAKY = notebook(
    """
    from pathlib import Path
    tries = Path("tries")
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    """,
    'if len(tries.read_text()) < 2:\n    raise ConnectionError("not yet")',
)


@pytest.fixture
def project(make_project: MakeProject) -> Iterator[Project]:
    pipeline = """
    name: kept
    defaults: {keep_failed: 10m}
    steps:
      fails: notebooks/fails.ipynb
      each: {notebook: notebooks/each.ipynb, foreach: {x: [1, 2]}}
      flaky: {notebook: notebooks/flaky.ipynb, retries: {max: 1, on: [ConnectionError], backoff: 1s}}
    """
    files = {"workbench.toml": 'name = "tested"\n[run]\nkept_kernels = 3\n'}
    root = make_project({"kept": pipeline}, {"fails": FAIL, "each": EACH, "flaky": FLAKY}, files)
    with Project.open(root) as opened:
        yield opened
        for run in opened.runs.list():
            for kept in opened.runs.kept.of(run):
                opened.runs.kept.release(kept)


def test_a_failed_step_keeps_its_kernel_until_it_is_released(project: Project) -> None:
    run = project.run(project.plan("kept", select=["fails"]))
    assert run.state is State.FAILED
    kept = project.runs.kept.one(run)
    assert (kept.run, kept.step, kept.number) == (run.id, "fails", 2)
    assert project.runs.get(run.id).steps[0].attempts[0].kept_until == kept.until
    copy = project.runs.kept.notebook(kept)
    assert json.loads(copy.read_text()) == json.loads((Path(kept.folder) / "output.ipynb").read_text())
    copy.write_text("mine")
    assert project.runs.kept.notebook(kept).read_text() == "mine"
    family = [psutil.Process(kept.pid), *psutil.Process(kept.pid).children(recursive=True)]
    assert len(family) >= 3
    assert processes(project.root) == []
    assert faults(project.root) == []
    assert project.runs.kept.of(run) == (kept,)
    project.runs.kept.release(kept)
    assert [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
    assert project.runs.get(run.id).steps[0].attempts[0].kept_until == ""
    with pytest.raises(NotFound, match=r"WB-RUN-406.*was released") as caught:
        project.runs.kept.one(run)
    assert caught.value.exit_code == 3


def test_a_step_that_is_tried_again_keeps_nothing(project: Project) -> None:
    run = project.run(project.plan("kept", select=["flaky"]))
    flaky = next(step for step in run.steps if step.step == "flaky")
    assert (flaky.state, len(flaky.attempts)) == (State.SUCCEEDED, 2)
    assert [attempt.kept_until for attempt in flaky.attempts] == ["", ""]
    assert project.runs.kept.of(run) == ()
    with pytest.raises(NotFound, match="no cell failed"):
        project.runs.kept.one(run)


def test_of_several_steps_one_has_to_be_named(project: Project) -> None:
    run = project.run(project.plan("kept", select=["each"]))
    with pytest.raises(UsageError, match="WB-RUN-407"):
        project.runs.kept.one(run)
    steps = [kept.step for kept in project.runs.kept.of(run)]
    assert sorted(steps) == ["each[1]", "each[2]"]
    assert project.runs.kept.one(run, "each[2]").step == "each[2]"


def test_an_executor_without_processes_of_its_own_says_why(project: Project) -> None:
    run = project.run(project.plan("kept", select=["fails"]), executor="inline")
    with pytest.raises(NotFound, match="only the executor local keeps kernels"):
        project.runs.kept.one(run)
