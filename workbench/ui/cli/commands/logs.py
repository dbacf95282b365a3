"""``wb runs logs``: what the cells of a run put out, also while it goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.model.names import short_id
from workbench.ui import codec
from workbench.ui.cli.exits import exit_code
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import RunArgument, StepArgument

if TYPE_CHECKING:
    from workbench.model.run import Run, StepRun
    from workbench.project import Project

LOOK_EVERY = 0.25
"""Seconds between two looks at the journals of a run that goes on."""
SETTLE_EVERY = 5.0
"""Seconds between two looks whether the process of the run is still there."""


def register(group: typer.Typer) -> None:
    """Add ``logs`` to the commands of ``runs``."""

    @command(group, "logs")
    def logs(
        face: Face,
        run: RunArgument = "last",
        step: StepArgument = None,
        follow: Annotated[
            bool, typer.Option("--follow", "-f", help="Go on until the run has ended, then exit as it ended.")
        ] = False,
        attempt: Annotated[
            int | None, typer.Option("--attempt", min=1, metavar="N", help="Of this attempt; default: the last.")
        ] = None,
    ) -> None:
        """Print what the cells of a run put out, as text.

        Example: wb runs logs last clean --follow
        """
        project = face.open()
        found = project.runs.get(run)
        steps = [project.runs.step(found, step)] if step else [item for item in found.steps if item.attempts]
        if follow:
            found = _follow(face, project, found, step or "")
            steps = [item for item in found.steps if item.attempts and step in (None, item.step)]
        if face.as_json:
            documents = [{"step": item.step, "events": _events(project, item, attempt)} for item in steps]
            face.show({"run": found.id, "state": found.state.value, "steps": documents})
        elif not follow:
            _print(face, project, found, steps, attempt)
        if follow:
            raise typer.Exit(exit_code(found))


def _print(face: Face, project: Project, run: Run, steps: Sequence[StepRun], attempt: int | None) -> None:
    from workbench.ui.cli.views import logs as view

    told = False
    for item in steps:
        for line in view.lines(item.step, project.runs.events(item, attempt)):
            face.out.print(line, soft_wrap=True)
            told = True
    if not told:
        face.show(None, f"Nothing was put out. Next: wb runs show {short_id(run.id)}")


def _follow(face: Face, project: Project, run: Run, step: str) -> Run:
    """Print outputs as they come until the run, or one step of it, has ended; with ``--json`` only wait for that."""
    from workbench.ui.cli.views.logs import Log
    from workbench.ui.cli.views.run import result

    follower = project.runs.follow(run, step)
    logs: dict[str, Log] = {}
    settled = time.monotonic()
    while True:
        over, news = follower.look()
        for item in news:
            for text in logs.setdefault(item.step, Log(item.step)).hear(item.event, item.attempt):
                if not face.as_json:
                    face.out.print(text, soft_wrap=True)
        if over:
            break
        if time.monotonic() - settled > SETTLE_EVERY:
            project.runs.settle()
            settled = time.monotonic()
        time.sleep(LOOK_EVERY)
    run = project.runs.get(run.id)
    if not face.as_json:
        face.show(None, *result(run))
    return run


def _events(project: Project, step: StepRun, attempt: int | None) -> list[dict[str, Any]]:
    return [
        {"seq": event.seq, "at": event.at, "kind": event.kind.value, "data": codec.value(event.data)}
        for event in project.runs.events(step, attempt)
    ]
