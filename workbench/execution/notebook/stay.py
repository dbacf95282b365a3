"""How a kernel stays: the client says so, the supervisor waits for its end, the guardian for that and for the time."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

from workbench import failpoints
from workbench.execution.kept.rack import Rack, in_use
from workbench.execution.notebook.stopping import Why
from workbench.model.events import Kind
from workbench.model.kept import Kept
from workbench.model.run import CellRun, CellState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.execution.notebook.engine import Client
    from workbench.execution.processes.watch import Watch

LOOK = 2.0
"""Seconds between two looks whether the kernel is still wanted."""
LONGEST_SOCKET_FOLDER = 90
"""Characters; the system's limit for a socket's path is 104 to 108."""


class Stay(NamedTuple):
    """What a supervisor tells its guardian: the folder of the kernel, and for how many seconds it stays."""

    place: str
    seconds: float

    def encode(self) -> bytes:
        """For the pipe to the guardian; ``decode`` is the inverse."""
        return json.dumps(self).encode()

    @staticmethod
    def decode(data: bytes) -> Stay:
        return Stay(*json.loads(data))


async def ask(client: Client) -> Stay | None:
    """Let the kernel of a failed step stay, where its order wants that and it can; None when it is to go."""
    order = client.order
    failed = next((run for run in client.cell_runs if run.state is CellState.FAILED), None)
    if order.keep <= 0 or failed is None or client.stop.why is Why.CANCELLED or client.left:
        return None
    if await client.km.provisioner.poll() is not None:
        return None
    kept = _described(client, failed)
    try:
        why_not = "only the executor local keeps kernels, on the machine of the run" if not order.kept else ""
        why_not = why_not or Rack(Path(order.kept)).add(kept, _connection(client), order.limits.kept)
    except OSError as error:
        why_not = f"{error.strerror or error}"
    client.journal.append(Kind.KEPT, {"id": kept.id, "until": "" if why_not else kept.until, "why_not": why_not})
    failpoints.reach("keep.told")
    return None if why_not else Stay(str(Path(order.kept) / kept.id), order.keep)


def remain(client: Client, pipe: int) -> None:
    """In the supervisor: hand the kernel over to the guardian, and wait for its end."""
    client.kc.stop_channels()
    assert client.stay is not None
    os.write(pipe, client.stay.encode())
    failpoints.reach("keep.handed")
    client.km.provisioner.process.wait()


def hold(stay: Stay, child: int, end: int | None, watch: Watch) -> None:
    """In the guardian: wait until nobody wants the kernel any more, or all of its step is to end.

    That is when its supervisor ends, and with it the kernel; when its time is up and nobody uses it; when it is
    released by SIGTERM, or its folder is gone; and when it takes more of the machine than its step may.
    """
    place, deadline = Path(stay.place), time.monotonic() + stay.seconds

    def release(number: int, frame: FrameType | None) -> None:
        raise InterruptedError

    try:
        signal.signal(signal.SIGTERM, release)
        while place.exists() and (time.monotonic() < deadline or in_use(place)):
            due = min(deadline if deadline > time.monotonic() else time.monotonic() + LOOK, watch.due)
            select.select([end] if end is not None else [], [], [], min(max(0.0, due - time.monotonic()), LOOK))
            if os.waitpid(child, os.WNOHANG)[0] or watch.look():
                return
    except InterruptedError:
        return
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def forget(stay: Stay) -> None:
    """In the guardian, at its end: nothing of the kernel is there any more."""
    failpoints.reach("keep.over")
    shutil.rmtree(stay.place, ignore_errors=True)


def _described(client: Client, failed: CellRun) -> Kept:
    order, guardian, since = client.order, os.getppid(), datetime.now(UTC)
    born = 0.0
    with contextlib.suppress(psutil.Error):
        born = psutil.Process(guardian).create_time()
    return Kept(
        id=secrets.token_hex(8),
        run=order.stamp.get("run", ""),
        step=order.step,
        notebook=order.notebook,
        folder=order.folder,
        cell=failed.index,
        cell_id=failed.id,
        number=failed.number,
        kernel=order.kernel,
        pid=guardian,
        born=born,
        host=socket.gethostname(),
        since=since.isoformat(timespec="milliseconds"),
        until=(since + timedelta(seconds=order.keep)).isoformat(timespec="milliseconds"),
    )


def _connection(client: Client) -> Mapping[str, Any]:
    """How to reach the kernel; its sockets lie in the folder ``private`` of the client from now on.

    A seat's folder goes with its template; where a socket lies makes no difference to who is behind it. Raises OSError.
    """
    info = {key: value for key, value in client.km.get_connection_info().items() if value is not None}
    if info["transport"] == "ipc":
        ip = f"{client.private.name}/k"
        if len(client.private.name) > LONGEST_SOCKET_FOLDER:
            raise OSError("the path of the folder for temporary files is too long for sockets")
        for name in [key for key in info if key.endswith("_port")]:
            Path(f"{info['ip']}-{info[name]}").rename(f"{ip}-{info[name]}")
        info["ip"] = ip
    return {**info, "key": info["key"].decode(), "kernel_name": client.order.kernel}
