"""Following a run from another process: what is new in its journals, again and again, until it has ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from workbench.model.events import Event
from workbench.model.frozen import dataclass
from workbench.model.plain import from_plain
from workbench.store.transaction import Store


@dataclass(frozen=True)
class News:
    """One event of one attempt (counted from 1) of a step."""

    step: str
    attempt: int
    event: Event


class Follower:
    """Reads the journals of a run, or of one of its ``step``; ``state`` is the project's state folder."""

    def __init__(self, store: Store, state: Path, run: str, step: str = "") -> None:
        self._store = store
        self._state = state
        self._run = run
        self._step = step
        self._read: dict[str, int] = {}
        self._open: dict[str, None] = {}
        self._done: set[str] = set()

    def look(self) -> tuple[bool, Iterator[News]]:
        """Whether it has ended, and what its journals have more than at the last look.

        Nothing comes after a look at which it had ended, unless the run is repaired.
        """
        with self._store.reading() as transaction:
            over = transaction.past.is_over(self._run, self._step)
            attempts = transaction.past.folders(self._run, self._step)
        return over, self._news(attempts)

    def journals(self) -> tuple[Path, ...]:
        """The files in which there may be more by the next look: those of attempts that were not over at the last."""
        return tuple(self._journal(folder) for folder in self._open)

    def _news(self, attempts: tuple[tuple[str, int, str, bool], ...]) -> Iterator[News]:
        for step, number, folder, over in attempts:
            if folder in self._done:
                continue
            self._open[folder] = None
            for event in self._fresh(folder):
                yield News(step, number, event)
            if over:
                self._done.add(folder)
                del self._open[folder]

    def _fresh(self, folder: str) -> Iterator[Event]:
        try:
            with self._journal(folder).open("rb") as journal:
                journal.seek(self._read.get(folder, 0))
                for line in journal:
                    if not line.endswith(b"\n"):
                        return
                    self._read[folder] = self._read.get(folder, 0) + len(line)
                    yield from_plain(Event, json.loads(line))
        except FileNotFoundError:
            return

    def _journal(self, folder: str) -> Path:
        return self._state / folder / "journal.jsonl"
