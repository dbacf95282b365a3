"""``wb runs``: history, one run in full, and what its notebooks printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.names import short_id
from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import RunArgument, make_group

if TYPE_CHECKING:
    from workbench.model.events import Event
    from workbench.model.report import Report
    from workbench.model.run import Run, State, StepRun
    from workbench.project import Project
    from workbench.store.transaction import Transaction
    from workbench.ui.cli.views.run import Facts

StepArgument = Annotated[
    str | None, typer.Argument(metavar="STEP", help="One step of it.", autocompletion=completion.steps)
]


def register(app: typer.Typer) -> None:
    """Add ``runs`` and its commands."""
    group = make_group(app, "runs", "History: what ran, how it ended, what it printed.")

    @command(group, "list")
    def list_runs(
        face: Face,
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")] = 20,
        pipeline: Annotated[
            str | None, typer.Option("--pipeline", metavar="NAME", help="Of one.", autocompletion=completion.pipelines)
        ] = None,
        state: Annotated[
            str | None, typer.Option("--state", metavar="STATE", help="In one state.", autocompletion=_states)
        ] = None,
    ) -> None:
        """List runs, newest first.

        Example: wb runs list --state failed
        """
        found = face.open().runs.list(limit, pipeline=pipeline, states=[_state(state)] if state else None)
        if face.as_json:
            return face.show({"runs": [codec.run_row(run) for run in found]})
        if not found:
            asked = "No run is like that." if pipeline or state else "Runs would be here."
            return face.show(None, f"{asked} Next: wb {'runs list' if pipeline or state else 'run PIPELINE'}")
        from workbench.ui.cli.views import run as view

        face.show(None, view.rows(found, face.out.width), f"Next: wb runs show {short_id(found[0].id)}")

    @command(group, "show")
    def show(face: Face, run: RunArgument, step: StepArgument = None) -> None:
        """Show one run, or every cell of one of its steps.

        Shows steps, their slowest cells and peak memory, reasons, errors, outputs and reports.

        Example: wb runs show last
        """
        project = face.open()
        found = project.runs.get(run)
        if step is None:
            return show_run(face, project, found, cells=True)
        one = project.runs.step(found, step)
        if face.as_json:
            return face.show(codec.step_run(one, state=project.config.state))
        from workbench.ui.cli.views import run as view

        face.show(None, *view.one_step(found, one, facts(project, found)))

    @command(group, "logs")
    def logs(face: Face, run: RunArgument, step: StepArgument = None) -> None:
        """Print what the cells of a run put out, as text.

        Example: wb runs logs last clean
        """
        project = face.open()
        found = project.runs.get(run)
        steps = [project.runs.step(found, step)] if step else [item for item in found.steps if item.attempts]
        if face.as_json:
            documents = [{"step": item.step, "events": _event_rows(project.runs.events(item))} for item in steps]
            return face.show({"run": found.id, "steps": documents})
        from workbench.ui.cli.views import logs as view

        told = False
        for item in steps:
            for line in view.lines(item.step, project.runs.events(item)):
                face.out.print(line, soft_wrap=True)
                told = True
        if not told:
            face.show(None, f"Nothing was put out. Next: wb runs show {short_id(found.id)}")


def show_run(face: Face, project: Project, run: Run, *, cells: bool = False) -> None:
    """Write a whole run: as JSON, or drawn."""
    from workbench.ui.cli.views import run as view

    beside = facts(project, run)
    if face.as_json:
        face.show(codec.run(run, state=beside.state, outputs=beside.outputs, reports=beside.reports))
    else:
        face.show(None, *view.draw(run, beside, width=face.out.width, cells=cells))


def facts(project: Project, run: Run) -> Facts:
    """What is kept beside a run: the snapshots it made, its reports, and the tracebacks of what failed."""
    from workbench.ui.cli.views.run import Facts

    with project.store.reading() as transaction:
        outputs = {step.step: transaction.datasets.written_by(step.id) for step in run.steps}
        reports = (*transaction.reports.of_run(run.id), *_still_standing(transaction, run))
    failed = (step for step in run.steps if step.state == "failed")
    return Facts(project.config.state, outputs, reports, {step.step: _traceback(project, step) for step in failed})


def _traceback(project: Project, step: StepRun) -> list[str]:
    from workbench.ui.cli.views.run import traceback_tail

    last: Mapping[str, Any] = {}
    for event in project.runs.events(step):
        if event.kind == "output" and event.data["output"].get("output_type") == "error":
            last = event.data["output"]
    return traceback_tail(last.get("traceback", ()))


def _event_rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {"seq": event.seq, "at": event.at, "kind": event.kind.value, "data": codec.value(event.data)}
        for event in events
    ]


def _state(text: str) -> State:
    from workbench.model.run import State

    try:
        return State(text)
    except ValueError:
        cause = f"known: {', '.join(State)}." + did_you_mean(text, State)
        raise UsageError("WB-CLI-804", f'there is no state "{text}"', cause=cause) from None


def _states(incomplete: str) -> list[str]:
    from workbench.model.run import State

    return [state.value for state in State if state.value.startswith(incomplete)]


def _still_standing(transaction: Transaction, run: Run) -> Iterator[Report]:
    """The reports of steps that had no need to run."""
    for step in run.steps:
        if step.state == "skipped" and step.report:
            report = transaction.reports.latest(run.pipeline, step.step)
            if report is not None and report.path == step.report:
                yield report
