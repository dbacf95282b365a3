"""The one place that connects to a database, and the only one that knows which database it is."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from workbench.durable import explained, replacing
from workbench.model.errors import Conflict, InternalError, MissingExtra, StorageError, UsageError, WorkbenchError
from workbench.store import readonly
from workbench.store.holder import holder
from workbench.store.network import refuse_network
from workbench.store.server import FIRST_PATIENCE, begin, broken, commit, end

BUSY_SECONDS = 30.0
READ_SECONDS = 5.0
"""What a read transaction may take before a warning: the log of the store cannot shrink while one lasts."""
LOG_EVERY, LOG_BYTES, LOG_LARGE = 10.0, 16 << 20, 256 << 20
"""Seconds between two looks of one process at the write-ahead log; from which size it is emptied, and warned of."""

_log = logging.getLogger("workbench.store")
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", "journal_size_limit=67108864")
_WRITERS = 0x776F726B
"""The PostgreSQL advisory lock that makes writers take turns, as BEGIN IMMEDIATE does on SQLite."""
SILENCE = 60.0
"""Seconds after which PostgreSQL ends a write transaction whose client says nothing, so that others get their turn."""
_SQLSTATES = {"55P03": "BUSY", "40001": "BUSY", "40P01": "BUSY", "53300": "BUSY", "53100": "FULL"}


def connect(address: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for ``sqlite:////absolute/path`` or ``postgresql://…``; nothing is opened yet, but the folder is made.

    Where the file may not be written to, it only reads: see ``readonly``.
    Raises UsageError (WB-DB-503) for any other address, MissingExtra (WB-EXT-903) without its driver, StorageError
    (WB-DB-511) for an SQLite file on a network drive, where its locks do not hold.
    """
    url = _parse(address)
    sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"connect_args": {"timeout": busy_seconds}} if sqlite else _server_options(url)
    why = ""
    if sqlite:
        file = Path(url.database or "")
        with explained(file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
        refuse_network(file.parent)
        if why := readonly.why_not_written(file):
            options = readonly.options(file, why, busy_seconds)
    try:
        engine = create_engine(url, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise MissingExtra(
            "WB-EXT-903",
            f"no driver for {url.drivername}",
            cause=str(error),
            next='pip install "dataops-workbench[postgres]"',
        ) from error
    if sqlite:
        event.listen(engine, "connect", partial(_prepare_sqlite, not why))
    event.listen(engine, "begin", _begin_sqlite if sqlite else partial(_begin_postgresql, busy_seconds))
    return engine


@contextmanager
def transaction(engine: Engine, *, writing: bool, patience: float = FIRST_PATIENCE) -> Iterator[Connection]:
    """A connection inside a transaction: committed when the block ends well, else rolled back.

    Writers take turns from their first statement on, so that what one reads cannot change before it writes. A server
    that is away is waited for, ``patience`` seconds. Raises Conflict (WB-DB-501), StorageError (WB-DSK-301, WB-DB-510,
    512, 517, 521, 522), InternalError (WB-INT-997).
    """
    if writing and readonly.why_only_read(engine):
        raise readonly.refused(engine)
    served = engine.dialect.name != "sqlite"
    with translated(engine.url):
        connection, begun = begin(engine, writing=writing, patience=patience if served else 0.0)
        began = time.monotonic()
        with connection:
            with begun:
                yield connection
                if served and writing:
                    commit(engine, connection, begun, patience)
                elif served:
                    end(begun)
            if writing:
                _tend_log(engine, connection)
            elif (took := time.monotonic() - began) > READ_SECONDS:
                _log.warning("a read of the store took %.0f s, and kept its log from shrinking", took)


def moment(connection: Connection) -> datetime:
    """Now, by the clock that all who use the store share: this machine's for a file, else the server's."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found


def sqlite_file(engine: Engine) -> Path | None:
    """The file of an SQLite store, ``None`` for PostgreSQL."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


def copy_to(engine: Engine, target: Path) -> None:
    """Write a whole, compact copy of an SQLite store to ``target``, durably; the store may be in use meanwhile."""
    source = str(sqlite_file(engine))
    with (
        translated(engine.url),
        replacing(target) as aside,
        closing(sqlite3.connect(source, isolation_level=None)) as connection,
    ):
        connection.execute("VACUUM INTO ?", (str(aside),))


def damage(engine: Engine, *, thorough: bool = False) -> str:
    """What SQLite's own check finds wrong with the file, in one line; empty when nothing is. Reads the whole file.

    When ``thorough``, indexes are held against their tables and links against what they link to; that takes ten times
    as long. Never raises for damage.
    """
    if engine.dialect.name != "sqlite":
        return ""
    try:
        with transaction(engine, writing=False) as connection:
            check = "integrity_check" if thorough else "quick_check"
            found = str(connection.exec_driver_sql(f"PRAGMA {check}(1)").scalar_one())
            loose = connection.exec_driver_sql("PRAGMA foreign_key_check").first() if thorough else None
    except StorageError as error:
        if error.code != "WB-DB-510":
            raise
        return error.cause
    if found == "ok" and loose is not None:
        return f"a row of {loose[0]} links to a row of {loose[2]} that is not there"
    return "" if found == "ok" else " ".join(found.split())


def log_size(file: Path) -> int:
    """The bytes of the write-ahead log beside an SQLite store."""
    try:
        return log_of(file).stat().st_size
    except OSError:
        return 0


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn what the database says in the block into errors that say what to do."""
    try:
        yield
    except IntegrityError as error:
        raise InternalError("WB-INT-997", "the store refused a row", cause=str(error.orig)) from error
    except DBAPIError as error:
        raise broken(error) if error.connection_invalidated else _explain(error.orig, url) from error
    except sqlite3.Error as error:  # said while a connection was being prepared
        raise _explain(error, url) from error
    except PoolTimeoutError as error:
        raise Conflict("WB-DB-501", f"the store {_show(url)} is busy", cause="every connection is in use") from error


def _parse(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    backend = url.get_backend_name() if url is not None else ""
    if url is None or backend not in ("sqlite", "postgresql") or (backend == "sqlite" and _nowhere(url)):
        raise UsageError(
            "WB-DB-503",
            "the address of the store is neither an SQLite file nor PostgreSQL",
            next='write it like "sqlite:///.workbench/store.db" or "postgresql+psycopg://host/name"',
        )
    return url


def _server_options(url: URL) -> dict[str, Any]:
    """How to notice that a server is gone: connections are tried before use, and a silent one breaks."""
    if url.get_driver_name() != "psycopg":
        return {"pool_pre_ping": True}
    alive = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
    told = {key: value for key, value in (alive | {"tcp_user_timeout": 30_000}).items() if key not in url.query}
    return {"pool_pre_ping": True, "connect_args": told}


def _nowhere(url: URL) -> bool:
    return not url.database or url.database == ":memory:" or url.database.startswith("file:")


def _prepare_sqlite(writable: bool, connection: Any, record: object) -> None:
    connection.isolation_level = None  # we begin transactions, the driver must not
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if writable:
        _use_wal(connection)


def log_of(file: Path) -> Path:
    """The write-ahead log of an SQLite store."""
    return file.with_name(f"{file.name}-wal")


_looked: dict[str, float] = {}
"""When this process last looked at the log of each store, by its steady clock."""


def _tend_log(engine: Engine, connection: Connection) -> None:
    """Empty a log that has grown; SQLite by itself only does so in a moment when nobody reads or writes."""
    file = sqlite_file(engine)
    if file is None or time.monotonic() - _looked.get(str(file), -LOG_EVERY) < LOG_EVERY:
        return
    _looked[str(file)] = time.monotonic()
    if log_size(file) < LOG_BYTES:
        return
    raw: Any = connection.connection.driver_connection
    (patience,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute("PRAGMA busy_timeout=200")  # who waits here keeps every writer waiting
    try:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.execute(f"PRAGMA busy_timeout={patience}")
    if (size := log_size(file)) >= LOG_LARGE:
        _log.warning("the log of %s has grown to %d MB: a process has been reading it all the while", file, size >> 20)


def _use_wal(connection: Any) -> None:
    """Switch a new file to a write-ahead log; SQLite does not wait by itself when two processes do so at once."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if _family(error) != "BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("workbench_writing", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_postgresql(busy_seconds: float, connection: Connection) -> None:
    """Take the writers' turn, and give it back when nothing is heard of us any more."""
    if connection.get_execution_options().get("workbench_writing", False):
        wait = f"SET LOCAL lock_timeout = {int(busy_seconds * 1000)}"
        silence = f"SET LOCAL idle_in_transaction_session_timeout = {int(SILENCE * 1000)}"
        connection.exec_driver_sql(f"{wait}; {silence}; SELECT pg_advisory_xact_lock({_WRITERS})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _explain(error: BaseException | None, url: URL) -> WorkbenchError:
    place = _show(url)
    match _family(error):
        case "BUSY" | "LOCKED" | "PROTOCOL":
            return _busy(url)
        case "FULL":
            return StorageError(
                "WB-DSK-301",
                f"cannot write {place}",
                cause="the disk is full",
                kept="What was there before is unchanged.",
                next="free some space, then run the command again",
            )
        case "CORRUPT" | "NOTADB":
            return damaged(place, str(error))
    return StorageError(
        "WB-DB-512",
        f"the store {place} cannot be used",
        cause=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
        kept="Nothing of this was applied.",
        next="check that it is there and may be read and written",
    )


def _busy(url: URL) -> Conflict:
    """The error of a writer whose turn did not come; names who has it, where that can be seen."""
    cause, next_ = "another process has been writing to it all the while", "run the command again"
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite and (who := holder(Path(url.database or ""))) is not None and who.pid != os.getpid():
        cause = f"process {who.pid} ({who.name}) has been writing to it all the while"
        if who.stopped:
            cause = f"process {who.pid} ({who.name}) was stopped in the middle of writing to it"
            next_ = f"`kill -CONT {who.pid}` lets it go on, `kill -9 {who.pid}` ends it and undoes what it began"
    kept = "Nothing of this was applied."
    return Conflict("WB-DB-501", f"the store {_show(url)} is busy", cause=cause, kept=kept, next=next_)


def damaged(place: str, found: str) -> StorageError:
    """The error of a store whose file is not what was written."""
    return StorageError(
        "WB-DB-510",
        f"the store {place} is damaged",
        cause=found,
        kept="Data files and reports do not depend on it.",
        next="wb store restore",
    )


def _family(error: BaseException | None) -> str:
    """``BUSY`` for SQLITE_BUSY and every finer code of it, and so on, and what PostgreSQL calls these; else empty."""
    told = _SQLSTATES.get(str(getattr(error, "sqlstate", "")), "")
    return told or str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_").partition("_")[0]


def _show(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()
