"""Where kept kernels are known: a folder for each, which is there as long as the kernel is."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import psutil

from workbench import failpoints
from workbench.execution.processes import strays
from workbench.model.kept import Kept
from workbench.model.plain import from_plain, to_plain

RECORD, CONNECTION, USED = "kept.json", "connection", "used"
"""What lies in the folder of a kernel: what is known of it, the folder of its connection file, and a lock for users."""
ASIDE = "new-"
"""How the folder of a kernel begins that is not complete; it is somebody's as long as the rack is locked."""
PATIENCE = 10.0
"""Seconds that a kernel gets to be gone once it is released."""
LOOK = 0.02
"""Seconds between two looks whether it is."""
SAME = 2.0
"""Seconds by which the system may tell the birth of a process differently at different times."""


class Rack:
    """The kernels of failed steps that a project keeps on this machine, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[Kept, ...]:
        """The kernels that are kept now, the one that was kept first, first."""
        return tuple(sorted((kept for kept in self._known() if _guardian(kept)), key=lambda kept: kept.since))

    def place(self, kept: Kept) -> Path:
        """The folder of a kernel."""
        return self.folder / kept.id

    def connection(self, kept: Kept) -> Path:
        """The connection file of a kernel, alone in its folder."""
        return self.place(kept) / CONNECTION / "kernel.json"

    def add(self, kept: Kept, connection: Mapping[str, Any], most: int) -> str:
        """Keep one more kernel; above ``most``, the first ones that nobody uses go. Why not, when there is no room.

        Raises OSError.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            _lock(lock)
            there = self.all()
            unused = [other for other in there if not in_use(self.place(other))]
            excess = max(0, len(there) + 1 - most)
            if excess > len(unused):
                return f"{most} may be kept, and are in use" if most else "the project keeps none"
            for other in unused[:excess]:
                self.end(other)
            aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=self.folder))
            (aside / CONNECTION).mkdir(mode=0o700)
            handle = os.open(aside / CONNECTION / "kernel.json", os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(connection, file)
            (aside / RECORD).write_text(json.dumps(to_plain(kept)))
            failpoints.reach("keep.aside")
            aside.rename(self.place(kept))
        failpoints.reach("keep.added")
        return ""

    def end(self, kept: Kept) -> None:
        """End a kernel and all that its step left running, and wait until nothing of it is there."""
        if process := _guardian(kept):
            with contextlib.suppress(psutil.Error):
                process.terminate()
            deadline = time.monotonic() + PATIENCE
            while _guardian(kept) and time.monotonic() < deadline:  # a parent that does not collect it is no reason
                time.sleep(LOOK)
        if _guardian(kept) or self.place(kept).exists():  # it was killed, or does not answer
            with contextlib.suppress(psutil.Error):
                if process:
                    process.kill()
            strays.end([Path(kept.folder)])
            shutil.rmtree(self.place(kept), ignore_errors=True)

    def release(self, identifier: str) -> None:
        """End the kernel of that id, if it is still there."""
        for kept in self._known():
            if kept.id == identifier:
                self.end(kept)

    def sweep(self) -> None:
        """End what is left of kernels whose guardian is gone, and of those that were about to be kept."""
        for kept in self._known():
            if not _guardian(kept):
                self.end(kept)
        if any(self.folder.glob(f"{ASIDE}*")):
            with (self.folder / "lock").open("a") as lock, contextlib.suppress(BlockingIOError):
                _lock(lock, wait=False)
                for aside in self.folder.glob(f"{ASIDE}*"):
                    shutil.rmtree(aside, ignore_errors=True)

    @contextlib.contextmanager
    def using(self, kept: Kept) -> Iterator[None]:
        """While the block runs, the kernel stays, also when its time is up."""
        with (self.place(kept) / USED).open("a") as lock:
            _lock(lock, shared=True)
            yield

    def _known(self) -> Iterator[Kept]:
        """The records of this machine, also of kernels that are gone."""
        for path in self.folder.glob(f"*/{RECORD}"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                kept = from_plain(Kept, json.loads(path.read_text()))
                if kept.host == socket.gethostname() and path.parent.name == kept.id:
                    yield kept


def in_use(place: Path) -> bool:
    """Whether anybody uses the kernel of this folder."""
    with contextlib.suppress(FileNotFoundError), (place / USED).open() as lock:
        try:
            _lock(lock, wait=False)
        except BlockingIOError:
            return True
    return False


def _lock(file: IO[str], *, shared: bool = False, wait: bool = True) -> None:
    """Lock a file until it is closed. Raises BlockingIOError when somebody else has it, and we shall not wait."""
    import fcntl  # where there is none, kernels are never kept

    fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))


def _guardian(kept: Kept) -> psutil.Process | None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(kept.pid)
        if abs(process.create_time() - kept.born) < SAME and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None
