"""What wakes a runner: threads that have news, and signals."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from workbench.store.owner import Owner, owner_alive

NUDGE = getattr(signal, "SIGURG", None)
"""Sent to a runner that should look into the store at once; who does not expect it ignores it. Not on Windows."""


class Bell:
    """Becomes readable when it is rung, also from a signal handler."""

    def __init__(self) -> None:
        self._ear, self._hammer = socket.socketpair()
        self._hammer.setblocking(False)

    def fileno(self) -> int:
        """For ``select``."""
        return self._ear.fileno()

    def ring(self) -> None:
        """Wake who waits; a bell that nobody hears any more does nothing."""
        with contextlib.suppress(OSError):
            self._hammer.send(b".")

    def silence(self) -> None:
        """Forget that it was rung."""
        self._ear.recv(1024)

    def close(self) -> None:
        self._ear.close()
        self._hammer.close()


def nudge(owner: Owner) -> None:
    """Let a runner on this machine look into the store at once; one elsewhere does so with its next beat."""
    if NUDGE is not None and owner_alive(owner):
        with contextlib.suppress(OSError):
            os.kill(owner.pid, NUDGE)


@contextlib.contextmanager
def heeding_signals(stop: Callable[[], None], nudge: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` for SIGINT and SIGTERM instead of raising in the middle of something, ``nudge`` for a nudge.

    Only the main thread gets any; in others this does nothing.
    """

    def heed(number: int, frame: FrameType | None) -> None:
        nudge() if number == NUDGE else stop()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGINT, signal.SIGTERM, *([NUDGE] if NUDGE else [])]
    before = {number: signal.signal(number, heed) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
