"""Where ticks are made and their runs begun: every decision is a row before anything happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from workbench.model.errors import WorkbenchError
from workbench.model.names import short_id
from workbench.model.run import Run, State
from workbench.model.schedule import Lease, Schedule, Standing, Tick, TickState
from workbench.pipeline.schedule import fires
from workbench.project import Project
from workbench.scheduler.book import Book
from workbench.scheduler.clock import Clock
from workbench.scheduler.evaluate import evaluate
from workbench.scheduler.launch import LOGS, Child, launch
from workbench.scheduler.news import News, Tone
from workbench.store.transaction import Transaction

MOST_RUNS = 8
"""Runs that are under way at once; further ticks wait."""
MOST_TRIES = 5
"""Tries at letting a run begin, before its tick is skipped."""
BACKOFF = timedelta(seconds=5)
"""The wait before the second try; twice as long before each further one."""

Key = tuple[str, str]
"""A trigger: the names of its pipeline and of itself."""


class Desk:
    """The ticks of a project while this process holds the lease.

    ``children`` are the processes started here, by the id of their run; ``going`` all ticks whose runs go on, also
    those that another scheduler started; ``made`` the ids of the ticks made here; ``ended`` the runs that ended while
    this one looked; ``refused`` counts ticks whose runs could not begin.
    """

    def __init__(self, project: Project, environment: str, clock: Clock, tell: Callable[[News], None]) -> None:
        self._project = project
        self._environment = environment
        self._clock = clock
        self._tell = tell
        self._due: dict[Key, datetime | None] = {}
        self._seen: dict[str, Tick] = {}
        self._closed: set[str] = set()
        self.children: dict[str, Child] = {}
        self.going: dict[str, Tick] = {}
        self.ended: list[Run] = []
        self.made: list[str] = []
        self.refused = 0

    # -- ticks ---------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Look at every schedule anew: files have changed, or the clock was set."""
        self._due.clear()

    def look(self, book: Book, lease: Lease) -> None:
        """Make the ticks that are due. Raises Conflict (WB-SCH-851) when somebody else took over."""
        now = self._clock.now()
        for pipeline in book.pipelines.values():
            schedule = pipeline.schedule
            if schedule is None or not self._is_due((pipeline.name, schedule.name), now):
                continue
            key = (pipeline.name, schedule.name)
            with self._project.store.writing() as transaction:
                transaction.schedules.hold(lease)
                standing = transaction.schedules.standings().get(key)
                busy = self._busy(transaction, key)
                found = evaluate(pipeline, schedule, standing, now, self._environment, busy)
                made = add_ticks(transaction, found.ticks)
                if found.standing != standing:
                    transaction.schedules.put(found.standing)
            self._due[key] = _next(schedule, found.standing, now)
            self.announce(made)

    def announce(self, ticks: Iterable[Tick]) -> None:
        """Tell of new ticks that will not run; those that will are told of when they begin."""
        for tick in ticks:
            self.made.append(tick.id)
            if tick.state is TickState.SKIPPED:
                self._say(tick, f"skipped {told_time(tick)}: {tick.reason}", Tone.WARN)

    def next_due(self) -> datetime | None:
        """When the next nominal time of any schedule comes."""
        return min(filter(None, self._due.values()), default=None)

    def _is_due(self, key: Key, now: datetime) -> bool:
        if key not in self._due:
            return True
        at = self._due[key]
        return at is not None and at <= now

    def _busy(self, transaction: Transaction, key: Key) -> str:
        for run, tick in transaction.schedules.going().items():
            if (tick.pipeline, tick.trigger) == key:
                return f"run {short_id(run)} still goes on"
        if any((tick.pipeline, tick.trigger) == key for tick in transaction.schedules.waiting()):
            return "the one before it still waits"
        return ""

    # -- their runs ----------------------------------------------------------------------------------------------

    def begin(self, lease: Lease) -> int:
        """Start the runs whose turn it is; how many ticks still wait for theirs, but for paused triggers."""
        with self._project.store.reading() as transaction:
            waiting = transaction.schedules.waiting()
            standings = transaction.schedules.standings()
        at_work = {**self.going, **{run: child.tick for run, child in self.children.items()}}
        taken = {(tick.pipeline, tick.trigger) for tick in at_work.values()}
        left = 0
        for tick in waiting:
            key = (tick.pipeline, tick.trigger)
            standing = standings.get(key)
            if (standing and standing.paused_at) or tick.run in self.children:
                continue
            left += 1
            if key in taken or len(at_work) >= MOST_RUNS:
                continue
            taken.add(key)
            if self._try(tick, lease):
                at_work[tick.run] = tick
        return left

    def _try(self, tick: Tick, lease: Lease) -> bool:
        """Start the process of a tick's run, if it is time; whether it was started."""
        now = self._clock.now()
        wait = datetime.fromisoformat(tick.not_before) - now if tick.not_before else timedelta(0)
        if timedelta(0) < wait <= BACKOFF * 2**MOST_TRIES:  # a longer one comes of a clock that was set back
            return False
        if tick.tries >= MOST_TRIES:
            self._give_up(tick, lease)
            return False
        with self._project.store.writing() as transaction:
            transaction.schedules.hold(lease)
            transaction.schedules.tried(tick.id, (now + BACKOFF * 2**tick.tries).isoformat())
        try:
            self.children[tick.run] = launch(self._project.root, self._project.config.state, tick)
        except WorkbenchError as error:
            self._say(tick, f"did not begin: {error}", Tone.BAD)
            with self._project.store.writing() as transaction:
                transaction.schedules.note(tick.id, f"{error.code}: {error.what} - {error.cause}")
            return False
        return True

    def _give_up(self, tick: Tick, lease: Lease) -> None:
        reason = f"its run did not begin in {MOST_TRIES} tries" + (f": {tick.reason}" if tick.reason else "")
        with self._project.store.writing() as transaction:
            transaction.schedules.hold(lease)
            gone = transaction.schedules.move(tick.id, TickState.SKIPPED, reason)
            if gone:
                self._project.notifications.refuse(transaction, tick, reason)
        if gone:
            self.refused += 1
            self._say(tick, f"skipped {told_time(tick)}: {reason}", Tone.BAD)

    def follow(self) -> None:
        """Notice which runs have begun and which are over."""
        dead = {run: how for run, child in self.children.items() if (how := child.ended()) is not None}
        with self._project.store.reading() as transaction:
            self.going = transaction.schedules.going()
            begun = {run: transaction.schedules.get(self.children[run].tick.id) for run in dead}
            self._see({**self.going, **{run: tick for run, tick in begun.items() if tick.state is TickState.STARTED}})
            over = [transaction.runs.head(run) for run in self._seen if run not in self.going]
        for done in over:
            self._over(done, self._seen.pop(done.id))
        for run, how in dead.items():
            self._closed.discard(run)
            self._ended(begun[run], how, self.children.pop(run))

    def _see(self, ticks: Mapping[str, Tick]) -> None:
        """Tell of ticks that are seen at work for the first time."""
        for run, tick in ticks.items():
            if run not in self._seen and run not in self._closed:
                self._seen[run] = tick
                self._say(tick, f"started {told_time(tick)}", run=run)

    def _over(self, done: Run, tick: Tick) -> None:
        """A run is over, though its process may still be leaving."""
        if done.id in self.children:
            self._closed.add(done.id)
        self.ended.append(done)
        self._project.notifications.tell(done)  # the run did so itself, unless it was killed before
        self._tell(_told_end(self._clock.now(), done))
        if done.state is State.SUCCEEDED:
            with suppress(OSError):
                log_of(self._project, tick).unlink()

    def _ended(self, tick: Tick, how: str, child: Child) -> None:
        """The process of a tick has ended: did the run begin?"""
        if tick.state is TickState.SKIPPED:
            self.refused += 1
            self._say(tick, f"skipped {told_time(tick)}: {tick.reason}", Tone.BAD)
        elif tick.state is TickState.WAITING:
            why = tick.reason or f"its process {how}, see {child.log}"
            with self._project.store.writing() as transaction:
                transaction.schedules.note(tick.id, why)
            self._say(tick, f"did not begin: {why}", Tone.WARN)

    def _say(self, tick: Tick, text: str, tone: Tone = Tone.PLAIN, run: str = "") -> None:
        self._tell(News(self._clock.now(), text, tone, tick.pipeline, run))


def add_ticks(transaction: Transaction, ticks: Iterable[Tick]) -> list[Tick]:
    """Keep new ticks; those that were not there already."""
    return [tick for tick in ticks if transaction.schedules.add(tick)]


def log_of(project: Project, tick: Tick) -> Path:
    """What the process of a tick's run printed."""
    return project.config.state / LOGS / f"{tick.id}.log"


def told_time(tick: Tick) -> str:
    """What a tick is for, in a few words."""
    if tick.kind == "schedule":
        return f"for {tick.nominal_at[:16].replace('T', ' ')} UTC"
    named = (part.rpartition("@")[0] for part in tick.nominal.split(", ")) if tick.kind == "dataset" else ()
    return f"for {', '.join(named) or tick.nominal.rpartition('@')[0]}"


def _next(schedule: Schedule, standing: Standing, now: datetime) -> datetime | None:
    return next(fires(schedule, max(now, datetime.fromisoformat(standing.since))), None)


def _told_end(now: datetime, run: Run) -> News:
    tone = Tone.GOOD if run.state is State.SUCCEEDED else Tone.BAD
    took = f" in {run.seconds:.0f} s" if run.seconds is not None else ""
    return News(now, f"{run.state.value}{took}", tone, run.pipeline, run.id)
