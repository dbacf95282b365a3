"""How much memory a step uses: a kernel's peak in a cell."""

from __future__ import annotations

import contextlib
from pathlib import Path


class PeakMemory:
    """The peak resident memory of a process between ``reset`` and ``read``; knows nothing outside Linux."""

    def __init__(self, pid: int | None) -> None:
        self._folder = Path(f"/proc/{pid}") if pid is not None else None

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
