"""Being told to stop: from a signal, another thread or a timer, heard by the loop that runs the cells.

A request never raises in the middle of something: it is heard where cells are waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from enum import StrEnum
from types import FrameType

from workbench.execution.processes.watch import Verdict


class Why(StrEnum):
    """Why a cell or a whole attempt has to end."""

    CANCELLED = "cancelled"
    STEP_TIME = "step_time"
    CELL_TIME = "cell_time"


class Stop:
    """Whether, and why, an attempt was told to stop; the first reason counts. ``timeout``: seconds from now on.

    ``verdicts`` is the end of a pipe through which a guardian says why it killed the kernel.
    """

    def __init__(self, timeout: float = float("inf"), verdicts: int | None = None) -> None:
        self._verdicts = verdicts
        self.why: Why | None = None
        self._deadline = time.monotonic() + timeout
        self._heard: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None

    def ask(self, why: Why = Why.CANCELLED) -> None:
        """Tell the attempt to stop; may be called from anywhere, a signal handler too."""
        self.why = self.why or why
        if self._heard is not None:
            loop, future = self._heard
            with contextlib.suppress(RuntimeError):  # the loop is over, and with it what could be stopped
                loop.call_soon_threadsafe(_settle, future)

    def verdict(self) -> Verdict | None:
        """Why the guardian killed the kernel, if it did."""
        if self._verdicts is None:
            return None
        ready, _, _ = select.select([self._verdicts], [], [], 0)
        return Verdict.decode(os.read(self._verdicts, select.PIPE_BUF)) if ready else None

    @contextlib.contextmanager
    def heard(self) -> Iterator[asyncio.Future[None]]:
        """A future of the running loop that is done once the attempt has to stop, also because its time is up."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._heard = loop, future
        timer = None
        if self._deadline != float("inf"):
            left = max(0.0, self._deadline - time.monotonic())
            timer = loop.call_later(left, self.ask, Why.STEP_TIME)
        if self.why is not None:
            _settle(future)
        try:
            yield future
        finally:
            self._heard = None
            if timer is not None:
                timer.cancel()


@contextlib.contextmanager
def stopping_on_interrupt(stop: Stop) -> Iterator[None]:
    """Let SIGINT tell ``stop``; only the main thread of a process gets signals, elsewhere this does nothing."""

    def tell(number: int, frame: FrameType | None) -> None:
        stop.ask()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, tell)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
