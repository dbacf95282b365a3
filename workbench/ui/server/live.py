"""What happens in runs, told to every page as it happens, whichever process carries them out.

A thread looks at the store and at the journals of runs that go on; what is new goes as one event a run and look into
Jupyter's own event stream. That does not repeat what a page missed: events are numbered, and ``snapshot`` tells how
things stand at a number. No event holds any data of a cell.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model.errors import WorkbenchError
from workbench.model.events import Kind
from workbench.model.run import Run, State
from workbench.ui import codec, run_shapes

if TYPE_CHECKING:
    from workbench.execution.history.follow import Follower, News
    from workbench.project import Project

LOOK, IDLE, TROUBLED = 0.2, 1.0, 5.0
"""Seconds between two looks at most: while a run goes on or is about to, while none does, after an error."""
GLANCE, REST, BREATH = 0.05, 0.1, 3.0
"""Seconds between two glances at the files that runs write to, which cost next to nothing, and before a look that is
not due yet; how many times as long as the last look such a one waits at least."""
EXPECTED = 20.0
"""Seconds for which something is expected after whoever was going to do something has said so."""
PARTING = 2.0
"""Seconds that the end of the server waits for a look to be over."""
SETTLE_EVERY = 5.0
"""Seconds between two looks whether the processes of runs are still there."""
MOST_RUNS, MOST_PARTS = 200, 200
"""Runs that are followed at once; steps, cells or logs in one event."""
OPEN = (State.QUEUED, State.RUNNING)
Standing = tuple[State, str | None]
"""The state of a run and when it ended: a run that is repaired may fail in the same way again between two looks."""
_log = logging.getLogger("workbench.server")

Mark = tuple[int, int]
"""The size of a file, and the time of its last change in nanoseconds."""


class Live:
    """Tells of runs from ``start`` on; ``emit`` is given each event, from the thread of this."""

    def __init__(self, project: Callable[[], Project], emit: Callable[[run_shapes.RunEvent], None]) -> None:
        self.stream = secrets.token_hex(8)
        self._project = project
        self._emit = emit
        self._number = 0
        self._known: dict[str, Standing] = {}
        self._steps: dict[str, dict[str, str]] = {}
        self._followers: dict[str, Follower] = {}
        self._settled = 0.0
        self._expected = 0.0
        self._watched: tuple[Path, ...] = ()
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to look, if that has not begun."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._go_on, name="workbench-live", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Look no more; waits a while for the look that goes on."""
        self._stop.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(PARTING)

    def wake(self) -> None:
        """Look at once, and often for a while: something is about to happen."""
        self._expected = time.monotonic() + EXPECTED
        self._woken.set()

    def snapshot(self, project: Project) -> run_shapes.Live:
        """How the runs that go on stand; what is in it may come once more by events after its ``number``."""
        number = self._number
        runs = project.runs.list(MOST_RUNS, states=OPEN)
        with project.store.reading() as transaction:
            steps = {run.id: transaction.past.states(run.id) for run in runs}
        return {
            "stream": self.stream,
            "number": number,
            "runs": [{"run": codec.run_row(run), "steps": steps[run.id]} for run in runs],
        }

    def _go_on(self) -> None:
        first = True
        while not self._stop.is_set():
            began, seen = time.monotonic(), _marks(self._watched)
            pause, glance = IDLE, True
            try:
                going = self._look(first)
                pause = LOOK if going or time.monotonic() < self._expected else IDLE
                first = False
            except WorkbenchError as error:
                _log.debug("runs cannot be followed now: %s", error)
                pause, glance = TROUBLED, False
            except Exception:
                _log.exception("following runs went wrong")
                pause, glance = TROUBLED, False
            rest = max(REST, BREATH * (time.monotonic() - began))
            self._wait(pause, _marks(self._watched) | seen if glance else {}, rest)

    def _wait(self, pause: float, seen: Mapping[Path, Mark], rest: float) -> None:
        """Wait for so many seconds; less when woken, or when a file is not what was ``seen`` of it after a ``rest``."""
        since = time.monotonic()
        while (left := since + pause - time.monotonic()) > 0:
            if self._woken.wait(min(left, GLANCE) if seen else left):
                break
            if seen and time.monotonic() - since >= rest and _marks(seen) != seen:
                break
        self._woken.clear()

    def _look(self, first: bool) -> bool:
        """Tell what is new; whether any run goes on."""
        project = self._project()
        heads = {run.id: run for run in (*project.runs.list(20), *project.runs.list(MOST_RUNS, states=OPEN))}
        with project.store.reading() as transaction:
            for gone in self._followers.keys() - heads.keys():
                heads[gone] = transaction.runs.head(gone)
        going = False
        known: dict[str, Standing] = {}
        for run in sorted(heads.values(), key=lambda run: run.created_at):
            stands: Standing = (run.state, run.ended_at)
            if not run.state.final or run.id in self._followers or (not first and self._known.get(run.id) != stands):
                stands = self._tell(project, run)
            known[run.id] = stands
            going |= not run.state.final
        self._known = known
        journals = (journal for follower in self._followers.values() for journal in follower.journals())
        self._watched = (*project.store.files(), *journals)
        self._refusals()
        if going and time.monotonic() - self._settled > SETTLE_EVERY:
            project.settle()
            self._settled = time.monotonic()
        return going

    def _tell(self, project: Project, run: Run) -> Standing:
        """Tell what is new of a run, and as what."""
        follower = self._followers.get(run.id) or project.runs.follow(run)
        self._followers[run.id] = follower
        _, news = follower.look()
        cells, logs = _parts(news)
        with project.store.reading() as transaction:
            states = transaction.past.states(run.id)
            run = transaction.runs.head(run.id)
        before = self._steps.get(run.id, {})
        steps: list[run_shapes.StepNews] = [
            {"step": name, "state": state} for name, state in states.items() if before.get(name) != state
        ]
        self._steps[run.id] = states
        stands: Standing = (run.state, run.ended_at)
        changed = self._known.get(run.id) != stands
        if run.state.final:  # a repair begins it anew
            self._followers.pop(run.id, None)
            self._steps.pop(run.id, None)
        if changed or steps or cells or logs:
            self._send(run, steps, cells, logs)
        return stands

    def _send(
        self,
        run: Run,
        steps: list[run_shapes.StepNews],
        cells: list[run_shapes.CellNews],
        logs: list[run_shapes.LogNews],
    ) -> None:
        """One event, or several where there is too much for one."""
        for start in range(0, max(len(steps), len(cells), len(logs), 1), MOST_PARTS):
            end = start + MOST_PARTS
            self._number += 1
            self._emit(
                {
                    "stream": self.stream,
                    "number": self._number,
                    "run": run.id,
                    "pipeline": run.pipeline,
                    "environment": run.environment,
                    "state": run.state.value,
                    "code": str((run.error or {}).get("code", "")),
                    "steps": steps[start:end],
                    "cells": cells[start:end],
                    "logs": logs[start:end],
                }
            )

    def _refusals(self) -> None:
        """Tell of runs that the server was to begin and that could not."""
        from workbench.ui.server import begin

        for child, error in begin.ended():
            if error is not None:
                self._number += 1
                self._emit(
                    {
                        "stream": self.stream,
                        "number": self._number,
                        "run": child.run,
                        "pipeline": child.pipeline,
                        "environment": child.environment,
                        "state": "refused",
                        "code": str(error.get("code", "")),
                        "steps": [],
                        "cells": [],
                        "logs": [],
                    }
                )


def _marks(files: Iterable[Path]) -> dict[Path, Mark]:
    """What tells whether files were written to; the same for each that is not there."""
    return {file: _mark(file) for file in files}


def _mark(file: Path) -> Mark:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _parts(news: Iterable[News]) -> tuple[list[run_shapes.CellNews], list[run_shapes.LogNews]]:
    """The cells that moved, each as it is now, and how far the log of each step has come."""
    cells: dict[tuple[str, int, str], run_shapes.CellNews] = {}
    logs: dict[tuple[str, int], run_shapes.LogNews] = {}
    for one in news:
        data: Any = one.event.data
        logs[one.step, one.attempt] = {"step": one.step, "attempt": one.attempt, "seq": one.event.seq}
        if one.event.kind in (Kind.CELL_STARTED, Kind.CELL_ENDED):
            key = one.step, one.attempt, str(data["id"])
            ended = one.event.kind is Kind.CELL_ENDED
            cells[key] = {
                "step": one.step,
                "attempt": one.attempt,
                "id": str(data["id"]),
                "state": str(data["state"]) if ended else "running",
                "seconds": data["seconds"] if ended else None,
            }
    return list(cells.values()), list(logs.values())
