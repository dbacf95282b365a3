"""The door of the store: open it, then read or write inside a transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from workbench.model.errors import InternalError
from workbench.store.audit import Audit
from workbench.store.datasets import Datasets
from workbench.store.engine import BUSY_SECONDS, connect, damage, transaction
from workbench.store.lineage import Lineage
from workbench.store.quality import Quality
from workbench.store.reports import Reports
from workbench.store.runs import Runs
from workbench.store.upgrade import bring_up_to_date


class Transaction:
    """One repository per noun family, all in the same transaction; of no use once its block has ended."""

    def __init__(self, connection: Connection) -> None:
        self.runs = Runs(connection)
        self.datasets = Datasets(connection)
        self.lineage = Lineage(connection)
        self.quality = Quality(connection)
        self.reports = Reports(connection)
        self.audit = Audit(connection)


class Store:
    """Where nouns rest. May be shared by threads; a process that forks must open its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = threading.local()

    @classmethod
    def open(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Open the store at an SQLAlchemy address, made or migrated when need be.

        ``busy_seconds`` is how long to wait for other writers. Raises UsageError (WB-DB-503), MissingExtra
        (WB-EXT-903), StorageError (WB-DB-510 damaged, 512 unusable, 520 made by a newer version), Conflict (WB-DB-501).
        """
        engine = connect(url, busy_seconds=busy_seconds)
        try:
            bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment of the store and cannot change it."""
        with transaction(self._engine, writing=False) as connection:
            yield Transaction(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that lands whole when the block ends well, and not at all otherwise. Keep it short.

        Raises Conflict (WB-DB-501) when other writers hold the store for too long, StorageError (WB-DSK-301) when
        the disk is full, InternalError (WB-INT-996) inside another one of the same thread, which could only wait.
        """
        if getattr(self._thread, "writing", False):
            raise InternalError("WB-INT-996", "a write transaction inside a write transaction")
        self._thread.writing = True
        try:
            with transaction(self._engine, writing=True) as connection:
                yield Transaction(connection)
        finally:
            self._thread.writing = False

    def damage(self) -> str:
        """What is wrong with the database file, in one line; empty when nothing is. Reads all of it."""
        return damage(self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
