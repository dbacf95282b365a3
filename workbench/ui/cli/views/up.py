"""How the scheduler looks while it is at work: what comes next, what goes on, what happened lately."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from workbench.model.names import short_id
from workbench.model.run import State
from workbench.model.schedule import Tick, TickState
from workbench.scheduler.desk import told_time
from workbench.scheduler.news import News, Tone
from workbench.ui.cli.console import style
from workbench.ui.cli.views import schedule as schedules
from workbench.ui.cli.words import (
    CANCELLED,
    FAILED,
    QUEUED,
    RUNNING,
    STATES,
    SUCCEEDED,
    WARNING,
    Look,
    clock,
    count,
    plain,
)

if TYPE_CHECKING:
    from workbench.scheduler.daemon import Board, Summary, Up
    from workbench.scheduler.service import Scheduled

TONES: dict[Tone, Look | None] = {Tone.PLAIN: None, Tone.GOOD: SUCCEEDED, Tone.WARN: WARNING, Tone.BAD: FAILED}
LATELY = 8
EVERY = 5.0
"""Seconds between two looks at what the store says of the schedules, when nothing happens."""


def line(news: News) -> Text:
    """A piece of news as a line of a log: ``2026-03-02 06:00:01 nightly: started …``."""
    return Text(f"{news.at.astimezone():%Y-%m-%d %H:%M:%S} ").append(told(news))


def told(news: News) -> str:
    """A piece of news without its time."""
    about = f"{news.pipeline}: " if news.pipeline else ""
    return plain(about + news.text + (f" (run {short_id(news.run)})" if news.run else ""))


def result(done: Summary, ticks: Sequence[Tick], *, empty: bool) -> list[RenderableType]:
    """The last lines: what was begun, what was skipped, how it ended."""
    if empty and not ticks:
        return [Text(schedules.EMPTY, no_wrap=True, overflow="ignore")]
    if not ticks and not done.ended:
        return [Text("Nothing was due.  Next: ").append("wb schedule next", style="bold")]
    bad = [run for run in done.ended if run.state is not State.SUCCEEDED]
    look = FAILED if bad else SUCCEEDED
    words = [STATES[run.state].word for run in done.ended]
    parts = [f"{words.count(word)} {word}" for word in dict.fromkeys(words)]
    skipped = sum(tick.state is TickState.SKIPPED for tick in ticks)
    waiting = sum(tick.state is TickState.WAITING for tick in ticks)
    parts += [f"{skipped} skipped"] if skipped else []
    parts += [f"{waiting} waiting"] if waiting else []
    text = Text(f"{look.glyph} ", style=style(look)).append(f"Ended: {', '.join(parts)}", style="default")
    command = f"wb runs show {short_id(bad[0].id)}" if bad else "wb schedule ticks"
    return [text, Text("Next: ").append(command, style="bold")]


class Screen:
    """The whole terminal; drawn by another thread from what the scheduler's own thread has put here."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._began = now()
        self._up: Up | None = None
        self._board: Board | None = None
        self._rows: tuple[Scheduled, ...] = ()
        self._news: tuple[News, ...] = ()
        self._seen = (-1, self._began)

    def follow(self, scheduler: Up) -> Callable[[], None]:
        """What to call after each look of a scheduler."""

        def looked() -> None:
            board = scheduler.board
            if board.changes != self._seen[0] or (self._now() - self._seen[1]).total_seconds() > EVERY:
                self._seen = board.changes, self._now()
                self._rows, self._news = scheduler.scheduled(), tuple(board.news)
            self._up, self._board = scheduler, board

        return looked

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        board = self._board
        if self._up is None or board is None:
            return
        yield self._head(self._up, board)
        yield Text()
        if self._rows:
            yield schedules.draw_list(self._rows, options.max_width, self._now(), more=True)
        else:
            yield Text(schedules.EMPTY)
        yield from self._at_work(board)
        if self._news:
            yield Text("\nLately", style="dim")
        for news in self._news[-LATELY:]:
            look = TONES[news.tone]
            text = Text(f"{news.at.astimezone():%H:%M:%S} ", style="dim")
            text.append(f"{look.glyph} " if look else "  ", style=style(look) if look else "")
            text.append(told(news), style="default")
            text.truncate(options.max_width, overflow="ellipsis")
            yield text
        yield Text("\nCtrl-C ends it cleanly, twice at once.", style="dim")

    def _head(self, scheduler: Up, board: Board) -> Text:
        text = Text("wb up", style="bold").append(f"  {scheduler.name}  {scheduler.environment}  ", style="not bold")
        if board.stopping:
            return text.append(f"{CANCELLED.glyph} ending", style=f"not bold {style(CANCELLED)}")
        if board.leading:
            text.append(f"{RUNNING.glyph} at work", style=f"not bold {style(RUNNING)}")
            return text.append(f"  {clock((self._now() - self._began).total_seconds())}", style="not bold dim")
        by = f"process {board.other.pid} on {board.other.host} is at work" if board.other else "another is at work"
        return text.append(f"{QUEUED.glyph} standing by, {by}", style=f"not bold {style(QUEUED)}")

    def _at_work(self, board: Board) -> RenderResult:
        if board.going or board.waiting:
            yield Text("\nAt work", style="dim")
        table = Table.grid(padding=(0, 2, 0, 0))
        for run, tick in list(board.going.items()):
            began = datetime.fromisoformat(tick.moved_at)
            since = clock((self._now() - began).total_seconds())
            glyph = Text(RUNNING.glyph, style=style(RUNNING))
            table.add_row(glyph, Text(tick.pipeline, style="bold"), told_time(tick), since, f"run {short_id(run)}")
        if board.going:
            yield table
        if board.waiting:
            yield Text(f"{QUEUED.glyph} {count(board.waiting, 'tick')} to begin", style="dim")
