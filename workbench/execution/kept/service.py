"""What others ask of kept kernels: those there are, one of them to look into, the end of some."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from workbench import durable
from workbench.execution import journal
from workbench.execution.attempt import KEPT
from workbench.execution.kept.rack import Rack
from workbench.model.errors import NotFound, UsageError
from workbench.model.events import Kind
from workbench.model.kept import Kept
from workbench.model.names import short_id
from workbench.model.run import Run, StepRun

OPENED = "opened"
"""The folder for copies of executed notebooks that somebody works in, in the state folder."""


class KeptKernels:
    """The kernels of failed steps that a project keeps on this machine; ``state`` is its state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._rack = Rack(state / KEPT)

    def of(self, run: Run, step: str = "") -> tuple[Kept, ...]:
        """Those of a run, or of one of its steps, the one that was kept first, first."""
        return tuple(kept for kept in self._rack.all() if kept.run == run.id and step in ("", kept.step))

    def one(self, run: Run, step: str = "") -> Kept:
        """The one of a run, or of one of its steps; of several attempts of a step, the last.

        Raises NotFound (WB-RUN-406) when there is none, UsageError (WB-RUN-407) when several steps have one.
        """
        found = self.of(run, step)
        if not found:
            whose = f'step "{step}" of run {run.id}' if step else f"run {run.id}"
            raise NotFound(
                "WB-RUN-406",
                f"{whose} has no kernel that is kept",
                cause=self._why(one for one in run.steps if step in ("", one.step)),
                next=f"wb runs repair {short_id(run.id)} --keep, or say keep_failed: in the pipeline file",
            )
        steps = sorted({kept.step for kept in found})
        if len(steps) > 1:
            raise UsageError(
                "WB-RUN-407",
                f"several steps of run {run.id} have a kernel that is kept",
                cause=", ".join(steps),
                next=f"name one: wb runs open {short_id(run.id)} STEP",
            )
        return found[-1]

    def connection(self, kept: Kept) -> Path:
        """Its connection file, which lies alone in a folder."""
        return self._rack.connection(kept)

    def notebook(self, kept: Kept) -> Path:
        """The executed notebook, as a copy to work in; made once, for it holds what was done in it since.

        Raises StorageError.
        """
        return self.copy(kept.run, Path(kept.folder))

    def copy(self, run: str, attempt: Path) -> Path:
        """The executed notebook in the folder of an attempt, as such a copy: what was executed stays as it was.

        Raises StorageError.
        """
        path = self._state / OPENED / run / f"{attempt.parent.name}-{attempt.name}.ipynb"
        if not path.exists():
            with durable.explained(path):
                text = (attempt / "output.ipynb").read_text(encoding="utf-8")
            durable.write_text(path, text)
        return path

    def using(self, kept: Kept) -> AbstractContextManager[None]:
        """While the block runs, the kernel stays, also when its time is up."""
        return self._rack.using(kept)

    def release(self, kept: Kept) -> None:
        """End it, and wait until nothing of it is there."""
        self._rack.end(kept)

    def sweep(self) -> None:
        """End what is left of kernels whose guardian was killed."""
        self._rack.sweep()

    def true(self, run: Run) -> Run:
        """The run without the word that a kernel is kept where it is gone by now."""
        if not any(attempt.kept_until for step in run.steps for attempt in step.attempts):
            return run
        there = {kept.folder for kept in self.of(run)}

        def true(step: StepRun) -> StepRun:
            attempts = (
                attempt if str(self._state / attempt.folder) in there else replace(attempt, kept_until="")
                for attempt in step.attempts
            )
            return replace(step, attempts=tuple(attempts))

        return replace(run, steps=tuple(map(true, run.steps)))

    def _why(self, steps: Iterable[StepRun]) -> str:
        """Why none of these steps has a kernel."""
        for step in steps:
            for attempt in step.attempts[-1:]:
                for event in journal.read(self._state / attempt.folder / "journal.jsonl"):
                    if event.kind is Kind.KEPT:
                        gone = "its time was up, it was released, or others took its place"
                        return f"{step.step}: {event.data['why_not'] or gone}"
        return "no cell failed in a step that was told to keep its kernel"
