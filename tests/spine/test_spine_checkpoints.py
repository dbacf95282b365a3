"""A step goes on after its checkpoint when it is tried again or repaired, and publishes all that it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from projects import MakeProject, notebook

from workbench.model.run import CellState, Run, State
from workbench.project import Project

MAKE = """
import pandas as pd, workbench as wb
from pathlib import Path
ran = Path("ran")
ran.write_text(ran.read_text() + "x" if ran.exists() else "x")
frame = pd.DataFrame({"x": range(3)})
wb.write(frame, "kept.before")
wb.metric("rows", len(frame))
"""
FAIL_ONCE = """
flag = Path("flag")
if not flag.exists():
    flag.touch()
    raise ConnectionError("not yet")
wb.write(frame.assign(y=1), "kept.after")
"""
ALWAYS = 'raise ConnectionError("never")'


def tagged(*cells: str) -> dict[str, Any]:
    made = notebook(*cells)
    made["cells"][0]["metadata"]["tags"] = ["checkpoint"]
    return made


def make(make_project: MakeProject, second: str, retries: str = "") -> Path:
    pipeline = f"name: kept\nsteps:\n  work: {{notebook: notebooks/work.ipynb{retries}}}\n"
    return make_project({"kept": pipeline}, {"work": tagged(MAKE, second)})


def states(run: Run) -> list[list[CellState]]:
    return [[cell.state for cell in attempt.cells] for attempt in run.steps[0].attempts]


def shelves(root: Path) -> list[Path]:
    return list((root / ".workbench" / "runs").glob("*/*/checkpoint"))


def test_a_retry_goes_on_after_the_checkpoint(make_project: MakeProject) -> None:
    retries = ", retries: {max: 1, on: [ConnectionError], backoff: 1s}"
    root = make(make_project, FAIL_ONCE, retries)
    with Project.open(root) as project:
        run = project.run("kept")
        assert run.state is State.SUCCEEDED, run.steps[0].error
        assert states(run) == [[CellState.SUCCEEDED, CellState.FAILED], [CellState.RESTORED, CellState.SUCCEEDED]]
        assert set(run.steps[0].outputs) == {"kept.before", "kept.after"}
        assert run.steps[0].values == {"rows": 3}
        assert set(project.resolve("prod", ["kept.before", "kept.after"])) == {"kept.before", "kept.after"}
        (note,) = [cell.note for cell in run.steps[0].attempts[0].cells if cell.note]
        assert note.startswith("checkpoint of ")
    assert (root / "notebooks" / "ran").read_text() == "x"
    assert shelves(root) == []


def test_a_repair_goes_on_with_the_cells_that_were_mended(make_project: MakeProject) -> None:
    root = make(make_project, ALWAYS)
    with Project.open(root) as project:
        failed = project.run("kept")
        assert failed.state is State.FAILED
        assert len(shelves(root)) == 1
        path = root / "notebooks" / "work.ipynb"
        content = json.loads(path.read_text())
        content["cells"][1]["source"] = 'wb.write(frame.assign(y=2), "kept.after")'
        path.write_text(json.dumps(content))
        repaired = project.repair(failed.id)
        assert repaired.state is State.SUCCEEDED, repaired.steps[0].error
        assert states(repaired)[-1] == [CellState.RESTORED, CellState.SUCCEEDED]
    assert (root / "notebooks" / "ran").read_text() == "x"
    assert shelves(root) == []


def test_a_step_that_may_not_read_what_it_wrote_may_not_after_a_checkpoint_either(make_project: MakeProject) -> None:
    retries = ", retries: {max: 1, on: [ConnectionError], backoff: 1s}"
    read = FAIL_ONCE.replace('wb.write(frame.assign(y=1), "kept.after")', 'wb.read("kept.before")')
    root = make(make_project, read, retries)
    with Project.open(root) as project:
        run = project.run("kept")
        assert run.state is State.FAILED
        assert "cannot be read in the step that writes it" in str(run.steps[0].error)
