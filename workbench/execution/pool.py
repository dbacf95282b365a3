"""Seats kept ready: each is used once, what dies unused is replaced, and all go with the runner."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

from workbench.execution.order import END
from workbench.model.errors import MissingExtra


class Template:
    """The process that seats are forked from; started at once, it imports while the caller goes on."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise MissingExtra(
                "WB-EXT-904", "the local executor does not run on this system", next="use `--executor inline`"
            )
        from workbench.execution.template import COMMAND

        self._folder = tempfile.mkdtemp(prefix="workbench-")
        self._control, theirs = socket.socketpair()
        with theirs:
            handle = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(handle), str(os.getpid())],
                pass_fds=[handle],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def seat(self, kernel: bool) -> socket.socket:
        """The channel to a new guardian; at its end at once when the template is gone."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.suppress(OSError):
            message = {"channel": True, "kernel": kernel, "folder": self._folder}
            data = json.dumps(message).encode() + END
            sent = socket.send_fds(self._control, [data], [theirs.fileno()])
            self._control.sendall(data[sent:])
        return ours

    def close(self) -> None:
        """End the process; guardians go on until their channels close."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
