"""Migrations: they make what the tables say, whole or not at all, and never go backward."""

from __future__ import annotations

import ast
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from workbench.model.errors import StorageError
from workbench.store import upgrade
from workbench.store.engine import connect
from workbench.store.tables import metadata
from workbench.store.transaction import Store

LAST = upgrade.REVISIONS[-1]
NEXT = '''"""Another table."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{last}"
def upgrade():
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
    {then}
'''


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The migrations with one more, as a later version would have them; a test writes it."""
    folder = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(upgrade, "MIGRATIONS", folder)
    monkeypatch.setattr(upgrade, "REVISIONS", (*upgrade.REVISIONS, "9999"))
    return folder / "versions" / "m9999_extra.py"


def ask(file: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def test_the_migrations_make_what_the_tables_say(store: Store, url: str) -> None:
    engine = connect(url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "version_table": upgrade.VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


def test_a_new_store_is_as_the_migrations_make_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "_make", lambda connection: None)
    Store.open(f"sqlite:///{tmp_path}/migrated.db").close()
    with closing(sqlite3.connect(tmp_path / "migrated.db")) as connection:
        dump = [line for line in connection.iterdump() if "sqlite_sequence" not in line][1:-1]
    aside = tmp_path / "whole.sql"
    aside.write_text("\n".join(dump) + "\n")
    assert upgrade.WHOLE.read_text() == aside.read_text(), f"after a change of the migrations, take over {aside}"
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        assert [line for line in connection.iterdump() if "sqlite_sequence" not in line][1:-1] == dump


def test_every_migration_is_known_in_order_explained_and_apart_from_the_tables() -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == upgrade.REVISIONS
    for script in scripts:
        tree = ast.parse(Path(script.path).read_text(encoding="utf-8"))
        assert ast.get_docstring(tree)
        imports = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not any(str(module).startswith("workbench") for module in imports)


def test_the_migrations_speak_postgresql_too() -> None:
    written = StringIO()
    config = Config(output_buffer=written, attributes={"dialect": "postgresql", "version_table": upgrade.VERSION_TABLE})
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    command.upgrade(config, "head", sql=True)
    assert "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry" in written.getvalue()
    assert "id SERIAL NOT NULL" in written.getvalue()


def test_f42_a_newer_store_is_refused_untouched(store: Store, url: str, tmp_path: Path) -> None:
    store.close()
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("UPDATE workbench_version SET version_num = '0999'")
        connection.commit()
    before = (tmp_path / "store.db").read_bytes()
    with pytest.raises(StorageError, match=rf"WB-DB-520.*0999.*{upgrade.REVISIONS[-1]}"):
        Store.open(url)
    assert (tmp_path / "store.db").read_bytes() == before


def test_f42_an_older_store_is_copied_aside_and_brought_up_to_date(
    store: Store, url: str, tmp_path: Path, newer: Path
) -> None:
    with store.writing() as transaction:
        transaction.datasets.describe("a.b", "kept")
    store.close()
    newer.write_text(NEXT.format(last=LAST, then=""))
    with Store.open(url) as opened, opened.reading() as transaction:
        assert transaction.datasets.names() == ("a.b",)
    assert ask(tmp_path / "store.db", "SELECT version_num FROM workbench_version") == [("9999",)]
    (copy,) = tmp_path.glob("store.db.before-9999*")
    assert ask(copy, "SELECT name, description FROM dataset") == [("a.b", "kept")]
    assert ask(copy, "SELECT version_num FROM workbench_version") == [(LAST,)]


def test_f42_a_migration_that_fails_leaves_the_store_as_it_was(
    store: Store, url: str, tmp_path: Path, newer: Path
) -> None:
    store.close()
    newer.write_text(NEXT.format(last=LAST, then='op.execute("INSERT INTO nowhere VALUES (1)")'))
    with pytest.raises(StorageError, match=r"WB-DB-512.*nowhere"):
        Store.open(url)
    assert ask(tmp_path / "store.db", "SELECT version_num FROM workbench_version") == [(LAST,)]
    assert ask(tmp_path / "store.db", "SELECT name FROM sqlite_master WHERE name = 'extra'") == []


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from workbench.store import upgrade
from workbench.store.transaction import Store

url, folder, where = sys.argv[1:]
upgrade.MIGRATIONS, upgrade.REVISIONS = Path(folder), (*upgrade.REVISIONS, "9999")
die = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
if where == "before the copy":
    upgrade.copy_to = die
if where == "after the copy":
    upgrade._apply = die
if where == "before the commit":
    real = upgrade._apply
    upgrade._apply = lambda connection: (real(connection), event.listen(Engine, "commit", die))
Store.open(url)
"""


@pytest.mark.parametrize("where", ["before the copy", "after the copy", "in the middle", "before the commit"])
def test_f42_a_migration_that_is_killed_leaves_the_old_store_and_a_copy(
    store: Store, url: str, tmp_path: Path, newer: Path, where: str
) -> None:
    with store.writing() as transaction:
        transaction.datasets.describe("a.b", "kept")
    store.close()
    die = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)" if where == "in the middle" else ""
    newer.write_text(NEXT.format(last=LAST, then=die))
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(newer.parent.parent), where], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert ask(tmp_path / "store.db", "SELECT version_num FROM workbench_version") == [(LAST,)]
    assert ask(tmp_path / "store.db", "SELECT name FROM sqlite_master WHERE name = 'extra'") == []
    assert ask(tmp_path / "store.db", "PRAGMA integrity_check") == [("ok",)]
    copies = list(tmp_path.glob("store.db.before-9999*"))
    assert len(copies) == (where != "before the copy")
    for copy in copies:
        assert ask(copy, "SELECT name FROM dataset") == [("a.b",)]
    newer.write_text(NEXT.format(last=LAST, then=""))
    with Store.open(url) as opened, opened.reading() as transaction:
        assert transaction.datasets.names() == ("a.b",)
    assert ask(tmp_path / "store.db", "SELECT version_num FROM workbench_version") == [("9999",)]
