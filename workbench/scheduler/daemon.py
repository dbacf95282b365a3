"""``wb up``: looks once a second at what is due, lets it begin in processes of their own, and follows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workbench.model.errors import Conflict, WorkbenchError
from workbench.model.run import Run, State
from workbench.model.schedule import Lease, Schedule, Tick
from workbench.pipeline.schedule import upcoming
from workbench.project import Project
from workbench.scheduler.book import Book
from workbench.scheduler.clock import Clock, Watch
from workbench.scheduler.desk import Desk
from workbench.scheduler.intake import Intake
from workbench.scheduler.leader import LEASE, Leader
from workbench.scheduler.news import News, Tone
from workbench.scheduler.post import Post
from workbench.scheduler.service import SHOWN, Scheduled, ScheduleService
from workbench.scheduler.winding import WindDown
from workbench.store.schedule import lost

LOOK = 1.0
"""Seconds between two looks."""
SETTLE = 5.0
"""Seconds between two looks for runs whose process is gone."""
TIDY, KEPT = timedelta(days=1), timedelta(days=100)
"""How often old ticks of schedules and old messages are forgotten, and how old those are."""
_REMEMBERED = 50


@dataclass(frozen=True)
class Options:
    """How to go about it: ``once`` ends when nothing is due and nothing goes on; ``until`` ends then, by draining.

    ``drain`` lets the runs that go on come to their end when asked to stop; without it they are cancelled.
    """

    environment: str
    once: bool = False
    until: datetime | None = None
    drain: bool = False


@dataclass(frozen=True)
class Summary:
    """What was done: the new ticks by id, the runs that ended, and whether it had to be ended hard.

    ``refused`` counts the ticks whose runs could not begin.
    """

    made: tuple[str, ...]
    ended: tuple[Run, ...]
    refused: int = 0
    hard: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything did not succeed."""
        return bool(self.refused) or any(run.state is not State.SUCCEEDED for run in self.ended)


@dataclass
class Board:
    """What somebody who watches sees now."""

    leading: bool = False
    other: Lease | None = None
    stopping: bool = False
    going: dict[str, Tick] = field(default_factory=dict)
    waiting: int = 0
    faults: dict[str, WorkbenchError] = field(default_factory=dict)
    news: deque[News] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    changes: int = 0


