"""Snapshots that are told by what came and went since the one that they were built on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add where the whole list of a snapshot's files is; what is there already has its own."""
    op.add_column("snapshot", sa.Column("root", sa.BigInteger, nullable=True))
    op.create_index("ix_snapshot_root", "snapshot", ["root"])
