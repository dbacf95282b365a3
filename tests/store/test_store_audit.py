"""The audit log: only ever added to, and any other change shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from workbench.store.transaction import Store

TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete"),
    "postgresql": ("DROP TRIGGER audit_entry_keep ON audit_entry",),
}


@pytest.fixture
def log(store: Store, url: str) -> Iterator[Engine]:
    """The database of a store whose log has five entries, for whoever goes behind the store's back."""
    with store.writing() as transaction:
        for number in range(5):
            transaction.audit.append("ann", "publish", "clean.flights", {"snapshot": number, "when": "é\n"})
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_entries_come_back_newest_first_and_the_chain_holds(store: Store, log: Engine) -> None:
    with store.reading() as transaction:
        entries = transaction.audit.entries(limit=2)
        assert [(entry.seq, entry.detail["snapshot"]) for entry in entries] == [(5, 4), (4, 3)]
        assert entries[0].previous == entries[1].hash and len(entries[0].hash) == 64
        assert len(transaction.audit.entries(None)) == 5
        assert transaction.audit.verify() is None


def test_an_empty_log_holds(store: Store) -> None:
    with store.reading() as transaction:
        assert transaction.audit.verify() is None


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'bob'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_a_change(log: Engine, statement: str) -> None:
    with log.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE audit_entry SET actor = 'bob' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET detail = '{}' WHERE seq = 2", 2),
        ("UPDATE audit_entry SET detail = '{' WHERE seq = 2", 2),
        ("UPDATE audit_entry SET previous = '' WHERE seq = 4", 4),
        ("DELETE FROM audit_entry WHERE seq = 1", 1),
        ("DELETE FROM audit_entry WHERE seq = 3", 3),
        ("DELETE FROM audit_entry WHERE seq = 5", 5),
        ("DELETE FROM audit_entry", 1),
        (
            "INSERT INTO audit_entry SELECT 6, at, actor, action, subject, detail, previous, hash FROM audit_entry"
            " WHERE seq = 1",
            6,
        ),
    ],
)
def test_any_other_change_shows_at_its_entry(store: Store, log: Engine, statement: str, bad: int) -> None:
    with log.begin() as connection:
        for each in (*TRIGGERS[log.dialect.name], statement):
            connection.exec_driver_sql(each)
    with store.reading() as transaction:
        assert transaction.audit.verify() == bad
