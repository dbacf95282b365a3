"""Looks for files in a thread of its own, so that a slow disk or a large file delays nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from workbench.model.errors import WorkbenchError
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import Arrival, FileTrigger
from workbench.scheduler.clock import Clock
from workbench.scheduler.files import PATIENCE, FileWatch, Found

EVERY = 10.0
"""Seconds between two looks when no event asks for one: events get lost, and some disks send none."""
SOONEST = 1.0
_CHANGES = frozenset({"created", "modified", "moved", "closed", "deleted"})

Key = tuple[str, str]
Seen = Mapping[Key, Found]


class Survey:
    """The file triggers of a project and what is known of their files.

    ``known`` gives the files of a trigger as they last arrived; ``tell`` takes a sentence that people should read.
    """

    def __init__(
        self, root: Path, clock: Clock, known: Callable[[str, str], Mapping[str, Arrival]], tell: Callable[[str], None]
    ) -> None:
        self._root = root
        self._clock = clock
        self._known = known
        self._tell = tell
        self._watches: dict[Key, tuple[FileTrigger, FileWatch]] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="workbench-files")
        self._running: Future[Seen] | None = None
        self._looked = -EVERY
        self._asked = True
        self._settling = 0
        self._since = clock.monotonic()
        self._events = _Events(root, self._ask, tell)

    @property
    def settling(self) -> bool:
        """Whether files were seen that may still arrive before long; one that changes for ever does not count."""
        if not self._watches:
            return False
        longest = PATIENCE * max(trigger.stable for trigger, _ in self._watches.values())
        changing = self._settling and self._clock.monotonic() - self._since < longest
        return bool(changing) or self._running is not None or self._asked

    def expect(self, triggers: Iterable[tuple[Pipeline, FileTrigger]]) -> None:
        """Look for the files of these triggers from now on; what is known of unchanged ones is kept."""
        before, self._watches = self._watches, {}
        for pipeline, trigger in triggers:
            key = (pipeline.name, trigger.name)
            known = before.get(key)
            self._watches[key] = known if known and known[0] == trigger else (trigger, FileWatch(self._root, trigger))
        self._ask()

    def news(self) -> Seen:
        """What the last look found, once; empty when there is none. Begins the next look when it is time."""
        found: Seen = {}
        if self._running is not None and self._running.done():
            with suppress(WorkbenchError):  # the store was busy: the next look sees the same
                found = self._running.result()
            settling = sum(one.settling for one in found.values())
            if not self._settling:
                self._since = self._clock.monotonic()
            self._settling = settling
            self._running = None
        if self._watches and self._running is None and self._is_time():
            self._events.follow(trigger.pattern for trigger, _ in self._watches.values())
            self._asked, self._looked = False, self._clock.monotonic()
            self._running = self._pool.submit(self._look, dict(self._watches), self._looked)
        return found

    def close(self) -> None:
        self._events.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _is_time(self) -> bool:
        passed = self._clock.monotonic() - self._looked
        return passed >= (SOONEST if self._asked or self._settling else EVERY)

    def _look(self, watches: Mapping[Key, tuple[FileTrigger, FileWatch]], steady: float) -> Seen:
        return {key: watch.look(self._known(*key), steady) for key, (_, watch) in watches.items()}

    def _ask(self) -> None:
        self._asked = True
        self._clock.ring()


class _Events(FileSystemEventHandler):
    """Asks for a look when the system tells of a change; nothing is believed of what it tells."""

    def __init__(self, root: Path, ask: Callable[[], None], tell: Callable[[str], None]) -> None:
        self._root = root
        self._ask = ask
        self._tell = tell
        self._observer: BaseObserver | None = None
        self._watched: dict[tuple[Path, bool], ObservedWatch] = {}
        self._told = False

    def follow(self, patterns: Iterable[str]) -> None:
        """Listen where files of these patterns may come; a folder that is not there yet is looked for next time."""
        wanted = {place for pattern in patterns if (place := self._place(pattern))}
        for place in self._watched.keys() - wanted:
            watch = self._watched.pop(place)
            if self._observer is not None:
                with suppress(OSError, KeyError):
                    self._observer.unschedule(watch)
        for folder, deep in wanted - self._watched.keys():
            if self._observer is None:
                self._observer = Observer()
                self._observer.start()
            try:
                self._watched[folder, deep] = self._observer.schedule(self, str(folder), recursive=deep)
            except OSError as error:
                if not self._told:
                    self._told = True
                    self._tell(f"no events of {folder} ({error.strerror}): files are looked for every {EVERY:g} s")

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _CHANGES:
            self._ask()

    def close(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def _place(self, pattern: str) -> tuple[Path, bool] | None:
        """The folder to listen to, and whether to those in it too; the whole project is never listened to."""
        parts = PurePosixPath(pattern).parts
        fixed = next((index for index, part in enumerate(parts) if set(part) & set("*?[")), len(parts) - 1)
        folder, deep = self._root.joinpath(*parts[: min(fixed, len(parts) - 1)]), fixed < len(parts) - 1
        return (folder, deep) if folder.is_dir() and not (deep and folder == self._root) else None
