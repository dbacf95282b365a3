"""Runs in processes of their own, to be watched, stopped and killed from outside."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import psutil
from typist import Typed, type_command

from workbench.execution import journal
from workbench.model.events import Kind

LOG = "out.log"
"""Where in the project's folder commands write what they say."""


def start(root: Path, *command: str) -> Typed:
    """``wb COMMAND`` in a process of its own, standing in the project."""
    with (root / LOG).open("ab") as log:
        return type_command(command, root, os.environ, log.fileno(), log.fileno())


@contextmanager
def running(root: Path, *command: str) -> Iterator[Typed]:
    """As ``start``; killed at the end of the block, if it still runs then."""
    process = start(root, *command)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said(root: Path) -> str:
    """What the commands said so far."""
    return (root / LOG).read_text()


def until(true: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What ``true`` gives once it gives something; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
    return found


class Process(Protocol):
    """What can be stopped and told to go on."""

    def send_signal(self, number: int, /) -> None: ...


def stop_between_writes(process: Process, root: Path) -> None:
    """Stop a process while it does not hold the store, where it would keep everybody else from writing."""
    while True:
        process.send_signal(signal.SIGSTOP)
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(root / ".workbench/store.db", 0.5)) as store:
            store.execute("BEGIN IMMEDIATE")
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)


def kernel_at_work(root: Path) -> int:
    """The process of a kernel of this project whose first cell has begun; 0 when there is none."""
    for path in (root / ".workbench" / "runs").glob("*/*/*/journal.jsonl"):
        pid, begun = 0, False
        for event in journal.read(path):
            pid = event.data["pid"] if event.kind is Kind.KERNEL_READY else pid
            begun |= event.kind is Kind.CELL_STARTED
        if begun and psutil.pid_exists(pid):
            return pid
    return 0


def supervisor(root: Path) -> psutil.Process:
    """The process that keeps a journal of this project."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if belongs(process, root) and any(file.path.endswith("journal.jsonl") for file in process.open_files()):
                return process
    raise AssertionError("nobody keeps a journal")


def left_after(seconds: float, root: Path) -> list[dict[str, Any]]:
    """The commands of this project's processes that are alive, as soon as there are none, at most ``seconds`` later."""
    deadline = time.monotonic() + seconds
    while True:
        left = [process.as_dict(["pid", "cmdline"]) for process in psutil.process_iter() if belongs(process, root)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def belongs(process: psutil.Process, root: Path) -> bool:
    """Whether a process stands in the folder of a project, or was started for a step of it."""
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.cwd().startswith(str(root)) or str(root) in process.environ().get("WORKBENCH_CONTEXT", "")
    except psutil.Error:
        return False
