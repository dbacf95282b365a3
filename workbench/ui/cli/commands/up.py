"""``wb up``: the scheduler, for as long as it is wanted."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.model.errors import UsageError
from workbench.ui import codec, planned
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import EnvironmentOption

if TYPE_CHECKING:
    from workbench.scheduler.daemon import Summary, Up
    from workbench.scheduler.news import News

_DURATION = re.compile(r"(?:(\d{1,4})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,8})s)?", re.ASCII)


def register(app: typer.Typer) -> None:
    """Add ``up`` to the commands."""

    @command(app, "up")
    def up(
        face: Face,
        once: Annotated[
            bool, typer.Option("--once", help="Do what is due, wait for it to end, and leave; for a cron of your own.")
        ] = False,
        until: Annotated[
            str | None, typer.Option("--until", metavar="WHEN", help="End then: 8h, or 2026-03-02T18:00.")
        ] = None,
        drain: Annotated[
            bool, typer.Option("--drain", help="When told to end, let runs come to their end; else they are cancelled.")
        ] = False,
        environment: EnvironmentOption = None,
    ) -> None:
        """Let pipelines run by themselves, as their schedules and triggers say.

        One acts for a project; a second one stands by and takes over. Ctrl-C ends it cleanly, twice at once.

        Example: wb up --drain
        """
        from workbench.scheduler.clock import SystemClock
        from workbench.scheduler.daemon import Options, Up

        project = face.open()
        options = Options(project.place(environment), once, _moment(until), drain)
        clock = SystemClock()
        with _telling(face) as (tell, show):
            scheduler = Up(project, options, clock, tell)
            with _heeding(scheduler.stop):
                done = scheduler.run(show(scheduler))
        clock.close()
        _close(face, scheduler, done)
        raise typer.Exit(130 if done.hard else int(once and done.failed))


@contextlib.contextmanager
def _telling(face: Face) -> Iterator[tuple[Callable[[News], None], Callable[[Up], Callable[[], None]]]]:
    """How news are told, and what is to be done after each look: a screen that redraws, or a line for each."""
    from workbench.ui.cli.views.up import Screen, line

    if face.err.is_terminal and not face.err.is_dumb_terminal:
        from rich.live import Live

        screen = Screen()
        with Live(screen, console=face.err, screen=True, refresh_per_second=2, vertical_overflow="crop"):
            yield (lambda news: None), screen.follow
        return

    def tell(news: News) -> None:
        face.err.print(line(news), soft_wrap=True)

    def quiet(scheduler: Up) -> Callable[[], None]:
        return lambda: None

    yield tell, quiet


@contextlib.contextmanager
def _heeding(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGINT and SIGTERM ask for the end instead of raising in the middle of something."""

    def heed(number: int, frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _close(face: Face, scheduler: Up, done: Summary) -> None:
    """The last words: what was done."""
    from workbench.ui.cli.views import up as view

    ticks = scheduler.ticks(done)
    if face.as_json:
        return face.show(
            {"ticks": [planned.tick(item) for item in ticks], "runs": [codec.run_row(run) for run in done.ended]}
        )
    face.show(None, *view.result(done, ticks, empty=not any(scheduler.book.triggers())))


def _moment(text: str | None) -> datetime | None:
    """``8h`` from now, or a time; without an offset it is that of this machine. Raises UsageError (WB-CLI-809)."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip())
    if found and any(found.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return datetime.now(UTC) + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            "WB-CLI-809", f'"{text}" is no time', next="write it like --until 8h or --until 2026-03-02T18:00"
        ) from None
