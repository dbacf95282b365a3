"""The door of the store: open it, then read or write inside a transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from workbench.model.errors import InternalError, StorageError
from workbench.model.upkeep import Backup
from workbench.store import readonly, upkeep
from workbench.store.audit import Audit
from workbench.store.claims import Claims
from workbench.store.datasets import Datasets
from workbench.store.engine import BUSY_SECONDS, connect, damaged, log_of, sqlite_file, transaction
from workbench.store.leases import Leases
from workbench.store.lineage import Lineage
from workbench.store.outbox import Outbox
from workbench.store.past import Past
from workbench.store.quality import Quality
from workbench.store.reports import Reports
from workbench.store.runs import Runs
from workbench.store.schedule import Schedules
from workbench.store.server import PATIENCE
from workbench.store.successes import Successes
from workbench.store.upgrade import bring_up_to_date, is_up_to_date

_log = logging.getLogger("workbench.store")

T = TypeVar("T")

_TRIES = 5


class Transaction:
    """One repository per noun family, all in the same transaction; of no use once its block has ended."""

    def __init__(self, connection: Connection) -> None:
        self.runs = Runs(connection)
        self.past = Past(connection)
        self.leases = Leases(connection)
        self.claims = Claims(connection)
        self.successes = Successes(connection)
        self.datasets = Datasets(connection)
        self.lineage = Lineage(connection)
        self.quality = Quality(connection)
        self.reports = Reports(connection)
        self.audit = Audit(connection)
        self.schedules = Schedules(connection)
        self.outbox = Outbox(connection)


class Store:
    """Where nouns rest. May be shared by threads; a process that forks must open its own.

    ``damage`` is what is wrong with its file, in one line; while it is not empty, the store is only read. So it is
    where its file may not be written to: ``only_read`` says why, in one line too.
    """

    def __init__(self, engine: Engine, damage: str = "") -> None:
        self._engine = engine
        self.damage = damage
        self.only_read = readonly.why_only_read(engine)
        self._thread = threading.local()

    @classmethod
    def open(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Open the store at an SQLAlchemy address, made or migrated when need be.

        ``busy_seconds`` is how long to wait for other writers. A store with a damaged file is opened for reading, and a
        warning says so. Raises UsageError (WB-DB-503), MissingExtra (WB-EXT-903), Conflict (WB-DB-501), StorageError
        (WB-DB-510 damaged beyond reading, 511 on a network drive, 512 unusable, 517 of an older version where nothing
        may be written, 520 made by a newer version).
        """
        engine = connect(url, busy_seconds=busy_seconds)
        try:
            damage = upkeep.look(engine)
            if not damage:
                bring_up_to_date(engine)
            elif not is_up_to_date(engine):
                raise damaged(str(engine.url.database), damage)
        except BaseException:
            engine.dispose()
            raise
        if damage:
            _log.warning("%s", damaged(str(engine.url.database), damage))
        return cls(engine, damage)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment of the store and cannot change it."""
        with transaction(self._engine, writing=False, patience=PATIENCE) as connection:
            yield Transaction(connection)

    def write(self, action: Callable[[Transaction], T]) -> T:
        """What ``action`` gives inside a write transaction; done again when the connection broke before it landed.

        So ``action`` does nothing but read and write here. Raises as ``writing`` does.
        """
        for left in range(_TRIES - 1, -1, -1):
            try:
                with self.writing() as transaction:
                    result = action(transaction)
                return result
            except StorageError as error:
                if error.code != "WB-DB-521" or not left:
                    raise
        raise AssertionError

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that lands whole when the block ends well, and not at all otherwise. Keep it short.

        Raises Conflict (WB-DB-501) when other writers hold the store for too long, StorageError when the disk is full
        (WB-DSK-301), the file is damaged (WB-DB-510) or may not be written to (517), or the connection to a server
        broke (521 nothing landed, 522 nobody can tell), InternalError (WB-INT-996) inside another one of the same
        thread, which could only wait.
        """
        self.check_writable()
        if getattr(self._thread, "writing", False):
            raise InternalError("WB-INT-996", "a write transaction inside a write transaction")
        self._thread.writing = True
        try:
            with transaction(self._engine, writing=True, patience=PATIENCE) as connection:
                yield Transaction(connection)
        finally:
            self._thread.writing = False

    def files(self) -> tuple[Path, ...]:
        """The files of which one changes with every write, whoever writes; none where the store is a server."""
        file = sqlite_file(self._engine)
        return () if file is None else (file, log_of(file))

    def check_writable(self) -> None:
        """Raise StorageError where nothing may be written: the file is damaged (WB-DB-510) or only to be read (517)."""
        if self.damage:
            raise damaged(str(self._engine.url.database), self.damage)
        if self.only_read:
            raise readonly.refused(self._engine)

    def check(self) -> tuple[tuple[str, str], ...]:
        """What was looked at, all of it, and what is wrong with it: see ``upkeep.check``."""
        return tuple(upkeep.check(self._engine))

    def back_up(self, target: Path | None = None) -> Backup:
        """Copy the store to ``target``, or to the folder of backups beside it: see ``upkeep.back_up``."""
        return upkeep.back_up(self._engine, target)

    def back_up_if_due(self) -> Backup | None:
        """Make a backup when the newest is older than an hour; returns it."""
        return upkeep.back_up_if_due(self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
