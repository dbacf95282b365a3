"""Run by Alembic: applies the migrations on the connection, and in the transaction, that ``store.upgrade`` holds."""

from __future__ import annotations

from alembic import context

_given = context.config.attributes
context.configure(
    connection=_given.get("connection"),
    dialect_name=_given.get("dialect"),
    version_table=_given["version_table"],
    transactional_ddl=True,
)
context.run_migrations()