class Up:
    """The scheduler of one project. ``stop`` may be called from a signal handler: once to end, twice to end at once."""

    def __init__(self, project: Project, options: Options, clock: Clock, tell: Callable[[News], None]) -> None:
        self.name = project.name
        self.environment = options.environment
        self._project = project
        self._options = options
        self._clock = clock
        self._tell = tell
        self._watch = Watch(clock)
        self._stops = 0
        self._ending: WindDown | None = None
        self._began = self._settled = clock.monotonic()
        self._fault = ""
        self._quiet = 0
        self._schedules: dict[str, Schedule] = {}
        self._tidied = clock.now() - TIDY
        self.board = Board()
        self.book = Book(project.root)
        self.desk = Desk(project, options.environment, clock, self.say)
        self.intake = Intake(
            project, options.environment, clock, self.desk, lambda text: self.say(self._news(text, Tone.WARN))
        )
        self.post = Post(project, clock)
        self.leader = Leader(project.store, clock, lambda text: self.say(self._news(text, Tone.WARN)))

    def stop(self) -> None:
        """End cleanly; when called again, at once."""
        self._stops += 1
        self._clock.ring()

    def run(self, looked: Callable[[], None] = lambda: None) -> Summary:
        """Go on until stopped, until the time that the options say, or, with ``once``, until nothing is left to do.

        ``looked`` is called after each look.
        Raises Conflict (WB-SCH-851) when ``once`` finds another scheduler at work.
        """
        try:
            while not self.step():
                looked()
                self._clock.wait(LOOK)
        finally:
            self.leader.give_up()
            self.intake.survey.close()
            self.post.close()
        hard = self._ending is not None and self._ending.hard
        return Summary(tuple(self.desk.made), tuple(self.desk.ended), self.desk.refused, hard)

    def step(self) -> bool:
        """One look; whether it was the last."""
        try:
            if jump := self._watch.jump():
                self._jumped(jump)
            if self._stops or self._over():
                return self._wind_down()
            self.board.leading = self.leader.contend()
            self.board.other = self.leader.other
            if self.leader.lease is None:
                return self._stand_by()
            over = self._act(self.leader.lease)
        except Conflict as error:
            if error.code == "WB-SCH-851" and self.leader.lease is None:
                raise
            if error.code == "WB-SCH-851":
                self.leader.lose()
            else:
                self._complain(error)
        except WorkbenchError as error:
            self._complain(error)
        else:
            self._fault = ""
            return over
        return False

    def ticks(self, done: Summary) -> tuple[Tick, ...]:
        """The ticks that were made, as they stand now."""
        with self._project.store.reading() as transaction:
            return tuple(transaction.schedules.get(identifier) for identifier in done.made)

    def scheduled(self) -> tuple[Scheduled, ...]:
        """Every schedule and trigger as it stands."""
        return ScheduleService(self._project).list(self._clock.now(), self.book)

    def say(self, news: News) -> None:
        """Remember a piece of news and tell it."""
        self.board.news.append(news)
        self.board.changes += 1
        self._tell(news)

    # -- one look ------------------------------------------------------------------------------------------------

    def _act(self, lease: Lease) -> bool:
        if self.book.read():
            self._read_again()
        if self._clock.monotonic() - self._settled > SETTLE:
            self._settled = self._clock.monotonic()
            self._project.settle()
        if self._clock.now() >= self._tidied + TIDY:
            self._tidied = self._clock.now()
            with self._project.store.writing() as transaction:
                before = (self._tidied - KEPT).isoformat()
                transaction.schedules.forget(before)
                transaction.outbox.forget(before)
        self.desk.look(self.book, lease)
        self.intake.look(self.book, lease)
        self.desk.follow()
        left = self.desk.begin(lease)
        self.post.look()
        self.board.waiting = left
        self.board.going = self.desk.going
        busy = left or self.desk.children or self.desk.going or self.intake.survey.settling
        self._quiet = 0 if busy else self._quiet + 1
        return self._options.once and self._quiet > 1  # what the last run published may start another

    def _stand_by(self) -> bool:
        if self._options.once and (self.leader.surely_held() or self._waited()):
            raise lost(self.leader.other)
        return False

    def _waited(self) -> bool:
        """Whether a lease that cannot be judged from here has shown itself to be held."""
        return self._clock.monotonic() - self._began > LEASE + LOOK

    def _read_again(self) -> None:
        self.desk.forget()
        self.intake.expect(self.book)
        self.board.changes += 1
        for name, error in self.book.faults.items():
            if name not in self.board.faults:
                self.say(News(self._clock.now(), f"is not scheduled until it is mended: {error}", Tone.BAD, name))
        for name, error in self.book.loops.items():
            if name not in self.board.faults:
                self.say(News(self._clock.now(), str(error), Tone.BAD, name))
        now = self._clock.now()
        for name, pipeline in self.book.pipelines.items():
            if pipeline.schedule and self._schedules.get(name) != pipeline.schedule:
                self.say(News(now, _told(pipeline.schedule, now), pipeline=name))
        self._schedules = {name: one.schedule for name, one in self.book.pipelines.items() if one.schedule}
        if not any(self.book.triggers()):
            self._mention('nothing runs by itself yet; add "schedule: {cron: 0 6 * * *}" to a file in pipelines/')
        self.board.faults = {**self.book.faults, **self.book.loops}

    def _jumped(self, jump: timedelta) -> None:
        self.desk.forget()
        seconds = abs(round(jump.total_seconds()))
        if jump > timedelta(0):
            text = f"{seconds} s went by unseen: the clock was put forward, or the machine slept"
        else:
            text = f"the clock was put back by {seconds} s; what has run for a nominal time does not run for it again"
        self.say(self._news(text, Tone.WARN))

    # -- the end -------------------------------------------------------------------------------------------------

    def _over(self) -> bool:
        return self._options.until is not None and self._clock.now() >= self._options.until

    def _wind_down(self) -> bool:
        """Begin nothing more, and see to what goes on. Whether it is over."""
        if self._ending is None:
            self.board.stopping = True
            self.leader.give_up()  # another one may go on at once
            self.board.leading = False
            self._ending = WindDown(self._project, self.desk, self._clock, self._options.drain, self._mention)
        return self._ending.step(self._stops)

    def _mention(self, text: str) -> None:
        self.say(self._news(text))

    def _complain(self, error: WorkbenchError) -> None:
        """Tell of a fault of the store or the disk, once for as long as it lasts; the next look tries again."""
        if self._fault != error.code:
            self._fault = error.code
            self.say(self._news(str(error), Tone.BAD))

    def _news(self, text: str, tone: Tone = Tone.PLAIN) -> News:
        return News(self._clock.now(), text, tone)


def _told(schedule: Schedule, now: datetime) -> str:
    """When a schedule comes, in a sentence."""
    times = [datetime.fromisoformat(fire.local) for fire in upcoming(schedule, now, SHOWN)]
    told = ", ".join(f"{at:%a} {at:%Y-%m-%d %H:%M}" for at in times) or "never"
    return f"{schedule.cron} {schedule.timezone}, next {told}"
