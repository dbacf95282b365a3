"""What a runner keeps of its run in the store: every write first asks whether the run is still its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from workbench import failpoints
from workbench.execution.attempt import Yield
from workbench.execution.walk.retry import Failure
from workbench.model.frozen import dataclass
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
        self._store.write(lambda transaction: transaction.runs.create(run, step_runs, self._owner, self.lease))
        failpoints.reach("run.opened")

    def reopen(self, steps: Mapping[int, StepRun], gone: Sequence[str]) -> None:
        """Hold a run that ended otherwise than well, with these steps queued again, by position.

        ``gone`` are step runs that the pipeline has no step for any more. Raises Conflict (WB-RUN-123).
        """

        def write(transaction: Transaction) -> None:
            transaction.leases.reopen(self._run, self._owner, self.lease)
            transaction.runs.reopen_steps(self._run, steps)
            transaction.runs.retire_steps(gone)
            failpoints.reach("repair.inside")

        self.renewed = time.monotonic()
        self._store.write(write)
        failpoints.reach("repair.after")

    def admit(self, concurrency: int | None, timeout: float | None) -> Wait | None:
        """Let the run go on, or say what it waits for; ``timeout`` is the time that it has from now on, in seconds."""

        def write(transaction: Transaction) -> Wait | None:
            wait = transaction.leases.turn(self._run, concurrency) if concurrency else None
            if wait is None:
                deadline = "" if timeout is None else _after(timeout)
                transaction.runs.move_run(self._run, State.RUNNING, deadline_at=deadline)
            return wait

        return self._write(write)

    def renew(self, attempts: Sequence[str]) -> str:
        """Renew the lease on the run and on these attempts; returns who asked for its end, if anybody did."""

        def write(transaction: Transaction) -> str:
            asked = transaction.leases.renew(self._run, self._owner, attempts, self.lease)
            failpoints.reach("heartbeat.inside")
            return asked

        at = time.monotonic()
        asked = self._store.write(write)
        self.renewed = at
        failpoints.reach("heartbeat.after")
        return asked

    def still_ours(self) -> bool:
        """Whether the run is ours, as far as can be read. Raises StorageError."""
        with self._store.reading() as transaction:
            return transaction.leases.holds(self._run, self._owner)

    def settle(self, skips: Sequence[Skip], given_up: Mapping[str, str]) -> None:
        """Move steps to ``skipped``, and others (step run → reason) to ``upstream_failed``, all at once."""

        def write(transaction: Transaction) -> None:
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
            failpoints.reach("run.skipped_inside")

        self._write(write)
        failpoints.reach("run.skipped")

    def refuse(self, step_run: str, error: Mapping[str, Any]) -> None:
        """Fail a step that cannot even be begun."""
        self._write(lambda transaction: transaction.runs.move_step(step_run, State.FAILED, error=error))

    def fan_out(self, step_run: str, instances: Sequence[StepRun]) -> None:
        """Put the instances of a step in its place."""

        def write(transaction: Transaction) -> None:
            transaction.runs.replace_step(step_run, instances)
            failpoints.reach("run.fanned_out_inside")

        self._write(write)
        failpoints.reach("run.fanned_out")

    def recorded(self, step_run: str) -> Mapping[str, Any]:
        """What a step recorded. Raises StorageError."""
        with self._store.reading() as transaction:
            return transaction.runs.step_run(step_run).values

    def end_steps(self, steps: Mapping[str, str]) -> None:
        """Cancel steps that nobody will start (step run → reason), and their attempts that wait."""

        def write(transaction: Transaction) -> None:
            for step_run, reason in steps.items():
                transaction.claims.withdraw(step_run)
                transaction.runs.move_step(step_run, State.CANCELLED, reason=reason)

        if steps:
            self._write(write)

    def claim(self, step_run: str, folder: str, bounds: Bounds, instances: int | None) -> Attempt | Wait:
        """Claim the attempt of a step that waits, or its first one; or why that has to wait."""

        def write(transaction: Transaction) -> Attempt | Wait:
            wait = transaction.claims.waits(step_run, bounds.everywhere, instances)
            if wait is not None:
                return wait
            queued = transaction.claims.queued(step_run)
            queued = queued or transaction.claims.queue(step_run, folder, self._owner)
            claimed = transaction.claims.claim(queued, self._owner, self.lease)
            failpoints.reach("claim.inside")
            return claimed

        claimed = self._write(write)
        failpoints.reach("claim.after")
        return claimed

    def begin(self, attempt: Attempt, fingerprint: Fingerprint, worker: str) -> None:
        """The supervisor of an attempt is at work, on that worker; empty for this machine."""

        def write(transaction: Transaction) -> None:
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.RUNNING, worker=worker)
            transaction.runs.keep_fingerprint(attempt.step_run, fingerprint)
            failpoints.reach("attempt.begun_inside")

        self._write(write)
        failpoints.reach("attempt.begun")

    def stage(self, attempt: Attempt, cells: Sequence[CellRun]) -> None:
        """All cells of an attempt ran, and what they wrote is complete."""

        def write(transaction: Transaction) -> None:
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED, cells=cells)
            transaction.runs.move_step(attempt.step_run, State.STAGED, fence=attempt.fence)
            failpoints.reach("attempt.staged_inside")

        self._write(write)
        failpoints.reach("attempt.staged")

    def fail(self, attempt: Attempt, state: AttemptState, failure: Failure, left: Yield | None = None) -> None:
        """End an attempt that did not succeed, and its step with it."""

        def write(transaction: Transaction) -> None:
            self._end(transaction, attempt, state, failure, left)
            values = left.values if left else None
            transaction.runs.move_step(
                attempt.step_run, State(state), error=failure.error, values=values, fence=attempt.fence
            )
            failpoints.reach("attempt.failed_inside")

        self._write(write)
        failpoints.reach("attempt.failed")

    def fail_and_queue(
        self, attempt: Attempt, state: AttemptState, failure: Failure, left: Yield | None, seconds: float
    ) -> None:
        """End an attempt that did not succeed; its step waits for the next one, so many seconds at least."""

        def write(transaction: Transaction) -> None:
            self._end(transaction, attempt, state, failure, left)
            transaction.runs.move_step(attempt.step_run, State.QUEUED, fence=attempt.fence)
            folder = attempt.folder.rpartition("/")[0]
            transaction.claims.queue(attempt.step_run, folder, self._owner, _after(seconds))
            failpoints.reach("retry.queued_inside")

        self._write(write)
        failpoints.reach("retry.queued")

    def finish(self, state: State, error: Mapping[str, Any] | None, known: tuple[StepRun, ...] | None = None) -> Run:
        """Move the run to its final state; returns it whole. ``known`` are its steps, where they need not be read."""

        def write(transaction: Transaction) -> Run:
            transaction.runs.move_run(self._run, state, error=error)
            failpoints.reach("run.ended_inside")
            if known is not None:
                return replace(transaction.runs.head(self._run), steps=known)
            return transaction.runs.get(self._run)

        run = self._write(write)
        failpoints.reach("run.ended")
        return run

    def _end(
        self, transaction: Transaction, attempt: Attempt, state: AttemptState, failure: Failure, left: Yield | None
    ) -> None:
        cells = left.cells if left else None
        kept = left.kept_until if left else ""
        transaction.runs.move_attempt(
            attempt.id, attempt.fence, state, error=failure.error, cells=cells, cause=failure.named, kept_until=kept
        )

    def _write(self, action: Callable[[Transaction], T]) -> T:
        def act(transaction: Transaction) -> T:
            transaction.leases.ours(self._run, self._owner)
            return action(transaction)

        return self._store.write(act)


def _after(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
