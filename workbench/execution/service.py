"""What others ask of runs: history, journals, executed notebooks; and the truth about runs whose owner is gone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from workbench import failpoints
from workbench.execution import journal
from workbench.execution.history import compare, selection, timeline, usual
from workbench.execution.history.follow import Follower
from workbench.execution.kept.service import KeptKernels
from workbench.execution.processes import strays
from workbench.execution.walk import planfile
from workbench.execution.walk.bell import nudge
from workbench.model.comparison import Comparison
from workbench.model.dataset import Snapshot
from workbench.model.errors import NotFound, StepFailed, did_you_mean
from workbench.model.events import Event
from workbench.model.names import short_id
from workbench.model.plan import Plan
from workbench.model.run import AttemptState, Run, State, StepRun
from workbench.model.timeline import Beside, Timeline, Usual
from workbench.store.transaction import Store

PATIENCE = 30.0
"""Seconds that a run that was cancelled is waited for."""
LOOK = 0.2
"""Seconds between two looks at it."""


class RunService:
    """The runs of a project; ``pipelines`` tells the names of those it has now, ``cells`` compares two notebooks.

    ``kept`` are the kernels that failed steps have kept.
    """

    def __init__(
        self,
        store: Store,
        state: Path,
        pipelines: Callable[[], Sequence[str]] = tuple,
        cells: compare.Cells = compare.no_cells,
    ) -> None:
        self._store = store
        self._state = state
        self._pipelines = pipelines
        self._cells = cells
        self.kept = KeptKernels(state)

    def list(
        self,
        limit: int = 50,
        *,
        pipeline: str | None = None,
        states: Iterable[State] | None = None,
        trigger: str | None = None,
        partition: str | None = None,
    ) -> tuple[Run, ...]:
        """Runs without their steps, newest first; ``partition`` is a value, or ``day=2013-01-15``.

        Raises NotFound (WB-PIP-601) for a pipeline that neither is nor ever ran.
        """
        with self._store.reading() as transaction:
            if pipeline is not None:
                selection.check_pipeline(transaction, pipeline, self._pipelines())
            return transaction.past.runs(limit, pipeline=pipeline, states=states, trigger=trigger, partition=partition)

    def beside(self, runs: Sequence[Run]) -> Beside:
        """What a list of runs shows beside them: their partitions, and what is usual for each."""
        with self._store.reading() as transaction:
            partitions = transaction.past.partitions(run.id for run in runs)
            return Beside(partitions, usual.of_runs(transaction, runs))

    def get(self, run: str) -> Run:
        """A run with its steps and attempts, by id, the end of its id, or as ``[PIPELINE@]last[-success …][~N]``.

        Raises NotFound (WB-RUN-401, WB-PIP-601), UsageError (WB-RUN-402 when several ids end so, WB-RUN-404).
        """
        with self._store.reading() as transaction:
            return self.kept.true(selection.select(transaction, run, self._pipelines()))

    def timeline(self, run: Run) -> Timeline:
        """When the steps of a run waited, ran and published, and its critical path."""
        return timeline.lay_out(run, journal.now())

    def diff(self, before: str, after: str, step: str = "") -> Comparison:
        """Two runs, or one step of them, against each other; they are named as for ``get``. Raises what ``get`` raises.

        Raises NotFound (WB-PIP-602) when neither has such a step.
        """
        runs = self.get(before), self.get(after)
        with self._store.reading() as transaction:
            return compare.compare(transaction, runs, self._state, self._cells, step)

    def made(self, run: Run, step: StepRun) -> StepRun:
        """The step run that executed the notebook: ``step`` itself, or the earlier success that stands for it."""
        with self._store.reading() as transaction:
            return compare.made(transaction, run, step)

    def read_by(self, step: StepRun) -> dict[str, Snapshot]:
        """Dataset → the snapshot that a step was given of it."""
        with self._store.reading() as transaction:
            found = compare.read_by(transaction, step)
            return {name: transaction.datasets.snapshot(snapshot) for name, snapshot in found.items()}

    def usual(self, run: Run, steps: Sequence[StepRun] | None = None) -> Usual:
        """What is usual for a run, for some of its steps (default: all) and for their cells, from earlier runs."""
        with self._store.reading() as transaction:
            return usual.of_steps(transaction, run, run.steps if steps is None else steps)

    def step(self, run: Run, name: str) -> StepRun:
        """One step of a run. Raises NotFound (WB-PIP-602)."""
        names = [step.step for step in run.steps]
        for step in run.steps:
            if step.step == name:
                return step
        raise NotFound(
            "WB-PIP-602",
            f'run {run.id} has no step "{name}"',
            cause=f"it has {', '.join(names)}." + did_you_mean(name, names),
        )

    def events(self, step: StepRun, number: int | None = None) -> Iterator[Event]:
        """The journal of the last attempt of a step, or of attempt ``number``; empty when it never started.

        Raises NotFound (WB-RUN-405) when there was no such attempt.
        """
        found = [attempt for attempt in step.attempts if number in (None, attempt.number)]
        if number is not None and not found:
            count = f"it had {len(step.attempts)}" if step.attempts else "it never started"
            raise NotFound("WB-RUN-405", f"{step.step} had no attempt {number}", cause=count)
        if found:
            yield from journal.read(self._state / found[-1].folder / "journal.jsonl")

    def follow(self, run: Run, step: str = "") -> Follower:
        """What follows a run that goes on, or one of its steps."""
        return Follower(self._store, self._state, run.id, step)

    def sources(self, step: StepRun) -> dict[str, str]:
        """Cell id → code, as the last attempt of a step was given it; empty when nothing was laid out for it."""
        if not step.attempts:
            return {}
        path = self._state / step.attempts[-1].folder / "source.ipynb"
        if not path.exists():
            return {}
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {cell["id"]: cell["source"] for cell in cells if cell["cell_type"] == "code"}

    def notebook(self, step: StepRun) -> Path | None:
        """The executed notebook of the last attempt of a step, if it was written."""
        if not step.attempts:
            return None
        path = self._state / step.attempts[-1].folder / "output.ipynb"
        return path if path.exists() else None

    def plan(self, run: Run) -> Plan | None:
        """What was planned for a run, at its last repair if it had any; the notebooks are left out.

        None where nothing was to run.
        """
        return planfile.read(self._state, run)

    def cancel(self, run: Run, who: str, patience: float = PATIENCE) -> Run:
        """Ask the runner of a run to end it, and wait for that, ``patience`` seconds; returns the run as it is then.

        A run that waits in the queue ends too; one that has ended stays as it is, one whose runner is gone is settled.
        """
        deadline = time.monotonic() + patience
        with self._store.writing() as transaction:
            owner = transaction.leases.ask_to_end(run.id, who)
        failpoints.reach("cancel.asked")
        if owner is not None:
            nudge(owner)
        while True:
            self.settle()
            with self._store.reading() as transaction:
                found = transaction.runs.get(run.id)
            if found.state.final or time.monotonic() > deadline:
                return found
            time.sleep(LOOK)

    def settle(self) -> tuple[Run, ...]:
        """Give every run whose owner is gone its true final state; returns the runs that this changed.

        What of their steps still goes on here, its guardian killed or its runner paused, is ended.
        """
        with self._store.reading() as transaction:
            gone = transaction.leases.gone()
        settled = []
        for run in gone:
            error = StepFailed(
                "WB-RUN-121",
                f"run {run.id} of {run.pipeline} was lost",
                cause="the process that ran it is gone",
                kept="What it had published stays; nothing else of it was published.",
                next=f"wb runs repair {short_id(run.id)}",
            )
            strays.note(self._state, run.id)
            with self._store.writing() as transaction:
                if transaction.leases.lose(run.id, error.as_dict()):
                    settled.append(transaction.runs.get(run.id))
                failpoints.reach("settle.inside")
            failpoints.reach("settle.after")
        self.kept.sweep()
        for lost in dict.fromkeys([*(run.id for run in settled), *strays.noted(self._state)]):
            self._end_strays(lost)
        return tuple(settled)

    def _end_strays(self, identifier: str) -> None:
        """End what still goes on of a run that was lost, and be done with it once that is so."""
        try:
            with self._store.reading() as transaction:
                run = transaction.runs.get(identifier)
        except NotFound:  # of a store that was put aside
            return strays.forget(self._state, identifier)
        attempts = [attempt for step in run.steps for attempt in step.attempts]
        strays.end(self._state / attempt.folder for attempt in attempts if attempt.state is AttemptState.LOST)
        if run.state.final:
            strays.forget(self._state, identifier)
