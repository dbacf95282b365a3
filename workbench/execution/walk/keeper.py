"""Keeps a run ours while it goes on: a thread that renews the lease, and hears what others want of the run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from workbench.execution.walk.ledger import Ledger
from workbench.model.errors import Conflict, WorkbenchError

_log = logging.getLogger("workbench.execution")
BEATS = 5
"""How often in a lease it is renewed, and a supervisor says that it is alive."""
JUMP = 5.0
"""Seconds by which the clock of the machine may be set between two beats without a word."""
LATE = 0.6
"""The part of a lease after which a runner that could not renew it stops its steps."""


class Keeper:
    """Renews while the block runs. ``taken`` is set once the run is in other hands, ``asked`` is who wants it to end.

    ``attempts`` gives those to renew; ``ring`` is called when there are news; ``reap`` settles what others left behind.
    """

    def __init__(
        self,
        ledger: Ledger,
        attempts: Callable[[], Sequence[str]],
        ring: Callable[[], None],
        reap: Callable[[], object],
    ) -> None:
        self.taken: Conflict | None = None
        self.asked = ""
        self._ledger = ledger
        self._attempts = attempts
        self._ring = ring
        self._reap = reap
        self._wake = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._beat, name="workbench-lease", daemon=True)

    @property
    def late(self) -> bool:
        """Whether the lease was not renewed for so long that somebody might take the run soon."""
        return time.monotonic() - self._ledger.renewed > LATE * self._ledger.lease

    def look(self) -> None:
        """Renew now, and hear what there is to hear."""
        self._wake.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        self._wake.set()
        self._thread.join()

    def _beat(self) -> None:
        beats = 0
        ahead = _ahead()
        while True:
            self._wake.wait(self._ledger.lease / BEATS)
            self._wake.clear()
            if self._over or self.taken:
                return
            if abs(jump := _ahead() - ahead) > JUMP:
                _log.warning("the clock was set by %+.0f s while a run went on; no lease depends on it", jump)
            ahead += jump
            self._renew()
            beats += 1
            if beats % BEATS == 0:
                self._settle_others()

    def _renew(self) -> None:
        try:
            asked = self._ledger.renew(self._attempts())
        except WorkbenchError as error:
            if isinstance(error, Conflict) and error.code == "WB-RUN-120":
                self.taken = error
                self._ring()
            return
        if asked and not self.asked:
            self.asked = asked
            self._ring()

    def _settle_others(self) -> None:
        try:
            self._reap()
        except WorkbenchError as error:
            _log.warning("runs that are over could not be settled: %s", error)


def _ahead() -> float:
    """By how many seconds the clock that people set is ahead of the steady one; changes only when it is set."""
    return time.time() - time.monotonic()
