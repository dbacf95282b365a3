"""A kernel and the memory of the machine: its peak in a cell, and what happens when there is none left."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

EVENTS = Path("/proc/vmstat")
"""Where Linux counts, among much else, how often it killed a process because memory ran out."""
FIRST_TO_GO = 500
"""Added to the badness of a kernel, of at most 1000: when memory runs out, it is to be killed before its runner."""
FILES = 4096
"""Files that a kernel may have open at least, where the system allows it."""


def mark(pid: int | None) -> None:
    """Make the process ``pid`` a good neighbour: first to go when memory runs out, no core dumps, enough open files.

    Does what the system lets us; knows nothing outside Linux.
    """
    if pid is None or sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(FIRST_TO_GO))
    with contextlib.suppress(OSError, ValueError):
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, hard))


class PeakMemory:
    """The peak resident memory of a process between ``reset`` and ``read``; knows nothing outside Linux."""

    def __init__(self, pid: int | None) -> None:
        self._folder = Path(f"/proc/{pid}") if pid is not None else None
        self._killed_before = _killed()

    def reset(self) -> None:
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / "clear_refs").write_text("5")

    def read(self) -> int | None:
        """Bytes, or None where the system does not tell."""
        if self._folder is None:
            return None
        with contextlib.suppress(OSError):
            for line in (self._folder / "status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return None

    def ran_out(self) -> bool:
        """Whether, since this was made, the system has killed any process because memory ran out."""
        return _killed() > self._killed_before


def _killed() -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in EVENTS.read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
