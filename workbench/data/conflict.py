"""Whether somebody else changed a dataset while a step was working on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.model.dataset import Candidate, DataFile, Mode, Snapshot, StagedWrite
from workbench.model.errors import Conflict
from workbench.model.run import Finished

if TYPE_CHECKING:
    from workbench.store.transaction import Transaction


def check_unchanged_since(
    transaction: Transaction, finished: Finished, made: Candidate, writes: Sequence[StagedWrite]
) -> None:
    """Raise Conflict (WB-DAT-320) when publishing a candidate would undo what another run published meanwhile.

    A step that read the dataset it writes must have read what is current now. Else an append never conflicts, and a
    partition overwrite only when the other run touched one of its partitions.
    """
    base = made.base
    if base is None or finished.attempt is None:
        return
    seen = [read.snapshot for read in finished.reads if read.dataset == made.dataset]
    if seen and base.id not in seen:
        raise overtaken(made.dataset, base)
    own = finished.run.id if finished.run else ""
    started = datetime.fromisoformat(finished.attempt.started_at)
    if base.run == own or datetime.fromisoformat(base.created_at) <= started:
        return
    modes = {write.mode for write in writes}
    if modes == {Mode.APPEND}:
        return
    if modes == {Mode.PARTITION} and _apart(writes, base, _as_of(transaction, base, started)):
        return
    raise overtaken(made.dataset, base)


def overtaken(dataset: str, by: Snapshot) -> Conflict:
    """The error for a dataset that somebody else changed."""
    return Conflict(
        "WB-DAT-320",
        f"{dataset} was changed by somebody else meanwhile",
        cause=f"version {by.version} became current in {by.environment}" + (f" by run {by.run}" if by.run else ""),
        kept="Nothing of this step was published.",
        next="run it again on what is current now",
    )


def _as_of(transaction: Transaction, now: Snapshot, moment: datetime) -> Snapshot | None:
    """What was current, where ``now`` is, at a moment before it."""
    past = now
    while datetime.fromisoformat(past.created_at) > moment:
        if past.parent is None:
            return None
        past = transaction.datasets.snapshot(past.parent)
    return past


def _apart(writes: Sequence[StagedWrite], now: Snapshot, then: Snapshot | None) -> bool:
    """Whether all files that came or went since ``then`` are of partitions that the writes leave alone."""
    by = set(writes[0].keys)
    if any(set(write.keys) != by for write in writes):
        return False
    ours = {_values(file) for write in writes for file in write.files}
    before = {file.path: file for file in then.files} if then else {}
    after = {file.path: file for file in now.files}
    touched = [file for path, file in {**before, **after}.items() if (path in before) != (path in after)]
    return all(set(file.partition) == by and _values(file) not in ours for file in touched)


def _values(file: DataFile) -> frozenset[tuple[str, str]]:
    return frozenset(file.partition.items())
