"""Nothing outlives its step: a process above the supervisor that ends everything below it.

The guardian is the reaper of all that the step starts, also of what detaches itself. It acts when the supervisor
ends, when the runner goes away (its end of the socket closes), when the run is cancelled, and when the step's time
and a grace have passed. When the step takes more of the machine than it may, all of it but the supervisor is killed,
and the supervisor is told why.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time

from workbench.execution import descent
from workbench.execution.beat import speaking
from workbench.execution.kinship import adopt_descendants, die_with_parent
from workbench.execution.order import Order
from workbench.execution.stopping import Stop, stopping_on_interrupt
from workbench.execution.watch import Watch

GRACE = 10.0
"""Seconds that a supervisor gets to write its notebook once it was told to stop."""
CANCEL = b"c"
"""What the runner sends to cancel an attempt."""
AGAIN = 0.2
"""Seconds after which a supervisor that was told to stop is told once more."""


def guard(order: Order, channel: socket.socket) -> None:
    """Carry out ``order`` in a child and see to its end; returns when nothing of it is left.

    Sends one JSON line per event over ``channel``, and ``{"exit": status}`` as the last one.
    """
    os.setsid()
    adopt_descendants()
    own = os.getpid()
    verdicts, verdict = os.pipe()
    child = os.fork()
    if child == 0:
        _supervise(order, channel, own, verdicts)
    status = -1
    try:
        status = _watch(order, channel, child, verdict)
    finally:
        descent.end_all(own)
        descent.collect()
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps({"exit": status}).encode() + b"\n")
    channel.close()


def _supervise(order: Order, channel: socket.socket, guardian: int, verdicts: int) -> None:
    status = 1
    try:
        die_with_parent(guardian)
        log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        from workbench.execution.supervisor import carry_out

        stop = Stop(order.timeout, verdicts)
        with speaking(channel, order.beat) as tell, stopping_on_interrupt(stop):
            carry_out(order, tell, stop)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def _watch(order: Order, channel: socket.socket, child: int, verdict: int) -> int:
    """Wait for the end of the supervisor, hastening it when it must be; its exit status, negative for a signal."""
    deadline = time.monotonic() + order.timeout + order.limits.grace + GRACE
    watch = Watch(os.getpid(), order.limits, but={child})
    end = _end_of(child)
    listening: list[socket.socket | int] = [channel] if end is None else [channel, end]
    pause = 0.05 if end is None else 60.0
    cancelled = False
    while True:
        left = max(0.0, min(deadline, watch.due) - time.monotonic())
        ready, _, _ = select.select(listening, [], [], min(left, pause))
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


def _message(channel: socket.socket) -> bytes:
    """What the runner says; nothing when it is gone, also when it left something of ours unread."""
    try:
        return channel.recv(1)
    except ConnectionError:
        return b""


def _end_of(child: int) -> int | None:
    """A handle that becomes readable when ``child`` ends, where the system has one."""
    try:
        return os.pidfd_open(child)
    except (AttributeError, OSError):
        return None
