"""How a scheduler ends: nothing more is begun; what goes on comes to its end, is asked to, or is made to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from workbench.model.errors import WorkbenchError
from workbench.project import Project
from workbench.scheduler.clock import Clock
from workbench.scheduler.desk import Desk

GRACE = 30.0
"""Seconds that runs get to end cleanly when they are cancelled, before their processes are killed."""


class WindDown:
    """The last looks of a scheduler, at the runs that went on when it was told to end.

    Runs that another one begins meanwhile are none of ours. ``drain`` lets ours come to their end.
    """

    def __init__(self, project: Project, desk: Desk, clock: Clock, drain: bool, say: Callable[[str], None]) -> None:
        self._project = project
        self._desk = desk
        self._clock = clock
        self._drain = drain
        self._say = say
        self._ours = {*desk.going, *desk.children}
        self._until: float | None = None
        self.hard = False
        self._waits = False

    def step(self, stops: int) -> bool:
        """One look; ``stops`` is how often somebody asked for the end. Whether it is over."""
        self._desk.follow()
        if not any(run in self._desk.going or run in self._desk.children for run in self._ours):
            return True
        if stops and not self._drain and self._until is None:
            self._cancel()
        elif self._until is None and not self._waits:
            self._waits = True
            self._say("waits for the runs that go on")
        if stops > 1 or (self._until is not None and self._clock.monotonic() > self._until):
            self.hard = True
            for child in self._desk.children.values():
                child.kill()
        return self.hard

    def _cancel(self) -> None:
        """Ask every run of ours to end; what it has finished stays published."""
        self._say("cancels the runs that go on")
        self._until = self._clock.monotonic() + GRACE
        for run in self._ours:
            if run in self._desk.going:
                with suppress(WorkbenchError):
                    self._project.runs.cancel(self._project.runs.get(run), self._project.actor, patience=0.0)
            elif run in self._desk.children:
                self._desk.children[run].stop()
