"""What the API answers about runs, and how it begins and ends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from workbench.model.errors import NotFound
from workbench.model.events import Kind
from workbench.model.plain import to_plain
from workbench.model.run import AttemptState, State, StepRun
from workbench.model.timeline import Timeline
from workbench.project import Project
from workbench.ui import codec, differences, run_shapes
from workbench.ui.server import begin
from workbench.ui.server.live import Live
from workbench.ui.server.values import Count, Limit, Offset, PipelineName, RunName, StepName, Text

LARGEST_PAGE = 4_000_000
"""Characters of events in one answer, as far as it depends on us: one event may be larger."""


def list_runs(
    project: Project,
    pipeline: PipelineName | None = None,
    state: State | None = None,
    trigger: Text = "",
    partition: Text = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> run_shapes.Runs:
    """Runs, newest first, each with what it takes as a rule; ``more`` when there are others after these."""
    states = [state] if state else None
    found = project.runs.list(
        offset + limit + 1, pipeline=pipeline, states=states, trigger=trigger or None, partition=partition or None
    )[offset:]
    beside = project.runs.beside(found[:limit])
    return {"runs": [codec.run_line(run, beside) for run in found[:limit]], "more": len(found) > limit}


def show(project: Project, run: RunName) -> run_shapes.Run:
    """A run with its steps, attempts and cells, what it made, its reports and its timeline."""
    found = project.runs.get(run)
    with project.store.reading() as transaction:
        outputs = transaction.datasets.written_in(found.id)
        reports = transaction.reports.of_run(found.id)
    return codec.run(
        found,
        state=project.config.state,
        outputs=outputs,
        reports=reports,
        timeline=project.runs.timeline(found),
        usual=project.runs.usual(found),
    )


def timeline(project: Project, run: RunName) -> Timeline:
    """When the steps of a run waited, ran and published, and its critical path."""
    found: Timeline = to_plain(project.runs.timeline(project.runs.get(run)))
    return found


def logs(
    project: Project, run: RunName, step: StepName, attempt: Count = 0, after: Count = 0, limit: Limit = 200
) -> run_shapes.Log:
    """The journal of a step's attempt (0: its last one) behind event ``after``; ``more`` when there is more now."""
    one = project.runs.step(project.runs.get(run), step)
    events = (event for event in project.runs.events(one, attempt or None) if event.seq > after)
    told: list[run_shapes.Event] = []
    size, more = 0, False
    for event in islice(events, limit + 1):
        data = codec.value(event.data)
        size += len(json.dumps(data))
        more = len(told) == limit or (bool(told) and size > LARGEST_PAGE)
        if more:
            break
        told.append({"seq": event.seq, "at": event.at, "kind": event.kind, "data": data})
    return {"step": one.step, "attempt": attempt or len(one.attempts), "events": told, "more": more}


def cells(project: Project, run: RunName, step: StepName, limit: Limit = 200, offset: Offset = 0) -> run_shapes.Cells:
    """The code cells of a step's last attempt as they stand, while it goes on too; outputs are in its log."""
    one = project.runs.step(project.runs.get(run), step)
    found = list(_cells(project, one))
    return {"step": one.step, "cells": found[offset : offset + limit], "more": len(found) > offset + limit}


def diff(project: Project, before: RunName, after: RunName, step: StepName | None = None) -> run_shapes.Comparison:
    """Two runs, or one step of them, against each other, down to the outputs of cells."""
    return differences.comparison(project.runs.diff(before, after, step or ""))


def live(project: Project, live: Live) -> run_shapes.Live:
    """The runs that go on, at the event of that number: what comes by Jupyter's event stream goes on from there."""
    return live.snapshot(project)


def start(project: Project, body: begin.RunRequest) -> run_shapes.Begun:
    """Run a pipeline or a notebook in a process of its own; the answer comes as soon as that is under way."""
    return begin.run(project, body)


def repair(project: Project, run: RunName, body: begin.RepairRequest) -> run_shapes.Begun:
    """Run again what did not succeed in a run, and what follows it, in the same run."""
    return begin.repair(project, run, body)


def cancel(project: Project, run: RunName) -> run_shapes.RunRow:
    """Ask a run to end; the answer is the run as it is a few seconds later, still at work if it takes longer."""
    found = project.runs.get(run)
    return codec.run_row(project.runs.cancel(found, project.actor, begin.PATIENCE))


def _cells(project: Project, step: StepRun) -> Iterator[run_shapes.CellNow]:
    """The cells as the store has them once the attempt is over; until then as its journal tells."""
    sources = project.runs.sources(step)
    if not step.attempts:
        return
    last = step.attempts[-1]
    known: dict[str, run_shapes.CellNow] = {
        name: {"id": name, "number": None, "source": text, "state": "not_run", "started_at": None, "seconds": None}
        for name, text in sources.items()
    }
    if last.state in (AttemptState.RUNNING, AttemptState.CLAIMED) or not last.cells:
        for event in project.runs.events(step):
            data = event.data
            if event.kind is Kind.CELL_STARTED and data["id"] in known:
                known[data["id"]] |= {"number": data["number"], "state": "running", "started_at": event.at}
            elif event.kind is Kind.CELL_ENDED and data["id"] in known:
                known[data["id"]] |= {"state": str(data["state"]), "seconds": data["seconds"]}
    for cell in last.cells:
        if cell.id in known:
            known[cell.id] |= {
                "number": cell.number,
                "state": cell.state.value,
                "started_at": cell.started_at or None,
                "seconds": cell.seconds,
            }
    yield from known.values()


def notebook(project: Project, run: RunName, step: StepName) -> run_shapes.Executed:
    """Where the executed notebook of a step lies, as a path from the root of the project."""
    one = project.runs.step(project.runs.get(run), step)
    found = project.runs.notebook(one)
    if found is None:
        raise NotFound(
            "WB-REP-211", f"run {run} left no executed notebook of {step}", cause=one.reason or f"it is {one.state}"
        )
    root = project.root
    return {"path": found.relative_to(root).as_posix() if found.is_relative_to(root) else str(found)}
