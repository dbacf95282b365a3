"""Who holds a run: a runner in a process, told apart from every other that ever had its number."""

from __future__ import annotations

import os
import socket
import sys
import time
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from workbench.model.frozen import dataclass
from workbench.model.names import new_id

_GONE = frozenset("ZXx")
"""Process states of Linux in which nothing runs any more: zombie and dead."""


@dataclass(frozen=True)
class Owner:
    """A runner; ``started`` and ``boot`` tell its process from a later one with the same ``pid`` on the same ``host``.

    Its lease holds until ``lease_until`` by the clock of the store. Where its process can be seen, that does not count:
    ``ticks`` is the same moment by the steady clock of the machine, which nobody sets.
    """

    id: str
    pid: int
    started: str
    boot: str
    host: str
    lease_until: str = ""
    ticks: float = 0.0

    def over(self, at: datetime) -> bool:
        """Whether it holds nothing any more at the moment ``at``, by the clock of the store."""
        alive = owner_alive(self)
        if alive is None:
            return not self.lease_until or datetime.fromisoformat(self.lease_until) <= at
        return not alive or self.ticks <= time.monotonic()


def this_process() -> Owner:
    """The process that asks; equal each time it does, another one after a fork."""
    return _of(os.getpid())


def new_owner() -> Owner:
    """A runner in this process, another one each time."""
    return replace(this_process(), id=new_id())


def owner_alive(owner: Owner) -> bool | None:
    """Whether the process still runs; ``None`` when that cannot be seen from here, and only the lease can tell.

    That is so on another host, after a restart, and from one container to another.
    """
    if owner.host != socket.gethostname() or owner.boot != _boot():
        return None
    return _started(owner.pid) == owner.started


@cache
def _of(pid: int) -> Owner:
    return Owner(new_id(), pid, _started(pid) or "", _boot(), socket.gethostname())


if sys.platform == "linux":

    @cache
    def _boot() -> str:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"

    def _started(pid: int) -> str | None:
        """When a process started, as a text to compare; ``None`` when there is none, or only its remains.

        The kernel's own count of ticks since the boot: unlike a time of day it does not move with the clock.
        """
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return None
        return None if chr(fields[0][0]) in _GONE else fields[19].decode()

else:
    import psutil

    @cache
    def _boot() -> str:
        return str(round(psutil.boot_time()))

    def _started(pid: int) -> str | None:
        try:
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
        except psutil.NoSuchProcess:
            return None
