"""Where requests are answered: the project, opened once and again when it changed, and the threads that ask it."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.ui.server.page import Page, Script

if TYPE_CHECKING:
    from workbench.config import Config
    from workbench.project import Project
    from workbench.ui.run_shapes import RunEvent
    from workbench.ui.server.host import Host
    from workbench.ui.server.live import Live
    from workbench.ui.server.route import Route

    Finder = Callable[[str, str], tuple[Route, dict[str, str]]]

PIECE = 4000
"""Values, and as many 64 characters of text, in one piece of an answer: some milliseconds' work at most."""
THREADS = 3
"""Requests that are answered at once; others wait for their turn."""


def _finder() -> Finder:
    from workbench.ui.server.routes import find

    return find


class Desk:
    """Answers for the project in ``folder`` or above it."""

    def __init__(self, folder: Path, emit: Callable[[RunEvent], None], host: Host) -> None:
        self.folder = folder
        self._host = host
        self._emit = emit
        self._live: Live | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="workbench-api")
        self._lock = threading.Lock()
        self._find: Finder | None = None
        self._project: Project | None = None
        self._seen: tuple[Any, ...] = ()

    async def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route for a request; the first one loads the table, and with it the rooms, in a thread."""
        if self._find is None:
            self._find = await asyncio.to_thread(_finder)
        return self._find(method, path)

    async def answer(
        self, route: Route, path: Mapping[str, str], query: Mapping[str, Sequence[str]], document: Any
    ) -> str | Page | Script:
        """The JSON text, or the page, that a route answers. Raises what its function raises."""

        def work() -> str | Page | Script:
            arguments = route.arguments(path, query, document)
            if route.wants_folder:
                arguments["folder"] = self.folder
            if route.wants_project:
                arguments["project"] = self.project()
                told = self.live()
                if route.wants_live:
                    arguments["live"] = told
                if route.wants_host:
                    arguments["host"] = self._host
                if route.action == "write":
                    told.wake()
            answer = route.function(**arguments)
            if isinstance(answer, Page | Script):
                return answer
            return "".join(written(route.widened(answer) if route.widened else answer))

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def project(self) -> Project:
        """The project as it is now: opened anew when its settings or the file of its store were replaced.

        Raises what ``Project.open`` raises.
        """
        from workbench.config import find_project, load_config
        from workbench.project import Project

        with self._lock:
            root = find_project(self.folder)
            if self._project is not None and self._seen == _marks(self._project.config):
                return self._project
            load_config(root)  # what is open stays so while the settings are wrong
            old, self._project = self._project, None
            self._project = Project.open(root)
            self._seen = _marks(self._project.config)
            if old is not None:  # requests that still use it find it closed only when they ask it anew
                old.close()
            return self._project

    def live(self) -> Live:
        """What tells of runs, at work from the first answer on."""
        from workbench.ui.server.live import Live

        with self._lock:
            if self._live is None:
                self._live = Live(self.project, self._emit)
        self._live.start()
        return self._live

    def close(self) -> None:
        """Let what is being answered end, let go of kernels, and close the project."""
        self._host.close()
        if self._live is not None:
            self._live.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._project is not None:
                self._project.close()
                self._project = None


def written(document: Any) -> Iterator[str]:
    """A document as JSON in pieces: the encoder lets no other thread work while it writes one."""
    if _weight(document) <= PIECE or not isinstance(document, dict | list):
        yield json.dumps(document, allow_nan=False)
    elif isinstance(document, dict):
        for number, (name, value) in enumerate(document.items()):
            yield f"{', ' if number else '{'}{json.dumps(str(name))}: "
            yield from written(value)
        yield "}"
    else:
        for number, piece in enumerate(_pieces(document)):
            yield ", " if number else "["
            if len(piece) > 1:
                yield json.dumps(piece, allow_nan=False)[1:-1]
            else:
                yield from written(piece[0])
        yield "]"


def _pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values of a list in lists that are written at once; what is too much for that stands alone."""
    start = held = 0
    for index, value in enumerate(values):
        weight = _weight(value)
        if held and held + weight > PIECE:
            yield values[start:index]
            start, held = index, 0
        held += weight
    yield values[start:]


def _weight(value: Any) -> int:
    """How much there is to write of a value; above a piece it says no more than that."""
    waiting, found = [value], 0
    while waiting and found <= PIECE:
        one = waiting.pop()
        found += 1
        if isinstance(one, str):
            found += len(one) >> 6
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return found


def _marks(config: Config) -> tuple[Any, ...]:
    """What tells whether the project has to be opened anew: its settings, which file its store is, who may write."""
    from workbench.config import FILE
    from workbench.store.readonly import why_not_written

    file = Path(config.store.removeprefix("sqlite:///"))
    settings, store = _status(config.root / FILE), _status(file)
    return settings and (settings.st_mtime_ns, settings.st_size), store and store.st_ino, why_not_written(file)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
