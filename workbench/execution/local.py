"""The executor of this machine: every attempt in a supervised process of its own, forked from one template."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from workbench.execution.beat import BEAT
from workbench.execution.guardian import CANCEL
from workbench.execution.order import END, READY, Order
from workbench.model.errors import InternalError, MissingExtra


class Handle:
    """The runner's end of one attempt."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = b""
        self.finished = False
        self.heard = time.monotonic()

    def fileno(self) -> int:
        """Readable when messages wait; for ``select``."""
        return self._channel.fileno()

    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Tell the events that have arrived, as plain dicts; ``finished`` is true after the last."""
        data = self._channel.recv(1 << 16)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self.heard = time.monotonic()
        for line in lines:
            message = json.loads(line)
            if "exit" in message:
                self.finished = True
            elif BEAT not in message:
                tell(message)
        if not data:
            self.finished = True

    def cancel(self) -> None:
        """Ask the attempt to end; it gets a grace to write its notebook."""
        with contextlib.suppress(OSError):
            self._channel.sendall(CANCEL)

    def close(self) -> None:
        """Close our end; an attempt that still runs is killed by its guardian."""
        self._channel.close()


class LocalExecutor:
    """Starts attempts by sending orders to the template process, which is started with the first."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def warm_up(self) -> None:
        """Start the template; it imports while the caller goes on. Raises MissingExtra where nothing can fork."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        if not hasattr(os, "fork"):
            raise MissingExtra(
                "WB-EXT-904", "the local executor does not run on this system", next="use `--executor inline`"
            )
        ours, theirs = socket.socketpair()
        with theirs:
            handle = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "workbench.execution.template", str(handle), str(os.getpid())],
                pass_fds=[handle],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours

    def start(self, order: Order) -> Handle:
        """Carry out ``order`` in a process of its own. Raises InternalError when the template is gone."""
        self.warm_up()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                data = order.encode() + END
                sent = socket.send_fds(self._control, [data], [theirs.fileno()])
                self._control.sendall(data[sent:])
                alive = self._control.recv(1) == READY
            except OSError:
                alive = False
        if not alive:
            ours.close()
            raise InternalError(
                "WB-INT-995", f"step {order.step} could not be started", cause="its template process is gone"
            )
        return Handle(ours)

    def close(self) -> None:
        """End the template; attempts that still run are ended by their guardians when their handles close."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
            self._control = self._process = None
