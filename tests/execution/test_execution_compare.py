"""Two runs of a project against each other: what was asked, read, recorded and put out; and what is usual."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from projects import lay_out, notebook

from workbench.model.comparison import Change, Comparison
from workbench.model.errors import NotFound
from workbench.model.run import Run
from workbench.project import Project

pytestmark = pytest.mark.slow

PIPELINE = """
name: shop
parameters: {most: 3}
steps:
  make: {notebook: notebooks/make.ipynb, parameters: {most: "${most}"}}
  sum: notebooks/sum.ipynb
  other: notebooks/other.ipynb
"""
MAKE = (
    "import pandas as pd\nimport workbench as wb",
    'df = pd.DataFrame({"n": range(most)})\ndf',
    'wb.write(df, "raw.numbers")',
)
SUM = ("import workbench as wb", 'numbers = wb.read("raw.numbers")', 'wb.metric("total", int(numbers.n.sum()))')


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    notebooks = {
        "make": notebook(*MAKE, parameters="most = 3"),
        "sum": notebook(*SUM),
        "other": notebook("print('always')"),
    }
    return lay_out(tmp_path_factory.mktemp("compared") / "shop", {"shop": PIPELINE}, notebooks)


@pytest.fixture(scope="module")
def runs(root: Path) -> list[Run]:
    """A run, the same again with nothing to do, and one with another parameter and another cell."""
    with Project.open(root) as project:
        found = [project.run("shop", executor="inline"), project.run("shop", executor="inline")]
        changed = notebook(SUM[0], SUM[1], 'wb.metric("total", int(numbers.n.max()))', "print('more')")
        (root / "notebooks" / "sum.ipynb").write_text(json.dumps(changed))
        return [*found, project.run("shop", {"most": 4}, executor="inline")]


@pytest.fixture
def project(root: Path, runs: list[Run]) -> Project:
    return Project.open(root)


@pytest.fixture
def diff(project: Project, runs: list[Run]) -> Comparison:
    return project.runs.diff(runs[0].id, runs[2].id)


def facts(diff: Comparison, step: str, section: str) -> dict[str, tuple[object, object]]:
    (found,) = (one for one in diff.steps if one.step == step)
    return {item.name: (item.before, item.after) for item in found.section(section).changed}


def test_what_was_asked_read_recorded_and_written_is_compared(diff: Comparison) -> None:
    assert {item.name for item in diff.items if item.change is not Change.SAME} >= {"parameter most", "seconds"}
    assert facts(diff, "make", "parameters") == {"most": (3, 4)}
    assert facts(diff, "make", "outputs")["raw.numbers rows"] == (3, 4)
    assert facts(diff, "sum", "inputs") == {"raw.numbers": ("version 1, 3 rows", "version 2, 4 rows")}
    assert facts(diff, "sum", "values") == {}, "a sum of three is a maximum of four"
    assert facts(diff, "sum", "times").keys() >= {"seconds"}


def test_outputs_are_compared_cell_by_cell(diff: Comparison) -> None:
    make, total, other = diff.steps
    changed = {cell.id: cell for cell in make.cells if cell.change is not Change.SAME}
    assert set(changed) == {"cell-2", "cell-3"}, "the same code with other outputs"
    frame = changed["cell-2"]
    assert frame.source_change is Change.SAME and frame.by_id
    assert frame.seconds_before is not None and frame.seconds_after is not None
    assert frame.outputs[0].said == "1 of 4 rows added"
    assert [(cell.id, cell.change) for cell in total.cells if cell.change is not Change.SAME] == [
        ("cell-3", Change.CHANGED),
        ("cell-4", Change.ADDED),
    ]
    assert other.change is Change.SAME and other.note.startswith("both stand for what run ")


def test_a_step_that_had_no_need_to_run_stands_for_the_run_that_did(project: Project, runs: list[Run]) -> None:
    same = project.runs.diff(runs[0].id, runs[1].id)
    assert same.change is Change.SAME
    assert {step.run_after for step in same.steps} == {runs[0].id}
    assert [step.after for step in same.steps] == ["skipped"] * 3


def test_one_step_can_be_compared_alone(project: Project) -> None:
    (step,) = project.runs.diff("shop@last~1", "last", "sum").steps
    assert step.step == "sum"
    with pytest.raises(NotFound, match='Did you mean "make"'):
        project.runs.diff("last~1", "last", "mak")


def test_a_run_without_an_executed_notebook_says_so(project: Project, runs: list[Run]) -> None:
    for path in (project.config.state / "runs" / runs[2].id / "sum").glob("*/output.ipynb"):
        path.rename(path.with_suffix(".aside"))
    (step,) = project.runs.diff(runs[0].id, runs[2].id, "sum").steps
    for path in (project.config.state / "runs" / runs[2].id / "sum").glob("*/output.aside"):
        path.rename(path.with_suffix(".ipynb"))
    assert step.cells == () and step.note == f"run {runs[2].id[-6:]} left no executed notebook"


def test_cells_are_held_against_what_they_took_in_other_runs(project: Project, runs: list[Run]) -> None:
    usual = project.runs.usual(project.runs.get(runs[2].id))
    assert usual.steps["make"].samples == 1
    assert usual.cells["make"].keys() >= {"cell-1", "cell-2", "cell-3"}
    assert usual.run is not None and usual.run.samples == 1, "a run in which nothing ran is no measure"


def test_the_code_of_the_cells_is_known_by_id(project: Project, runs: list[Run]) -> None:
    step = project.runs.step(project.runs.get(runs[2].id), "sum")
    assert project.runs.sources(step)["cell-1"] == SUM[0]
