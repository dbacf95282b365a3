"""Steps that fan out, run for real: over recorded values, writing one dataset together, and again when one changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook

from workbench.model.run import Run, State
from workbench.project import Project

PIPELINE = """
    name: flights
    parameters: {wanted: [EWR, JFK]}
    steps:
      ingest: {notebook: notebooks/ingest.ipynb, parameters: {wanted: "${wanted}"}}
      delays:
        notebook: notebooks/delays.ipynb
        foreach: {origin: "${ingest.origins}"}
        max_parallel: 2
        report: {title: "Delays from ${origin}"}
      total: notebooks/total.ipynb
"""
INGEST = notebook(
    "import pandas as pd, workbench as wb",
    """
    frame = pd.DataFrame({"origin": ["EWR", "EWR", "JFK", "LGA"], "delay": [1.0, 3.0, 5.0, 7.0]})
    wb.write(frame, "raw.flights")
    wb.record("origins", wanted)
    """,
    parameters='wanted: list[str] = ["EWR"]',
)
DELAYS = notebook(
    "import workbench as wb",
    """
    frame = wb.read("raw.flights")
    if origin == "bad":
        raise ValueError("no such airport")
    wb.write(frame[frame.origin == origin], "marts.delays", mode="partition", by="origin")
    """,
    parameters="origin: str",
)
TOTAL = notebook(
    "import workbench as wb",
    'wb.record("rows", len(wb.read("marts.delays")))',
)


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    return make_project({"flights": PIPELINE}, {"ingest": INGEST, "delays": DELAYS, "total": TOTAL})


def run(root: Path, wanted: str, **options: Any) -> Run:
    with Project.open(root) as project:
        return project.run("flights", {"wanted": wanted}, executor="inline", **options)


def states(done: Run) -> dict[str, State]:
    return {step.step: step.state for step in done.steps}


def rows(done: Run) -> Any:
    return next(step.values.get("rows") for step in done.steps if step.step == "total")


@pytest.mark.slow
def test_a_step_becomes_an_instance_for_each_value_that_was_recorded(root: Path) -> None:
    done = run(root, "EWR,JFK")
    assert states(done) == dict.fromkeys(["ingest", "delays[EWR]", "delays[JFK]", "total"], State.SUCCEEDED)
    assert rows(done) == 3
    by_name = {step.step: step for step in done.steps}
    assert (by_name["delays[JFK]"].base, by_name["delays[JFK]"].key) == ("delays", {"origin": "JFK"})
    assert {Path(step.report).parent.name for step in done.steps if step.report} == {"delays[EWR]", "delays[JFK]"}

    again = run(root, "EWR,JFK")
    assert set(states(again).values()) == {State.SKIPPED}

    more = run(root, "EWR,JFK,LGA")
    assert states(more) == {
        "ingest": State.SUCCEEDED,
        "delays[EWR]": State.SKIPPED,
        "delays[JFK]": State.SKIPPED,
        "delays[LGA]": State.SUCCEEDED,
        "total": State.SUCCEEDED,
    }
    assert rows(more) == 4

    with Project.open(root) as project:
        plan = project.plan("flights", {"wanted": "EWR,JFK,LGA"}, select=["delays[JFK]"], force=True)
        only = project.run(plan, executor="inline")
    assert [step.step for step in only.steps if step.state is State.SUCCEEDED] == ["delays[JFK]"]


def test_one_instance_that_fails_keeps_back_who_waits_for_all(root: Path) -> None:
    done = run(root, "EWR,bad")
    assert states(done) == {
        "ingest": State.SUCCEEDED,
        "delays[EWR]": State.SUCCEEDED,
        "delays[bad]": State.FAILED,
        "total": State.UPSTREAM_FAILED,
    }
    assert done.state is State.FAILED

    ingest, delays = root / "notebooks" / "ingest.ipynb", root / "notebooks" / "delays.ipynb"
    ingest.write_text(ingest.read_text().replace("7.0", "8.0"))  # it stands; what it recorded is still known
    delays.write_text(delays.read_text().replace("raise ValueError", "print"))
    with Project.open(root) as project:
        repair = project.plan_repair("last")
        assert repair.changed == ("ingest", "delays[EWR]")
        mended = project.repair(repair, executor="inline")
    assert mended.id == done.id
    assert set(states(mended).values()) == {State.SUCCEEDED}
    assert {step.step: len(step.attempts) for step in mended.steps} == {
        "ingest": 1,
        "delays[EWR]": 1,
        "delays[bad]": 2,
        "total": 1,
    }


@pytest.mark.slow
def test_no_value_is_no_failure_and_a_wrong_one_is_told(root: Path) -> None:
    done = run(root, "EWR")
    assert rows(done) == 2
    done = run(root, "")
    assert states(done) == {"ingest": State.SUCCEEDED, "delays": State.SKIPPED, "total": State.SKIPPED}
    path = root / "notebooks" / "ingest.ipynb"
    path.write_text(path.read_text().replace('wb.record(\\"origins\\", wanted)', 'wb.record(\\"origins\\", 3)'))
    done = run(root, "EWR")
    assert states(done) == {"ingest": State.SUCCEEDED, "delays": State.FAILED, "total": State.UPSTREAM_FAILED}
    error = next(step.error for step in done.steps if step.step == "delays")
    assert error is not None
    assert error["code"] == "WB-PIP-643"
