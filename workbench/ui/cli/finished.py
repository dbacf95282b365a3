"""A run that is over, or got as far as it got, as every command shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.ui import codec
from workbench.ui.cli.face import Face

if TYPE_CHECKING:
    from workbench.model.report import Report
    from workbench.model.run import Run, StepRun
    from workbench.project import Project
    from workbench.store.transaction import Transaction
    from workbench.ui.cli.views.steps import Facts

MOST_USUAL = 100
"""Steps whose cells are held against their own past when a whole run is shown; those that took longest."""


def show_run(face: Face, project: Project, run: Run, *, cells: bool = False, every: bool = False) -> None:
    """Write a whole run: as JSON, or drawn; with ``cells`` over time too, with ``every`` each cell of each step."""
    from workbench.ui.cli.views import run as view

    beside = facts(project, run, run.steps if every else longest(run) if cells else ())
    if face.as_json:
        return face.show(
            codec.run(
                run,
                state=beside.state,
                outputs=beside.outputs,
                reports=beside.reports,
                timeline=beside.timeline,
                usual=beside.usual,
            )
        )
    sources = {step.step: project.runs.sources(step) for step in run.steps} if every else None
    face.show(None, *view.draw(run, beside, width=face.out.width, cells=cells, sources=sources))


def facts(project: Project, run: Run, timed: list[StepRun] | tuple[StepRun, ...] = ()) -> Facts:
    """What is kept beside a run: the snapshots it made, its reports, the tracebacks of what failed.

    With ``timed`` steps also its timeline, and what is usual for these and their cells.
    """
    from workbench.model.timeline import Usual
    from workbench.ui.cli.views.steps import Facts

    with project.store.reading() as transaction:
        outputs = transaction.datasets.written_in(run.id)
        reports = (*transaction.reports.of_run(run.id), *_still_standing(transaction, run))
    failed = [step for step in run.steps if step.state == "failed"][:MOST_USUAL]
    return Facts(
        project.config.state,
        outputs,
        reports,
        {step.step: _traceback(project, step) for step in failed},
        project.runs.timeline(run) if timed else None,
        project.runs.usual(run, timed) if timed else Usual(),
    )


def longest(run: Run) -> list[StepRun]:
    """The steps that took longest, ``MOST_USUAL`` of them."""
    return sorted(run.steps, key=lambda step: -(step.seconds or 0.0))[:MOST_USUAL]


def _traceback(project: Project, step: StepRun) -> list[str]:
    from workbench.ui.cli.views.run import traceback_tail

    last: Mapping[str, Any] = {}
    for event in project.runs.events(step):
        if event.kind == "output" and event.data["output"].get("output_type") == "error":
            last = event.data["output"]
    return traceback_tail(last.get("traceback", ()))


def _still_standing(transaction: Transaction, run: Run) -> Iterator[Report]:
    """The reports of steps that had no need to run."""
    for step in run.steps:
        if step.state == "skipped" and step.report:
            report = transaction.reports.latest(run.pipeline, step.step)
            if report is not None and report.path == step.report:
                yield report
