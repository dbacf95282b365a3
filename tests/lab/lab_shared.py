"""One JupyterLab for all processes of a test session: whoever needs it first starts it, whoever leaves last stops it.

Each process that uses it holds a shared lock as long as it lives, so that one that is killed counts no more.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab_server import TOKEN, Lab, address, started, told_by

PARTING = 60.0
"""Seconds that the server gets to end."""
_GOING_ON: list[subprocess.Popen[bytes]] = []
"""What this process has started and others still use."""


@contextmanager
def shared_lab(base: Path, lay_out: Callable[[Path], Path], workspace: str) -> Iterator[Lab]:
    """The one JupyterLab below ``base``, on the project that ``lay_out`` makes, for the block."""
    place = base / "shared-lab"
    place.mkdir(exist_ok=True)
    with (place / "users").open("w") as users:
        with _alone(place):
            fcntl.flock(users, fcntl.LOCK_SH)
            url, root, process = _found(place) or _begun(place, lay_out)
        try:
            yield Lab(url, root, workspace)
        finally:
            with _alone(place), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody else uses it, and nobody can begin to
                _stop(place)
            if process is not None and process.poll() is None:
                _GOING_ON.append(process)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """No other process is in here during the block."""
    with (place / "door").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _found(place: Path) -> tuple[str, Path, None] | None:
    """The server that another process has started, if it answers."""
    try:
        told = json.loads((place / "server.json").read_text())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{told['url']}api/status?token={TOKEN}", timeout=30):
            return str(told["url"]), Path(told["root"]), None
    except (OSError, ValueError):
        return None


def _begun(place: Path, lay_out: Callable[[Path], Path]) -> tuple[str, Path, subprocess.Popen[bytes]]:
    number = len(list(place.glob("home-*")))
    home = place / f"home-{number}"
    home.mkdir()
    root = lay_out(home)
    process = started(root, home)
    url = address(process, home)
    (place / "server.json").write_text(
        json.dumps({"url": url, "root": str(root), "pid": process.pid, "home": str(home)})
    )
    return url, root, process


def _stop(place: Path) -> None:
    """End the server, which may be the child of a process that has gone already."""
    file = place / "server.json"
    try:
        told = json.loads(file.read_text())
    except (OSError, ValueError):
        return
    file.unlink()
    marked = told_by(Path(told["home"]), told["pid"])
    with suppress(ProcessLookupError):
        os.kill(told["pid"], signal.SIGTERM)
    until = time.monotonic() + PARTING
    while marked.exists() and time.monotonic() < until:
        with suppress(ChildProcessError):
            os.waitpid(told["pid"], os.WNOHANG)
        time.sleep(0.05)
