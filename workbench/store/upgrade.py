"""Making a store, and bringing an older one up to date: all of it in one transaction, after a copy was put aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from workbench.model.errors import StorageError
from workbench.store.engine import copy_to, sqlite_file, transaction

REVISIONS = ("0001", "0002", "0003", "0004")
"""The migrations there are, oldest first; known here so that an up-to-date store opens without loading Alembic."""

VERSION_TABLE = "workbench_version"
MIGRATIONS = Path(__file__).with_name("migrations")
WHOLE = MIGRATIONS / "whole.sql"
"""A new store in SQLite as all migrations make it, told by itself: to load Alembic takes longer than to read this."""


def bring_up_to_date(engine: Engine) -> None:
    """Make the store, or apply the migrations that it lacks; does nothing when it lacks none.

    Raises StorageError: WB-DB-520 when a newer version made it, and those of ``engine.transaction``.
    """
    found = revision(engine)
    if found == REVISIONS[-1]:
        return
    _refuse_newer(engine, found)
    with transaction(engine, writing=True) as connection:
        found = _revision(connection)  # another process may have been first
        _refuse_newer(engine, found)
        if found == REVISIONS[-1]:
            return
        if found is not None:
            _put_copy_aside(engine, found)
        elif engine.dialect.name == "sqlite":
            _make(connection)
        if _revision(connection) != REVISIONS[-1]:
            _apply(connection)


def is_up_to_date(engine: Engine) -> bool:
    """Whether the store has every migration that there is, and no other."""
    return revision(engine) == REVISIONS[-1]


def revision(engine: Engine) -> str | None:
    """The last migration that the store has; ``None`` for an empty one."""
    with transaction(engine, writing=False) as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()
    return None if found is None else str(found)


def _refuse_newer(engine: Engine, found: str | None) -> None:
    if found is None or found in REVISIONS:
        return
    place = sqlite_file(engine) or engine.url.database
    raise StorageError(
        "WB-DB-520",
        f"the store {place} was made by a newer version of Workbench",
        cause=f"it is at revision {found}, this version knows up to {REVISIONS[-1]}",
        kept="Nothing in it was changed.",
        next="install the newer version: pip install --upgrade dataops-workbench",
    )


def _put_copy_aside(engine: Engine, found: str) -> None:
    path = sqlite_file(engine)
    if path is not None:
        copy_to(engine, path.with_name(f"{path.name}.before-{REVISIONS[-1]}-from-{found}"))


def statements(script: str) -> Iterator[str]:
    """The statements of ``script``, one or more lines each, of which only the last ends in a semicolon."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.endswith(";\n"):
            yield statement.strip()
            statement = ""


def _make(connection: Connection) -> None:
    """Fill an empty store as all migrations up to the one of ``WHOLE`` would."""
    for statement in statements(WHOLE.read_text(encoding="utf-8")):
        connection.exec_driver_sql(statement)


def _apply(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
