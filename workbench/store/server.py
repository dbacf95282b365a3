"""A database that is a server: it may be away for a while, and a connection may break, also at COMMIT.

Each write transaction leaves a receipt: the row of its thread, with a number that no transaction of it had before. Who
wants to know whether a commit landed takes the writers' lock, which the old transaction holds for as long as it may
still land, and looks at the number.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from workbench.model.errors import StorageError
from workbench.model.names import id_of, new_id
from workbench.store.tables import counter

PATIENCE = 60.0
"""Seconds that a server which was there may be away, as when it is restarted."""
FIRST_PATIENCE = 3.0
"""Seconds to wait for a server at first."""
_ADDRESS = ("host", "hostaddr", "port", "user", "dbname", "sslmode")
_RECEIPT = "receipt:"
_KEPT = 86_400.0
"""Seconds after which a receipt of somebody who is gone is thrown away."""
_mine = threading.local()


def begin(engine: Engine, *, writing: bool, patience: float) -> tuple[Connection, RootTransaction]:
    """A connection with a transaction begun, waiting up to ``patience`` seconds for a server that is away."""
    pause, deadline, there = 0.05, time.monotonic() + patience, False
    while True:
        connection = None
        try:
            connection = engine.connect().execution_options(workbench_writing=writing)
            return connection, connection.begin()
        except DBAPIError:
            if connection is not None:
                with suppress(DBAPIError):
                    connection.close()
            if engine.dialect.driver != "psycopg" or time.monotonic() > deadline:
                raise
            was_there, there = there, not _away(engine)
            if was_there and there:  # once only, it may have come back just after it refused us
                raise
        time.sleep(pause)
        pause = min(1.0, pause * 2)


def commit(engine: Engine, connection: Connection, begun: RootTransaction, patience: float) -> None:
    """Commit; when the connection breaks meanwhile, find out whether it landed, and return only if it did.

    Raises StorageError: WB-DB-521 when it did not land, WB-DB-522 when nobody answered.
    """
    name, number = _leave_receipt(connection)
    try:
        begun.commit()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        if not _landed(engine, name, number, patience, error):
            raise broken(error) from error


def end(begun: RootTransaction) -> None:
    """End a transaction that only read; a connection that breaks now has given what it had."""
    with suppress(DBAPIError):
        begun.rollback()


def broken(error: DBAPIError) -> StorageError:
    """The error of a transaction whose connection broke before it landed."""
    return StorageError(
        "WB-DB-521",
        "the connection to the store broke",
        cause=_first_line(error),
        kept="Nothing of this was applied.",
        next="run the command again",
    )


def _away(engine: Engine) -> bool:
    """Whether the server takes no connection now, but may do so soon: it restarts, or cannot be reached."""
    from psycopg import conninfo, pq

    arguments: Any = engine.dialect.create_connect_args(engine.url)[1]
    known = {key: arguments[key] for key in _ADDRESS if key in arguments}
    answer = pq.PGconn.ping(conninfo.make_conninfo(**known, connect_timeout=5).encode())
    return answer in (pq.Ping.REJECT, pq.Ping.NO_RESPONSE)


def _leave_receipt(connection: Connection) -> tuple[str, int]:
    """Number this transaction among those of this thread; the number lands with it, or not at all."""
    if getattr(_mine, "process", None) != os.getpid():
        _mine.process, _mine.name, _mine.number = os.getpid(), _RECEIPT + new_id(), 0
        old = id_of(time.time() - _KEPT)
        connection.execute(delete(counter).where(counter.c.name.startswith(_RECEIPT), counter.c.name < _RECEIPT + old))
    _mine.number += 1
    here = counter.c.name == _mine.name
    if connection.execute(update(counter).where(here).values(value=_mine.number)).rowcount == 0:
        connection.execute(insert(counter).values(name=_mine.name, value=_mine.number))
    return _mine.name, _mine.number


def _landed(engine: Engine, name: str, number: int, patience: float, broke: DBAPIError) -> bool:
    deadline = time.monotonic() + patience
    asked = select(counter.c.value).where(counter.c.name == name)
    while True:
        try:
            connection, begun = begin(engine, writing=True, patience=deadline - time.monotonic())
            with connection:
                found = connection.execute(asked).scalar_one_or_none()
                begun.rollback()
            return found == number
        except DBAPIError as error:
            if error.connection_invalidated and time.monotonic() < deadline:
                continue
            raise StorageError(
                "WB-DB-522",
                "the connection to the store broke while it was told to keep something",
                cause=f"{_first_line(broke)}; asked again: {_first_line(error)}",
                kept="All of this was applied, or nothing.",
                next="wb runs list, once the store answers again, shows which",
            ) from error


def _first_line(error: DBAPIError) -> str:
    text = str(error.orig).strip()
    return text.splitlines()[0] if text else type(error.orig).__name__
