"""Everything below a process: what its kernel says of children, whoever they have detached themselves from since."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

import psutil

SHORTEST, LONGEST = 0.002, 0.064
"""Seconds that what was killed gets to be gone before it is looked for again, each time twice as long."""


def below(root: int, meet: Callable[[int], None] = lambda pid: None) -> Iterator[tuple[int, int]]:
    """The process ids below ``root`` with the number of threads of each, parents first; zombies are left out.

    Processes come and go meanwhile: what is there from beginning to end, and is adopted by nobody else, is told.
    ``meet`` is called with each, before its children are looked for.
    """
    if not _children_are_told():
        yield from _asked_of_all(root)
        return
    seen, waiting = {root}, [root]
    while waiting:
        pid = waiting.pop()
        if pid != root:
            meet(pid)
        try:
            threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  this runs five times a second
        except OSError:
            continue
        if pid != root and not _is_zombie(pid):
            yield pid, len(threads)
        for thread in threads:
            with contextlib.suppress(OSError):
                children = _read(f"/proc/{pid}/task/{thread}/children").split()
                new = [child for text in children if (child := int(text)) not in seen]
                seen.update(new)
                waiting.extend(new)


def end_all(root: int, but: Collection[int] = ()) -> None:
    """Kill everything below ``root`` until nothing is left, except ``but``; what dies is collected if it is ours.

    Each is halted before its children are looked for: those that multiply would otherwise be faster than we are.
    """

    def halt(pid: int) -> None:
        if pid not in but:
            _signal(pid, signal.SIGSTOP)

    pause = SHORTEST
    while True:
        left = [pid for pid, _ in below(root, halt) if pid not in but]
        for pid in left:
            _signal(pid, signal.SIGKILL)
        if not left:
            return
        if root == os.getpid() and not but:
            collect()
        time.sleep(pause)
        pause = min(2 * pause, LONGEST)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def collect() -> None:
    """Take note of the end of every child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def memory(pid: int) -> int:
    """Bytes that a process keeps and the system could not take back by forgetting files; shared ones count fully."""
    if sys.platform != "linux":
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(pid).memory_info().rss)
        return 0
    kinds = (b"RssAnon:", b"RssShmem:", b"VmSwap:")
    with contextlib.suppress(OSError):
        return _sum(_read(f"/proc/{pid}/status"), kinds)
    return 0


def memory_share(pid: int) -> int:
    """The same, where memory that several processes share counts for each by its part; takes milliseconds."""
    with contextlib.suppress(OSError):
        return _sum(_read(f"/proc/{pid}/smaps_rollup"), (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:"))
    return memory(pid)


def _sum(lines: bytes, kinds: tuple[bytes, ...]) -> int:
    return sum(int(line.split()[1]) * 1024 for line in lines.splitlines() if line.startswith(kinds))


@cache
def _children_are_told() -> bool:
    return Path(f"/proc/self/task/{os.getpid()}/children").exists()


def _is_zombie(pid: int) -> bool:
    try:
        return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0] == b"Z"
    except (OSError, IndexError):
        return True


def _read(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        data = os.read(handle, 1 << 16)
        while more := os.read(handle, 1 << 16):
            data += more
        return data
    finally:
        os.close(handle)


def _asked_of_all(root: int) -> Iterator[tuple[int, int]]:
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(root).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    yield process.pid, process.num_threads()
