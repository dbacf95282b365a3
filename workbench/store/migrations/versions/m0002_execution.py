"""What execution tells beside its states: causes, retries, leases, triggers, and the instances of a step.

Attempts get the states of their own table of moves: what had succeeded is ``committed``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and their indexes, and translate the states of attempts."""
    for name in ("nominal_at", "deadline_at", "cancel"):
        _add("run", name)
    _add("run", "trigger", default="manual")
    op.add_column("run", sa.Column("repairs", sa.Integer, nullable=False, server_default=sa.text("'0'")))
    for name in ("base", "likeness"):
        _add("step_run", name)
    for name in ("key", "partition"):
        _add("step_run", name, default="{}")
    _add("step_run", "writes", default="[]")
    op.add_column("step_run", sa.Column("fence", sa.BigInteger, nullable=False, server_default=sa.text("'0'")))
    op.add_column("owner", sa.Column("ticks", sa.Float, nullable=False, server_default=sa.text("'0'")))
    _add("step_run", "upstream", default="[]")
    for name in ("not_before", "lease_until", "cause", "worker", "kept_until"):
        _add("attempt", name)
    op.execute("UPDATE step_run SET base = step")
    op.execute("UPDATE attempt SET state = 'committed' WHERE state = 'succeeded'")
    op.create_index("ix_step_run_likeness", "step_run", ["likeness"])
    op.create_index("ix_step_run_base_state", "step_run", ["base", "state"])
    op.create_index("ix_attempt_state", "attempt", ["state"])


def _add(table: str, name: str, default: str = "") -> None:
    op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=sa.text(f"'{default}'")))
