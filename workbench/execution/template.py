"""The process that attempts are forked from: it has imported papermill once, and runs no user code.

Started as ``python -m workbench.execution.template FD PARENT`` with one end of a socket pair and the id of our process.
Each message is an order with a socket of its own attached, answered by one byte before the next may come; end of file
ends the template.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys

from workbench.execution.guardian import guard
from workbench.execution.kinship import die_with_parent
from workbench.execution.order import END, READY, Order

UNNEEDED = ("isoduration", "pyarrow", "rfc3987_syntax")
"""What papermill and nbformat load if it is there, for remote files and rare checks: two seconds that no step needs."""
MESSAGE_LIMIT = 1 << 16
"""Bytes read at once."""


def serve(control: socket.socket) -> None:
    """Fork a guardian per order until the runner goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while True:
        data, handles, _, _ = socket.recv_fds(control, MESSAGE_LIMIT, 1)
        if not data:
            return
        while not data.endswith(END):
            data += control.recv(MESSAGE_LIMIT)
        with contextlib.closing(socket.socket(fileno=handles[0])) as channel:
            if os.fork() == 0:
                _become_guardian(control, channel, Order.decode(data[: -len(END)]))
        control.sendall(READY)


def _become_guardian(control: socket.socket, channel: socket.socket, order: Order) -> None:
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        guard(order, channel)
    finally:
        os._exit(0)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[2]))
    for name in UNNEEDED:
        sys.modules[name] = None  # type: ignore[assignment]
    import workbench.execution.supervisor  # noqa: F401  what the forks are to have ready

    serve(socket.socket(fileno=int(sys.argv[1])))
