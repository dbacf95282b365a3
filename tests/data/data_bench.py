"""Short ways to write, read and publish in tests of the data room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from attempts import LEASE, begun
from sqlalchemy import URL

from workbench.data import query
from workbench.data.candidate import candidate
from workbench.data.frames import to_arrow
from workbench.data.inputs import as_input
from workbench.data.publish import Publisher
from workbench.data.stage import stage
from workbench.data.warehouse import Warehouse
from workbench.model.dataset import Candidate, Mode, Read, Snapshot, StagedWrite
from workbench.model.delivery import Environment
from workbench.model.names import new_id
from workbench.model.pipeline import StepOptions
from workbench.model.plan import Action, Fingerprint, PlannedStep, Reason
from workbench.model.quality import Examination
from workbench.model.report import Report
from workbench.model.run import AttemptState, Finished, Run, State, StepResult, StepRun
from workbench.plugins import hookimpl
from workbench.store.owner import this_process
from workbench.store.transaction import Store

ENVIRONMENTS = (Environment("prod"), Environment("dev", "prod"))
NOW = "2026-01-01T00:00:00.000+00:00"


anywhere = pytest.mark.parametrize("kind", ["folder", "bucket"])
"""Marks a test of what holds in a folder and in a bucket alike."""


def catalog_in(folder: Path) -> str:
    """The address of a catalog on SQLite."""
    return URL.create("sqlite", database=str(folder / "catalog.db")).render_as_string(hide_password=False)


@dataclass
class Tables:
    """Writes frames straight into a warehouse, without a store: what is current is what the test holds."""

    warehouse: Warehouse
    branches: int = 0

    def stage(
        self, frame: Any, name: str = "clean.flights", mode: str = "overwrite", keys: Sequence[str] = ()
    ) -> StagedWrite:
        table, notes = to_arrow(frame)
        return stage(table, name, mode=Mode(mode), keys=keys, warehouse=self.warehouse.location, notes=notes)

    def candidate(self, *writes: StagedWrite, base: Snapshot | None = None) -> Candidate:
        return candidate(writes, base, self.warehouse.location)

    def publish(self, made: Candidate, branch: str = "main") -> Snapshot:
        self.branches += 1
        staging = f"wb_{self.branches}"
        identifier = self.warehouse.snapshot(made, branch=staging, properties={"wb.run": "r1"})
        self.warehouse.follow(made.dataset, branch, identifier, drop=staging)
        parent = made.base.id if made.base else None
        return Snapshot(
            identifier, made.dataset, self.branches, parent, made.schema, made.files, made.mode, NOW, branch
        )

    def write(
        self,
        frame: Any,
        base: Snapshot | None = None,
        mode: str = "overwrite",
        keys: Sequence[str] = (),
        branch: str = "main",
        name: str = "clean.flights",
    ) -> Snapshot:
        return self.publish(self.candidate(self.stage(frame, name, mode, keys), base=base), branch)


def rows(snapshot: Snapshot | Candidate) -> list[dict[str, Any]]:
    """The rows as our own reader gives them, in order."""
    table: pa.Table = query.load(snapshot.files, snapshot.schema)
    return table.to_pylist()


def read(snapshot: Snapshot, **options: Any) -> Any:
    return query.read(as_input(snapshot), **options)


@dataclass
class Witness:
    """A listener that finds what it is told to find, and keeps what it hears."""

    examination: Callable[[Candidate], Examination | None] = lambda candidate: None
    before_commit: Callable[[StepResult], None] = lambda result: None
    results: list[StepResult] = field(default_factory=list)
    published: list[StepResult] = field(default_factory=list)

    @hookimpl
    def examine(self, candidate: Candidate) -> Examination | None:
        return self.examination(candidate)

    @hookimpl
    def render(self, finished: Finished) -> Report | None:
        return None

    @hookimpl
    def publishing(self, transaction: Any, result: StepResult) -> None:
        self.before_commit(result)
        self.published.append(result)

    @hookimpl
    def step_finished(self, result: StepResult) -> None:
        self.results.append(result)


@dataclass
class Bench:
    """A store, a warehouse and a publisher, with runs made up as the runner would make them."""

    store: Store
    tables: Tables
    witness: Witness
    publisher: Publisher

    def attempt(
        self,
        *staged: StagedWrite,
        environment: str = "prod",
        reads: Sequence[Read] = (),
        values: Mapping[str, Any] = {},
    ) -> Finished:
        """A finished attempt of a new run that staged these writes; its attempt is in state ``staged``."""
        run = Run(new_id(), "flights", environment, State.QUEUED, actor="ada", created_at=_now())
        step_run = StepRun(new_id(), run.id, "clean", "notebooks/clean.ipynb", State.QUEUED)
        with self.store.writing() as transaction:
            transaction.runs.create(run, (step_run,), this_process(), LEASE)
            transaction.runs.move_run(run.id, State.RUNNING)
            attempt = begun(transaction, step_run.id, f"runs/{run.id}/clean", this_process())
            transaction.runs.keep_fingerprint(step_run.id, Fingerprint())
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED)
        writes = tuple(dict.fromkeys(write.dataset for write in staged))
        step = PlannedStep(
            "clean", "notebooks/clean.ipynb", Action.RUN, Reason("first_run", ""), Fingerprint(), {}, (), writes, (),
            "python3", "{}", StepOptions(timeout=60.0),
        )  # fmt: skip
        return Finished(environment, "ada", staged, tuple(reads), {}, run, step, step_run, attempt, values=values or {})

    def interactive(self, *staged: StagedWrite, environment: str = "dev") -> Finished:
        return Finished(environment, "ada", staged, (), {})

    def publish(self, *staged: StagedWrite, environment: str = "prod", **more: Any) -> StepResult:
        return self.publisher.publish(self.attempt(*staged, environment=environment, **more))

    def current(self, environment: str = "prod", name: str = "clean.flights") -> Snapshot | None:
        with self.store.reading() as transaction:
            found = transaction.datasets.pointers(environment).get(name)
            return None if found is None else transaction.datasets.snapshot(found)

    def states(self, finished: Finished) -> tuple[AttemptState, State]:
        """The states of the attempt and of the step."""
        assert finished.run
        with self.store.reading() as transaction:
            step = transaction.runs.get(finished.run.id).steps[0]
        return step.attempts[0].state, step.state


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
