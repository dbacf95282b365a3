"""Rows F35 to F37 of the table of faults: many writers, one way to connect, long readers."""

from __future__ import annotations

import ast
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import workbench
from workbench.model.errors import Conflict
from workbench.store import engine, readonly
from workbench.store.holder import LOCKS
from workbench.store.transaction import Store
from workbench.ui.cli.checkup import examine

PACKAGE = Path(workbench.__file__).parent
COUNT = """
import sys
from workbench.store.transaction import Store
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    for _ in range(int(sys.argv[2])):
        with store.writing() as transaction:
            found = transaction.datasets.get("a.counter")
            transaction.datasets.describe("a.counter", str(int(found.description) + 1))
"""
HOLD = """
import sys
from workbench.store.transaction import Store
with Store.open(sys.argv[1]) as store, store.writing() as transaction:
    transaction.datasets.describe("a.held", "half")
    print(flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(store: Store, tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


# -- F35: many writers ---------------------------------------------------------------------------------------------


def test_f35_a_writer_waits_for_a_lock_that_ends_in_time(store: Store, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, lambda: other.execute("ROLLBACK"))
    release.start()
    with store.writing() as transaction:
        transaction.datasets.describe("a.b", "waited")
    release.join()


def test_f35_a_lock_that_stays_is_a_conflict_and_nothing_is_half_applied(
    store: Store, url: str, other: sqlite3.Connection
) -> None:
    with Store.open(url, busy_seconds=0.1) as impatient:
        other.execute("BEGIN IMMEDIATE")
        with impatient.reading() as transaction:
            assert transaction.datasets.all() == ()
        with pytest.raises(Conflict, match="WB-DB-501") as caught, impatient.writing() as transaction:
            transaction.datasets.describe("a.b", "once")
        assert caught.value.exit_code == 5 and caught.value.next == "run the command again"
        other.execute("ROLLBACK")
        with impatient.writing() as transaction:
            assert transaction.datasets.get("a.b") is None
            transaction.datasets.describe("a.b", "again")
    with store.reading() as transaction:
        assert transaction.datasets.names() == ("a.b",)


@pytest.mark.skipif(not LOCKS.exists(), reason="the system lists no locks")
def test_f35_who_was_stopped_in_the_middle_of_writing_is_named_and_reading_goes_on(
    store: Store, file: Path, url: str
) -> None:
    hold = subprocess.Popen([sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert hold.stdin is not None and hold.stdout is not None
    hold.stdout.readline()
    with Store.open(url, busy_seconds=0.1) as impatient:
        with pytest.raises(Conflict, match="WB-DB-501") as caught, impatient.writing():
            pass
        assert f"process {hold.pid} " in caught.value.cause and caught.value.next == "run the command again"
        hold.send_signal(signal.SIGSTOP)
        os.waitpid(hold.pid, os.WUNTRACED)
        with pytest.raises(Conflict, match="WB-DB-501") as caught, impatient.writing():
            pass
        assert "was stopped in the middle of writing" in caught.value.cause
        assert f"kill -CONT {hold.pid}" in caught.value.next
        with impatient.reading() as transaction:
            assert transaction.datasets.all() == ()
        hold.kill()
        hold.communicate()
        with impatient.writing() as transaction:
            assert transaction.datasets.get("a.held") is None


def test_f35_writers_wait_for_each_other_thirty_seconds(store: Store) -> None:
    assert engine.BUSY_SECONDS == 30


# -- F36: one way to connect ---------------------------------------------------------------------------------------

CONNECTS = {"create_engine", "engine_from_config", "create_async_engine", "sqlite3", "apsw", "aiosqlite"}
ALLOWED = {
    "store/engine.py",
    "store/readonly.py",  # as its name says: see below
    "ui/cli/completion.py",  # only reads: see below
}


def test_f36_the_engine_factory_is_the_only_way_to_connect() -> None:
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names} | {(node.module or "").partition(".")[0]}
            elif isinstance(node, ast.Attribute):
                names = {node.attr}
            if names & CONNECTS:
                found.add(file.relative_to(PACKAGE).as_posix())
    assert found == ALLOWED


def test_f36_completion_opens_the_store_for_reading_alone() -> None:
    text = (PACKAGE / "ui/cli/completion.py").read_text(encoding="utf-8")
    assert text.count("sqlite3.connect(") == text.count("?mode=ro") == 1


def test_f36_a_store_that_is_only_read_takes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE fact (x)")
    with closing(readonly._connect(file, 0.1)) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("INSERT INTO fact VALUES (1)")


@pytest.mark.parametrize(("writers", "each"), [(3, 20), pytest.param(8, 200, marks=pytest.mark.slow)])
def test_f36_no_update_is_lost_and_no_writer_fails(store: Store, url: str, writers: int, each: int) -> None:
    with store.writing() as transaction:
        transaction.datasets.describe("a.counter", "0")
    command = [sys.executable, "-c", COUNT, url, str(each)]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _ in range(writers)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.close()
    assert [process.wait() for process in started] == [0] * writers
    with store.reading() as transaction:
        found = transaction.datasets.get("a.counter")
        assert found is not None and found.description == str(writers * each)


# -- F37: long readers ---------------------------------------------------------------------------------------------


def write_megabytes(store: Store, count: int) -> None:
    for _ in range(count):
        with store.writing() as transaction:
            transaction.audit.append("ann", "write", "much", {"text": "x" * (1 << 20)})


def test_f37_the_log_grows_under_a_reader_with_a_warning_and_shrinks_after_it(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "LOG_EVERY", 0.0)
    monkeypatch.setattr(engine, "LOG_LARGE", 18 << 20)
    with store.reading() as transaction:
        assert transaction.audit.entries() == ()
        write_megabytes(store, 20)
        assert engine.log_size(file) > 18 << 20
        assert transaction.audit.entries() == ()
    assert "has been reading it all the while" in caplog.text
    write_megabytes(store, 1)
    assert engine.log_size(file) == 0
    with store.reading() as transaction:
        assert transaction.audit.verify() is None and len(transaction.audit.entries()) == 21


def test_f37_the_log_is_kept_small_by_itself(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOG_EVERY", 0.0)
    write_megabytes(store, 40)
    assert engine.log_size(file) < engine.LOG_BYTES + (4 << 20)


def test_f37_a_read_that_takes_long_is_warned_of(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "READ_SECONDS", -1.0)
    with caplog.at_level(logging.WARNING), store.reading() as transaction:
        transaction.datasets.all()
    assert "a read of the store took" in caplog.text


def test_f37_doctor_shows_a_log_that_has_grown(
    make_project: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(make_project)
    root = make_project()
    (root / ".workbench").mkdir()
    with Store.open(f"sqlite:///{root}/.workbench/store.db") as store:
        write_megabytes(store, 1)
        monkeypatch.setattr("workbench.store.engine.LOG_LARGE", 1 << 20)
        (finding,) = [finding for finding in examine(root) if finding.subject == "store"]
    assert not finding.ok and "its log has grown to 1 MB" in finding.detail and "end the process" in finding.mend
