"""Schedules: who acts on them, how far they have been looked at, the ticks they gave; and the outbox of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the five tables."""
    op.create_table(
        "lease",
        *_texts("name"),
        sa.Column("pid", sa.Integer, nullable=False),
        *_texts("started", "boot", "host"),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("beats", sa.BigInteger, nullable=False),
        *_texts("taken_at"),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "standing",
        *_texts("pipeline", "trigger", "since", "paused_at", "paused_by", "facts"),
        sa.PrimaryKeyConstraint("pipeline", "trigger", name="pk_standing"),
    )
    op.create_table(
        "tick",
        *_texts("id", "pipeline", "trigger", "kind", "nominal", "nominal_at", "environment", "run", "parameters"),
        sa.Column("force", sa.Boolean, nullable=False),
        *_texts("state", "reason", "facts"),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        *_texts("not_before", "created_at", "moved_at"),
        sa.PrimaryKeyConstraint("id", name="pk_tick"),
        sa.UniqueConstraint("run", name="uq_tick_run"),
        sa.UniqueConstraint("pipeline", "trigger", "nominal", name="uq_tick_pipeline_trigger_nominal"),
    )
    op.create_index("ix_tick_state", "tick", ["state"])
    op.create_index("ix_tick_pipeline_trigger_nominal_at", "tick", ["pipeline", "trigger", "nominal_at"])
    op.create_table(
        "arrival",
        *_texts("pipeline", "trigger", "path"),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime", sa.BigInteger, nullable=False),
        *_texts("digest"),
        sa.PrimaryKeyConstraint("pipeline", "trigger", "path", name="pk_arrival"),
    )
    op.create_table(
        "outbox",
        *_texts("id", "run", "pipeline", "environment", "occasion", "receiver", "title", "body", "state"),
        sa.Column("tries", sa.Integer, nullable=False),
        *_texts("next_at", "claimed_until", "error", "created_at", "sent_at"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"])
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
