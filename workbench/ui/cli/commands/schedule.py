"""``wb schedule``: what runs by itself, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group

if TYPE_CHECKING:
    from workbench.scheduler.service import ScheduleService

PipelineArgument = Annotated[
    str | None, typer.Argument(metavar="[PIPELINE]", help="One of them.", autocompletion=completion.scheduled)
]


def register(app: typer.Typer) -> None:
    """Add ``schedule`` and its commands."""
    group = make_group(app, "schedule", "What runs by itself, and when.")

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
                {"schedules": [codec.coming(item) for item in found], "broken": [codec.error(item) for item in broken]}
            )
        from workbench.ui.cli.views import schedule as view

        face.show(None, *view.draw_next(found, broken))


def service(face: Face) -> ScheduleService:
    """The schedules of the project that a command works on."""
    from workbench.scheduler.service import ScheduleService

    return ScheduleService(face.open())
