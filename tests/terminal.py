"""A command line to type at: every command is a process of its own, most of them forked ready; see ``typist``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typist import Typed, type_command


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

    def __init__(self, process: Typed, folder: Path) -> None:
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
    with tempfile.TemporaryDirectory() as folder:
        process = _typed(arguments, cwd, Path(folder), {"PYTHONUNBUFFERED": "1"})
        try:
            yield Running(process, Path(folder))
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
    with tempfile.TemporaryDirectory() as folder:
        process = _typed(arguments, cwd, Path(folder), environment)
        try:
            code = process.wait(timeout=120)
        finally:
            process.kill()
        return Said(code, *((Path(folder) / name).read_text(encoding="utf-8") for name in ("out", "err")))


def start_wb(*arguments: str, cwd: Path) -> Said:
    """The same in a new interpreter, which imports what it needs on its way."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=cwd,
        env=_environment({}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def _typed(arguments: Sequence[str], cwd: Path, folder: Path, environment: Mapping[str, str]) -> Typed:
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        return type_command(arguments, cwd, _environment(environment), out.fileno(), err.fileno())


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "COLUMNS"))}
    return {**clean, "PYTHONIOENCODING": "utf-8", **more}
