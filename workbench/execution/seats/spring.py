"""Where seats spring from: the runner's end of the template, which may be started before anything else is known.

To begin costs a few milliseconds here; the template then imports for about a second, while we import as well.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.execution.wire import END, IMPORTING, TEMPLATE, UNFIT
from workbench.model.errors import InternalError, MissingExtra, WorkbenchError

LONGEST_TEMPORARY = 70
"""Bytes of the folder for temporary files, so that the path of a socket three folders below is shorter than 108."""
SHORT_TEMPORARY = "/tmp"
"""Where every POSIX system has one whose name is short."""


def _where_sockets_fit() -> str:
    usual = tempfile.gettempdir()
    short = len(os.fsencode(usual)) <= LONGEST_TEMPORARY or not os.access(SHORT_TEMPORARY, os.W_OK | os.X_OK)
    return usual if short else SHORT_TEMPORARY


class Template:
    """The process that seats are forked from; it imports while the caller goes on."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise MissingExtra(
                "WB-EXT-904", "the local executor does not run on this system", next="use `--executor inline`"
            )
        self.folder = Path(tempfile.mkdtemp(prefix="workbench-", dir=_where_sockets_fit()))
        self._control, theirs = socket.socketpair()
        with theirs:
            handle = theirs.fileno()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", TEMPLATE, str(handle), str(os.getpid()), str(self.folder)],
                    pass_fds=[handle],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                self._control.close()
                raise InternalError("WB-INT-995", "no process could be started", cause=str(error)) from error
        self._owner = os.getpid()
        atexit.register(self.close)  # whoever made us may end without another word

    @property
    def alive(self) -> bool:
        """Whether it may still hear us; it closes its end before it loses the channels that it was sent."""
        try:
            return bool(self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def preload(self, modules: Sequence[str], avoid: Mapping[str, str]) -> None:
        """Have modules imported before any seat that is asked for later."""
        with contextlib.suppress(OSError):  # that it is gone is seen elsewhere
            self._control.sendall(json.dumps({"modules": list(modules), "avoid": dict(avoid)}).encode() + END)

    def seat(self, kernel: bool) -> socket.socket:
        """The channel to a new guardian; at its end at once when the template is gone."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.suppress(OSError):
            data = json.dumps({"kernel": kernel}).encode() + END
            sent = socket.send_fds(self._control, [data], [theirs.fileno()])
            self._control.sendall(data[sent:])
        return ours

    def told(self, name: str) -> Any:
        """What the template has written down for us under that name; nothing when it has not."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.folder / name).read_text(encoding="utf-8"))
        return None

    def culprit(self) -> dict[str, str]:
        """The module that spoilt or ended this process, with what it did; empty when it was none."""
        if unfit := self.told(UNFIT):
            return dict(unfit)
        with contextlib.suppress(OSError):
            if name := (self.folder / IMPORTING).read_text().strip():
                return {name: "a process died of importing it, or it took too long"}
        return {}

    def close(self) -> None:
        """End the process; guardians go on until their channels close."""
        atexit.unregister(self.close)
        if os.getpid() != self._owner:  # a fork of it
            return
        self._control.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


_begun: list[Template] = []


def begin() -> None:
    """Start a template that the next ``take`` is given; what keeps it from starting is told there."""
    with contextlib.suppress(WorkbenchError):
        _begun.append(Template())


def take() -> Template:
    """The template that was begun, or a new one. Raises MissingExtra where nothing can fork, InternalError."""
    return _begun.pop() if _begun else Template()
