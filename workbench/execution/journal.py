"""The journal of an attempt: one event a line, appended as it happens, readable at any moment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench import failpoints
from workbench.durable import explained
from workbench.model.events import Event, Kind
from workbench.model.plain import from_plain, to_plain


def now() -> str:
    """The time now, in UTC, as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Journal:
    """Appends events to a file and tells each to ``listener``; the last one is flushed to the disk.

    Only whole lines are ever written, so that a reader sees at worst a torn last line, which ``read`` ignores.
    """

    def __init__(self, path: Path, listener: Callable[[Event], None]) -> None:
        self.path = path
        self._listener = listener
        self._seq = 0
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def append(self, kind: Kind, data: Mapping[str, Any]) -> Event:
        """Write one event; ``data`` holds plain JSON values. Raises StorageError when the disk refuses it."""
        self._seq += 1
        event = Event(self._seq, now(), kind, data)
        with explained(self.path):
            self._file.write(json.dumps(to_plain(event)) + "\n")
            self._file.flush()
            if kind is Kind.ATTEMPT_ENDED:
                failpoints.reach("journal.ended")
                os.fsync(self._file.fileno())
                failpoints.reach("journal.flushed")
        self._listener(event)
        return event

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Iterator[Event]:
    """The events of a journal in order; none when the attempt never wrote one."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("\n"):
                return
            yield from_plain(Event, json.loads(line))
