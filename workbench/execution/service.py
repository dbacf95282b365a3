"""What others ask of runs: history, journals, executed notebooks; and the truth about runs whose owner is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.execution import journal
from workbench.model.errors import NotFound, StepFailed, did_you_mean
from workbench.model.events import Event
from workbench.model.run import Run, State, StepRun
from workbench.store.transaction import Store


class RunService:
    """The runs of a project."""

    def __init__(self, store: Store, state: Path) -> None:
        self._store = store
        self._state = state

    def list(
        self, limit: int = 50, *, pipeline: str | None = None, states: Iterable[State] | None = None
    ) -> tuple[Run, ...]:
        """Runs without their steps, newest first."""
        with self._store.reading() as transaction:
            return transaction.runs.list(limit, pipeline=pipeline, states=states)

    def get(self, run: str) -> Run:
        """A run with its steps and attempts, by id, the end of its id, or ``last``.

        Raises NotFound (WB-RUN-401), UsageError (WB-RUN-402) when several runs end so.
        """
        with self._store.reading() as transaction:
            if run == "last":
                newest = transaction.runs.list(1)
                if not newest:
                    raise NotFound("WB-RUN-401", "nothing has run yet", next="wb run PIPELINE")
                run = newest[0].id
            return transaction.runs.get(run)

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

    def events(self, step: StepRun) -> Iterator[Event]:
        """The journal of the last attempt of a step; empty when it never started."""
        if step.attempts:
            yield from journal.read(self._state / step.attempts[-1].folder / "journal.jsonl")

    def notebook(self, step: StepRun) -> Path | None:
        """The executed notebook of the last attempt of a step, if it was written."""
        if not step.attempts:
            return None
        path = self._state / step.attempts[-1].folder / "output.ipynb"
        return path if path.exists() else None

    def settle(self) -> tuple[Run, ...]:
        """Give every run whose owner is gone its true final state; returns the runs that this changed."""
        with self._store.reading() as transaction:
            gone = transaction.runs.expired(journal.now())
        settled = []
        for run in gone:
            error = StepFailed(
                "WB-RUN-121",
                f"run {run.id} of {run.pipeline} was lost",
                cause="the process that ran it is gone",
                kept="What it had published stays; nothing else of it was published.",
                next=f"wb run {run.pipeline}",
            )
            with self._store.writing() as transaction:
                if transaction.runs.lose(run.id, error.as_dict()):
                    settled.append(run)
        return tuple(settled)
