"""A store with steps that wrote snapshots from other snapshots, told to the listener as a run would."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import pytest
from attempts import LEASE, begun

from workbench.lineage.listener import Listener
from workbench.model.dataset import Column, DataFile, Mode, Read, Schema, Snapshot
from workbench.model.names import new_id
from workbench.model.report import Report
from workbench.model.run import Finished, Run, State, StepResult, StepRun
from workbench.store.owner import this_process
from workbench.store.transaction import Store

NOW = "2026-01-01T00:00:00.000+00:00"
Publish = Callable[..., tuple[Snapshot, ...]]


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    with Store.open(sqlite_store) as opened:
        yield opened


@pytest.fixture
def publish(store: Store) -> Publish:
    """Publish ``writes`` of a step that read ``reads``, at what is current, into ``prod``."""
    numbers = itertools.count(1)

    def published(
        step: str,
        writes: Sequence[str] = (),
        reads: Sequence[str] = (),
        *,
        mode: Mode = Mode.OVERWRITE,
        environment: str = "prod",
        report: str = "",
        withheld: bool = False,
        interactive: bool = False,
    ) -> tuple[Snapshot, ...]:
        state = State.WITHHELD if withheld else State.SUCCEEDED
        run = Run(new_id(), "flights", environment, State.QUEUED, created_at=NOW)
        step_run = StepRun(new_id(), run.id, step, f"{step}.ipynb", State.QUEUED)
        with store.writing() as transaction:
            transaction.runs.create(run, [step_run], this_process(), LEASE)
            attempt = begun(transaction, step_run.id, step, this_process())
            current = transaction.datasets.pointers("prod") | transaction.datasets.pointers(environment)
            own = transaction.datasets.pointers(environment)
            read = tuple(Read(name, current[name], cell) for cell in (2, 3) for name in reads)
            kept = []
            for name in writes:
                number = next(numbers)
                schema = Schema((Column("a", "long"),))
                files = (DataFile(f"{number}.parquet", number * 1000, 1, str(number)),)
                snapshot = transaction.datasets.add_snapshot(
                    Snapshot(
                        number, name, 0, current.get(name), schema, files, mode, NOW, environment,
                        run.id, step, "" if interactive else attempt.id, 5, withheld=withheld,
                    )
                )  # fmt: skip
                if not withheld:
                    transaction.datasets.move_pointer(environment, name, own.get(name), number)
                kept.append(snapshot)
            made = Report(new_id(), run.id, "flights", step, report, "r.html", "", NOW) if report else None
            if made:
                transaction.reports.add(made)
            finished = Finished(environment, "ann", (), read, {})
            if not interactive:
                finished = Finished(environment, "ann", (), read, {}, run, None, step_run, attempt)
            Listener().publishing(transaction, StepResult(finished, state, tuple(kept), report=made))
        return tuple(kept)

    return published
