"""Which files have arrived: whole, closed, named for good and inside the project; by looking, never by events alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.config import STATE
from workbench.model.frozen import dataclass
from workbench.model.schedule import Arrival, FileTrigger

MOST = 500
"""Files that one look takes in; the next look takes the rest."""
PATIENCE = 10.0
"""How many times as long as a file must be unchanged a batch waits for others that still change."""
_CHUNK = 1 << 20
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", ".filepart", "~")
_WRITING = os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True)
class Found:
    """What one look came to: files that have arrived, files that never will, and how many still change."""

    arrived: tuple[Arrival, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    settling: int = 0


@dataclass(frozen=True)
class _Sight:
    """A file as it was seen, and since when it looks so (a reading of the steady clock)."""

    size: int
    mtime: int
    node: tuple[int, int]
    since: float


class FileWatch:
    """The files of one trigger, as seen by one look after the other."""

    def __init__(self, root: Path, trigger: FileTrigger) -> None:
        self._root = root.resolve()
        self._trigger = trigger
        self._sights: dict[str, _Sight] = {}
        self._digests: dict[str, tuple[_Sight, str]] = {}
        self._ready_since: float | None = None

    def look(self, known: Mapping[str, Arrival], steady: float) -> Found:
        """Look once. ``known`` are the files as they last arrived, by path; ``steady`` is read from a steady clock."""
        seen: dict[str, _Sight] = {}
        refused = []
        for path in self._candidates():
            name = path.relative_to(self._root).as_posix()
            why = self._outside(path) or _no_text(name)
            if why:
                refused.append((name, why))
            elif (sight := self._sight(path, name, steady)) and not _is_known(sight, known.get(name)):
                seen[name] = sight
        self._sights = seen
        self._digests = {name: read for name, read in self._digests.items() if seen.get(name) is read[0]}
        still = [name for name, sight in seen.items() if steady - sight.since >= self._trigger.stable]
        written = _open_for_writing({seen[name].node for name in still}) if still else set()
        ready = [name for name in still if seen[name].node not in written]
        if self._trigger.batch and self._waits_for_more(ready, len(seen) - len(ready), steady):
            return Found((), tuple(refused), len(seen))
        arrived = tuple(filter(None, (self._arrival(name, seen[name]) for name in ready[:MOST])))
        return Found(arrived, tuple(refused), len(seen) - len(arrived))

    def _waits_for_more(self, ready: list[str], settling: int, steady: float) -> bool:
        """Whether a batch that could begin should wait for files that still change; not for ever."""
        if not ready:
            self._ready_since = None
            return False
        self._ready_since = steady if self._ready_since is None else self._ready_since
        return settling > 0 and steady - self._ready_since < PATIENCE * self._trigger.stable

    def _candidates(self) -> Iterator[Path]:
        """What the pattern matches, in order, but for names that say that a file is not finished."""
        done = self._trigger.done
        for path in sorted(self._root.glob(self._trigger.pattern)):
            unfinished = path.name.startswith((".", "~$")) or path.name.lower().endswith(_UNFINISHED)
            if unfinished or path.relative_to(self._root).parts[0] == STATE:
                continue
            if done and (path.name.endswith(done) or not os.path.lexists(f"{path}{done}")):
                continue
            yield path

    def _outside(self, path: Path) -> str:
        """Why a path is not in the project, though its name is."""
        try:
            real = path.resolve()
        except (OSError, RuntimeError):  # links that go in a circle
            return "its link leads nowhere"
        return "" if real.is_relative_to(self._root) else "its link leads out of the project"

    def _sight(self, path: Path, name: str, steady: float) -> _Sight | None:
        try:
            status = path.stat()
        except OSError:  # gone again, or not ours to read
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        now = _Sight(status.st_size, status.st_mtime_ns, (status.st_dev, status.st_ino), steady)
        before = self._sights.get(name)
        same = before and (before.size, before.mtime, before.node) == (now.size, now.mtime, now.node)
        return before if same else now

    def _arrival(self, name: str, sight: _Sight) -> Arrival | None:
        """The file with its digest; None when it changed while it was read, or may not be read."""
        if name in self._digests:  # nobody has taken it in yet
            return Arrival(name, sight.size, sight.mtime, self._digests[name][1])
        path = self._root / name
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                after = os.fstat(file.fileno())
        except OSError:
            return None
        if (after.st_size, after.st_mtime_ns, (after.st_dev, after.st_ino)) != (sight.size, sight.mtime, sight.node):
            del self._sights[name]
            return None
        self._digests[name] = sight, digest.hexdigest()
        return Arrival(name, sight.size, sight.mtime, digest.hexdigest())


def _is_known(sight: _Sight, arrival: Arrival | None) -> bool:
    return arrival is not None and (arrival.size, arrival.mtime) == (sight.size, sight.mtime)


def _no_text(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is no text"
    return "" if name.isprintable() else "its name holds letters that cannot be shown"


def _open_for_writing(nodes: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the files (device, inode) that some process has open for writing, as far as the system lets us see."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for handle in os.scandir(process / "fd"):
                with contextlib.suppress(OSError, ValueError):
                    status = os.stat(handle.path)  # noqa: PTH116  a Path for each of very many
                    node = (status.st_dev, status.st_ino)
                    if node in nodes and _flags(process / "fdinfo" / handle.name) & _WRITING:
                        found.add(node)
    return found


def _flags(path: Path) -> int:
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("flags:"):
            return int(line.split()[1], 8)
    return 0
