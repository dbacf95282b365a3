"""``wb runs``: history, one run in full, two compared, and what their notebooks printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.names import short_id
from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.commands import diff, kept, logs, mend
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.finished import facts, longest, show_run
from workbench.ui.cli.options import HtmlOption, RunArgument, StepArgument, make_group

if TYPE_CHECKING:
    from workbench.model.run import Run, State
    from workbench.project import Project


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
        trigger: Annotated[
            str | None, typer.Option("--trigger", metavar="WHAT", help="That this started.", autocompletion=_triggers)
        ] = None,
        partition: Annotated[
            str | None, typer.Option("--partition", metavar="VALUE", help="For one partition: 2013-01-15.")
        ] = None,
    ) -> None:
        """List runs, newest first, each against the median of its pipeline.

        Example: wb runs list --pipeline flights --state failed
        """
        project = face.open()
        states = [_state(state)] if state else None
        if trigger:
            _check_trigger(trigger)
        found = project.runs.list(limit, pipeline=pipeline, states=states, trigger=trigger, partition=partition)
        beside = project.runs.beside(found)
        if face.as_json:
            return face.show({"runs": [codec.run_line(run, beside) for run in found]})
        if not found:
            narrowed = any((pipeline, state, trigger, partition))
            asked = "No run is like that." if narrowed else "Runs would be here."
            return face.show(None, f"{asked} Next: wb {'runs list' if narrowed else 'run PIPELINE'}")
        from workbench.ui.cli.views import history as view

        face.show(None, view.draw(found, face.out.width, beside), f"Next: wb runs show {short_id(found[0].id)}")

    @command(group, "show")
    def show(
        face: Face,
        run: RunArgument = "last",
        step: StepArgument = None,
        cells: Annotated[bool, typer.Option("--cells", help="Every step, with every cell.")] = False,
        html: HtmlOption = None,
    ) -> None:
        """Show one run over time, or every cell of one of its steps.

        Shows what every step made and took, the critical path, slow cells against their own median, peak memory,
        retries and errors.

        Example: wb runs show last --html run.html
        """
        project = face.open()
        found = project.runs.get(run)
        if html is not None:
            return _write_page(face, project, found, html)
        if step is None:
            return show_run(face, project, found, cells=True, every=cells)
        one = project.runs.step(found, step)
        beside = facts(project, found, [one])
        if face.as_json:
            return face.show(codec.step_run(one, state=project.config.state, usual=beside.usual))
        from workbench.ui.cli.views import run as view

        sources = project.runs.sources(one)
        face.show(None, *view.one_step(found, one, beside, width=face.out.width, sources=sources))

    diff.register(group)
    logs.register(group)
    mend.register(group)
    kept.register(group)


def _write_page(face: Face, project: Project, run: Run, path: Path) -> None:
    from workbench.ui.pages.run import draw
    from workbench.ui.pages.shell import save

    beside = facts(project, run, longest(run))
    save(path, draw(run, beside, {step.step: project.runs.sources(step) for step in longest(run)}))
    face.show({"path": str(path.absolute())}, f"Wrote {path}.")


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


def _check_trigger(text: str) -> None:
    from workbench.model.run import TRIGGERS

    if text not in TRIGGERS:
        cause = f"known: {', '.join(TRIGGERS)}." + did_you_mean(text, TRIGGERS)
        raise UsageError("WB-CLI-805", f'nothing is started by "{text}"', cause=cause)


def _triggers(incomplete: str) -> list[str]:
    from workbench.model.run import TRIGGERS

    return [name for name in TRIGGERS if name.startswith(incomplete)]
