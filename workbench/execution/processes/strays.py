"""The second net under the guardians: what bears the mark of an attempt and goes on although its guardian was killed.

A process bears it that inherited the attempt's ``WORKBENCH_CONTEXT``, or prints to its log. On another host, or where
the system does not show such things, nothing is found.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable
from pathlib import Path

import psutil

NOTES = "lost"
"""The folder, in that of the project's state, with a file for each run whose strays have yet to be ended."""
TRIES, PAUSE = 50, 0.02
"""How often what was killed is looked for again, and the seconds between."""


def note(state: Path, run: str) -> None:
    """Remember to look for strays of a run: who is about to may be killed in between."""
    with contextlib.suppress(OSError):
        (state / NOTES).mkdir(exist_ok=True)
        (state / NOTES / run).touch()


def noted(state: Path) -> tuple[str, ...]:
    """The runs that are remembered."""
    try:
        return tuple(sorted(path.name for path in (state / NOTES).iterdir()))
    except OSError:
        return ()


def forget(state: Path, run: str) -> None:
    """There are none left of a run."""
    with contextlib.suppress(OSError):
        (state / NOTES / run).unlink()


def end(folders: Iterable[Path]) -> None:
    """Kill what is left of the attempts with these folders (absolute), and remove their temporary files."""
    wanted = set(folders)
    for _ in range(TRIES if wanted else 0):
        left = find(wanted)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not left:
            break
        time.sleep(PAUSE)
    for folder in wanted:
        _discard_temporary(folder)


def find(folders: Collection[Path]) -> list[psutil.Process]:
    """The processes that bear the mark of an attempt with one of these folders (absolute)."""
    marks = {str(folder / name) for folder in folders for name in ("context.json", "kernel.log")}
    own = os.getpid()
    return [process for process in psutil.process_iter() if process.pid != own and marks & _marks(process)]


def below(runs: Path) -> dict[Path, list[int]]:
    """The processes that bear the mark of an attempt whose folder is below ``runs``, by that folder."""
    found: dict[Path, list[int]] = {}
    for process in psutil.process_iter():
        for folder in {Path(mark).parent for mark in _marks(process) if Path(mark).is_relative_to(runs)}:
            found.setdefault(folder, []).append(process.pid)
    return found


def _marks(process: psutil.Process) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(psutil.Error, OSError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return found
        found.add(process.environ().get("WORKBENCH_CONTEXT", ""))
    with contextlib.suppress(OSError):
        found.add(str(Path(f"/proc/{process.pid}/fd/1").readlink()))
    return found


def _discard_temporary(folder: Path) -> None:
    """Remove what the context of an attempt names as its folder for temporary files, if that is still there."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        path = Path(json.loads((folder / "context.json").read_text(encoding="utf-8"))["temporary"])
        if path.name.startswith("workbench-") and path.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(path, ignore_errors=True)
