"""Told of every write and every run: the audit log gets an entry for each."""

from __future__ import annotations

from workbench.model.run import Run, State, StepResult
from workbench.plugins import hookimpl
from workbench.store.transaction import Store, Transaction


class Listener:
    """Notes who published or had withheld what, and how runs ended."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @hookimpl
    def publishing(self, transaction: Transaction, result: StepResult) -> None:
        done = result.finished
        where = {
            "environment": done.environment,
            "run": done.run.id if done.run else "",
            "step": done.step_run.step if done.step_run else "",
        }
        known = {snapshot.dataset: snapshot for snapshot in result.snapshots}
        for name in dict.fromkeys(write.dataset for write in done.staged):
            if name in result.unchanged:
                continue
            snapshot = known.get(name)
            detail = {**where, **({"snapshot": snapshot.id, "version": snapshot.version} if snapshot else {})}
            action = "withhold" if result.state is State.WITHHELD else "publish"
            transaction.audit.append(done.actor, action, name, detail)
        if result.report is not None and result.state is State.SUCCEEDED:
            detail = {**where, "report": result.report.id, "digest": result.report.digest}
            transaction.audit.append(done.actor, "report", result.report.title, detail)

    @hookimpl
    def run_finished(self, run: Run) -> None:
        with self._store.writing() as transaction:
            detail = {"state": run.state.value, "environment": run.environment, "run": run.id, "commit": run.commit}
            transaction.audit.append(run.actor, "run", run.pipeline, detail)
