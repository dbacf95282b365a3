"""The tables of the store, as they are after the last migration; the migrations make them, never this file."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from workbench.model.plain import to_plain

_EMPTY: dict[type, str] = {dict: "{}", list: "[]", tuple: "[]"}
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def plain_text(value: Any) -> str:
    """A noun as the text that a column of type Plain holds."""
    if not value and type(value) in _EMPTY:  # most of them, and much faster made than encoded
        return _EMPTY[type(value)]
    return _ENCODER.encode(to_plain(value))


class Plain(TypeDecorator[Any]):
    """A noun in its plain form as JSON text, in ASCII, so that no text can break a database's encoding."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else plain_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value == "{}":  # most of them, and much faster made than read
            return {}
        return None if value is None else json.loads(value)


class Words(TypeDecorator[str]):
    """Text that every database takes: what is no character (a lone surrogate, NUL) is written out as an escape."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Words, nullable=False, **options)


def _plain(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Plain, nullable=nullable)


def _later(name: str, kind: Any = Words, default: str = "") -> Column[Any]:
    """A column that a later migration added, with what the rows there were before hold in it."""
    return Column(name, kind, nullable=False, server_default=text(f"'{default}'"))


def _link(name: str, target: str, *, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column(name, ForeignKey(target), nullable=nullable, **options)


counter = Table(
    "counter",
    metadata,
    _text("name", primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""``fence``: the last fence given; ``audit``: the number of the last entry."""

owner = Table(
    "owner",
    metadata,
    _text("id", primary_key=True),
    Column("pid", Integer, nullable=False),
    _text("started"),
    _text("boot"),
    _text("host"),
    _text("lease_until"),
    _later("ticks", Float, "0"),
)
"""A runner. ``lease_until`` is for other hosts; on its own, ``ticks`` is what the steady clock reads at that time."""

run = Table(
    "run",
    metadata,
    _text("id", primary_key=True),
    _text("pipeline"),
    _text("environment"),
    _text("state", index=True),
    _plain("parameters"),
    _text("actor"),
    _text("git_commit"),
    _text("created_at", index=True),
    _text("ended_at"),
    _plain("error", nullable=True),
    _link("owner", "owner.id"),
    _later("trigger", default="manual"),
    _later("nominal_at"),
    _later("deadline_at"),
    _later("cancel"),
    _later("repairs", Integer, "0"),
    Index(None, "pipeline", "environment", "created_at"),
)
"""``cancel`` is who asked for its end."""

step_run = Table(
    "step_run",
    metadata,
    _text("id", primary_key=True),
    _link("run", "run.id"),
    Column("position", Integer, nullable=False),
    _text("step"),
    _text("notebook"),
    _text("state"),
    _text("reason"),
    _plain("fingerprint", nullable=True),
    _plain("parameters"),
    _text("started_at"),
    _text("ended_at"),
    _plain("error", nullable=True),
    _plain("recorded"),
    _plain("outputs"),
    _text("report"),
    _later("base"),
    _later("key", Plain, "{}"),
    _later("partition", Plain, "{}"),
    _later("likeness"),
    _later("upstream", Plain, "[]"),
    _later("writes", Plain, "[]"),
    _later("fence", BigInteger, "0"),
    UniqueConstraint("run", "step"),
    Index(None, "step", "state", "ended_at"),
    Index(None, "likeness"),
    Index(None, "base", "state"),
)
"""``writes`` are the datasets it is going to write; ``fence`` is the one of the attempt that was claimed last."""

attempt = Table(
    "attempt",
    metadata,
    _text("id", primary_key=True),
    _link("step_run", "step_run.id"),
    Column("number", Integer, nullable=False),
    _text("state"),
    Column("fence", BigInteger, nullable=False, unique=True),
    _text("folder"),
    _text("started_at"),
    _text("ended_at"),
    _plain("cells"),
    _plain("error", nullable=True),
    _link("owner", "owner.id"),
    _later("not_before"),
    _later("lease_until"),
    _later("cause"),
    _later("worker"),
    _later("kept_until"),
    UniqueConstraint("step_run", "number"),
    Index(None, "state"),
)

dataset = Table(
    "dataset",
    metadata,
    _text("name", primary_key=True),
    _text("created_at"),
    _text("description"),
    _text("owner"),
    _plain("tags"),
)

dataset_search = Table(
    "dataset_search",
    metadata,
    _link("dataset", "dataset.name", primary_key=True),
    _text("words"),
    _text("columns"),
    _text("about"),
)
"""What a dataset is found by, in lower case with a space at both ends; made anew whenever its row or schema changes."""

