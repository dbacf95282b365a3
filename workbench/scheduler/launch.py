"""Runs of ticks as processes of their own, which neither a signal to the scheduler nor its end takes along."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

from workbench.model.errors import StorageError
from workbench.model.frozen import dataclass
from workbench.model.schedule import Tick

LOGS = "logs/ticks"


@dataclass(frozen=True)
class Child:
    """The process of a tick's run; what it printed stands in ``log``."""

    tick: Tick
    process: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> str | None:
        """How it ended, in words; None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"

    def stop(self) -> None:
        """Ask it to end cleanly: what has finished stays published."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once; the guardians of its steps see to the rest."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)


def launch(root: Path, state: Path, tick: Tick) -> Child:
    """Start the run of a tick in a session of its own. Raises StorageError (WB-DSK-302) when that cannot be done."""
    log = state / LOGS / f"{tick.id}.log"
    command = [sys.executable, "-P", "-m", "workbench", "--project", str(root), "schedule", "fire", tick.id]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise StorageError(
            "WB-DSK-302", f"cannot start the run of {tick.pipeline}", cause=error.strerror or str(error)
        ) from error
    return Child(tick, process, log)
