"""A store, and a way to publish into it as a run would."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import pytest
from attempts import LEASE, begun

from workbench.catalog.listener import Listener
from workbench.catalog.service import CatalogService
from workbench.governance.listener import Listener as AuditListener
from workbench.lineage.listener import Listener as LineageListener
from workbench.model.dataset import Column, DataFile, Mode, Read, Schema, Snapshot, StagedWrite
from workbench.model.delivery import BUILTIN_ENVIRONMENTS, Environment
from workbench.model.names import new_id
from workbench.model.quality import Check, CheckResult, ColumnProfile, Contract, Outcome, Profile, Promise
from workbench.model.run import AttemptState, Finished, Run, State, StepResult, StepRun
from workbench.store.owner import this_process
from workbench.store.transaction import Store

NOW = "2026-01-01T00:00:00.000+00:00"
CONTRACTS = {
    "clean.flights": Contract(
        "clean.flights", "contracts/clean.flights.odcs.yaml", "1.0", "Ops team", "Every departure from New York",
        (Promise("tail", description="registration of the plane"),), (Check("not_null", "origin"),), ("pii", "daily"),
    ),
    "clean.promised": Contract("clean.promised", "contracts/clean.promised.odcs.yaml"),
}  # fmt: skip


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    with Store.open(sqlite_store) as opened:
        yield opened


@pytest.fixture
def contracts() -> Mapping[str, Contract]:
    return CONTRACTS


@pytest.fixture
def service(store: Store) -> CatalogService:
    return CatalogService(store, lambda: CONTRACTS, (*BUILTIN_ENVIRONMENTS, Environment("dev_ann", "prod")))


@pytest.fixture
def publish(store: Store):
    """Write a dataset from others that are current in prod."""
    numbers = itertools.count(1)

    def published(
        name: str, columns: str = "origin dep_delay", reads: tuple[str, ...] = (), *, environment: str = "prod",
        withheld: bool = False, actor: str = "ann", unchanged: bool = False,
    ) -> Snapshot | None:  # fmt: skip
        number = next(numbers)
        schema = Schema(tuple(Column(column, "long") for column in columns.split()))
        files = (DataFile(f"{number}.parquet", number * 10, 1, str(number)),)
        run = Run(new_id(), "flights", environment, State.QUEUED, {"day": "x"}, actor, "abc123", NOW)
        step = StepRun(new_id(), run.id, "clean", "notebooks/clean.ipynb", State.QUEUED, parameters={"limit": 3})
        with store.writing() as transaction:
            transaction.runs.create(run, [step], this_process(), LEASE)
            attempt = begun(transaction, step.id, "clean", this_process())
            current = transaction.datasets.pointers("prod")
            read = tuple(Read(source, current[source]) for source in reads)
            transaction.datasets.add_reads(attempt.id, read)
            kept: tuple[Snapshot, ...] = ()
            if not unchanged:
                snapshot = Snapshot(
                    number, name, 0, None, schema, files, Mode.OVERWRITE, NOW, environment, run.id, "clean", attempt.id,
                    4, actor, withheld, ("tail: category stored as string",),
                )  # fmt: skip
                kept = (transaction.datasets.add_snapshot(snapshot),)
                transaction.quality.add_profile(
                    Profile(name, number, number * 10, (ColumnProfile("origin", "long", 2, "1", "9"),))
                )
                outcome = Outcome.FAIL if withheld else Outcome.PASS
                transaction.quality.add(number, [CheckResult(Check("not_null", "origin"), outcome, "2", "0", 2)])
                if not withheld:
                    before = transaction.datasets.pointers(environment).get(name)
                    transaction.datasets.move_pointer(environment, name, before, number)
            staged = (StagedWrite(name, Mode.OVERWRITE, schema, files),)
            finished = Finished(environment, actor, staged, read, {}, run, None, step, attempt)
            state = State.WITHHELD if withheld else State.SUCCEEDED
            result = StepResult(finished, state, kept, (name,) if unchanged else ())
            for listener in (Listener(lambda: CONTRACTS), LineageListener(), AuditListener(store)):
                listener.publishing(transaction, result)
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED)
            ended = AttemptState.WITHHELD if withheld else AttemptState.COMMITTED
            transaction.runs.move_attempt(attempt.id, attempt.fence, ended)
        return kept[0] if kept else None

    return published
