"""Where files that arrive and datasets that are new become ticks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from workbench.model.pipeline import Pipeline
from workbench.model.schedule import (
    Arrival,
    DatasetTrigger,
    FileTrigger,
    Lease,
    Standing,
    Tick,
    TickState,
    Trigger,
)
from workbench.project import Project
from workbench.scheduler.book import Book
from workbench.scheduler.clock import Clock
from workbench.scheduler.data import Made, evaluate_data
from workbench.scheduler.desk import Desk, add_ticks
from workbench.scheduler.evaluate import first_standing, make_tick
from workbench.scheduler.survey import Survey
from workbench.store.transaction import Transaction


class Intake:
    """The file and dataset triggers of a project while this process holds the lease."""

    def __init__(
        self, project: Project, environment: str, clock: Clock, desk: Desk, tell: Callable[[str], None]
    ) -> None:
        self._project = project
        self._environment = environment
        self._clock = clock
        self._desk = desk
        self._data: dict[tuple[str, str], Mapping[str, int]] = {}
        self._refused: set[tuple[str, str, str]] = set()
        self.survey = Survey(project.root, clock, self._known, tell)

    def expect(self, book: Book) -> None:
        """Act on these pipelines from now on."""
        self._data.clear()
        files = [(pipeline, one) for pipeline, one in book.triggers() if isinstance(one, FileTrigger)]
        self.survey.expect(files)

    def look(self, book: Book, lease: Lease) -> None:
        """Make the ticks that are due. Raises Conflict (WB-SCH-851) when somebody else took over."""
        self._look_at_files(book, lease)
        self._look_at_data(book, lease)

    # -- files ---------------------------------------------------------------------------------------------------

    def _known(self, pipeline: str, trigger: str) -> Mapping[str, Arrival]:
        with self._project.store.reading() as transaction:
            return transaction.schedules.arrivals(pipeline, trigger)

    def _look_at_files(self, book: Book, lease: Lease) -> None:
        for (name, trigger_name), found in self.survey.news().items():
            pipeline = book.pipelines.get(name)
            trigger = next((one for one in pipeline.triggers if one.name == trigger_name), None) if pipeline else None
            if pipeline is None or not isinstance(trigger, FileTrigger):
                continue
            new = [one for one in found.refused if (name, trigger_name, one[0]) not in self._refused]
            if not found.arrived and not new:
                continue
            with self._project.store.writing() as transaction:
                transaction.schedules.hold(lease)
                if self._paused(transaction, pipeline, trigger):
                    continue
                ticks = [*self._of_files(pipeline, trigger, found.arrived), *self._of_refused(pipeline, trigger, new)]
                made = add_ticks(transaction, ticks)
                transaction.schedules.arrived(name, trigger_name, found.arrived)
            self._refused |= {(name, trigger_name, path) for path, _ in new}
            self._desk.announce(made)

    def _of_files(self, pipeline: Pipeline, trigger: FileTrigger, files: Sequence[Arrival]) -> list[Tick]:
        now = self._clock.now()
        if not trigger.batch:
            return [self._of_file(pipeline, trigger, file, now) for file in files]
        if not files:
            return []
        paths = [str(self._project.root / file.path) for file in files]
        named = f"{len(files)} files" if len(files) > 1 else files[0].path
        nominal = f"{named}@{_identity(*files)}"
        facts = {"files": paths, "sizes": [file.size for file in files], "digests": [file.digest for file in files]}
        return [make_tick(pipeline, trigger, now, self._environment, nominal=nominal, facts=facts)]

    def _of_file(self, pipeline: Pipeline, trigger: FileTrigger, file: Arrival, now: datetime) -> Tick:
        facts = {"file": str(self._project.root / file.path), "size": file.size, "digest": file.digest}
        nominal = f"{file.path}@{_identity(file)}"
        return make_tick(pipeline, trigger, now, self._environment, nominal=nominal, facts=facts)

    def _of_refused(self, pipeline: Pipeline, trigger: FileTrigger, refused: Sequence[tuple[str, str]]) -> list[Tick]:
        now, skipped = self._clock.now(), TickState.SKIPPED
        return [
            make_tick(pipeline, trigger, now, self._environment, nominal=f"{path}@refused", state=skipped, reason=why)
            for path, why in refused
        ]

    # -- datasets ------------------------------------------------------------------------------------------------

    def _look_at_data(self, book: Book, lease: Lease) -> None:
        waiting = [(pipeline, one) for pipeline, one in book.triggers() if isinstance(one, DatasetTrigger)]
        waiting = [(pipeline, one) for pipeline, one in waiting if pipeline.name not in book.loops]
        if not waiting:
            return
        with self._project.store.reading() as transaction:
            current = self._project.environments.pointers(transaction, self._environment)
        for pipeline, trigger in waiting:
            key = (pipeline.name, trigger.name)
            there = {name: current[name] for name in trigger.datasets if name in current}
            if self._data.get(key) == there:
                continue
            with self._project.store.writing() as transaction:
                transaction.schedules.hold(lease)
                standing = transaction.schedules.standings().get(key)
                made = {name: _made(transaction, snapshot) for name, snapshot in there.items()}
                now = self._clock.now()
                found = evaluate_data(pipeline, trigger, standing, made, now, self._environment)
                ticks = add_ticks(transaction, found.ticks)
                if any(tick.state is TickState.WAITING for tick in ticks):
                    _supersede(transaction, ticks[0])
                if found.standing != standing:
                    transaction.schedules.put(found.standing)
            if not found.standing.paused_at:
                self._data[key] = there
            self._desk.announce(ticks)

    def _paused(self, transaction: Transaction, pipeline: Pipeline, trigger: Trigger) -> bool:
        standing: Standing | None = transaction.schedules.standings().get((pipeline.name, trigger.name))
        if standing is None:
            transaction.schedules.put(first_standing(pipeline, trigger, self._clock.now()))
        return bool(standing and standing.paused_at)


def _made(transaction: Transaction, snapshot: int) -> Made:
    """A snapshot with the pipeline that made it, and how many runs led to that run."""
    found = transaction.datasets.snapshot(snapshot)
    if not found.run:
        return Made(snapshot, found.created_at)
    tick = transaction.schedules.of_run(found.run)
    pipeline = transaction.runs.head(found.run).pipeline
    return Made(snapshot, found.created_at, pipeline, tick.depth if tick else 0)


def _supersede(transaction: Transaction, newer: Tick) -> None:
    """Let ticks of the same trigger that still wait give way: their run would read the newer data too."""
    for tick in transaction.schedules.waiting():
        if (tick.pipeline, tick.trigger) == (newer.pipeline, newer.trigger) and tick.id != newer.id:
            transaction.schedules.move(tick.id, TickState.SKIPPED, "newer data came before it began")


def _identity(*files: Arrival) -> str:
    """A digest of which files these are: path, size, time and content of each."""
    lines = sorted(f"{file.path}\0{file.size}\0{file.mtime}\0{file.digest}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]
