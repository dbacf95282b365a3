"""Told of every write: each snapshot that a step read is an edge to each snapshot that it published."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.lineage.graph import report_id
from workbench.model.dataset import Read
from workbench.model.lineage import Edge
from workbench.model.run import StepResult
from workbench.plugins import hookimpl
from workbench.store.transaction import Transaction


class Listener:
    """Adds the edges that a step proved; content that came out unchanged keeps the edges it has."""

    @hookimpl
    def publishing(self, transaction: Transaction, result: StepResult) -> None:
        reads = tuple({(read.dataset, read.snapshot): read for read in reversed(result.finished.reads)}.values())
        for snapshot in result.snapshots:
            if not snapshot.withheld:
                transaction.lineage.add(_edges(reads, snapshot.dataset, snapshot.id, snapshot.cell, result))
        if result.report is not None and result.finished.run is not None:
            target = report_id(result.report.pipeline, result.report.step)
            transaction.lineage.add(_edges(reads, target, 0, None, result))


def _edges(reads: Iterable[Read], target: str, snapshot: int, cell: int | None, result: StepResult) -> Iterable[Edge]:
    done = result.finished
    run = done.run.id if done.run else ""
    step = done.step_run.step if done.step_run else ""
    attempt = done.attempt.id if done.attempt else ""
    for read in reads:
        yield Edge(read.dataset, target, read.snapshot, snapshot, run, step, attempt, cell)
