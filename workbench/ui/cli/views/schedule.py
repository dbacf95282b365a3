"""How schedules look: the times that come next, on the clocks of their zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.errors import WorkbenchError
from workbench.model.names import short_id
from workbench.model.schedule import Fire, Schedule, Tick, TickState, Trigger
from workbench.scheduler.desk import told_time
from workbench.scheduler.service import Coming, Scheduled
from workbench.ui.cli.console import style
from workbench.ui.cli.views import errors
from workbench.ui.cli.words import QUEUED, RUNNING, STATES, UNCHANGED, WARNING, Look, ago, ahead, plain, shorten

PAUSED = Look("–", "paused", UNCHANGED.light, UNCHANGED.dark)
TICKS: dict[TickState, Look] = {
    TickState.WAITING: Look(QUEUED.glyph, "waiting", QUEUED.light, QUEUED.dark),
    TickState.STARTED: Look(RUNNING.glyph, "started", RUNNING.light, RUNNING.dark),
    TickState.SKIPPED: Look(WARNING.glyph, "skipped", WARNING.light, WARNING.dark),
}

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


def draw_all(rows: Sequence[Scheduled], broken: Sequence[WorkbenchError], width: int) -> list[RenderableType]:
    """What ``wb schedule list`` shows: all that runs by itself, and what does not because its file is wrong."""
    parts: list[RenderableType] = [draw_list(rows, width)] if rows else []
    for error in broken:
        parts += [*([Text()] if parts else []), *errors.draw(error.as_dict())]
    if not parts:
        return [Text(EMPTY, no_wrap=True, overflow="ignore")]
    return [*parts, Text("Next: ").append("wb up", style="bold")] if rows else parts


def draw_list(rows: Sequence[Scheduled], width: int, now: datetime | None = None, *, more: bool = False) -> Table:
    """Every schedule and trigger: when it comes next, and what became of its latest tick.

    With ``more`` the times after the next one stand below it.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    names = [shorten(row.pipeline, max(width // 5, 8)) for row in rows]
    told = [shorten(plain(_when(row.trigger)), max(width // 4, 12)) for row in rows]
    for title, texts in (("pipeline", names), ("runs", told), ("next", ()), ("last", ())):
        least = max(map(len, (title, *texts))) if texts else None
        table.add_column(title, no_wrap=True, overflow="ellipsis", min_width=least)
    for row, name, when in zip(rows, (Text(name, style="bold") for name in names), map(Text, told), strict=True):
        coming = _next(row, now)
        if more and (rest := then(row, max(len(coming), width // 2))):
            coming.append(f"\n{rest}", style="dim")
        table.add_row(name, when, coming, _last(row, now))
    return table


def then(row: Scheduled, room: int = 100) -> str:
    """The nominal times after the next one, in short, as many as there is room for: ``then Wed 02:30, Thu 02:30``."""
    times = [datetime.fromisoformat(fire.local) for fire in row.fires[1:]]
    told = [f"{at:%a} {at:%H:%M}" for at in times] if not row.paused else []
    while told and len("then ") + len(", ".join(told)) > room:
        told.pop()
    return "then " + ", ".join(told) if told else ""


def draw_ticks(ticks: Sequence[Tick]) -> Table:
    """Ticks, the latest first, each with its run or with the reason why there is none."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for title in ("", "pipeline", "for", "state", "run", "why"):
        table.add_column(title, no_wrap=True, overflow="ellipsis", ratio=1 if title == "why" else None)
    for tick in ticks:
        look = TICKS[tick.state]
        table.add_row(
            Text(look.glyph, style=style(look)),
            Text(tick.pipeline, style="bold"),
            plain(told_time(tick).removeprefix("for ")),
            Text(look.word, style=style(look)),
            short_id(tick.run) if tick.state is TickState.STARTED else "",
            Text(plain(tick.reason), style="dim"),
        )
    return table


def _when(trigger: Trigger) -> str:
    return f"{trigger.cron}  {trigger.timezone}" if isinstance(trigger, Schedule) else trigger.name


def _next(row: Scheduled, now: datetime | None) -> Text:
    if row.paused and row.standing:
        by = f" by {row.standing.paused_by}" if row.standing.paused_by else ""
        return Text(f"{PAUSED.glyph} paused{by} {ago(row.standing.paused_at, now)}", style=style(PAUSED))
    if row.next is None:
        return Text({"file": "when a file arrives", "dataset": "when its data is new"}.get(row.trigger.kind, "never"))
    return Text(f"{local_time(row.next)}  ").append(ahead(row.next.at, now), style="dim")


def _last(row: Scheduled, now: datetime | None) -> Text:
    if row.last is None:
        return Text("–", style="dim")
    if row.run is not None:
        look, at = STATES[row.run.state], row.run.ended_at or row.run.created_at
    else:
        look, at = TICKS[row.last.state], row.last.moved_at
    return Text(f"{look.glyph} {look.word}", style=style(look)).append(f" {ago(at, now)}", style="default")


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
