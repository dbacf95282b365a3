"""A command line to type at, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Wb = Callable[..., Said]


PROGRAM = "import sys; sys.argv[0] = 'wb'; from workbench.ui.cli.app import main; main()"


class Running:
    """A command that goes on, with what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def output(self) -> str:
        return (self._folder / "out").read_text(encoding="utf-8")

    def errors(self) -> str:
        return (self._folder / "err").read_text(encoding="utf-8")

    def wait(self) -> int:
        return self._process.wait(timeout=120)


@contextmanager
def running_wb(*arguments: str, cwd: Path) -> Iterator[Running]:
    """Type ``wb`` and go on while it works; it is ended with the block."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "COLUMNS"))}
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        with (files / "out").open("wb") as out, (files / "err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments],
                cwd=cwd,
                env={**clean, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=err,
            )
        try:
            yield Running(process, files)
        finally:
            process.terminate()
            process.wait(timeout=60)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return as soon as ``condition`` holds; fail when it never does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.02)


def type_wb(*arguments: str, cwd: Path, **environment: str) -> Said:
    """Type ``wb`` with arguments, in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "COLUMNS"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=cwd,
        env={**clean, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)
