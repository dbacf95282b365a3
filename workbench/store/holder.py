"""Who keeps all others from writing to an SQLite store: the process with its lock, where the system lists locks."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from workbench.model.frozen import dataclass

LOCKS = Path("/proc/locks")
"""Linux lists the locks of all processes here. Asking for them by a handle would let go of those that we hold."""
_WRITER = 120
"""The byte of the file ``-shm`` that a writer locks, by the format of SQLite's write-ahead log."""


@dataclass(frozen=True)
class Holder:
    """A process that writes; ``stopped`` says that it stands still in the middle of that (SIGSTOP, a debugger)."""

    pid: int
    name: str
    stopped: bool


def holder(file: Path) -> Holder | None:
    """Who is writing to the store in ``file`` now; nobody when that cannot be seen."""
    with suppress(OSError, ValueError, IndexError):
        inode = file.with_name(f"{file.name}-shm").stat().st_ino
        for line in LOCKS.read_text(encoding="ascii").splitlines():
            fields = line.split()
            if "->" in fields or fields[1] != "POSIX" or fields[3] != "WRITE":
                continue
            if int(fields[5].rpartition(":")[2]) == inode and int(fields[6]) <= _WRITER <= _end(fields[7]):
                return _seen(int(fields[4]))
    return None


def _end(text: str) -> int:
    return 1 << 62 if text == "EOF" else int(text)


def _seen(pid: int) -> Holder:
    head, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
    return Holder(pid, head.partition("(")[2], rest.split()[0] in "Tt")
