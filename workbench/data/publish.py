"""Publishing: what a step staged becomes current, all of it at once, or none of it.

The pointers in the store are the truth; one transaction moves them together with the states of attempt and step.
Iceberg snapshots are made before it, on a staging branch, and the branch of the environment follows after it, so that
a crash at any moment leaves either the old state or the new one.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from workbench import failpoints
from workbench.data.candidate import candidate
from workbench.data.conflict import check_unchanged_since
from workbench.data.warehouse import STAGING, Warehouse
from workbench.files import remove
from workbench.model.dataset import Candidate, Mode, Snapshot, StagedWrite
from workbench.model.delivery import Environment, chain
from workbench.model.errors import Conflict, StorageError, Withheld, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.names import new_id
from workbench.model.quality import CheckResult, Examination
from workbench.model.report import Report
from workbench.model.run import AttemptState, Finished, State, StepResult

if TYPE_CHECKING:
    import pluggy

    from workbench.store.transaction import Store, Transaction

_log = logging.getLogger("workbench.data")
_REBASES = 20
"""Times that a publication looks again after somebody moved a pointer; many parts of a dataset may land at once."""
_PAUSE = 0.02
"""Seconds by which it waits longer, on the average, before each further look."""
_OPEN = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class _Change:
    """A candidate on its way: ``pointer`` is what the environment itself points to, ``snapshot`` what it shall."""

    candidate: Candidate
    pointer: int | None
    snapshot: Snapshot | None = None

    @property
    def dataset(self) -> str:
        return self.candidate.dataset


class _Moved(Exception):
    """A pointer moved between looking at it and moving it; whether that is a conflict shows on another look."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(conflict)
        self.conflict = conflict


