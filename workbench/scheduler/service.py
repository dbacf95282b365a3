"""What others ask of schedules: which there are, when they come, what became of their ticks; and pausing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from workbench.model.errors import NotFound, WorkbenchError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Pipeline
from workbench.model.run import Run
from workbench.model.schedule import Fire, Schedule, Standing, Tick, TickState, Trigger
from workbench.pipeline import spec
from workbench.pipeline.schedule import upcoming
from workbench.project import Project
from workbench.scheduler.book import Book, triggers_of
from workbench.scheduler.desk import add_ticks
from workbench.scheduler.evaluate import evaluate, first_standing
from workbench.store.transaction import Transaction

SHOWN = 5
"""Nominal times ahead that are shown."""


@dataclass(frozen=True)
class Coming:
    """A schedule of a pipeline with its next nominal times."""

    pipeline: str
    schedule: Schedule
    fires: tuple[Fire, ...]


@dataclass(frozen=True)
class Scheduled:
    """A schedule or trigger as it stands.

    ``fires`` are the next nominal times of a schedule; ``last`` is the latest tick, ``run`` its run if that began.
    """

    pipeline: str
    trigger: Trigger
    fires: tuple[Fire, ...]
    standing: Standing | None
    last: Tick | None
    run: Run | None
    waiting: int

    @property
    def next(self) -> Fire | None:
        """The next nominal time of a schedule."""
        return self.fires[0] if self.fires else None

    @property
    def paused(self) -> bool:
        return bool(self.standing and self.standing.paused_at)


class ScheduleService:
    """The schedules and triggers of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def list(self, now: datetime | None = None, book: Book | None = None) -> tuple[Scheduled, ...]:
        """Every schedule and trigger as it stands, by pipeline."""
        at = now or datetime.now(UTC)
        pages = book or self._book()
        with self._project.store.reading() as transaction:
            return tuple(self._scheduled(transaction, *found, at) for found in pages.triggers())

    def next(self, pipeline: str | None = None, count: int = SHOWN, now: datetime | None = None) -> tuple[Coming, ...]:
        """The next nominal times of one pipeline, or of all whose files are right, the soonest first.

        Raises NotFound (WB-PIP-601 no such pipeline, WB-SCH-852 it has no schedule) and SpecError for one pipeline.
        """
        at = now or datetime.now(UTC)
        if pipeline is not None:
            found = [spec.load_pipeline(self._project.root, pipeline)]
            if found[0].schedule is None:
                raise self._unscheduled(pipeline)
        else:
            found = [*self._book().pipelines.values()]
        coming = [
            Coming(item.name, item.schedule, upcoming(item.schedule, at, count)) for item in found if item.schedule
        ]
        return tuple(sorted(coming, key=lambda one: (one.fires[0].at if one.fires else "~", one.pipeline)))

    def broken(self) -> tuple[WorkbenchError, ...]:
        """What is wrong with pipeline files: nothing of those is scheduled until they are mended."""
        book = self._book()
        return (*book.faults.values(), *{str(error): error for error in book.loops.values()}.values())

    def ticks(
        self, pipeline: str | None = None, limit: int = 20, states: Iterable[TickState] | None = None
    ) -> tuple[Tick, ...]:
        """Ticks, the latest first."""
        with self._project.store.reading() as transaction:
            return transaction.schedules.ticks(limit, pipeline=pipeline, states=states)

    def tick(self, identifier: str) -> Tick:
        """One tick. Raises NotFound (WB-SCH-853)."""
        with self._project.store.reading() as transaction:
            return transaction.schedules.get(identifier)

    def pause(self, pipeline: str, trigger: str | None = None, now: datetime | None = None) -> tuple[Standing, ...]:
        """Let nothing begin by itself any more, of one trigger or of all of a pipeline; a run that goes on goes on.

        Raises NotFound (WB-PIP-601, WB-SCH-852), SpecError.
        """
        at = now or datetime.now(UTC)
        paused = []
        found, wanted = self._chosen(pipeline, trigger)
        with self._project.store.writing() as transaction:
            for one in wanted:
                known = transaction.schedules.standings().get((pipeline, one.name))
                standing = known or first_standing(found, one, at)
                if not standing.paused_at:
                    standing = replace(standing, paused_at=at.isoformat(), paused_by=self._project.actor)
                    transaction.schedules.put(standing)
                    self._audit(transaction, "pause", pipeline, one.name)
                paused.append(standing)
        return tuple(paused)

    def resume(self, pipeline: str, trigger: str | None = None, now: datetime | None = None) -> tuple[Standing, ...]:
        """Let a paused trigger, or all of a pipeline, go on.

        Nominal times of the meantime are skipped, with that reason; files and snapshots that came are made up for.
        Returns what was paused. Raises as ``pause`` does.
        """
        at = now or datetime.now(UTC)
        resumed = []
        found, wanted = self._chosen(pipeline, trigger)
        with self._project.store.writing() as transaction:
            for one in wanted:
                standing = transaction.schedules.standings().get((pipeline, one.name))
                if standing is None or not standing.paused_at:
                    continue
                if isinstance(one, Schedule):
                    evaluation = evaluate(found, one, standing, at, self._project.place())
                    add_ticks(transaction, evaluation.ticks)
                    standing = replace(evaluation.standing, since=at.isoformat())
                standing = replace(standing, paused_at="", paused_by="")
                transaction.schedules.put(standing)
                self._audit(transaction, "resume", pipeline, one.name)
                resumed.append(standing)
        return tuple(resumed)

    def _audit(self, transaction: Transaction, action: str, pipeline: str, trigger: str) -> None:
        transaction.audit.append(self._project.actor, action, pipeline, {"trigger": trigger})

    def _chosen(self, pipeline: str, trigger: str | None) -> tuple[Pipeline, Sequence[Trigger]]:
        found = spec.load_pipeline(self._project.root, pipeline)
        known = triggers_of(found)
        if not known:
            raise self._unscheduled(pipeline)
        wanted = [one for one in known if trigger in (None, one.name)]
        if not wanted:
            names = [one.name for one in known]
            raise NotFound(
                "WB-SCH-852",
                f'{pipeline} has no trigger "{trigger}"',
                cause=f"it has: {', '.join(names)}.{did_you_mean(trigger or '', names)}",
            )
        return found, wanted

    def _scheduled(self, transaction: Transaction, pipeline: Pipeline, trigger: Trigger, at: datetime) -> Scheduled:
        standing = transaction.schedules.standings().get((pipeline.name, trigger.name))
        ticks = partial(transaction.schedules.ticks, pipeline=pipeline.name, trigger=trigger.name)
        last = next(iter(ticks(1)), None)
        run = transaction.runs.head(last.run) if last and last.state is TickState.STARTED else None
        waiting = len(ticks(None, states=[TickState.WAITING]))
        fires = upcoming(trigger, at, SHOWN) if isinstance(trigger, Schedule) else ()
        return Scheduled(pipeline.name, trigger, fires, standing, last, run, waiting)

    def _book(self) -> Book:
        book = Book(self._project.root)
        book.read()
        return book

    def _pipelines(self) -> Iterator[Pipeline]:
        yield from self._book().pipelines.values()

    def _unscheduled(self, pipeline: str) -> NotFound:
        known = [item.name for item in self._pipelines() if triggers_of(item)]
        told = f"scheduled are: {', '.join(known)}.{did_you_mean(pipeline, known)}" if known else "nothing is scheduled"
        return NotFound(
            "WB-SCH-852",
            f"{pipeline} has no schedule",
            cause=told,
            next=f'add "schedule: {{cron: 0 6 * * *}}" to {spec.FOLDER}/{pipeline}.yaml',
        )
