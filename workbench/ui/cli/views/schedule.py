"""How schedules look: the times that come next, on the clocks of their zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.errors import WorkbenchError
from workbench.model.schedule import Fire
from workbench.scheduler.service import Coming
from workbench.ui.cli.views import errors
from workbench.ui.cli.words import ahead, plain

EMPTY = (
    "Schedules would be here. Next: add this line to a file in pipelines/: "
    'schedule: {cron: "0 6 * * *", timezone: Europe/Berlin}'
)


def draw_next(found: Sequence[Coming], broken: Sequence[WorkbenchError]) -> list[RenderableType]:
    """The next times of each schedule, and what is wrong with files that therefore have none."""
    parts: list[RenderableType] = []
    for item in found:
        parts += [*([Text()] if parts else []), _head(item), _times(item.fires)]
    for error in broken:
        parts += [*([Text()] if parts else []), *errors.draw(error.as_dict())]
    if not parts:
        return [Text(EMPTY, no_wrap=True, overflow="ignore")]
    return [*parts, Text("Next: ").append("wb up", style="bold")] if found else parts


def local_time(fire: Fire) -> str:
    """A nominal time as its own clocks show it: ``Mon 2026-03-02 06:00 -05:00``."""
    at = datetime.fromisoformat(fire.local)
    return f"{at:%a} {at:%Y-%m-%d %H:%M} {fire.local[19:]}"


def _head(item: Coming) -> Text:
    return Text(item.pipeline, style="bold").append(
        f"  {item.schedule.cron}  {item.schedule.timezone}", style="not bold dim"
    )


def _times(fires: Sequence[Fire]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for fire in fires:
        table.add_row(f"  {local_time(fire)}", ahead(fire.at, datetime.now(UTC)), Text(plain(fire.note), style="dim"))
    return table
