"""The executor of this machine: every attempt takes a seat, processes forked from one template before it came."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from workbench.config import Config
from workbench.execution.beat import BEAT
from workbench.execution.executor import Demand
from workbench.execution.kernels import why_cold
from workbench.execution.order import CANCEL, Order
from workbench.execution.seats.pool import Pool
from workbench.execution.wire import END

MOST_TRIES = 5
"""Seats that die before they begin with an order, for no reason that is avoided from then on, until it is given up."""


class Handle:
    """The runner's end of one attempt; ``reseat`` gives the channel of a seat that has the order.

    It is told why the seat before failed, if it did. ``lessons`` counts what has been learnt from seats that failed.
    """

    def __init__(
        self, reseat: Callable[[str], socket.socket], lessons: Callable[[], int], leaving: list[socket.socket]
    ) -> None:
        self._reseat = reseat
        self._lessons = lessons
        self._channel = reseat("")
        self._learnt = lessons()
        self._leaving = leaving
        self._buffer = b""
        self._tries = 1
        self._begun = self._ended = self._cancelled = False
        self._failed = ""
        self.heard = time.monotonic()
        self.finished = False
        self.gone = ""
        self.worker = ""

    def fileno(self) -> int:
        """Readable when messages wait; for ``select``."""
        return self._channel.fileno()

    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Tell the events that have arrived, as plain dicts; ``finished`` is true after the last.

        A success is told while its kernel still leaves, a failure when nothing of the attempt is left. A seat that dies
        before it begins with the order is replaced unseen.
        """
        try:
            data = self._channel.recv(1 << 16)
        except ConnectionError:
            data = b""
        *lines, self._buffer = (self._buffer + data).split(END)
        self.heard = time.monotonic()
        for line in lines:
            message = json.loads(line)
            if "kind" in message:
                self._begun = True
                tell(message)
                if message["kind"] == "attempt_ended" and not message["data"]["error"]:
                    self._ended = self.finished = True
            else:
                self._begun = self._begun or BEAT in message
                self._failed = message.get("failed", "")
        if not data and not self.finished:
            self._over()

    def cancel(self) -> None:
        """Ask the attempt to end; it gets a grace to write its notebook."""
        self._cancelled = True
        with contextlib.suppress(OSError):
            self._channel.sendall(CANCEL)

    def close(self) -> None:
        """Close our end; an attempt that still runs is killed by its guardian, one that has ended may leave."""
        if self._ended:
            self._leaving.append(self._channel)
        else:
            self._channel.close()

    def _over(self) -> None:
        if self._begun or self._tries == MOST_TRIES:
            self.finished = True
            return
        self._channel.close()
        self._channel, self._buffer = self._reseat(self._failed), b""
        learnt = self._lessons()
        self._tries += learnt == self._learnt
        self._learnt = learnt
        if self._cancelled:
            self.cancel()


class LocalExecutor:
    """Lets attempts take the seats that a pool has ready. May be used by several threads."""

    def __init__(self, config: Config | None = None) -> None:
        self._pool = Pool(config.warm, config.state) if config else Pool()
        self._leaving: list[socket.socket] = []
        self._lock = threading.Lock()

    def warm_up(self, demand: Demand = Demand()) -> None:  # noqa: B008  frozen
        """Import and make ready what is in demand, meanwhile. Raises MissingExtra where nothing can fork."""
        with self._lock:
            self._pool.warm_up(demand)

    def start(self, order: Order) -> Handle:
        """Carry out ``order`` in processes of its own."""
        with self._lock:
            for channel in list(self._leaving):  # others may add to it meanwhile
                if _ended(channel, 0.0):
                    self._leaving.remove(channel)

        def seat(failed: str) -> socket.socket:
            with self._lock:
                self._pool.note(failed)
                channel = self._pool.take(kernel=not why_cold(order.kernel))
            with contextlib.suppress(OSError):  # it has died meanwhile, which its handle sees
                channel.sendall(order.encode(os.environ) + END)
            return channel

        return Handle(seat, lambda: len(self._pool.avoid), self._leaving)

    def settle(self) -> None:
        """Wait until nothing is left of the attempts that have ended, and keep no seats ready."""
        for channel in self._leaving:
            while not _ended(channel, None):
                pass
        self._leaving.clear()
        with self._lock:
            self._pool.empty()

    def close(self) -> None:
        """Let what has ended leave, then end the template; attempts that still run are ended by their guardians."""
        self.settle()
        with self._lock:
            self._pool.close()


def _ended(channel: socket.socket, timeout: float | None) -> bool:
    """Read what a guardian still says; whether it is gone, and the channel closed."""
    while select.select([channel], [], [], timeout)[0]:
        try:
            if channel.recv(1 << 16):
                continue
        except ConnectionError:
            pass
        channel.close()
        return True
    return False
