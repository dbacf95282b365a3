"""The table that a statement writes, and how the columns of a query find its columns."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from workbench.lineage.sql.flows import Relation
from workbench.lineage.sql.schemas import Parts
from workbench.lineage.sql.session import Held, Session
from workbench.model.lineage import WHOLE

BY_NAME = 0.7
"""How far it is trusted that a query's columns have the names of an unknown table's."""
BY_NAME_AMONG_UNKNOWN = 0.5
"""The same where the query takes columns that nobody knows, too."""


class Unread(Exception):
    """A statement that cannot be read by column."""


def parts_of(node: exp.Expr | None) -> Parts:
    """The parts of the name of the table that ``node`` is, or is around. Raises Unread for anything else."""
    while node is not None and not isinstance(node, exp.Table):
        node = node.this if isinstance(node.this, exp.Expr) else None
    if node is None or isinstance(node.this, exp.Func) or not node.parts:
        raise Unread
    return tuple(part.name for part in node.parts)


def fill(
    session: Session, held: Held, relation: Relation, names: Sequence[str] | None = None, *, by_name: bool = False
) -> None:
    """Let the columns of a query flow into those of a table: into ``names`` or all of them, by position or by name."""
    targets = names if names is not None else held.columns
    if relation.beyond is not None:
        session.flow(held, WHOLE, relation.beyond.every())
        for each in relation:
            flows = {key: trust * BY_NAME_AMONG_UNKNOWN for key, trust in each.flows.items()}
            session.flow(held, held.spelled(each.name), flows, each.text)
    elif by_name or targets is None:
        sure = 1.0 if by_name or held.made else BY_NAME
        for each in relation:
            flows = {key: trust * sure for key, trust in each.flows.items()}
            session.flow(held, held.spelled(each.name), flows, each.text)
    else:
        for name, each in zip(targets, relation, strict=False):
            session.flow(held, held.spelled(name), each.flows, each.text)
    session.flow(held, WHOLE, relation.rows)
