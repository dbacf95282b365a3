"""Who did what: an entry for every publication, every withheld write and every run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from workbench.governance.audit import AuditService
from workbench.governance.listener import Listener
from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot, StagedWrite
from workbench.model.errors import StorageError
from workbench.model.report import Report
from workbench.model.run import Finished, Run, State, StepResult, StepRun
from workbench.store.transaction import Store

SCHEMA = Schema((Column("a", "long"),))
FILES = (DataFile("a.parquet", 1, 1, "d"),)
RUN = Run("R1", "flights", "prod", State.SUCCEEDED, actor="ann", commit="abc+dirty")


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    with Store.open(sqlite_store) as opened:
        yield opened


@pytest.fixture
def audit(store: Store) -> AuditService:
    return AuditService(store)


def finished(*names: str) -> Finished:
    staged = tuple(StagedWrite(name, Mode.OVERWRITE, SCHEMA, FILES) for name in names)
    step = StepRun("S1", "R1", "clean", "clean.ipynb", State.RUNNING)
    return Finished("prod", "ann", staged, (), {}, RUN, None, step)


def tell(store: Store, result: StepResult) -> None:
    with store.writing() as transaction:
        Listener(store).publishing(transaction, result)


def test_a_publication_names_the_snapshot_and_who_did_it(store: Store, audit: AuditService) -> None:
    snapshot = Snapshot(7, "clean.a", 3, None, SCHEMA, FILES, Mode.OVERWRITE, "x", "prod")
    report = Report("P1", "R1", "flights", "clean", "Delays", "r.html", "d1", "x")
    tell(store, StepResult(finished("clean.a", "clean.b"), State.SUCCEEDED, (snapshot,), ("clean.b",), report=report))
    made, entry = audit.entries()
    assert (entry.actor, entry.action, entry.subject) == ("ann", "publish", "clean.a")
    assert entry.detail == {"environment": "prod", "run": "R1", "step": "clean", "snapshot": 7, "version": 3}
    assert (made.action, made.subject, made.detail["digest"]) == ("report", "Delays", "d1")


def test_a_withheld_write_is_noted_for_every_dataset(store: Store, audit: AuditService) -> None:
    tell(store, StepResult(finished("clean.a", "clean.b"), State.WITHHELD))
    assert [(entry.action, entry.subject) for entry in audit.entries()] == [
        ("withhold", "clean.b"), ("withhold", "clean.a"),
    ]  # fmt: skip


def test_the_end_of_a_run_is_noted(store: Store, audit: AuditService) -> None:
    Listener(store).run_finished(RUN)
    (entry,) = audit.entries()
    assert (entry.actor, entry.action, entry.subject, entry.detail["state"]) == ("ann", "run", "flights", "succeeded")
    assert entry.detail["commit"] == "abc+dirty"


def test_the_log_is_verified_and_a_change_is_named(audit: AuditService, tmp_path: Path) -> None:
    assert audit.verify() == 0
    for number in range(3):
        audit.append("ann", "note", str(number))
    assert audit.verify() == 3
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("DROP TRIGGER audit_entry_no_update")
        connection.execute("UPDATE audit_entry SET actor = 'bob' WHERE seq = 2")
        connection.commit()
    with pytest.raises(StorageError, match=r"WB-AUD-740.*entry 2"):
        audit.verify()
