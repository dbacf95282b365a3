"""A store on a server: connections break, also at COMMIT, and the server goes away and comes back."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from servers import PostgreSQL, Wire
from sqlalchemy import make_url

from workbench.model.errors import Conflict, StorageError
from workbench.store import engine
from workbench.store.transaction import Store, Transaction


@pytest.fixture
def database(postgresql_store: str) -> str:
    return str(make_url(postgresql_store).database)


@pytest.fixture
def wire(postgresql_server: PostgreSQL) -> Iterator[Wire]:
    with closing(Wire(postgresql_server)) as wire:
        yield wire


@pytest.fixture
def store(wire: Wire, database: str) -> Iterator[Store]:
    with Store.open(wire.address(database)) as opened:
        yield opened


def note(subject: str) -> Callable[[Transaction], object]:
    return lambda transaction: transaction.audit.append("ann", "write", subject)


def noted(store: Store) -> list[str]:
    with store.reading() as transaction:
        assert transaction.audit.verify() is None
        return [entry.subject for entry in reversed(transaction.audit.entries(None))]


def test_f40_a_commit_that_the_server_never_heard_of_is_said_to_have_left_nothing(store: Store, wire: Wire) -> None:
    wire.cut("before")
    with pytest.raises(StorageError, match=r"WB-DB-521.*Nothing of this was applied"), store.writing() as transaction:
        note("lost")(transaction)
    assert (noted(store), wire.cuts) == ([], 1)


def test_f41_a_commit_whose_answer_was_lost_is_looked_up_and_counts(store: Store, wire: Wire) -> None:
    wire.cut("after")
    with store.writing() as transaction:
        note("kept")(transaction)
    assert (noted(store), wire.cuts) == (["kept"], 1)


@pytest.mark.parametrize("when", ["before", "after"])
def test_f40_what_is_written_again_lands_once(store: Store, wire: Wire, when: str) -> None:
    wire.cut(when)
    store.write(note("once"))
    assert (noted(store), wire.cuts) == (["once"], 1)


def test_f40_threads_whose_connections_break_at_random_lose_and_double_nothing(store: Store, wire: Wire) -> None:
    dice = random.Random(40)

    def work(name: str) -> None:
        for number in range(12):
            if dice.random() < 0.5:
                wire.cut(dice.choice(["before", "after"]))
            store.write(note(f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(noted(store)) == sorted(f"{name}{number}" for name in "abc" for number in range(12))
    assert wire.cuts > 5


def test_f40_an_outcome_that_nobody_can_tell_is_called_so(
    store: Store, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.store.transaction.PATIENCE", 0.2)
    wire.cut("for good")
    with pytest.raises(StorageError, match=r"WB-DB-522.*applied, or nothing"), store.writing() as transaction:
        note("perhaps")(transaction)


def test_the_receipt_of_somebody_long_gone_is_thrown_away(
    store: Store, postgresql_server: PostgreSQL, database: str
) -> None:
    old = "receipt:01ARYZ6S410000000000000000"
    postgresql_server.sql(f"INSERT INTO counter VALUES ('{old}', 7)", database)
    thread = threading.Thread(target=lambda: store.write(note("x")))
    thread.start()
    thread.join()
    kept = postgresql_server.sql("SELECT name FROM counter WHERE name LIKE 'receipt:%'", database).splitlines()
    assert kept
    assert old not in kept


def test_f40_a_server_that_breaks_down_and_comes_back_is_waited_for(own_postgresql: PostgreSQL) -> None:
    with Store.open(own_postgresql.database()) as store:
        store.write(note("before"))
        own_postgresql.stop(signal.SIGQUIT)
        waiting = threading.Thread(target=lambda: store.write(note("after")))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        own_postgresql.start()
        waiting.join()
        assert noted(store) == ["before", "after"]


def test_f40_a_transaction_in_which_the_server_is_restarted_lands_once(own_postgresql: PostgreSQL) -> None:
    tries = []

    def act(transaction: Transaction) -> None:
        note("once")(transaction)
        if not tries:
            own_postgresql.stop(signal.SIGQUIT)
            own_postgresql.start()
        tries.append(1)

    with Store.open(own_postgresql.database()) as store:
        store.write(act)
        assert (noted(store), len(tries)) == (["once"], 2)


def test_a_server_that_is_not_there_is_named(postgresql_server: PostgreSQL) -> None:
    with pytest.raises(StorageError, match=r"WB-DB-512.*refused"):
        Store.open("postgresql+psycopg://workbench@127.0.0.1:9/x")
    with pytest.raises(StorageError, match=r"WB-DB-512.*no_such_database"):
        Store.open(postgresql_server.address("no_such_database"))


def test_f35_a_writer_that_waits_too_long_is_told_that_the_store_is_busy(postgresql_store: str) -> None:
    with Store.open(postgresql_store, busy_seconds=0.1) as impatient, Store.open(postgresql_store) as other:
        with other.writing() as transaction:
            note("first")(transaction)
            with pytest.raises(Conflict, match="WB-DB-501"), impatient.writing():
                pass
            assert noted(impatient) == []
        impatient.write(note("second"))
        assert noted(other) == ["first", "second"]


def test_a_writer_that_falls_silent_loses_its_turn(postgresql_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(postgresql_store) as silent, Store.open(postgresql_store) as other:
        monkeypatch.setattr(engine, "SILENCE", 0.2)
        with pytest.raises(StorageError, match="WB-DB-521"), silent.writing() as transaction:
            note("never")(transaction)
            other.write(note("now"))  # gets its turn when the server has ended the one that says nothing
            note("too late")(transaction)
        assert noted(other) == ["now"]


def test_a_full_disk_of_the_server_is_named() -> None:
    from psycopg.errors import DiskFull
    from sqlalchemy.exc import OperationalError

    url = make_url("postgresql+psycopg://bob@db.example.org/x")
    with pytest.raises(StorageError, match="WB-DSK-301"), engine.translated(url):
        raise OperationalError("insert", None, DiskFull("could not extend file: No space left on device"))
