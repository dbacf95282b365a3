"""What a step may use of the machine: a look at everything below its guardian, several times a second."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection
from enum import StrEnum

from workbench.execution.processes import descent
from workbench.model.frozen import dataclass
from workbench.model.limits import Limits
from workbench.model.plain import from_plain, to_plain

SELDOM, OFTEN = 0.2, 0.05
"""Seconds between two looks, and between those at a step that has come near a limit."""
NEAR = 0.5
"""Part of a limit from which a step is looked at often."""


class Limit(StrEnum):
    """What a step can have too much of."""

    MEMORY = "memory"
    PROCESSES = "processes"


@dataclass(frozen=True)
class Verdict:
    """A step went over a limit: ``used`` of it, where ``allowed`` was; bytes, or processes and threads."""

    limit: Limit
    used: int
    allowed: int

    def encode(self) -> bytes:
        """For the pipe to the supervisor; ``decode`` is the inverse."""
        return json.dumps(to_plain(self)).encode()

    @staticmethod
    def decode(data: bytes) -> Verdict:
        return from_plain(Verdict, json.loads(data))


class Watch:
    """Looks at what runs below the process ``root``, except ``but``. ``due`` is the time of the next look."""

    def __init__(self, root: int, limits: Limits, but: Collection[int] = ()) -> None:
        self._root = root
        self._limits = limits
        self._but = but
        self._unshared_until = 0
        watching = limits.memory is not None or limits.processes is not None
        self._seldom = SELDOM if sys.platform == "linux" else 5 * SELDOM
        self.due = time.monotonic() if watching else float("inf")

    def look(self) -> Verdict | None:
        """Whether the step has gone over a limit, when a look is due."""
        if time.monotonic() < self.due:
            return None
        found = [(pid, threads) for pid, threads in descent.below(self._root) if pid not in self._but]
        tasks = sum(threads for _, threads in found)
        used = self._memory([pid for pid, _ in found])
        near = _over(tasks, self._limits.processes, NEAR) or _over(used, self._limits.memory, NEAR)
        self.due = time.monotonic() + (OFTEN if near else self._seldom)
        if self._limits.processes is not None and tasks > self._limits.processes:
            return Verdict(Limit.PROCESSES, tasks, self._limits.processes)
        if self._limits.memory is not None and used > self._limits.memory:
            return Verdict(Limit.MEMORY, used, self._limits.memory)
        return None

    def _memory(self, pids: list[int]) -> int:
        """Bytes that all use together; exact only where it matters, since telling who shares what takes time."""
        limit = self._limits.memory
        if limit is None:
            return 0
        most = sum(descent.memory(pid) for pid in pids)
        if most <= max(limit, self._unshared_until):
            return min(most, limit)
        exact = sum(descent.memory_share(pid) for pid in pids)
        self._unshared_until = most + max(0, limit - exact)
        return exact


def _over(used: int, limit: int | None, part: float = 1.0) -> bool:
    return limit is not None and used > limit * part
