"""The kernel provisioner of ``python3`` steps and of the kernelspec ``workbench``.

Where a fork of the image waits (in a supervisor), it becomes the kernel; elsewhere, as in JupyterLab, a kernel is
started as its kernelspec says.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbench.execution.kernels import LAUNCH


class Forked:
    """A fork of this process that waits to become a kernel; looks like a ``subprocess.Popen`` to its provisioner."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, control: socket.socket) -> None:
        self.pid = pid
        self.control = control
        control.setblocking(False)
        self.returncode: int | None = None
        self.handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, ``timeout`` seconds at most; None when it still runs."""
        if self.returncode is None:
            select.select([self.handle], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    async def ask(
        self, message: Mapping[str, Any], answer: bytes, timeout: float, handles: tuple[int, ...] = ()
    ) -> bool:
        """Send ``message`` and wait for ``answer``; false when the fork dies or is silent for ``timeout`` seconds."""
        data = json.dumps(message).encode() + b"\n"
        loop = asyncio.get_running_loop()
        try:
            sent = socket.send_fds(self.control, [data], list(handles)) if handles else 0
            await loop.sock_sendall(self.control, data[sent:])
            return await asyncio.wait_for(loop.sock_recv(self.control, 1), timeout) == answer
        except (OSError, TimeoutError):
            return False


class Known(KernelSpecManager):
    """Knows what is forked: jupyter_client would look through all that is installed, for each kernel."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=[sys.executable, *LAUNCH], language="python")


class WarmProvisioner(LocalProvisioner):
    """Lets a fork that waits become the kernel, or starts one like any other."""

    spare: Forked | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Give the waiting fork its connection file; without one, start ``cmd``."""
        from workbench.execution.seats.warm import BOUND

        if self.spare is None:
            return await super().launch_kernel(cmd, **kwargs)
        assert self.parent is not None
        if not await self.spare.ask({"connection": self.parent.connection_file}, BOUND, timeout=60.0):
            raise RuntimeError("the forked kernel could not bind its sockets")
        self.process: Any = self.spare
        self.pid = self.pgid = self.spare.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the kernel, without the tenth of a second between two looks where it was forked."""
        process = self.process
        if not isinstance(process, Forked):
            return await super().wait()
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(process.handle, over.set)
        try:
            await over.wait()
        finally:
            loop.remove_reader(process.handle)
        self.process = None
        return process.poll()
