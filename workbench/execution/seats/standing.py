"""Standard output and standard error while modules are imported ahead of the kernels.

What is printed is heard by us alone. A library may keep such a stream, as a default or in a handler: in a kernel it
finds that it has kept the one of the kernel.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO, Any


class Standing(io.TextIOBase):
    """Stands for a standard stream until it is told which one takes its place; ``heard`` is what was written so far."""

    encoding = "UTF-8"  # that of kernels

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self._successor: IO[str] | None = None

    def give_way(self, successor: IO[str]) -> None:
        """From now on, be ``successor`` to whoever has kept this stream."""
        self._successor = successor

    def write(self, text: str) -> int:
        if self._successor is not None:
            return self._successor.write(text)
        self.heard.append(text)
        return len(text)

    def flush(self) -> None:
        if self._successor is not None:
            self._successor.flush()

    def fileno(self) -> int:
        return super().fileno() if self._successor is None else self._successor.fileno()

    def writable(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        successor = self.__dict__.get("_successor")
        if successor is None:
            raise AttributeError(name)
        return getattr(successor, name)


OUTPUT, ERRORS = Standing(), Standing()


def give_way() -> None:
    """Let those who have kept a stream have the standard streams of now."""
    OUTPUT.give_way(sys.stdout)
    ERRORS.give_way(sys.stderr)


@contextmanager
def listening() -> Iterator[Callable[[], bool]]:
    """Keep to ourselves what is printed in the block, by Python or below it.

    Gives a function that says whether there was anything.
    """
    for stream in (OUTPUT, ERRORS):
        stream.heard.clear()
    with tempfile.TemporaryFile() as file, redirect_stdout(OUTPUT), redirect_stderr(ERRORS):
        kept = [os.dup(1), os.dup(2)]
        for number in (1, 2):
            os.dup2(file.fileno(), number)
        try:
            yield lambda: bool(OUTPUT.heard or ERRORS.heard or os.fstat(file.fileno()).st_size)
        finally:
            for number, handle in enumerate(kept, 1):
                os.dup2(handle, number)
                os.close(handle)
