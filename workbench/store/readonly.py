"""A store where nothing may be written: it is read all the same, and whoever wants to write hears why it cannot be."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, NullPool

from workbench.model.errors import StorageError

_WHY = "workbench_only_read"


def why_not_written(file: Path) -> str:
    """Why the store in ``file`` can only be read; empty when it can be written, or is not there yet.

    SQLite writes beside its file as well, so that the folder counts too.
    """
    if not os.access(file, os.F_OK):
        return ""
    places = (place for place in (file.parent, file) if not os.access(place, os.W_OK))
    return next((f"{place} may not be written to" for place in places), "")


def options(file: Path, why: str, patience: float) -> dict[str, object]:
    """How an engine is made that reads the store in ``file``; it tells of ``why`` to who wants to write.

    Each transaction has a connection of its own, for each has to see anew whether somebody writes elsewhere.
    """
    return {"creator": lambda: _connect(file, patience), "poolclass": NullPool, "execution_options": {_WHY: why}}


def why_only_read(engine: Engine) -> str:
    """Why nothing can be written by this engine; empty when it can."""
    return str(engine.get_execution_options().get(_WHY, ""))


def refused(engine: Engine) -> StorageError:
    """The error of who wants to write nevertheless."""
    return StorageError(
        "WB-DB-517",
        f"the store {engine.url.database} can only be read",
        cause=why_only_read(engine),
        kept="Nothing was changed.",
        next="make a copy of the project in a folder of your own, or ask for the permission to write there",
    )


def _connect(file: Path, patience: float) -> sqlite3.Connection:
    """A connection that writes nothing, not even beside the file.

    With a log there, somebody writes elsewhere, and both are read together. Without one the file says all, and SQLite
    has to be told that it needs none, for it would make one.
    """
    written = False
    with suppress(FileNotFoundError):
        written = file.with_name(f"{file.name}-wal").stat().st_size > 0
    how = "mode=ro" if written else "mode=ro&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, timeout=patience, check_same_thread=False)
