"""A seat: a supervisor with a kernel that is ready and waits for a step, and what it does when one comes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import socket
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.execution.beat import speaking
from workbench.execution.notebook.stay import remain
from workbench.execution.notebook.stopping import Stop, stopping_on_interrupt
from workbench.execution.notebook.supervisor import carry_out
from workbench.execution.order import Order
from workbench.execution.processes.kinship import die_with_parent, name_process
from workbench.execution.seats.fitness import misfit
from workbench.execution.seats.guardian import PLACEHOLDER, redirect
from workbench.execution.seats.provisioner import Forked, Known, WarmProvisioner
from workbench.execution.seats.warm import ASSUMED, live
from workbench.execution.wire import END

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager

    from workbench.execution.seats.image import Image
    from workbench.execution.seats.template import Act

START_TIMEOUT = 60.0
"""Seconds that a forked kernel may take until it answers."""
ASSUME_TIMEOUT = 30.0
"""Seconds that it may take to stand where its step wants it; startup files of the user run then."""


class Pipes(NamedTuple):
    """What a guardian tells its supervisor: one order, up to the end of file, and later verdicts on the step.

    What the supervisor may tell it at last, through ``stays``: that the kernel is kept.
    """

    orders: int
    verdicts: int
    stays: int


def supervise(
    channel: socket.socket, pipes: Pipes, guardian: int, folder: Path, image: Image, wants_kernel: bool
) -> Act:
    """Be a supervisor: have a kernel ready if one is wanted, wait for an order, carry it out, and end.

    Events are told over ``channel``. Gives the kernel's act in the kernel.
    """
    die_with_parent(guardian)
    name_process("wb-supervisor")
    spare = fork_kernel(image, folder / PLACEHOLDER) if wants_kernel else None
    if spare is not None and not isinstance(spare, Forked):
        channel.close()
        for pipe in pipes:
            os.close(pipe)
        return spare
    status = 1
    try:
        image.supervise()
        seat = Seat(spare, folder, image) if spare else None
        if seat is not None:
            _open(seat, channel)
        if (seat is None or seat.wait(pipes.orders)) and (message := _read(pipes.orders)):
            os.environ.clear()
            os.environ.update(Order.surroundings(message))
            _carry_out(Order.decode(message), channel, pipes, seat)
            status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def _open(seat: Seat, channel: socket.socket) -> None:
    told: dict[str, Any] = {"ready": True}
    try:
        seat.open()
    except Exception as error:
        told = {"failed": f"{type(error).__name__}: {error}"}
        raise
    finally:
        with contextlib.suppress(OSError):
            channel.sendall(json.dumps(told).encode() + END)


def _carry_out(order: Order, channel: socket.socket, pipes: Pipes, seat: Seat | None) -> None:
    redirect(order.log)

    stop = Stop(order.timeout, pipes.verdicts)
    with speaking(channel, order.beat) as tell, stopping_on_interrupt(stop):
        client = carry_out(order, tell, stop, seat)
    if client is not None and client.stay is not None:
        channel.close()
        remain(client, pipes.stays)
    elif client is not None:
        client.leave()


def _read(pipe: int) -> bytes:
    with os.fdopen(pipe, "rb") as file:
        return file.read()


def fork_kernel(image: Image, placeholder: Path) -> Forked | Act:
    """Fork a process that waits to become a kernel; in that process, gives what it is to do."""
    ours, theirs = socket.socketpair()
    supervisor = os.getpid()
    pid = os.fork()
    if pid == 0:
        ours.close()
        return partial(live, theirs, str(placeholder), supervisor, image)
    theirs.close()
    return Forked(pid, ours)


class Seat:
    """A kernel that answers, and the manager and the client to run cells with; ``info`` is what it says of itself."""

    def __init__(self, spare: Forked, folder: Path, image: Image) -> None:
        self.spare = spare
        self.folder = folder
        self.image = image
        self.manager: AsyncKernelManager
        self.client: AsyncKernelClient
        self.info: Mapping[str, Any] = {}

    def open(self) -> None:
        """Make the fork a kernel and wait until it answers. Raises RuntimeError when it does not."""
        from jupyter_core.utils import run_sync

        run_sync(self._open)()

    async def take(self, cwd: str, environment: Mapping[str, str], log: int, magic: bool) -> str:
        """Let the kernel stand where a step wants it, with ``%%wb`` or not; why it cannot, if another is needed."""
        if why := misfit(self.image.environment, environment, cwd, self.image.modules):
            return why
        message = {"cwd": cwd, "environment": dict(environment), "magic": magic}
        taken = await self.spare.ask(message, ASSUMED, ASSUME_TIMEOUT, (log,))
        return "" if taken else "the kernel that was ready died"

    def wait(self, descriptor: int) -> bool:
        """Wait until ``descriptor`` can be read; false when the kernel dies before."""
        ready, _, _ = select.select([descriptor, self.spare.handle], [], [])
        return self.spare.handle not in ready

    async def _open(self) -> None:
        from jupyter_client.manager import AsyncKernelManager

        from workbench.execution.notebook.hearing import Ear

        manager = self.manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=Known(),
            transport="ipc",
            ip=f"{self.folder}/k",
            connection_file=f"{self.folder}/kernel.json",
        )
        provisioner = WarmProvisioner(kernel_id=self.folder.name, kernel_spec=manager.kernel_spec, parent=manager)
        provisioner.spare = self.spare
        manager.provisioner = provisioner
        manager.client_factory = Ear
        await manager.start_kernel()
        client = self.client = manager.client()
        client.start_channels(stdin=False, hb=False)
        client.allow_stdin = False
        await asyncio.wait_for(self._hear(), START_TIMEOUT)

    async def _hear(self) -> None:
        """Ask until a question is answered whose end is also heard on iopub; then nothing is left unread there."""
        while True:
            asked = self.client.kernel_info()
            while True:
                reply = await self.client.get_shell_msg(timeout=1)
                if reply["parent_header"].get("msg_id") == asked:
                    break
            self.info = reply["content"]
            try:
                while True:
                    message = await self.client.get_iopub_msg(timeout=0.2)
                    idle = message["content"].get("execution_state") == "idle"
                    if idle and message["parent_header"].get("msg_id") == asked:
                        return
            except Empty:
                continue
