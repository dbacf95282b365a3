"""What a supervisor says to the runner, a line each: its events, and every so often that it is alive."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from workbench.model.events import Event, Kind
from workbench.model.plain import to_plain

BEAT = "beat"
"""The key of a message that says nothing else."""


@contextlib.contextmanager
def speaking(channel: socket.socket, every: float) -> Iterator[Callable[[Event], None]]:
    """A function that tells events over ``channel``; beats are sent every so many seconds while the block runs.

    They come from a thread of the supervisor: a kernel that computes, or holds its interpreter, does not delay them,
    and a supervisor that is stopped sends none.
    """
    over, one_at_a_time = threading.Event(), threading.Lock()

    def send(message: Any) -> None:
        line = json.dumps(message).encode() + b"\n"
        with one_at_a_time, contextlib.suppress(OSError):  # the runner is gone; the guardian sees to it
            channel.sendall(line)

    def beat() -> None:
        while not over.wait(every):
            send({BEAT: True})

    threading.Thread(target=beat, name="workbench-beat", daemon=True).start()
    try:
        yield lambda event: send(to_plain(without_payload(event)))
    finally:
        over.set()


def without_payload(event: Event) -> Event:
    """The event as a runner needs it: outputs stay in the journal, only their cell and type travel."""
    if event.kind is not Kind.OUTPUT:
        return event
    data = {"cell": event.data["cell"], "type": event.data["output"]["output_type"]}
    return Event(event.seq, event.at, event.kind, data)
