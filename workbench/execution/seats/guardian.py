"""Nothing outlives its step: a process above the supervisor that ends everything below it.

The guardian is the reaper of all that the step starts, also of what detaches itself. It acts when the supervisor
ends, when the runner goes away (its end of the socket closes), when the run is cancelled, and when the step's time
and a grace have passed. When the step takes more of the machine than it may, all of it but the supervisor is killed,
and the supervisor is told why.

Where a failed step keeps its kernel, the guardian stays behind with it, and lets go of the runner.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import failpoints
from workbench.execution.attempt import discard_temporary
from workbench.execution.notebook.stay import Stay, forget, hold
from workbench.execution.order import CANCEL, Order
from workbench.execution.processes import descent
from workbench.execution.processes.kinship import adopt_descendants, name_process
from workbench.execution.processes.watch import Watch
from workbench.execution.wire import END

if TYPE_CHECKING:
    from workbench.execution.seats.image import Image
    from workbench.execution.seats.template import Act

GRACE = 10.0
"""Seconds that a supervisor gets to write its notebook once it was told to stop."""
PLACEHOLDER = "log"
"""The file in a seat's folder that takes what its processes print before they have an order."""
MESSAGE_LIMIT = 1 << 16
"""Bytes read at once."""
AGAIN = 0.2
"""Seconds after which a supervisor that was told to stop is told once more."""


def guard(channel: socket.socket, image: Image, kernel: bool) -> Act:
    """Keep a supervisor ready, let it carry out the order that comes, and see to its end.

    Sends one JSON line per event over ``channel``, and ``{"exit": status}`` as the last one; ``kernel`` says whether a
    kernel is to wait for the order too. Gives the supervisor's act in the supervisor, and ends the process elsewhere,
    when nothing of the seat is left.
    """
    os.setsid()
    adopt_descendants()
    name_process("wb-guardian")
    own, seat = os.getpid(), image.folder / str(os.getpid())
    seat.mkdir(mode=0o700)
    redirect(seat / PLACEHOLDER)
    (orders, relay), (verdicts, verdict), (told, stays) = os.pipe(), os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(relay)
        os.close(verdict)
        os.close(told)
        from workbench.execution.seats.seat import Pipes, supervise

        return partial(supervise, channel, Pipes(orders, verdicts, stays), own, seat, image, kernel)
    os.close(orders)
    os.close(stays)
    order, status, stay = None, -1, None
    try:
        message = _await_order(channel, child)
        if message:
            order = Order.decode(message)
            with os.fdopen(relay, "wb") as line:
                line.write(message)
            ended = _watch(order, channel, child, verdict, told)
            if isinstance(ended, int):
                status = ended
            else:
                stay = ended
                failpoints.reach("keep.taken")
                _let_go(channel)
                failpoints.reach("keep.let_go")
                hold(stay, child, _end_of(child), Watch(own, order.limits, but={child}))
    finally:
        descent.end_all(own)
        descent.collect()
        shutil.rmtree(seat, ignore_errors=True)
        if order is not None:
            discard_temporary(order)
        if stay is not None:
            forget(stay)
    _let_go(channel, status)
    os._exit(0)


def _let_go(channel: socket.socket, status: int = 0) -> None:
    """Tell the runner that the attempt is over; it hears no more of us."""
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps({"exit": status}).encode() + END)
    channel.close()


def redirect(log: Path) -> None:
    """Let standard output and standard error go to the end of ``log``, and standard input be empty."""
    for path, flags, wanted in ((os.devnull, os.O_RDONLY, (0,)), (log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, (1, 2))):
        handle = os.open(path, flags, 0o644)
        for descriptor in wanted:
            os.dup2(handle, descriptor)
        os.close(handle)


def _await_order(channel: socket.socket, child: int) -> bytes:
    """What the runner orders; nothing when it goes away, or when the supervisor ends before."""
    end = _end_of(child)
    listening: list[socket.socket | int] = [channel] if end is None else [channel, end]
    data = b""
    while not data.endswith(END):
        ready, _, _ = select.select(listening, [], [])
        seen = _message(channel, MESSAGE_LIMIT, socket.MSG_PEEK) if channel in ready else b""
        if not seen or end in ready:
            return b""
        data += _message(channel, seen.find(END) + 1 or len(seen))
    if end is not None:
        os.close(end)
    return data


def _watch(order: Order, channel: socket.socket, child: int, verdict: int, told: int) -> int | Stay:
    """Wait for the end of the supervisor, hastening it when it must be; its exit status, negative for a signal.

    Or until it says that the kernel of its failed step stays.
    """
    deadline = time.monotonic() + order.timeout + order.limits.grace + GRACE
    watch = Watch(os.getpid(), order.limits, but={child})
    end = _end_of(child)
    listening: list[socket.socket | int] = [channel, told] if end is None else [channel, told, end]
    pause = 0.05 if end is None else 60.0
    cancelled = False
    while True:
        left = max(0.0, min(deadline, watch.due) - time.monotonic())
        ready, _, _ = select.select(listening, [], [], min(left, pause))
        if told in ready:
            if message := os.read(told, select.PIPE_BUF):
                return Stay.decode(message)
            listening.remove(told)
        if channel in ready:
            if _message(channel) == CANCEL:
                cancelled, pause = True, min(pause, AGAIN)
                deadline = min(deadline, time.monotonic() + GRACE)
            else:
                listening.remove(channel)
                deadline = 0.0
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if found := watch.look():
            os.write(verdict, found.encode())
            descent.end_all(os.getpid(), but={child})
        if cancelled:
            os.kill(child, signal.SIGINT)  # until it ends: a young supervisor ignores the first, any heeds only one
        if time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            deadline = float("inf")


def _message(channel: socket.socket, limit: int = 1, flags: int = 0) -> bytes:
    """What the runner says; nothing when it is gone, also when it left something of ours unread."""
    try:
        return channel.recv(limit, flags)
    except ConnectionError:
        return b""


def _end_of(child: int) -> int | None:
    """A handle that becomes readable when ``child`` ends, where the system has one."""
    try:
        return os.pidfd_open(child)
    except (AttributeError, OSError):
        return None
