"""What a runner keeps of its run in the store: every write first asks whether the run is still its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from workbench.execution.attempt import Yield
from workbench.execution.retry import Failure
from workbench.model.plan import Fingerprint
from workbench.model.run import Attempt, AttemptState, CellRun, Run, State, StepRun, Wait
from workbench.store.owner import new_owner
from workbench.store.transaction import Store, Transaction

T = TypeVar("T")


@dataclass(frozen=True)
class Bounds:
    """How much may go on at once: attempts of this run, and of all runs of the project; ``lease`` is in seconds."""

    own: int
    everywhere: int
    lease: float


@dataclass(frozen=True)
class Skip:
    """A step that needs no run: the ``report`` of the earlier success stands, for the same ``fingerprint``."""

    step_run: str
    reason: str
    report: str = ""
    fingerprint: Fingerprint | None = None


class Ledger:
    """The writes of one runner. Each raises Conflict (WB-RUN-120) when the run is not ours any more, else StorageError.

    ``renewed`` is when the lease was last renewed, as a reading of ``time.monotonic``.
    """

    def __init__(self, store: Store, run: str, lease: float) -> None:
        self._store = store
        self._run = run
        self._owner = new_owner()
        self.lease = lease
        self.renewed = time.monotonic()

    def open(self, run: Run, step_runs: Sequence[StepRun]) -> None:
        """Keep a new run, held from now on. Raises Conflict (WB-RUN-129) when there is one of its id."""
        self.renewed = time.monotonic()
        self._store.write(lambda t: t.runs.create(run, step_runs, self._owner, self.lease))

    def reopen(self, steps: Mapping[int, StepRun], gone: Sequence[str]) -> None:
        """Hold a run that ended otherwise than well, with these steps queued again, by position.

        ``gone`` are step runs that the pipeline has no step for any more. Raises Conflict (WB-RUN-123).
        """

        def apply(transaction: Transaction) -> None:
            transaction.leases.reopen(self._run, self._owner, self.lease)
            transaction.runs.reopen_steps(self._run, steps)
            transaction.runs.retire_steps(gone)

        self.renewed = time.monotonic()
        self._store.write(apply)

    def admit(self, concurrency: int | None, timeout: float | None) -> Wait | None:
        """Let the run go on, or say what it waits for; ``timeout`` is the time that it has from now on, in seconds."""

        def apply(transaction: Transaction) -> Wait | None:
            wait = transaction.leases.turn(self._run, concurrency) if concurrency else None
            if wait is None:
                deadline = "" if timeout is None else _after(timeout)
                transaction.runs.move_run(self._run, State.RUNNING, deadline_at=deadline)
            return wait

        return self._write(apply)

    def renew(self, attempts: Iterable[str]) -> str:
        """Renew the lease on the run and on these attempts; returns who asked for its end, if anybody did."""
        at, held = time.monotonic(), tuple(attempts)
        asked = self._store.write(lambda t: t.leases.renew(self._run, self._owner, held, self.lease))
        self.renewed = at
        return asked

    def still_ours(self) -> bool:
        """Whether the run is ours, as far as can be read. Raises StorageError."""
        with self._store.reading() as transaction:
            return transaction.leases.holds(self._run, self._owner)

    def settle(self, skips: Sequence[Skip], given_up: Mapping[str, str]) -> None:
        """Move steps to ``skipped``, and others (step run → reason) to ``upstream_failed``, all at once."""

        def apply(transaction: Transaction) -> None:
            for one in skips:
                transaction.runs.move_step(
                    one.step_run,
                    State.SKIPPED,
                    reason=one.reason,
                    report=one.report or None,
                    fingerprint=one.fingerprint,
                )
            for step_run, reason in given_up.items():
                transaction.runs.move_step(step_run, State.UPSTREAM_FAILED, reason=reason)

        self._write(apply)

    def refuse(self, step_run: str, error: Mapping[str, Any]) -> None:
        """Fail a step that cannot even be begun."""
        self._write(lambda t: t.runs.move_step(step_run, State.FAILED, error=error))

    def fan_out(self, step_run: str, instances: Sequence[StepRun]) -> None:
        """Put the instances of a step in its place."""
        self._write(lambda t: t.runs.replace_step(step_run, instances))

    def recorded(self, step_run: str) -> Mapping[str, Any]:
        """What a step recorded. Raises StorageError."""
        with self._store.reading() as transaction:
            return transaction.runs.step_run(step_run).values

    def end_steps(self, steps: Mapping[str, str]) -> None:
        """Cancel steps that nobody will start (step run → reason), and their attempts that wait."""

        def apply(transaction: Transaction) -> None:
            for step_run, reason in steps.items():
                transaction.claims.withdraw(step_run)
                transaction.runs.move_step(step_run, State.CANCELLED, reason=reason)

        self._write(apply)

    def claim(self, step_run: str, folder: str, bounds: Bounds, instances: int | None) -> Attempt | Wait:
        """Claim the attempt of a step that waits, or its first one; or why that has to wait."""

        def apply(transaction: Transaction) -> Attempt | Wait:
            wait = transaction.claims.waits(step_run, bounds.everywhere, instances)
            if wait is not None:
                return wait
            queued = transaction.claims.queued(step_run)
            queued = queued or transaction.claims.queue(step_run, folder, self._owner)
            return transaction.claims.claim(queued, self._owner, self.lease)

        return self._write(apply)

    def begin(self, attempt: Attempt, fingerprint: Fingerprint) -> None:
        """The supervisor of an attempt is at work."""

        def apply(transaction: Transaction) -> None:
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.RUNNING)
            transaction.runs.keep_fingerprint(attempt.step_run, fingerprint)

        self._write(apply)

    def stage(self, attempt: Attempt, cells: Sequence[CellRun]) -> None:
        """All cells of an attempt ran, and what they wrote is complete."""

        def apply(transaction: Transaction) -> None:
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED, cells=cells)
            transaction.runs.move_step(attempt.step_run, State.STAGED, fence=attempt.fence)

        self._write(apply)

    def fail(
        self,
        attempt: Attempt,
        state: AttemptState,
        failure: Failure,
        left: Yield | None = None,
        after: float | None = None,
    ) -> None:
        """End an attempt that did not succeed, and its step, unless that has another one ``after`` so many seconds."""
        cells, values = (left.cells, left.values) if left else (None, None)

        def apply(transaction: Transaction) -> None:
            transaction.runs.move_attempt(
                attempt.id, attempt.fence, state, error=failure.error, cells=cells, cause=failure.named
            )
            to, told = (State(state), failure.error) if after is None else (State.QUEUED, None)
            transaction.runs.move_step(attempt.step_run, to, error=told, values=values, fence=attempt.fence)
            if after is not None:
                folder = attempt.folder.rpartition("/")[0]
                transaction.claims.queue(attempt.step_run, folder, self._owner, _after(after))

        self._write(apply)

    def finish(self, state: State, error: Mapping[str, Any] | None) -> Run:
        """Move the run to its final state; returns it whole."""

        def apply(transaction: Transaction) -> Run:
            transaction.runs.move_run(self._run, state, error=error)
            return transaction.runs.get(self._run)

        return self._write(apply)

    def _write(self, action: Callable[[Transaction], T]) -> T:
        """What ``action`` gives, if the run is ours; done again when the store's connection broke before it landed."""

        def apply(transaction: Transaction) -> T:
            transaction.leases.ours(self._run, self._owner)
            return action(transaction)

        return self._store.write(apply)


def _after(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
