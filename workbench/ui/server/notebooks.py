"""What the API answers about a notebook that is open: which step it is, whether it is fresh, how long it took."""

from __future__ import annotations

from typing import Any

from workbench.model.errors import NotFound, WorkbenchError
from workbench.model.pipeline import Notebook, Pipeline, StepSpec
from workbench.model.plain import to_plain
from workbench.model.plan import Action, Plan, PlannedStep
from workbench.model.run import Run, State, StepRun
from workbench.pipeline import spec
from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.parameters import json_schema
from workbench.project import Project
from workbench.ui import codec, notebook_shapes
from workbench.ui.notebook_shapes import Currency
from workbench.ui.server.values import EnvironmentName, NotebookPath

LOOKED_AT = 10
"""Runs of a pipeline, from the newest on, in which the last execution of a step is looked for."""


def show(
    project: Project, path: NotebookPath, environment: EnvironmentName | None = None
) -> notebook_shapes.NotebookStanding:
    """The steps that run a notebook: when each did last, whether it is fresh and why, what it reads and writes.

    Of a file that is wrong, or of which no step can be planned, the error.
    """
    place = project.place(environment)
    told: notebook_shapes.NotebookStanding = {
        "path": path,
        "reads": [],
        "writes": [],
        "steps": [],
        "alone": None,
        "error": None,
    }
    name = spec.single(project.root, path).name
    try:
        read = read_notebook(project.root, path)
        told |= {"reads": _datasets(read, "reads"), "writes": _datasets(read, "writes")}
        told["alone"] = _last_run(project, name, path)
    except WorkbenchError as error:
        told["error"] = codec.fault(error)
    for pipeline, step in steps_of(project, path):
        told["steps"].append(_step(project, pipeline, step, place))
    return told


def parameters(project: Project, path: NotebookPath) -> dict[str, Any]:
    """What may be given to a notebook, as the JSON Schema (2020-12) of one object: a form can be made of it."""
    return json_schema(opened(project, path).parameters)


def opened(project: Project, path: str) -> Notebook:
    """A notebook of the project. Raises NotFound (WB-NB-600) where there is none, NotebookError for what it holds."""
    spec.single(project.root, path)
    return read_notebook(project.root, path)


def cells(project: Project, path: NotebookPath) -> notebook_shapes.CellTimes:
    """How long the cells of a notebook took when it was last executed as a step, and usually."""
    names = [*dict.fromkeys(pipeline.name for pipeline, _ in steps_of(project, path))]
    names.append(spec.single(project.root, path).name)
    found = [one for name in names if (one := _executed(project, name, path)) is not None]
    if not found:
        return {"run": "", "step": "", "cells": []}
    run, step = max(found, key=lambda one: one[0].created_at)
    usual = project.runs.usual(run, [step])
    told: list[notebook_shapes.CellTime] = []
    for cell in step.attempts[-1].cells if step.attempts else ():
        if cell.seconds is not None or usual.cell(step.step, cell.id):
            past = usual.cell(step.step, cell.id)
            told.append(
                {
                    "id": cell.id,
                    "seconds": cell.seconds,
                    "usual": past.p50 if past else None,
                    "samples": past.samples if past else 0,
                }
            )
    return {"run": run.id, "step": step.step, "cells": told}


def steps_of(project: Project, path: str) -> list[tuple[Pipeline, StepSpec]]:
    """The steps that run a notebook; pipelines whose files are wrong are passed over."""
    found = []
    for name in spec.pipeline_names(project.root):
        try:
            pipeline = spec.load_pipeline(project.root, name)
        except WorkbenchError:
            continue
        found += [(pipeline, step) for step in pipeline.steps if step.notebook == path]
    return found


def _step(project: Project, pipeline: Pipeline, step: StepSpec, place: str) -> notebook_shapes.NotebookStep:
    told: notebook_shapes.NotebookStep = {
        "pipeline": pipeline.name,
        "step": step.name,
        "currency": Currency.UNKNOWN,
        "reason": "",
        "changes": [],
        "reads": [],
        "writes": [],
        "report": step.report is not None,
        "last": _last_run(project, pipeline.name, step.notebook, step.name),
        "error": None,
    }
    try:
        plan = _planned(project, pipeline, place)
    except WorkbenchError as error:
        told["error"] = codec.fault(error)
        return told
    own = [one for one in plan.steps if one.base == step.name]
    if not own:
        return told
    currency, shown = _standing(own)
    told |= {
        "currency": currency,
        "reason": shown.reason.text,
        "changes": [to_plain(change) for change in shown.reason.changes],
        "reads": list(dict.fromkeys(name for one in own for name in one.reads)),
        "writes": list(dict.fromkeys(name for one in own for name in one.writes)),
    }
    return told


def _planned(project: Project, pipeline: Pipeline, place: str) -> Plan:
    """What running the pipeline would do: with its defaults, or as last time where it has to be given something."""
    if not any(parameter.required for parameter in pipeline.parameters):
        return project.plan(pipeline.name, environment=place)
    last = project.runs.list(1, pipeline=pipeline.name)
    known = {parameter.name for parameter in pipeline.parameters}
    given = {name: value for name, value in last[0].parameters.items() if name in known} if last else {}
    return project.plan(pipeline.name, given, environment=place)


def _standing(own: list[PlannedStep]) -> tuple[Currency, PlannedStep]:
    """How the instances of a step stand together, and the one that says why."""
    for action, currency in ((Action.RUN, Currency.STALE), (Action.DECIDE, Currency.OPEN)):
        for one in own:
            if one.action is action:
                return currency, one
    return Currency.FRESH, own[0]


def _last_run(project: Project, pipeline: str, path: str, step: str = "") -> notebook_shapes.NotebookRun | None:
    found = _executed(project, pipeline, path, step)
    if found is None:
        return None
    run, one = found
    return {
        "run": codec.run_row(run),
        "step": one.step,
        "state": one.state.value,
        "ended_at": one.ended_at or None,
        "seconds": one.seconds,
    }


def _executed(project: Project, pipeline: str, path: str, step: str = "") -> tuple[Run, StepRun] | None:
    """The newest run of a pipeline in which a notebook was executed, or is being executed."""
    try:
        runs = project.runs.list(LOOKED_AT, pipeline=pipeline)
    except NotFound:  # it never ran
        return None
    for head in runs:
        run = project.runs.get(head.id)
        for one in run.steps:
            if one.notebook == path and step in ("", one.base or one.step) and _began(one):
                return run, one
    return None


def _began(step: StepRun) -> bool:
    return bool(step.attempts) and step.state not in (State.QUEUED, State.SKIPPED, State.UPSTREAM_FAILED)


def _datasets(read: Notebook, key: str) -> list[str]:
    references = read.reads if key == "reads" else read.writes
    return list(dict.fromkeys(one.dataset for one in references if one.dataset))
