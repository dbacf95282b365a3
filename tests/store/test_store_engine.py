"""Opening a store, and what happens when it cannot be opened, read or written."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import OperationalError

import workbench
from workbench.model.errors import InternalError, MissingExtra, StorageError, UsageError
from workbench.store.engine import translated
from workbench.store.transaction import Store

PACKAGE = Path(workbench.__file__).parent


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def test_no_sql_of_one_database_outside_the_engine_factory() -> None:
    special = re.compile(r"PRAGMA|INSERT OR|ON CONFLICT|json_extract|rowid|dialects\.sqlite", re.IGNORECASE)
    for file in (PACKAGE / "store").glob("*.py"):
        if file.name != "engine.py":
            assert not special.search(file.read_text(encoding="utf-8")), file


def test_the_database_is_set_up_for_safety(store: Store, tmp_path: Path) -> None:
    seen = {}

    def look(connection: sqlite3.Connection, _: object) -> None:
        for pragma in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "trusted_schema"):
            seen[pragma] = connection.execute(f"PRAGMA {pragma}").fetchone()[0]

    store.close()
    event.listen(Engine, "checkout", lambda connection, record, proxy: look(connection, record), once=True)
    with store.reading():
        pass
    assert seen == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 30000,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }


def test_opening_what_is_up_to_date_loads_no_migrations(store: Store, url: str) -> None:
    code = (
        "import sys\nfrom workbench.store.transaction import Store\nStore.open(sys.argv[1]).close()\n"
        "print([name for name in ('alembic', 'psutil', 'pandas', 'pyarrow') if name in sys.modules])"
    )
    with python(code, url) as process:
        assert process.stdout is not None and process.stdout.read() == "[]\n"


def test_many_processes_may_create_and_open_it_at_once(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom workbench.store.transaction import Store\nsys.stdin.readline()\n"
        "with Store.open(sys.argv[1]) as store, store.writing() as transaction:\n"
        "    transaction.audit.append(sys.argv[2], 'open', 'store')"
    )
    url = f"sqlite:///{tmp_path}/new/folder/store.db"
    command = [sys.executable, "-c", code, url]
    started = [subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, text=True) for number in range(6)]
    for process in started:
        process.communicate("\n")
    assert [process.returncode for process in started] == [0] * 6
    with Store.open(url) as store, store.reading() as transaction:
        assert {entry.actor for entry in transaction.audit.entries()} == {"0", "1", "2", "3", "4", "5"}
        assert transaction.audit.verify() is None


def test_a_block_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as transaction:
        transaction.datasets.describe("a.b", "gone")
        raise ZeroDivisionError
    with store.reading() as transaction:
        assert transaction.datasets.all() == ()


def test_reading_sees_one_moment_and_cannot_write(store: Store) -> None:
    with store.reading() as before:
        assert before.datasets.names() == ()
        with store.writing() as transaction:
            transaction.datasets.describe("a.b")
        assert before.datasets.names() == ()
    with pytest.raises(StorageError), store.reading() as transaction:
        transaction.datasets.describe("a.c")
    with store.writing() as transaction:
        assert transaction.datasets.names() == ("a.b",)


def test_a_writer_inside_a_writer_is_our_fault_and_says_so(store: Store) -> None:
    with pytest.raises(InternalError, match="WB-INT-996"), store.writing(), store.writing():
        pass
    with store.writing() as transaction:
        transaction.datasets.describe("a.b")


def test_threads_share_a_store(store: Store) -> None:
    def write(number: int) -> None:
        for _ in range(20):
            with store.writing() as transaction:
                transaction.audit.append(str(number), "write", "thread")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as transaction:
        assert len(transaction.audit.entries(None)) == 160 and transaction.audit.verify() is None


def test_a_full_disk_is_named_and_nothing_is_half_written(store: Store, tmp_path: Path) -> None:
    store.close()
    limit = lambda connection, record, proxy: connection.execute("PRAGMA max_page_count=1")  # noqa: E731
    event.listen(Engine, "checkout", limit)
    try:
        with pytest.raises(StorageError, match="WB-DSK-301"), store.writing() as transaction:
            for number in range(1000):
                transaction.audit.append("ann", "write", str(number), {"text": "x" * 1000})
    finally:
        event.remove(Engine, "checkout", limit)
    store.close()
    with store.writing() as transaction:
        assert transaction.audit.entries() == () and transaction.audit.verify() is None
        transaction.audit.append("ann", "write", "now it fits")


@pytest.mark.parametrize("content", [b"PNG not a database" * 100, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_file_that_is_no_database_is_damaged(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(content)
    with pytest.raises(StorageError, match="WB-DB-510"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_truncated_file_is_damaged(store: Store, url: str, tmp_path: Path) -> None:
    with store.writing() as transaction:
        for number in range(500):
            transaction.audit.append("ann", "write", str(number), {"text": "x" * 100})
    store.close()
    file = tmp_path / "store.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StorageError, match="WB-DB-510"), Store.open(url) as opened, opened.writing():
        pass


def test_a_folder_in_its_place_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    with pytest.raises(StorageError, match="WB-DB-512"):
        Store.open(f"sqlite:///{tmp_path}/store.db")


@pytest.mark.parametrize("url", ["", "store.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "sqlite:"])
def test_an_address_of_something_else_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(UsageError, match="WB-DB-503") as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)


def test_a_database_server_is_named_without_its_secrets() -> None:
    url = make_url("postgresql+psycopg://bob:secret@localhost:1/x?password=secret")
    with pytest.raises(StorageError, match=r"WB-DB-512.*localhost:1/x.*refused") as caught, translated(url):
        raise OperationalError("select 1", None, Exception("connection refused"))
    assert "secret" not in str(caught.value) and "bob" not in str(caught.value)


def test_a_driver_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingExtra, match="WB-EXT-903"):
        Store.open("postgresql+nosuchdriver://localhost/x")


def test_text_that_is_no_text_is_kept_as_an_escape(store: Store) -> None:
    with store.writing() as transaction:
        transaction.datasets.describe("a.b", "lone \ud800 and nul \0 and ü")
        found = transaction.datasets.get("a.b")
    assert found is not None and found.description == "lone \\ud800 and nul \\x00 and ü"
