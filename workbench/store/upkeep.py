"""The care of an SQLite store: whether its file is whole, copies of it every hour, and the way back to one of them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, update

from workbench.durable import explained, flush, replacing
from workbench.model.errors import Conflict, NotFound, StorageError, UsageError, WorkbenchError
from workbench.model.upkeep import Backup
from workbench.store import tables
from workbench.store.audit import Audit
from workbench.store.engine import connect, copy_to, damage, damaged, sqlite_file, transaction
from workbench.store.upgrade import bring_up_to_date, revision

EVERY = 3600.0
"""Seconds between two backups, and between two looks at a file that is not small."""
KEPT = 24
"""How many backups stay."""
SMALL = 8 << 20
"""Bytes up to which a file is looked through whenever it is opened; that takes some hundredths of a second."""
FOLDER = "backups"
_STAMP = "%Y%m%dT%H%M%S.%fZ"


def look(engine: Engine) -> str:
    """What is wrong with the file, in one line; empty when nothing is, or when it was looked through within the hour.

    Damage that was found is remembered beside the file, so that it is looked for again every time until it is mended.
    """
    file = sqlite_file(engine)
    if file is None or not file.exists():
        return ""
    stamp = file.with_name(f"{file.name}.checked")
    with suppress(OSError):
        recent = 0 <= time.time() - stamp.stat().st_mtime < EVERY
        if recent and file.stat().st_size > SMALL and not stamp.read_text(encoding="utf-8"):
            return ""
    found = damage(engine)
    with suppress(OSError):
        if found or file.stat().st_size > SMALL:
            stamp.write_text(found, encoding="utf-8")
        else:
            stamp.unlink(missing_ok=True)
    return found


def back_up(engine: Engine, target: Path | None = None) -> Backup:
    """Copy the store, whole and compact, while it may be in use: to ``target``, or to the folder of backups beside it.

    That folder keeps the newest ``KEPT``. Raises UsageError (WB-DB-516) for PostgreSQL, and StorageError: WB-DB-510
    when the store is damaged, for a damaged copy would push out a good one, and those of a full or unwritable disk.
    """
    file = _file(engine)
    at = datetime.now(UTC)
    path = target.absolute() if target else file.with_name(FOLDER) / f"{file.stem}-{at.strftime(_STAMP)}.db"
    if found := damage(engine):
        raise damaged(str(file), found)
    copy_to(engine, path)
    if target is None:
        for old in backups(file)[KEPT:]:
            with suppress(OSError):
                Path(old.path).unlink()
    return Backup(str(path), at.isoformat(timespec="milliseconds"), path.stat().st_size)


def back_up_if_due(engine: Engine) -> Backup | None:
    """Make a backup when the newest is older than an hour; ``None`` when none was due, or the store is PostgreSQL."""
    file = sqlite_file(engine)
    if file is None or not file.exists():
        return None
    newest = backups(file)[:1]
    age = (datetime.now(UTC) - datetime.fromisoformat(newest[0].at)).total_seconds() if newest else EVERY
    return back_up(engine) if age >= EVERY or age < -EVERY else None  # a clock that was set back must not stop them


def backups(file: Path) -> tuple[Backup, ...]:
    """The backups of the store in ``file``, newest first."""
    found = []
    for path in file.with_name(FOLDER).glob(f"{file.stem}-*.db"):
        with suppress(OSError, ValueError):
            at = datetime.strptime(path.stem.removeprefix(f"{file.stem}-"), _STAMP).replace(tzinfo=UTC)
            found.append(Backup(str(path.absolute()), at.isoformat(timespec="milliseconds"), path.stat().st_size))
    return tuple(sorted(found, key=lambda backup: backup.at, reverse=True))


def restore(address: str, chosen: str, actor: str) -> tuple[Backup, Path | None]:
    """Put a backup in the place of the store: ``last``, the name of one beside it, or the path of a copy elsewhere.

    What was there is kept under another name, which is returned too; the data in the warehouse stays as it is, and the
    branches of its tables follow the pointers again at the next run. Raises NotFound (WB-DB-513) when there is no such
    backup, StorageError (WB-DB-515) when it is damaged itself or none of ours, Conflict (WB-DB-514) while a process has
    the store open, UsageError (WB-DB-516) for PostgreSQL.
    """
    file = file_at(address)
    backup = _choose(file, chosen)
    with replacing(file) as aside:
        with explained(aside):
            shutil.copyfile(backup.path, aside)
        _make_current(aside, backup, actor)
        _refuse_while_open(file)
        kept = _set_aside(file)
    file.with_name(f"{file.name}.checked").unlink(missing_ok=True)
    return backup, kept


def check(engine: Engine) -> Iterator[tuple[str, str]]:
    """What is looked at, and what is wrong with it (empty when nothing is): the file, then the chain of the audit log.

    The chain tells of a changed row, which no check of the file can see.
    """
    found = damage(engine, thorough=True)
    yield "file", found
    if not found:
        with transaction(engine, writing=False) as connection:
            bad = Audit(connection).verify()
        yield "audit log", f"changed at entry {bad}" if bad else ""


def file_at(address: str) -> Path:
    """The file of the SQLite store at an address. Raises UsageError (WB-DB-516) for PostgreSQL."""
    engine = connect(address)
    try:
        return _file(engine)
    finally:
        engine.dispose()


def _file(engine: Engine) -> Path:
    file = sqlite_file(engine)
    if file is None:
        raise UsageError(
            "WB-DB-516",
            "the store is a PostgreSQL database",
            cause="its server makes copies of it, and brings them back",
            next="pg_dump",
        )
    return file


def _choose(file: Path, chosen: str) -> Backup:
    known = backups(file)
    if chosen == "last" and known:
        return known[0]
    for backup in known:
        if chosen in (Path(backup.path).name, Path(backup.path).stem):
            return backup
    path = Path(chosen)
    if path.is_file():
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Backup(str(path.absolute()), at.isoformat(timespec="milliseconds"), path.stat().st_size)
    raise NotFound(
        "WB-DB-513",
        f'there is no backup "{chosen}" of {file}',
        cause=f"{len(known)} lie in {file.with_name(FOLDER)}",
        kept="Nothing was changed.",
        next="wb store restore" if known else f"move {file.name} away to begin with an empty store",
    )


def _make_current(copy: Path, backup: Backup, actor: str) -> None:
    """Bring a copy up to date before anybody sees it, and let it say where it comes from."""
    with _useless(backup), closing(_Disposed(f"sqlite:///{copy}")) as opened:
        if found := damage(opened.engine, thorough=True):
            raise damaged(backup.path, found)
        if revision(opened.engine) is None:
            raise damaged(backup.path, "it is no store of ours")
        bring_up_to_date(opened.engine)
        with transaction(opened.engine, writing=True) as connection:
            connection.execute(update(tables.pointer).values(followed=None))
            Audit(connection).append(actor, "restore", "store", {"backup": Path(backup.path).name, "at": backup.at})
    for rest in copy.parent.glob(f"{copy.name}-*"):  # the log was emptied into the copy when the last connection closed
        rest.unlink(missing_ok=True)


class _Disposed:
    """An engine that closes."""

    def __init__(self, address: str) -> None:
        self.engine = connect(address)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _useless(backup: Backup) -> Iterator[None]:
    try:
        yield
    except WorkbenchError as error:
        if error.code == "WB-DB-520":
            raise
        raise StorageError(
            "WB-DB-515",
            f"the backup {backup.path} cannot be used",
            cause=error.cause or error.what,
            kept="The store is as it was.",
            next="wb store restore, and choose another",
        ) from error


def _set_aside(file: Path) -> Path | None:
    """Keep what is at ``file`` under another name too, with its log, which must not meet another file."""
    if not file.exists():
        return None
    kept = file.with_name(f"{file.name}.replaced-{datetime.now(UTC).strftime(_STAMP)}")
    with explained(kept):
        try:
            os.link(file, kept)
        except OSError:  # a drive without links
            shutil.copyfile(file, kept)
        for end in ("-wal", "-shm"):
            beside = file.with_name(file.name + end)
            if beside.exists():
                beside.replace(kept.with_name(kept.name + end))
        flush(file.parent)
    return kept


def _refuse_while_open(file: Path) -> None:
    """Raise Conflict (WB-DB-514) while another process of ours has the store open, as far as the system tells."""
    import psutil

    holders = []
    for process in psutil.process_iter(["pid", "name"]):
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and any(Path(opened.path) == file for opened in process.open_files()):
                holders.append(f"{process.info['name']} ({process.pid})")
    if holders:
        raise Conflict(
            "WB-DB-514",
            f"the store {file} is in use",
            cause=f"by {', '.join(sorted(holders))}",
            kept="Nothing was changed.",
            next="end it, then run the command again",
        )
