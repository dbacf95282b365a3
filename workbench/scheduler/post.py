"""Messages while the scheduler is at work: who is late is told of, and what is due is sent by a process of its own."""

from __future__ import annotations

from contextlib import suppress

from workbench.execution.history import usual
from workbench.model.errors import WorkbenchError
from workbench.model.schedule import Tick
from workbench.model.timeline import FEWEST
from workbench.project import Project
from workbench.scheduler.clock import Clock

LATE_EVERY, SEND_EVERY = 15.0, 2.0
"""Seconds between two looks for late runs, and between two looks into the outbox."""
MARGIN, LEAST = 1.1, 60.0
"""A run is late when it takes so many times what is usual for it (85 % of its runs took less), and so much longer."""


class Post:
    """The messages of a project while this process holds the lease."""

    def __init__(self, project: Project, clock: Clock) -> None:
        self._project = project
        self._clock = clock
        self._looked = self._sent = clock.monotonic()

    def look(self) -> None:
        """Tell of late runs, and let what is due be sent, each when it is time. Raises StorageError, Conflict."""
        notifications, steady = self._project.notifications, self._clock.monotonic()
        if not notifications.receivers:
            return
        if steady - self._looked >= LATE_EVERY:
            self._looked = steady
            for tick, seconds in self._open():
                notifications.late(tick, self._clock.now(), seconds)
        if steady - self._sent >= SEND_EVERY:
            self._sent = steady
            if notifications.is_due(self._clock.now()):
                notifications.send_aside()

    def close(self) -> None:
        """Let what is due now be sent after we are gone."""
        notifications = self._project.notifications
        with suppress(WorkbenchError):
            if notifications.receivers and notifications.is_due(self._clock.now()):
                notifications.send_aside()

    def _open(self) -> list[tuple[Tick, float | None]]:
        """The ticks that are not over, with the seconds from which their runs are late, where that is known."""
        with self._project.store.reading() as transaction:
            going, waiting = transaction.schedules.going(), transaction.schedules.waiting()
            runs = [transaction.runs.head(run) for run in going]
            known = usual.of_runs(transaction, runs)
        limits = {
            run: max(found.p85 * MARGIN, found.p85 + LEAST) for run, found in known.items() if found.samples >= FEWEST
        }
        return [*((tick, limits.get(run)) for run, tick in going.items()), *((tick, None) for tick in waiting)]
