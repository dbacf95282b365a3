"""Where a report comes from, gathered from the run that made it and the snapshots it read."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.model.quality import Outcome
from workbench.model.report import Proof, ProofInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.model.run import Finished, Run, StepRun
    from workbench.store.transaction import Store, Transaction


def of_finished(finished: Finished, store: Store, project: str) -> Proof:
    """The proof of a step that has just ended well, before anything of it is published."""
    read = {(read.dataset, read.snapshot) for read in finished.reads}
    read = read or {(item.dataset, item.snapshot) for item in finished.inputs.values()}
    run, step = finished.run, finished.step
    with store.reading() as transaction:
        inputs = _inputs(transaction, read)
    return Proof(
        project=project,
        run=run.id if run is not None else "",
        pipeline=run.pipeline if run is not None else "",
        step=step.name if step is not None else "",
        environment=finished.environment,
        commit=run.commit if run is not None else "",
        actor=finished.actor,
        finished_at=(finished.attempt.ended_at if finished.attempt is not None else "") or _now(),
        parameters=step.parameters if step is not None else {},
        inputs=inputs,
        notebook=step.notebook if step is not None else "",
        notebook_digest=digest(Path(finished.notebook)),
    )


def of_history(run: Run, step_run: StepRun, notebook: Path, store: Store, project: str) -> Proof:
    """The proof of a step of an earlier run; ``notebook`` is what its last attempt executed."""
    with store.reading() as transaction:
        reads = [read for attempt in step_run.attempts[-1:] for read in transaction.datasets.reads(attempt.id)]
        inputs = _inputs(transaction, {(read.dataset, read.snapshot) for read in reads})
    return Proof(
        project=project,
        run=run.id,
        pipeline=run.pipeline,
        step=step_run.step,
        environment=run.environment,
        commit=run.commit,
        actor=run.actor,
        finished_at=step_run.ended_at,
        parameters=step_run.parameters,
        inputs=inputs,
        notebook=step_run.notebook,
        notebook_digest=digest(notebook),
    )


def of_notebook(notebook: Path, project: str) -> Proof:
    """What can be said of a notebook that no run executed."""
    changed = datetime.fromtimestamp(notebook.stat().st_mtime, UTC).isoformat(timespec="milliseconds")
    return Proof(project, "", "", "", "", "", "", changed, notebook=notebook.name, notebook_digest=digest(notebook))


def digest(notebook: Path) -> str:
    """The sha256 of a file."""
    with notebook.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _inputs(transaction: Transaction, read: Iterable[tuple[str, int]]) -> tuple[ProofInput, ...]:
    found = []
    for dataset, identifier in sorted(read):
        snapshot = transaction.datasets.snapshot(identifier)
        outcomes = [result.outcome for result in transaction.quality.results(identifier)]
        passed = outcomes.count(Outcome.PASS)
        found.append(
            ProofInput(
                dataset=dataset,
                version=snapshot.version,
                snapshot=identifier,
                rows=snapshot.rows,
                published_at=snapshot.created_at,
                passed=passed,
                failed=len(outcomes) - passed,
            )
        )
    return tuple(found)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
