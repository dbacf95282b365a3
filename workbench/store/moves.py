"""The guard of every state: a row moves only as the table of moves lets it, and only for who holds its fence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, update

from workbench.model.errors import NotFound
from workbench.model.run import ATTEMPT_MOVES, MOVES, AttemptState, State, check_move
from workbench.store import tables
from workbench.store.rows import now
from workbench.store.run_rows import taken

OPEN = tuple(state.value for state in State if not state.final)
OPEN_ATTEMPTS = tuple(state.value for state in AttemptState if not state.final)
AT_WORK = (AttemptState.CLAIMED.value, AttemptState.RUNNING.value, AttemptState.STAGED.value)
"""States of an attempt that somebody carries out."""
_TAKEN = frozenset({State.LOST, State.CANCELLED})
"""States that somebody else puts a run in behind its owner's back."""


def move(
    connection: Connection,
    table: Table,
    identifier: str,
    to: State | AttemptState,
    values: Mapping[str, Any],
    *,
    fence: int | None = None,
) -> None:
    """Move one row to a state and set ``values``, as the holder of ``fence`` where one is given.

    Raises InternalError (WB-INT-998) for a move that is in no table, NotFound (WB-RUN-403), and Conflict (WB-RUN-120)
    when another fence holds the row or it was taken from us.
    """
    moves: Mapping[Any, frozenset[Any]] = ATTEMPT_MOVES if table is tables.attempt else MOVES
    before = [state.value for state, targets in moves.items() if to in targets]
    ended = {"ended_at": now()} if to.final else {}
    statement = update(table).where(table.c.id == identifier, table.c.state.in_(before))
    if fence is not None:
        statement = statement.where(table.c.fence == fence)
    if connection.execute(statement.values({**values, **ended, "state": to.value})).rowcount != 1:
        _refuse(connection, table, identifier, to, fence)


def _refuse(connection: Connection, table: Table, identifier: str, to: State | AttemptState, fence: int | None) -> None:
    row = connection.execute(select(table).where(table.c.id == identifier)).mappings().first()
    what = table.name.replace("_", " ")
    if row is None:
        raise NotFound("WB-RUN-403", f'there is no {what} "{identifier}"')
    state = type(to)(row["state"])
    if state not in _TAKEN and (fence is None or row["fence"] == fence):
        check_move(state, to)
    raise taken(what, identifier, state)
