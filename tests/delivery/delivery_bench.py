"""A store with runs to tell of, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.delivery.notifications import NotificationService, Settings
from workbench.model.names import new_id
from workbench.model.notification import EVERYTHING, Notify, Receiver
from workbench.model.run import Run, State, StepRun
from workbench.store.owner import this_process
from workbench.store.transaction import Store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ERROR = {
    "code": "WB-RUN-104",
    "what": "KeyError in cell 4 of notebooks/clean.ipynb",
    "cause": "'origin'",
    "kept": "Nothing of this step was published.",
    "next": "open /somewhere",
}


@dataclass
class Bench:
    """A store, and who is told of its runs."""

    store: Store
    folder: Path
    receivers: tuple[Receiver, ...] = (Receiver("ops", ("${env:OPS_URL}",)),)
    default: Notify = EVERYTHING
    pipelines: dict[str, Notify] = field(default_factory=lambda: {"flights": Notify()})

    @property
    def service(self) -> NotificationService:
        settings = Settings(
            "shop",
            self.folder,
            self.folder,
            "prod",
            self.default,
            self.receivers,
            lambda name: self.pipelines.get(name),
        )
        return NotificationService(self.store, settings)

    def ran(self, state: State, pipeline: str = "flights", environment: str = "prod", **more: Any) -> Run:
        """A run that is over."""
        run = Run(new_id(), pipeline, environment, State.QUEUED, actor="ann", created_at=_now(), **more)
        steps = tuple(
            StepRun(new_id(), run.id, name, f"notebooks/{name}.ipynb", State.QUEUED) for name in ("clean", "daily")
        )
        with self.store.writing() as transaction:
            transaction.runs.create(run, steps, this_process(), 60.0)
            transaction.runs.move_run(run.id, State.RUNNING)
            if state in (State.FAILED, State.WITHHELD):
                transaction.runs.move_step(steps[0].id, State.RUNNING)
                transaction.runs.move_step(steps[0].id, state, error=ERROR)
                transaction.runs.move_step(steps[1].id, State.UPSTREAM_FAILED)
            if state.final:
                transaction.runs.move_run(run.id, state, error=ERROR if state is State.LOST else None)
            return transaction.runs.head(run.id)

    def told(self, state: State, **more: Any) -> int:
        """How many messages a run leaves that ends so."""
        return self.service.tell(self.ran(state, **more))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
