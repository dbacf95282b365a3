"""Time as the scheduler sees it: a clock that people may set, a steady one, and a wait that a signal cuts short."""

from __future__ import annotations

import contextlib
import os
import select
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

JUMP = timedelta(seconds=5)
"""How far the clock may run from the steady one before that is worth a word."""


class Clock(Protocol):
    """Where the scheduler has its time from."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def wait(self, seconds: float) -> None: ...
    def ring(self) -> None: ...


class SystemClock:
    """The clocks of this machine. ``ring`` ends a ``wait``, also from a signal handler or another thread."""

    def __init__(self) -> None:
        self._ear, self._hammer = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._hammer, False)

    def now(self) -> datetime:
        """This moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only go forward, and stand still while the machine sleeps."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait for so long, or until rung."""
        select.select([self._ear], [], [], max(seconds, 0.0))
        with contextlib.suppress(BlockingIOError):
            os.read(self._ear, 1024)

    def ring(self) -> None:
        """End the wait, or the next one."""
        with contextlib.suppress(OSError):  # the pipe is full, or closed
            os.write(self._hammer, b".")

    def close(self) -> None:
        os.close(self._ear)
        os.close(self._hammer)


class Watch:
    """Notices that the clock was set, or that the machine slept: both look alike, and need not be told apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = clock.now(), clock.monotonic()

    def jump(self) -> timedelta:
        """How far the clock has moved against the steady one since the last call, if by more than ``JUMP``."""
        now, steady = self._clock.now(), self._clock.monotonic()
        moved = (now - self._seen[0]) - timedelta(seconds=steady - self._seen[1])
        self._seen = now, steady
        return moved if abs(moved) > JUMP else timedelta(0)
