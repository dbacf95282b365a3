"""One ``wb up`` acts for a project, the others stand by; whoever acts shows by beats that it is well.

Nobody compares clocks: those who stand by watch the beats by their own steady clock, and take over when there was none
for ``LEASE`` seconds, or at once when they see that the process is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from workbench.model.errors import Conflict, WorkbenchError
from workbench.model.schedule import Lease
from workbench.scheduler.clock import Clock
from workbench.store.schedule import holder_alive
from workbench.store.transaction import Store

NAME = "up"
BEAT, LEASE = 2.0, 7.0
"""Seconds between two beats, and without any until others take over: within ten seconds of a death at the latest."""


class Leader:
    """A contender for the lease, and its holder for as long as it holds it."""

    def __init__(self, store: Store, clock: Clock, tell: Callable[[str], None]) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._seen: Lease | None = None
        self._since = clock.monotonic()
        self._beaten = 0.0
        self.lease: Lease | None = None

    @property
    def other(self) -> Lease | None:
        """Who was seen to hold the lease last, while we do not."""
        return self._seen

    def contend(self) -> bool:
        """Take the lease if it is free; whether we hold it now."""
        if self.lease is not None:
            return self._beat()
        with self._store.reading() as transaction:
            held = transaction.schedules.lease(NAME)
        if held != self._seen:
            self._seen, self._since = held, self._clock.monotonic()
        if held is not None and not self._free(held):
            return False
        with suppress(Conflict), self._store.writing() as transaction:
            self.lease = transaction.schedules.take(NAME, held)
            self._beaten = self._clock.monotonic()
        return self.lease is not None

    def surely_held(self) -> bool:
        """Whether somebody else is seen to be at work."""
        return self._seen is not None and holder_alive(self._seen) is True

    def give_up(self) -> None:
        """Let the next one take over at once."""
        if self.lease is not None:
            with suppress(WorkbenchError), self._store.writing() as transaction:
                transaction.schedules.release(self.lease)
            self.lease = None

    def lose(self) -> None:
        """Stand by again, after somebody else took over."""
        self.lease, self._seen, self._since = None, None, self._clock.monotonic()
        self._tell("another wb up has taken over; this one stands by")

    def _free(self, held: Lease) -> bool:
        alive = holder_alive(held)
        return alive is False or self._clock.monotonic() - self._since >= LEASE

    def _beat(self) -> bool:
        assert self.lease is not None
        if self._clock.monotonic() - self._beaten < BEAT:
            return True
        try:
            with self._store.writing() as transaction:
                transaction.schedules.beat(self.lease)
        except Conflict as error:
            if error.code != "WB-SCH-851":
                raise
            self.lose()
            return False
        self._beaten = self._clock.monotonic()
        return True
