"""What UPDATE, DELETE, MERGE and INSERT … ON CONFLICT do with the columns of the table that they change."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from workbench.lineage.sql.expressions import flows, text
from workbench.lineage.sql.flows import Flows, Relation, add, gathered, table
from workbench.lineage.sql.queries import named
from workbench.lineage.sql.scope import Scope
from workbench.lineage.sql.session import Held, Session
from workbench.lineage.sql.sources import joined, put
from workbench.lineage.sql.targets import fill, parts_of
from workbench.model.lineage import WHOLE


def update(node: exp.Expr, session: Session, outer: Scope) -> None:
    """UPDATE: what is set flows into its column; what chooses the rows decides on the columns that are set."""
    scope = outer.inner(named(node, outer))
    held, own = _target(node.this, node, session, scope)
    _more_sources(node, scope, own)
    deciding = gathered(source.rows for source in scope.sources.values())
    _where(node, scope, deciding)
    settings = [each for each in node.expressions if isinstance(each, exp.EQ)]
    if not held.temporary:
        session.wrote(held.name, scope.reading.reads)
    for column in _set(held, settings, session, scope, own):
        session.flow(held, column, deciding)


def delete(node: exp.Expr, session: Session, outer: Scope) -> None:
    """DELETE: what chooses the rows decides on the whole table."""
    scope = outer.inner(named(node, outer))
    chosen = node.args.get("tables") or []
    held, own = _target(chosen[0] if chosen else node.this, node, session, scope)
    if chosen and isinstance(node.this, exp.Table):
        _put_unless(scope, node.this, own)
    _more_sources(node, scope, own)
    deciding = gathered(source.rows for source in scope.sources.values())
    _where(node, scope, deciding)
    if not held.temporary:
        session.wrote(held.name, scope.reading.reads)
    session.flow(held, WHOLE, deciding)


def merge(node: exp.Expr, session: Session, outer: Scope) -> None:
    """MERGE: the condition joins for the whole table; each WHEN sets, inserts or deletes under its own condition."""
    scope = outer.inner(named(node, outer))
    held, own = _target(node.this, node, session, scope)
    (other, *_) = put(scope, node.args["using"])
    deciding = flows(node.args["on"], scope, "join")
    add(deciding, scope.sources[other].rows)
    if not held.temporary:
        session.wrote(held.name, scope.reading.reads)
    session.flow(held, WHOLE, deciding)
    whens = node.args.get("whens")
    for when in whens.expressions if whens is not None else node.expressions:
        condition = when.args.get("condition")
        asked = flows(condition, scope, "conditional") if condition is not None else {}
        then = when.args.get("then")
        if isinstance(then, exp.Update):
            columns = _merge_set(held, then, session, scope, own, other)
        elif isinstance(then, exp.Insert):
            columns = _merge_insert(held, then, session, scope, own, other)
        else:
            columns = [WHOLE] if isinstance(then, exp.Var) and then.name.upper() == "DELETE" else []
        for column in columns:
            session.flow(held, column, asked)


def upsert(node: exp.Expr, held: Held, excluded: Relation, session: Session, outer: Scope) -> None:
    """ON CONFLICT DO UPDATE: set from the row that was to be inserted, under the columns that conflicted."""
    scope = outer.inner(outer.ctes)
    own = scope.put(held.name.rpartition(".")[2], _relation(held))
    scope.put("excluded", excluded)
    keys: Flows = {}
    for key in node.args.get("conflict_keys") or []:
        column = key.this if isinstance(key, exp.Ordered) else key
        if isinstance(column, exp.Column):
            add(keys, excluded.column(column.name) or {}, "conditional")
    _where(node, scope, keys)
    settings = [each for each in node.expressions if isinstance(each, exp.EQ)]
    for column_name in _set(held, settings, session, scope, own):
        session.flow(held, column_name, keys)


def _target(node: exp.Expr | None, whole: exp.Expr, session: Session, scope: Scope) -> tuple[Held, str]:
    """The table that is changed, made a source of the scope; in some dialects it is named by an alias behind FROM.

    Gives it with its alias.
    """
    parts = parts_of(node)
    alias = node.alias_or_name if node is not None else ""
    behind = whole.args.get("from_") or whole.args.get("from")
    for one in whole.find_all(exp.Table) if behind is not None or whole.args.get("tables") else ():
        if len(parts) == 1 and one is not node and one.alias and one.alias.casefold() == parts[0].casefold():
            parts, alias = tuple(part.name for part in one.parts), one.alias
            break
    held = session.target(parts)
    own = scope.put(alias, _relation(held))
    if isinstance(node, exp.Table):
        for join in node.args.get("joins") or []:
            joined(scope, join, [own])
    return held, own


def _relation(held: Held) -> Relation:
    return held.relation if held.temporary else table(held.name, held.columns)


def _more_sources(node: exp.Expr, scope: Scope, own: str) -> None:
    """What stands behind FROM and USING, except for the table that is changed."""
    behind = node.args.get("from_") or node.args.get("from")
    using = node.args.get("using") or []
    sources = [behind.this] if isinstance(behind, exp.From) else []
    for source in (*sources, *(using if isinstance(using, list) else [using])):
        _put_unless(scope, source, own)


def _put_unless(scope: Scope, source: exp.Expr, own: str) -> None:
    if isinstance(source, exp.Table) and source.alias_or_name.casefold() == own:
        for join in source.args.get("joins") or []:
            joined(scope, join, [own])
    else:
        put(scope, source)


def _where(node: exp.Expr, scope: Scope, deciding: Flows) -> None:
    where = node.args.get("where")
    if isinstance(where, exp.Expr):
        add(deciding, flows(where, scope, "filter"))


def _set(held: Held, settings: Iterable[exp.Expr], session: Session, scope: Scope, own: str) -> list[str]:
    """Carry out ``a = …`` and ``(a, b) = (…)``; gives the columns that are set."""
    columns: list[str] = []
    for each in settings:
        left, right = each.this, each.expression
        if isinstance(left, (exp.Tuple, exp.Paren)):
            columns += _set_many(held, left, right, session, scope)
            continue
        qualifier = left.args.get("table")
        if qualifier is not None and qualifier.name.casefold() not in (own, held.name.casefold()):
            scope.reading.note(f"only the first table of the UPDATE is told, not {qualifier.name[:200]}")
            continue
        column = held.spelled(left.name)
        shown = "" if isinstance(right, exp.Column) else text(right, scope)
        session.flow(held, column, flows(right, scope), shown)
        columns.append(column)
    return columns


def _set_many(held: Held, left: exp.Expr, right: exp.Expr, session: Session, scope: Scope) -> list[str]:
    lefts = [held.spelled(each.name) for each in left.expressions or [left.this]]
    inside = right.unnest()
    if isinstance(inside, exp.Query):
        relation = scope.ask(inside, scope)
        for name, each in zip(lefts, relation, strict=False):
            session.flow(held, name, each.flows, each.text)
            session.flow(held, name, relation.rows)
    else:
        for name, value in zip(lefts, inside.expressions or [inside], strict=False):
            session.flow(held, name, flows(value, scope))
    return lefts


def _merge_set(held: Held, then: exp.Expr, session: Session, scope: Scope, own: str, other: str) -> list[str]:
    if then.expressions and not isinstance(then.expressions[0], exp.Star):
        return _set(held, [each for each in then.expressions if isinstance(each, exp.EQ)], session, scope, own)
    return _by_name(held, scope.sources[other], session)


def _merge_insert(held: Held, then: exp.Expr, session: Session, scope: Scope, own: str, other: str) -> list[str]:
    values = then.args.get("expression")
    if isinstance(then.this, exp.Var):  # INSERT ROW
        source = scope.sources[other]
        fill(session, held, Relation(source.columns, source.beyond, {}, source.tables))
        return list(held.columns or (WHOLE,))
    if not isinstance(values, exp.Tuple):
        return _by_name(held, scope.sources[other], session)
    listed = then.this
    names = [each.name for each in listed.expressions] if isinstance(listed, exp.Tuple) else list(held.columns or ())
    if isinstance(listed, exp.Paren):
        names = [listed.this.name]
    if not names:
        found = gathered(flows(each, scope) for each in values.expressions)
        session.flow(held, WHOLE, found)
        return [WHOLE]
    alone = scope.inner(scope.ctes)
    alone.sources[other] = scope.sources[other]  # what is inserted knows no row of the table
    columns = [held.spelled(name) for name in names]
    for column, value in zip(columns, values.expressions, strict=False):
        shown = "" if isinstance(value, exp.Column) else text(value, scope)
        session.flow(held, column, flows(value, alone), shown)
    return columns


def _by_name(held: Held, source: Relation, session: Session) -> list[str]:
    """All columns of the source that the table has as well; gives their names."""
    known = {name.casefold() for name in held.columns or ()}
    columns = tuple(each for each in source if not known or each.name.casefold() in known)
    fill(session, held, Relation(columns, source.beyond, {}, source.tables), by_name=True)
    return [held.spelled(each.name) for each in columns]
