"""``wb schedule``: what runs by itself, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.model.errors import UsageError, did_you_mean
from workbench.ui import codec, planned
from workbench.ui.cli import completion
from workbench.ui.cli.exits import exit_code
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group

if TYPE_CHECKING:
    from workbench.model.schedule import TickState
    from workbench.scheduler.service import ScheduleService

PipelineArgument = Annotated[
    str | None, typer.Argument(metavar="[PIPELINE]", help="One of them.", autocompletion=completion.scheduled)
]

OneArgument = Annotated[str, typer.Argument(metavar="PIPELINE", help="Which one.", autocompletion=completion.scheduled)]
TriggerOption = Annotated[
    str | None,
    typer.Option(
        "--trigger",
        metavar="NAME",
        help="One of its triggers alone; see wb schedule list.",
        autocompletion=completion.triggers,
    ),
]


def register(app: typer.Typer) -> None:
    """Add ``schedule`` and its commands."""
    group = make_group(app, "schedule", "What runs by itself, and when.")

    @command(group, "list")
    def list_schedules(face: Face) -> None:
        """List schedules and triggers: when they come next, and what became of the last time.

        Example: wb schedule list
        """
        asked = service(face)
        rows, broken = asked.list(), asked.broken()
        if face.as_json:
            return face.show(
                {
                    "schedules": [planned.scheduled(row) for row in rows],
                    "broken": [codec.error(item) for item in broken],
                }
            )
        from workbench.ui.cli.views import schedule as view

        face.show(None, *view.draw_all(rows, broken, face.out.width))

    @command(group, "next")
    def next_fires(
        face: Face,
        pipeline: PipelineArgument = None,
        count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, metavar="N", help="So many each.")] = 5,
    ) -> None:
        """Show the next times of every schedule, on the clocks of its own zone.

        Example: wb schedule next flights
        """
        asked = service(face)
        found, broken = asked.next(pipeline, count), asked.broken() if pipeline is None else ()
        if face.as_json:
            return face.show(
                {
                    "schedules": [planned.coming(item) for item in found],
                    "broken": [codec.error(item) for item in broken],
                }
            )
        from workbench.ui.cli.views import schedule as view

        face.show(None, *view.draw_next(found, broken))

    @command(group, "pause")
    def pause(face: Face, pipeline: OneArgument, trigger: TriggerOption = None) -> None:
        """Let a pipeline not run by itself for a while; a run that goes on goes on.

        Example: wb schedule pause flights
        """
        found = service(face).pause(pipeline, trigger)
        if face.as_json:
            return face.show({"paused": [codec.value(item) for item in found]})
        face.show(None, f"{pipeline} is paused. Next: wb schedule resume {pipeline}")

    @command(group, "resume")
    def resume(face: Face, pipeline: OneArgument, trigger: TriggerOption = None) -> None:
        """Let a paused pipeline run by itself again; nominal times of the meantime are skipped.

        Example: wb schedule resume flights
        """
        found = service(face).resume(pipeline, trigger)
        if face.as_json:
            return face.show({"resumed": [codec.value(item) for item in found]})
        told = f"{pipeline} runs by itself again." if found else f"{pipeline} was not paused."
        face.show(None, f"{told} Next: wb schedule list")

    @command(group, "ticks")
    def ticks(
        face: Face,
        pipeline: PipelineArgument = None,
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")] = 20,
        state: Annotated[
            str | None,
            typer.Option("--state", metavar="STATE", help="waiting, started or skipped.", autocompletion=_states),
        ] = None,
    ) -> None:
        """List what was due, the latest first: each with its run, or with the reason why there is none.

        Example: wb schedule ticks flights --state skipped
        """
        found = service(face).ticks(pipeline, limit, [_state(state)] if state else None)
        if face.as_json:
            return face.show({"ticks": [planned.tick(item) for item in found]})
        if not found:
            return face.show(None, "Ticks would be here: one for each nominal time, file or snapshot. Next: wb up")
        from workbench.ui.cli.views import schedule as view

        face.show(None, view.draw_ticks(found), "Next: wb schedule next")

    @command(group, "fire")
    def fire_tick(face: Face, tick: Annotated[str, typer.Argument(metavar="TICK", help="Its id.")]) -> None:
        """Begin the run of a tick that waits; wb up does so by itself, in a process for each.

        Example: wb schedule fire 01KAN8Z0Q5V7M2E4S6T8W0X2Y4
        """
        from workbench.scheduler.fire import fire
        from workbench.ui.cli.commands.run import following
        from workbench.ui.cli.finished import show_run
        from workbench.ui.cli.views.live import Watch

        project = face.open()
        project.warm_up()
        with project.store.reading() as transaction:
            found = transaction.schedules.get(tick)
        watch = Watch(found.pipeline, found.environment)
        with following(face, watch) as hear:
            done = fire(project, found, watch.expect, hear)
        show_run(face, project, done)
        raise typer.Exit(exit_code(done))


def service(face: Face) -> ScheduleService:
    """The schedules of the project that a command works on."""
    from workbench.scheduler.service import ScheduleService

    return ScheduleService(face.open())


def _state(text: str) -> TickState:
    from workbench.model.schedule import TickState

    try:
        return TickState(text)
    except ValueError:
        cause = f"known: {', '.join(TickState)}." + did_you_mean(text, TickState)
        raise UsageError("WB-CLI-804", f'there is no state "{text}"', cause=cause) from None


def _states(incomplete: str) -> list[str]:
    from workbench.model.schedule import TickState

    return [state.value for state in TickState if state.value.startswith(incomplete)]
