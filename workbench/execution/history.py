"""Earlier successes of a pipeline's steps, and whether what they wrote is still there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workbench.model.plan import Fingerprint, Past
from workbench.model.run import StepRun
from workbench.store.transaction import Transaction


class History:
    """What ran before in one environment, as far as it tells whether to run again.

    ``current`` maps each dataset to the snapshot that is current there; ``state`` is the project's state folder.
    """

    def __init__(
        self, transaction: Transaction, pipeline: str, environment: str, current: Mapping[str, int], state: Path
    ) -> None:
        self._transaction = transaction
        self._pipeline = pipeline
        self._environment = environment
        self._current = current
        self._state = state

    def best(self, step: str, fingerprint: Fingerprint) -> Past | None:
        """The success to compare with: the latest live one that differs in its inputs at most, else the latest."""
        successes = self._transaction.runs.successes(self._pipeline, step, self._environment)
        for success in successes:
            if success.fingerprint and _alike(fingerprint, success.fingerprint):
                past = self._past(success)
                if past.outputs_live:
                    return past
        return self._past(successes[0]) if successes else None

    def _past(self, success: StepRun) -> Past:
        assert success.fingerprint is not None
        live = all(self._is_live(name, snapshot) for name, snapshot in success.outputs.items())
        if success.report and not (self._state / success.report).exists():
            live = False
        return Past(success.id, success.fingerprint, live, success.seconds, success.run, success.report)

    def _is_live(self, dataset: str, snapshot: int) -> bool:
        """Whether the files that a snapshot brought are part of what is current."""
        current = self._current.get(dataset)
        if current is None or current == snapshot:
            return current == snapshot
        datasets = self._transaction.datasets
        written = datasets.snapshot(snapshot)
        before = datasets.snapshot(written.parent).files if written.parent is not None else ()
        brought = {file.path for file in written.files} - {file.path for file in before}
        return brought <= {file.path for file in datasets.snapshot(current).files}


def _alike(one: Fingerprint, other: Fingerprint) -> bool:
    return one.with_inputs({}).digest == other.with_inputs({}).digest