class Publisher:
    """Publishes finished attempts and interactive writes; may be called by several threads for different steps."""

    def __init__(
        self, store: Store, warehouse: Warehouse, hooks: pluggy.PluginManager, environments: Iterable[Environment]
    ) -> None:
        self._store = store
        self._warehouse = warehouse
        self._hooks = hooks
        self._environments = {environment.name: environment for environment in environments}
        self._turns: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def publish(self, finished: Finished) -> StepResult:
        """Make what was staged current in the environment, or withhold all of it when a check says so.

        Attempt and step reach their final state in the same transaction. Raises Conflict (WB-DAT-320 changed by
        somebody else, WB-RUN-120 the attempt is not ours any more) and StorageError; then nothing was published, and
        the states are the caller's to settle.
        """
        failpoints.reach("publish.begun")
        rebased = finished.attempt is not None or all(write.mode is Mode.APPEND for write in finished.staged)
        with self._in_turn(write.dataset for write in finished.staged):
            for tries in range(1, _REBASES + 2):
                try:
                    result = self._publish(finished)
                    break
                except _Moved as moved:
                    if not rebased or tries > _REBASES:
                        raise moved.conflict from None
                    time.sleep(random.uniform(0, 2 * _PAUSE * tries))
        self._discard(finished, result)
        failpoints.reach("publish.discarded")
        self._announce(result)
        failpoints.reach("publish.announced")
        return result

    def reconcile(self, sweep_older_than: float | None = None) -> tuple[str, ...]:
        """Let the Iceberg branches follow the pointers that a crash left ahead of them.

        With ``sweep_older_than`` (seconds), staged files and branches that nobody will publish any more are removed
        too; those of runs that still go on are kept whatever their age. Returns what was removed.
        """
        with self._store.reading() as transaction:
            lagging = transaction.datasets.unfollowed()
        for environment, dataset, _ in lagging:
            self._follow(environment, dataset, drop=None)
        if sweep_older_than is None:
            return ()
        with self._store.reading() as transaction:
            live = transaction.datasets.live_paths()
            going = [run.created_at for run in transaction.runs.list(None, states=_OPEN)]
            restored = transaction.audit.latest("restore")  # what was written before, a later backup may know
        started = [(datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() for at in going]
        since = datetime.fromisoformat(restored.at).timestamp() if restored else float("-inf")
        return self._warehouse.sweep(live, max([sweep_older_than, *started]), since)

    @contextmanager
    def _in_turn(self, datasets: Iterable[str]) -> Iterator[None]:
        """Let the threads of this process change a dataset one after the other; others meet at the pointers."""
        with ExitStack() as stack:
            for dataset in sorted(set(datasets)):
                stack.enter_context(self._turns[dataset])
            yield

    def _publish(self, finished: Finished) -> StepResult:
        changes = self._changes(finished)
        examinations = {change.dataset: self._examine(change.candidate) for change in changes}
        failpoints.reach("publish.examined")
        failing = {
            dataset: tuple(result for result in examination.results if result.blocks)
            for dataset, examination in examinations.items()
        }
        failing = {dataset: results for dataset, results in failing.items() if results}
        if failing:
            return self._withhold(finished, changes, examinations, failing)
        report = self._hooks.hook.render(finished=finished) if finished.step and finished.step.report else None
        failpoints.reach("publish.rendered")
        branch = STAGING + (finished.attempt.id if finished.attempt else new_id()).lower()
        try:
            staged = [self._staged(change, finished, branch) for change in changes]
            failpoints.reach("publish.before_commit")
            result = self._commit(finished, staged, examinations, report)
            failpoints.reach("publish.after_commit")
        except Exception as error:
            self._drop_staging(changes, branch)
            if isinstance(error, Conflict) and error.code == "WB-DAT-320":
                raise _Moved(error) from None
            raise
        for snapshot in result.snapshots:
            self._follow(finished.environment, snapshot.dataset, drop=branch)
        return result

    def _changes(self, finished: Finished) -> list[_Change]:
        by_dataset: dict[str, list[StagedWrite]] = {}
        for write in finished.staged:
            by_dataset.setdefault(write.dataset, []).append(write)
        with self._store.reading() as transaction:
            bases = {dataset: self._base(transaction, finished.environment, dataset) for dataset in by_dataset}
        changes = []
        for dataset, writes in by_dataset.items():
            pointer, base = bases[dataset]
            made = candidate(writes, base, self._warehouse.location)
            if not made.unchanged:
                with self._store.reading() as transaction:
                    check_unchanged_since(transaction, finished, made, writes)
            changes.append(_Change(made, pointer))
        return changes

    def _base(self, transaction: Transaction, environment: str, dataset: str) -> tuple[int | None, Snapshot | None]:
        """The environment's own pointer, and the snapshot that is current in it or else in its parents."""
        own = transaction.datasets.pointers(environment).get(dataset)
        found = transaction.datasets.current(chain(self._environments.values(), environment)).get(dataset)
        return own, None if found is None else transaction.datasets.snapshot(found)

    def _examine(self, made: Candidate) -> Examination:
        """What all listeners found, as one."""
        found: Sequence[Examination] = [each for each in self._hooks.hook.examine(candidate=made) if each]
        profile = next((each.profile for each in found if each.profile), None)
        return Examination(profile, tuple(result for each in found for result in each.results))

    def _staged(self, change: _Change, finished: Finished, branch: str) -> _Change:
        """The change with its Iceberg snapshot made; as it is, when the content stays the same."""
        if change.candidate.unchanged:
            return change
        properties = {f"wb.{key}": value for key, value in _proof(finished).items() if value}
        identifier = self._warehouse.snapshot(change.candidate, branch=branch, properties=properties)
        failpoints.reach("publish.snapshot_made")
        return replace(change, snapshot=_snapshot(change.candidate, finished, identifier))

    def _commit(
        self,
        finished: Finished,
        changes: Sequence[_Change],
        examinations: Mapping[str, Examination],
        report: Report | None,
    ) -> StepResult:
        def apply(transaction: Transaction) -> StepResult:
            new = {}
            for change in changes:
                if change.snapshot is None:
                    self._still(transaction, finished.environment, change)
                else:
                    new[change.dataset] = transaction.datasets.add_snapshot(change.snapshot)
            for change in changes:
                if change.dataset in new:
                    to = new[change.dataset].id
                    transaction.datasets.move_pointer(finished.environment, change.dataset, change.pointer, to)
            result = StepResult(
                finished,
                State.SUCCEEDED,
                tuple(new.values()),
                tuple(change.dataset for change in changes if change.snapshot is None),
                examinations,
                report,
            )
            failpoints.reach("publish.inside_pointers")
            outputs = {change.dataset: (change.snapshot or change.candidate.base) for change in changes}
            settle(transaction, result, {name: made.id for name, made in outputs.items() if made})
            self._hooks.hook.publishing(transaction=transaction, result=result)
            failpoints.reach("publish.inside_commit")
            return result

        return self._store.write(apply)

    def _withhold(
        self,
        finished: Finished,
        changes: Sequence[_Change],
        examinations: Mapping[str, Examination],
        failing: Mapping[str, tuple[CheckResult, ...]],
    ) -> StepResult:
        """Record the rejected candidates, with their files, and leave everything current as it is."""
        error = _withheld(changes, failing)
        rejected = [
            replace(_snapshot(change.candidate, finished, secrets.randbits(62)), withheld=True)
            for change in changes
            if not change.candidate.unchanged
        ]

        def apply(transaction: Transaction) -> StepResult:
            kept = tuple(transaction.datasets.add_snapshot(snapshot) for snapshot in rejected)
            unchanged = tuple(change.dataset for change in changes if change.candidate.unchanged)
            result = StepResult(finished, State.WITHHELD, kept, unchanged, examinations, error=error.as_dict())
            settle(transaction, result, {})
            self._hooks.hook.publishing(transaction=transaction, result=result)
            failpoints.reach("publish.withheld_inside")
            return result

        return self._store.write(apply)

    def _still(self, transaction: Transaction, environment: str, change: _Change) -> None:
        """Raise Conflict when the snapshot that a write equals is not current any more."""
        if transaction.datasets.pointers(environment).get(change.dataset) != change.pointer:
            raise Conflict(
                "WB-DAT-320",
                f"{change.dataset} was changed by somebody else meanwhile",
                kept="Nothing of this write was published.",
                next="run it again on what is current now",
            )

    def _follow(self, environment: str, dataset: str, drop: str | None) -> None:
        """Move the environment's branch to where its pointer is, and again if the pointer moves meanwhile.

        What fails here is done by the next ``reconcile``: the data is published.
        """
        place = self._environments.get(environment, Environment(environment))
        followed: int | None = None
        try:
            while True:
                with self._store.reading() as transaction:
                    current = transaction.datasets.pointers(environment).get(dataset)
                if current is None or current == followed:
                    return
                self._warehouse.follow(dataset, place.branch, current, drop=drop)
                failpoints.reach("publish.followed")
                self._store.write(partial(_mark_followed, environment, dataset, current))
                failpoints.reach("publish.noted")
                followed = current
        except (WorkbenchError, OSError) as error:
            _log.warning("the Iceberg branch %s of %s does not follow yet: %s", place.branch, dataset, error)

    def _drop_staging(self, changes: Sequence[_Change], branch: str) -> None:
        for change in changes:
            with suppress(WorkbenchError, OSError):
                self._warehouse.drop(change.dataset, branch)

    def _discard(self, finished: Finished, result: StepResult) -> None:
        """Remove staged files that ended up in no snapshot: content that was there already, or was replaced again."""
        if not result.unchanged and len(finished.staged) == len(result.snapshots):
            return
        with self._store.reading() as transaction:
            live = transaction.datasets.live_paths()
        for path in {file.path for write in finished.staged for file in write.files} - live:
            with suppress(OSError, StorageError):
                remove(path)

    def _announce(self, result: StepResult) -> None:
        try:
            self._hooks.hook.step_finished(result=result)
        except Exception:
            _log.exception("a listener failed after the step was over")


def _mark_followed(environment: str, dataset: str, snapshot: int, transaction: Transaction) -> None:
    transaction.datasets.mark_followed(environment, dataset, snapshot)


def settle(transaction: Transaction, result: StepResult, outputs: Mapping[str, int]) -> None:
    """Move attempt and step to their final state and keep what was read; nothing for an interactive write."""
    finished, error = result.finished, result.error
    if finished.attempt is None or finished.step_run is None:
        return
    ended = AttemptState.COMMITTED if result.state is State.SUCCEEDED else AttemptState.WITHHELD
    transaction.runs.move_attempt(finished.attempt.id, finished.attempt.fence, ended, error=error)
    transaction.runs.move_step(
        finished.step_run.id,
        result.state,
        error=error,
        values=finished.values,
        report=result.report.path if result.report else None,
        outputs=outputs,
        fence=finished.attempt.fence,
    )
    transaction.datasets.add_reads(finished.attempt.id, finished.reads)


def _snapshot(made: Candidate, finished: Finished, identifier: int) -> Snapshot:
    return Snapshot(
        id=identifier,
        dataset=made.dataset,
        version=0,
        parent=made.base.id if made.base else None,
        schema=made.schema,
        files=made.files,
        mode=made.mode,
        created_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        environment=finished.environment,
        cell=made.cell,
        actor=finished.actor,
        notes=made.notes,
        run=finished.run.id if finished.run else "",
        step=finished.step.name if finished.step else "",
        attempt=finished.attempt.id if finished.attempt else "",
    )


def _proof(finished: Finished) -> dict[str, str]:
    """Who made a snapshot, as told to other Iceberg engines by the snapshot's summary."""
    return {
        "environment": finished.environment,
        "actor": finished.actor,
        "run": finished.run.id if finished.run else "",
        "pipeline": finished.run.pipeline if finished.run else "",
        "step": finished.step.name if finished.step else "",
        "attempt": finished.attempt.id if finished.attempt else "",
    }


def _withheld(changes: Sequence[_Change], failing: Mapping[str, tuple[CheckResult, ...]]) -> Withheld:
    checks = [(dataset, result) for dataset, results in failing.items() for result in results]
    first, (dataset, result) = ", ".join(failing), checks[0]
    bases = [change.candidate.base for change in changes if change.dataset == dataset]
    version = f"stays at version {bases[0].version}" if bases[0] else "has no version yet"
    return Withheld(
        "WB-CHK-701",
        f"{first} {'were' if len(failing) > 1 else 'was'} withheld",
        cause=f"{len(checks)} {'checks fail' if len(checks) > 1 else 'check fails'}, the first one: {_told(result)}",
        kept=f"Nothing of this step was published; {dataset} {version}.",
        next=f"wb quality check {dataset}",
        detail=[f"  {name}: {_told(each)}" for name, each in checks],
    )


def _told(result: CheckResult) -> str:
    name = result.check.name or " ".join(part for part in (result.check.column, result.check.kind) if part)
    return f"{name}: {result.error or f'expected {result.expected}, found {result.observed}'}"
