"""The executor of this machine: every attempt takes a seat, processes forked from one template before it came."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from workbench.config import Config
from workbench.execution.beat import BEAT
from workbench.execution.kernels import why_cold
from workbench.execution.order import CANCEL, END, Order
from workbench.execution.pool import Template
from workbench.model.errors import InternalError


class Handle:
    """The runner's end of one attempt."""

    def __init__(self, channel: socket.socket, leaving: list[socket.socket]) -> None:
        self._channel = channel
        self._leaving = leaving
        self._buffer = b""
        self._ended = False
        self.finished = False
        self.heard = time.monotonic()
        self.gone = ""

    def fileno(self) -> int:
        """Readable when messages wait; for ``select``."""
        return self._channel.fileno()

    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Tell the events that have arrived, as plain dicts; ``finished`` is true after the last.

        A success is told while its kernel still leaves, a failure when nothing of the attempt is left.
        """
        data = self._channel.recv(1 << 16)
        *lines, self._buffer = (self._buffer + data).split(END)
        self.heard = time.monotonic()
        for line in lines:
            message = json.loads(line)
            if "exit" in message:
                self.finished = True
            elif BEAT not in message:
                tell(message)
                if message["kind"] == "attempt_ended" and not message["data"]["error"]:
                    self._ended = self.finished = True
        if not data:
            self.finished = True

    def cancel(self) -> None:
        """Ask the attempt to end; it gets a grace to write its notebook."""
        with contextlib.suppress(OSError):
            self._channel.sendall(CANCEL)

    def close(self) -> None:
        """Close our end; an attempt that still runs is killed by its guardian, one that has ended may leave."""
        if self._ended:
            self._leaving.append(self._channel)
        else:
            self._channel.close()


class LocalExecutor:
    """Lets attempts take the seats that a template has ready."""

    def __init__(self, config: Config | None = None) -> None:
        self._template: Template | None = None
        self._seats: list[socket.socket] = []
        self._leaving: list[socket.socket] = []
        self._ready = 3

    def warm_up(self) -> None:
        """Start the template; it imports while the caller goes on. Raises MissingExtra where nothing can fork."""
        if self._template is None or not self._template.alive:
            if self._template is not None:
                self._template.close()
            self._template = Template()

    def start(self, order: Order) -> Handle:
        """Carry out ``order`` in a process of its own. Raises InternalError when there is none."""
        self.warm_up()
        assert self._template is not None
        while len(self._seats) < self._ready:
            self._seats.append(self._template.seat(kernel=True))
        channel = self._template.seat(kernel=False) if why_cold(order.kernel) else self._seats.pop(0)
        try:
            channel.sendall(order.encode() + END)
        except OSError as error:
            channel.close()
            raise InternalError(
                "WB-INT-995", f"step {order.step} could not be started", cause="its process is gone"
            ) from error
        self._leaving[:] = [channel for channel in self._leaving if not _ended(channel, 0.0)]
        if len(self._seats) < self._ready:
            self._seats.append(self._template.seat(kernel=True))
        return Handle(channel, self._leaving)

    def settle(self) -> None:
        """Wait until nothing is left of the attempts that have ended."""
        for channel in self._leaving:
            while not _ended(channel, None):
                pass
        self._leaving.clear()

    def close(self) -> None:
        """Let what has ended leave, then end the template; attempts that still run are ended by their guardians."""
        self.settle()
        for channel in self._seats:
            channel.close()
        self._seats.clear()
        if self._template is not None:
            self._template.close()
            self._template = None


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