data_schema = Table(
    "data_schema",
    metadata,
    _text("id", primary_key=True),
    _plain("columns"),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _link("dataset", "dataset.name"),
    Column("version", Integer, nullable=True),
    Column("parent", BigInteger, nullable=True),
    _link("data_schema", "data_schema.id"),
    _text("mode"),
    _text("created_at"),
    _text("environment"),
    _link("run", "run.id", nullable=True, index=True),
    _text("step"),
    _link("attempt", "attempt.id", nullable=True, index=True),
    Column("cell", Integer, nullable=True),
    _text("actor"),
    Column("withheld", Boolean, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    _plain("notes"),
    Column("root", BigInteger, nullable=True, index=True),
    UniqueConstraint("dataset", "version"),
    Index(None, "dataset", "created_at"),
)
"""``version`` is null while withheld; ``rows`` and ``bytes`` are sums over the files, kept for lists.

``root`` is the snapshot back to which ``snapshot_file`` tells only changes; null when it has all files of this one.
"""

data_file = Table(
    "data_file",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("path", unique=True),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    _text("digest"),
    _plain("partition"),
)

snapshot_file = Table(
    "snapshot_file",
    metadata,
    _link("snapshot", "snapshot.id", primary_key=True),
    _link("file", "data_file.id", primary_key=True),
    Column("position", Integer, nullable=False),
)

pointer = Table(
    "pointer",
    metadata,
    _text("environment", primary_key=True),
    _link("dataset", "dataset.name", primary_key=True),
    _link("snapshot", "snapshot.id"),
    Column("followed", BigInteger, nullable=True),
    _text("moved_at"),
)
"""What is current in each environment; ``followed`` is the snapshot that the Iceberg branch points to."""

dataset_read = Table(
    "dataset_read",
    metadata,
    Column("id", Integer, primary_key=True),
    _link("attempt", "attempt.id", index=True),
    _link("dataset", "dataset.name", index=True),
    _link("snapshot", "snapshot.id"),
    Column("cell", Integer, nullable=True),
    _plain("columns"),
)

lineage_edge = Table(
    "lineage_edge",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("source", index=True),
    _text("target", index=True),
    Column("source_snapshot", BigInteger, nullable=False),
    Column("target_snapshot", BigInteger, nullable=False),
    _text("run"),
    _text("step"),
    _text("attempt"),
    Column("cell", Integer, nullable=True),
)

check_result = Table(
    "check_result",
    metadata,
    Column("id", Integer, primary_key=True),
    _link("snapshot", "snapshot.id", index=True),
    _plain("definition"),
    _text("severity"),
    _text("outcome"),
    _text("observed"),
    _text("expected"),
    Column("failing", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    _plain("sample"),
    Column("seconds", Float, nullable=False),
    _text("error"),
)

profile = Table(
    "profile",
    metadata,
    _link("snapshot", "snapshot.id", primary_key=True),
    _link("dataset", "dataset.name"),
    Column("rows", BigInteger, nullable=False),
    _plain("columns"),
)

report = Table(
    "report",
    metadata,
    _text("id", primary_key=True),
    _link("run", "run.id", nullable=True),
    _text("pipeline"),
    _text("step"),
    _text("title"),
    _text("path"),
    _text("digest"),
    _text("created_at"),
    Index(None, "pipeline", "step", "created_at"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("detail"),
    _text("previous"),
    _text("hash"),
)
"""``detail`` is canonical JSON. Triggers forbid UPDATE and DELETE."""

lease = Table(
    "lease",
    metadata,
    _text("name", primary_key=True),
    Column("pid", Integer, nullable=False),
    _text("started"),
    _text("boot"),
    _text("host"),
    Column("fence", BigInteger, nullable=False),
    Column("beats", BigInteger, nullable=False),
    _text("taken_at"),
)

standing = Table(
    "standing",
    metadata,
    _text("pipeline", primary_key=True),
    _text("trigger", primary_key=True),
    _text("since"),
    _text("paused_at"),
    _text("paused_by"),
    _plain("facts"),
)

tick = Table(
    "tick",
    metadata,
    _text("id", primary_key=True),
    _text("pipeline"),
    _text("trigger"),
    _text("kind"),
    _text("nominal"),
    _text("nominal_at"),
    _text("environment"),
    _text("run", unique=True),
    _plain("parameters"),
    Column("force", Boolean, nullable=False),
    _text("state"),
    _text("reason"),
    _plain("facts"),
    Column("depth", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    _text("not_before"),
    _text("created_at"),
    _text("moved_at"),
    UniqueConstraint("pipeline", "trigger", "nominal"),
    Index(None, "state"),
    Index(None, "pipeline", "trigger", "nominal_at"),
)
"""``run`` is no link: the id is chosen before there is a run."""

arrival = Table(
    "arrival",
    metadata,
    _text("pipeline", primary_key=True),
    _text("trigger", primary_key=True),
    _text("path", primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime", BigInteger, nullable=False),
    _text("digest"),
)
"""Files as they last arrived, so that they need not be read again to know that they are not new."""

outbox = Table(
    "outbox",
    metadata,
    _text("id", primary_key=True),
    _text("run"),
    _text("pipeline"),
    _text("environment"),
    _text("occasion"),
    _text("receiver"),
    _text("title"),
    _text("body"),
    _text("state"),
    Column("tries", Integer, nullable=False),
    _text("next_at"),
    _text("claimed_until"),
    _text("error"),
    _text("created_at"),
    _text("sent_at"),
    Index(None, "state", "next_at"),
    Index(None, "created_at"),
)
"""``id`` follows from run, occasion and receiver, so that nobody is told twice."""
