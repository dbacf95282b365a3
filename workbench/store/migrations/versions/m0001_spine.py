"""Runs, datasets, lineage, quality, reports and the audit log.

The first store there was. The audit log is append-only: on SQLite and PostgreSQL alike triggers refuse to change it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and both triggers."""
    _make_owners()
    _make_runs()
    _make_datasets()
    _make_snapshots()
    _make_findings()
    _make_audit()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable)


def _big(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable, autoincrement=False)


def _maybe(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=True)


def _table(
    name: str, *columns: Any, key: str, links: dict[str, str] | None = None, unique: tuple[str, ...] = ()
) -> None:
    keys = key.split()
    constraints: list[Any] = [sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}")]
    for column, target in (links or {}).items():
        constraints.append(sa.ForeignKeyConstraint([column], [target], name=f"fk_{name}_{column}"))
    for group in unique:
        parts = group.split()
        constraints.append(sa.UniqueConstraint(*parts, name=f"uq_{name}_{'_'.join(parts)}"))
    op.create_table(name, *columns, *constraints)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _make_owners() -> None:
    _table("counter", _text("name"), _big("value"), key="name")
    for name in ("fence", "audit"):
        op.execute(sa.text(f"INSERT INTO counter (name, value) VALUES ('{name}', 0)"))
    _table(
        "owner",
        _text("id"),
        _number("pid"),
        _text("started"),
        _text("boot"),
        _text("host"),
        _text("lease_until"),
        key="id",
    )


def _make_runs() -> None:
    _table(
        "run",
        *(_text(name) for name in ("id", "pipeline", "environment", "state", "parameters", "actor", "git_commit")),
        _text("created_at"),
        _text("ended_at"),
        _maybe("error"),
        _text("owner"),
        key="id",
        links={"owner": "owner.id"},
    )
    _index("run", "state")
    _index("run", "created_at")
    _index("run", "pipeline", "environment", "created_at")
    _table(
        "step_run",
        _text("id"),
        _text("run"),
        _number("position"),
        *(_text(name) for name in ("step", "notebook", "state", "reason")),
        _maybe("fingerprint"),
        *(_text(name) for name in ("parameters", "started_at", "ended_at")),
        _maybe("error"),
        _text("recorded"),
        _text("outputs"),
        _text("report"),
        key="id",
        links={"run": "run.id"},
        unique=("run step",),
    )
    _index("step_run", "step", "state", "ended_at")
    _table(
        "attempt",
        _text("id"),
        _text("step_run"),
        _number("number"),
        _text("state"),
        _big("fence"),
        *(_text(name) for name in ("folder", "started_at", "ended_at", "cells")),
        _maybe("error"),
        _text("owner"),
        key="id",
        links={"step_run": "step_run.id", "owner": "owner.id"},
        unique=("fence", "step_run number"),
    )


def _make_datasets() -> None:
    _table("dataset", *(_text(name) for name in ("name", "created_at", "description", "owner", "tags")), key="name")
    _table(
        "dataset_search",
        *(_text(name) for name in ("dataset", "words", "columns", "about")),
        key="dataset",
        links={"dataset": "dataset.name"},
    )
    _table("data_schema", _text("id"), _text("columns"), key="id")


def _make_snapshots() -> None:
    _table(
        "snapshot",
        _big("id"),
        _text("dataset"),
        _number("version", nullable=True),
        _big("parent", nullable=True),
        *(_text(name) for name in ("data_schema", "mode", "created_at", "environment")),
        _maybe("run"),
        _text("step"),
        _maybe("attempt"),
        _number("cell", nullable=True),
        _text("actor"),
        sa.Column("withheld", sa.Boolean, nullable=False),
        _big("rows"),
        _big("bytes"),
        _text("notes"),
        key="id",
        links={
            "dataset": "dataset.name",
            "data_schema": "data_schema.id",
            "run": "run.id",
            "attempt": "attempt.id",
        },
        unique=("dataset version",),
    )
    _index("snapshot", "run")
    _index("snapshot", "attempt")
    _index("snapshot", "dataset", "created_at")
    _table(
        "data_file",
        _number("id"),
        _text("path"),
        _big("rows"),
        _big("bytes"),
        _text("digest"),
        _text("partition"),
        key="id",
        unique=("path",),
    )
    _table(
        "snapshot_file",
        _big("snapshot"),
        _number("file"),
        _number("position"),
        key="snapshot file",
        links={"snapshot": "snapshot.id", "file": "data_file.id"},
    )
    _table(
        "pointer",
        _text("environment"),
        _text("dataset"),
        _big("snapshot"),
        _big("followed", nullable=True),
        _text("moved_at"),
        key="environment dataset",
        links={"dataset": "dataset.name", "snapshot": "snapshot.id"},
    )


def _make_findings() -> None:
    _table(
        "dataset_read",
        _number("id"),
        _text("attempt"),
        _text("dataset"),
        _big("snapshot"),
        _number("cell", nullable=True),
        _text("columns"),
        key="id",
        links={"attempt": "attempt.id", "dataset": "dataset.name", "snapshot": "snapshot.id"},
    )
    _index("dataset_read", "attempt")
    _index("dataset_read", "dataset")
    _table(
        "lineage_edge",
        _number("id"),
        _text("source"),
        _text("target"),
        _big("source_snapshot"),
        _big("target_snapshot"),
        *(_text(name) for name in ("run", "step", "attempt")),
        _number("cell", nullable=True),
        key="id",
    )
    _index("lineage_edge", "source")
    _index("lineage_edge", "target")
    _table(
        "check_result",
        _number("id"),
        _big("snapshot"),
        *(_text(name) for name in ("definition", "severity", "outcome", "observed", "expected")),
        _big("failing"),
        _big("rows"),
        _text("sample"),
        sa.Column("seconds", sa.Float, nullable=False),
        _text("error"),
        key="id",
        links={"snapshot": "snapshot.id"},
    )
    _index("check_result", "snapshot")
    _table(
        "profile",
        _big("snapshot"),
        _text("dataset"),
        _big("rows"),
        _text("columns"),
        key="snapshot",
        links={"snapshot": "snapshot.id", "dataset": "dataset.name"},
    )
    _table(
        "report",
        _text("id"),
        _maybe("run"),
        *(_text(name) for name in ("pipeline", "step", "title", "path", "digest", "created_at")),
        key="id",
        links={"run": "run.id"},
    )
    _index("report", "pipeline", "step", "created_at")


def _make_audit() -> None:
    _table(
        "audit_entry",
        _big("seq"),
        *(_text(name) for name in ("at", "actor", "action", "subject", "detail", "previous", "hash")),
        key="seq",
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{action.lower()} BEFORE {action} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
