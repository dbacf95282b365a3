"""The process that attempts are forked from: it has imported what they need once, and runs no user code.

Started with one end of a socket pair, the id of our process, and a folder to write in. A message is a line of JSON:
what to import, or the wish for a seat, which comes with a socket of its own. End of file ends the template.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from workbench.execution.processes.kinship import die_with_parent, name_process
from workbench.execution.seats.guardian import guard
from workbench.execution.seats.image import Image
from workbench.execution.seats.preload import Unfit
from workbench.execution.wire import END, UNFIT

MESSAGE_LIMIT = 1 << 16
"""Bytes read at once."""

Act = Callable[[], Any]
"""What a freshly forked process is to do; it gives back the next such act in a process that it forked itself."""


def main(control: str, parent: str, folder: str) -> None:
    """Be the template, or whatever the fork that returns from it is to be."""
    die_with_parent(int(parent))
    name_process("wb-template")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    image = Image(Path(folder))
    image.build()
    act: Act | None = partial(serve, socket.socket(fileno=int(control)), image)
    while act is not None:
        act = act()


def serve(control: socket.socket, image: Image) -> Act | None:
    """Fork a guardian per seat until the runner goes away; gives the guardian's act in the guardian."""
    for message, channel in _messages(control):
        if channel is None:
            try:
                image.preload(message["modules"], message["avoid"])
            except Unfit as unfit:
                (image.folder / UNFIT).write_text(json.dumps({unfit.module: unfit.why}))
                os._exit(1)
            continue
        image.settle()
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return partial(guard, channel, image, message["kernel"])
        channel.close()
    return None


def _messages(control: socket.socket) -> Iterator[tuple[dict[str, Any], socket.socket | None]]:
    """The messages until end of file, each with the socket that came with it, if it asks for a seat."""
    buffer, handles = b"", []
    while True:
        data, received, _, _ = socket.recv_fds(control, MESSAGE_LIMIT, 16)
        handles += received
        if not data:
            return
        *lines, buffer = (buffer + data).split(END)
        for line in lines:
            message = json.loads(line)
            yield message, socket.socket(fileno=handles.pop(0)) if "kernel" in message else None
