"""Backfills run for real: parts side by side into one dataset, again when one changed, and repaired when one failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook

from workbench.model.matrix import Square
from workbench.model.run import Origin, Run, State
from workbench.project import Project

PIPELINE = """
    name: flights
    parameters: {broken: ""}
    partitions:
      day: {every: day, start: 2013-01-01, end: 2013-01-05}
    steps:
      ingest: notebooks/ingest.ipynb
      clean: notebooks/clean.ipynb
      daily: {notebook: notebooks/daily.ipynb, report: {title: "Delays on ${day}"}}
      total: notebooks/total.ipynb
"""
INGEST = notebook(
    "import pandas as pd, workbench as wb",
    """
    days = [f"2013-01-0{day}" for day in range(1, 6)]
    wb.write(pd.DataFrame({"day": days, "delay": [1.0, 2.0, 3.0, 4.0, 5.0]}), "raw.flights")
    """,
)
CLEAN = notebook(
    "import workbench as wb",
    """
    if broken == day.isoformat():
        raise ValueError("no data")
    frame = wb.read("raw.flights")
    wb.write(frame[frame.day == day.isoformat()], "clean.flights", mode="partition", by="day")
    """,
    parameters='from datetime import date\n\nday: date\nbroken: str = ""',
)
DAILY = notebook(
    "#md # One day",
    "import workbench as wb",
    """
    frame = wb.read("clean.flights")
    wb.write(frame[frame.day == day.isoformat()], "marts.daily", mode="partition", by="day")
    """,
    parameters="from datetime import date\n\nday: date",
)
TOTAL = notebook("import workbench as wb", 'wb.record("rows", len(wb.read("marts.daily")))')
DAYS = ["2013-01-01", "2013-01-02", "2013-01-03"]
RANGE = {"day": "2013-01-01..2013-01-03"}


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    books = {"ingest": INGEST, "clean": CLEAN, "daily": DAILY, "total": TOTAL}
    return make_project({"flights": PIPELINE}, books)


def fill(root: Path, over: dict[str, str] = RANGE, executor: str = "inline", **options: Any) -> Run:
    with Project.open(root) as project:
        plan = project.plan_backfill("flights", over, **options)
        return project.run(plan, executor=executor, max_parallel=3, origin=Origin("backfill"))


def states(done: Run) -> dict[str, State]:
    return {step.step: step.state for step in done.steps}


def squares(root: Path) -> dict[str, tuple[Square, ...]]:
    with Project.open(root) as project:
        return {row.values[0]: row.squares for row in project.matrix("flights").rows}


@pytest.mark.slow
def test_parts_are_filled_in_side_by_side_and_only_once(root: Path) -> None:
    done = fill(root, executor="local")
    names = ["ingest", *(f"{step}[{day}]" for step in ("clean", "daily") for day in DAYS), "total"]
    assert states(done) == dict.fromkeys(names, State.SUCCEEDED)
    assert done.trigger == "backfill"
    assert next(step.values["rows"] for step in done.steps if step.step == "total") == 3
    assert all(state is State.SKIPPED for state in states(fill(root)).values())

    more = fill(root, {"day": "2013-01-03..2013-01-04"})
    assert [name for name, state in states(more).items() if state is State.SUCCEEDED] == [
        "clean[2013-01-04]",
        "daily[2013-01-04]",
        "total",
    ]
    with Project.open(root) as project:
        alone = project.plan("flights", {"day": "2013-01-02"})
        assert {step.reason.code for step in alone.steps} == {"unchanged"}
    found = squares(root)
    assert [square.state for square in found["2013-01-01"]] == [State.SKIPPED, State.SKIPPED]
    assert [square.state for square in found["2013-01-04"]] == [State.SUCCEEDED, State.SUCCEEDED]
    assert [square.state for square in found["2013-01-05"]] == [None, None]


@pytest.mark.slow
def test_a_part_that_fails_holds_up_no_other_and_is_repaired(root: Path) -> None:
    done = fill(root, parameters={"broken": "2013-01-02"})
    assert states(done) == {
        "ingest": State.SUCCEEDED,
        "clean[2013-01-01]": State.SUCCEEDED,
        "clean[2013-01-02]": State.FAILED,
        "clean[2013-01-03]": State.SUCCEEDED,
        "daily[2013-01-01]": State.SUCCEEDED,
        "daily[2013-01-02]": State.UPSTREAM_FAILED,
        "daily[2013-01-03]": State.SUCCEEDED,
        "total": State.UPSTREAM_FAILED,
    }
    with Project.open(root) as project:
        only = project.plan_backfill("flights", {"day": ""}, only="failed")
        assert [step.name for step in only.steps] == ["ingest", "clean[2013-01-02]", "daily[2013-01-02]", "total"]
        missing = project.plan_backfill("flights", {"day": ""}, only="missing")
        assert {step.partition["day"] for step in missing.steps if step.partition} == {"2013-01-04", "2013-01-05"}
    path = root / "notebooks" / "clean.ipynb"
    path.write_text(path.read_text().replace("raise ValueError", "print"))
    with Project.open(root) as project:
        repaired = project.repair(done.id, executor="inline")
    assert repaired.state is State.SUCCEEDED
    assert states(repaired)["daily[2013-01-02]"] is State.SUCCEEDED


@pytest.mark.slow
def test_a_run_for_one_day_is_repaired_as_what_it_was(root: Path) -> None:
    with Project.open(root) as project:
        done = project.run("flights", {"day": "2013-01-02", "broken": "2013-01-02"}, executor="inline")
    assert states(done)["clean"] is State.FAILED
    path = root / "notebooks" / "clean.ipynb"
    path.write_text(path.read_text().replace("raise ValueError", "print"))
    with Project.open(root) as project:
        repaired = project.repair(done.id, executor="inline")
    assert states(repaired) == dict.fromkeys(["ingest", "clean", "daily", "total"], State.SUCCEEDED)


def test_the_pipeline_file_alone_is_enough_to_look(root: Path) -> None:
    found = squares(root)
    assert list(found) == [f"2013-01-0{day}" for day in range(1, 6)]
    with Project.open(root) as project:
        plan = project.plan_backfill("flights", {"day": ""})
    assert len(plan.steps) == 12
    assert json.loads(plan.step("clean[2013-01-05]").source)["nbformat"] == 4
