"""What one statement does: which query, table, view or file it writes from what."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sqlglot import exp

from workbench.lineage.sql.changes import delete, merge, update, upsert
from workbench.lineage.sql.flows import Relation
from workbench.lineage.sql.queries import UNNAMED, named, query, scope_of
from workbench.lineage.sql.schemas import Parts, joined, split
from workbench.lineage.sql.scope import Reading, Scope
from workbench.lineage.sql.session import Held, Session
from workbench.lineage.sql.targets import Unread, fill, parts_of

_RENAMED = re.compile(r"(?:\s*TABLE\b)?\s*(\S+)\s+TO\s+(\S+)\s*", re.IGNORECASE)


def carry_out(node: exp.Expr, session: Session, reading: Reading, result: str) -> None:
    """Let ``session`` know what a statement does; the columns of a bare query go to ``result``.

    Raises Unread, TooMuch and TooManyEdges.
    """
    scope = scope_of(reading)
    kind = next((each for each in _KINDS if isinstance(node, each)), None)
    if kind is not None:
        _KINDS[kind](node, session, scope)
    elif isinstance(node, (exp.Query, exp.Values, exp.Pivot)):
        _query(node, session, scope, result)
    elif isinstance(node, (exp.Summarize, exp.Describe)) and isinstance(node.this, (exp.Query, exp.Table)):
        query(node.this, scope)
    elif _word(node) == "RENAME":
        _rename(node, session)
    elif isinstance(node, exp.Execute) or _word(node) in ("CALL", "EXEC", "EXECUTE"):
        reading.note("what a procedure does is not read")
    elif not isinstance(node, _SILENT) and _word(node) not in _QUIET and node.find(exp.Table, exp.Command) is not None:
        raise Unread
    for change, within in reading.inside:
        next(act for kind, act in _KINDS.items() if isinstance(change, kind))(change, session, within)
    session.reads.update(reading.reads)


def _word(node: exp.Expr) -> str:
    """The first word of a command that was not read any further; empty for anything else."""
    return node.name.upper() if isinstance(node, exp.Command) else ""


def _query(node: exp.Expr, session: Session, scope: Scope, result: str) -> None:
    relation = query(node, scope)
    into = node.args.get("into")
    if into is not None:
        _made(session, scope, parts_of(into), relation, None, temporary=bool(into.args.get("temporary")))
        return
    fill(session, Held(result, None, made=True), relation)
    if result:
        session.wrote(result, scope.reading.reads)


def _made(
    session: Session, scope: Scope, parts: Parts, relation: Relation, names: Sequence[str] | None, *, temporary: bool
) -> None:
    """A table or view made from a query, its columns named by the list behind its name or by the query."""
    relation = relation.renamed(names or _names(session, parts, relation))
    before = session.replaced(parts)
    if before is not None:
        relation = relation.called(before)
    reads = [(before or {}).get(name, name) for name in scope.reading.reads]
    known = None if relation.beyond is not None else [each.name for each in relation]
    temporary = temporary or parts[-1].startswith("#")
    held = session.make(parts, known, temporary)
    if temporary:
        held.relation = relation
        return
    fill(session, held, relation)
    session.wrote(held.name, reads)
    for name in (before or {}).values():
        session.fold(name)


def _names(session: Session, parts: Parts, relation: Relation) -> Sequence[str]:
    """The names of a query's columns; those that it leaves to the engine as the table that it made has them."""
    known = session.target(parts).columns
    if relation.beyond is not None or known is None or len(known) != len(relation.columns):
        return ()
    return [there if each.name.startswith(UNNAMED) else each.name for each, there in zip(relation, known, strict=True)]


def _create(node: exp.Expr, session: Session, scope: Scope) -> None:
    kind = str(node.args.get("kind") or "").upper()
    if kind in ("FUNCTION", "PROCEDURE", "TRIGGER", "MACRO"):
        scope.reading.note(f"what a {kind.lower()} does when it is called is not read")
        return
    if kind not in ("TABLE", "VIEW"):
        return
    parts = parts_of(node.this)
    names = [each.name for each in node.this.expressions if isinstance(each, (exp.Identifier, exp.ColumnDef))]
    properties = node.args["properties"].expressions if node.args.get("properties") else []
    temporary = any(isinstance(each, exp.TemporaryProperty) for each in properties)
    source, clone = node.args.get("expression"), node.args.get("clone")
    like = next((each for each in properties if isinstance(each, exp.LikeProperty)), None)
    if isinstance(source, (exp.Query, exp.Values, exp.Pivot, exp.Table)):
        relation = query(source, scope.inner(named(node, scope)))
        _made(session, scope, parts, relation, names, temporary=temporary)
    elif clone is not None:
        _made(session, scope, parts, scope.reading.table(parts_of(clone)), names, temporary=temporary)
    elif like is not None:
        session.make(parts, session.target(parts_of(like)).columns, temporary)
    elif source is not None:
        raise Unread
    elif not (node.args.get("exists") and session.held(parts) is not None):
        session.make(parts, names or None, temporary)


def _insert(node: exp.Expr, session: Session, scope: Scope) -> None:
    parts = parts_of(node.this)
    held = session.target(parts)
    names = [each.name for each in node.this.expressions] if isinstance(node.this, exp.Schema) else None
    source = node.args.get("expression")
    if source is None:
        session.wrote(held.name, ())
        return
    relation = query(source, scope.inner(named(node, scope)))
    if not held.temporary:
        session.wrote(held.name, scope.reading.reads)
    fill(session, held, relation, names, by_name=bool(node.args.get("by_name")))
    if (conflict := node.args.get("conflict")) is not None:
        columns = names if names is not None else held.columns
        upsert(conflict, held, relation.renamed(columns or ()), session, scope)


def _copy(node: exp.Expr, session: Session, scope: Scope) -> None:
    paths = [_path(each) for each in node.args.get("files") or []]
    known = [path for path in paths if path]
    if node.args.get("kind"):
        held = session.target(parts_of(node.this))
        names = [each.name for each in node.this.expressions] if isinstance(node.this, exp.Schema) else None
        for path in known:
            relation = scope.reading.table((path,))
            fill(session, held, relation, names)
        session.wrote(held.name, scope.reading.reads)
        return
    if isinstance(node.this, exp.Schema):
        whole = scope.reading.table(parts_of(node.this))
        relation = Relation(
            tuple(each for name in node.this.expressions for each in (whole.listed(name.name),) if each is not None),
            whole.beyond,
            {},
            whole.tables,
        )
    else:
        relation = query(node.this, scope)
    for path in known:
        held = Held(joined((path,)), None, made=True)
        fill(session, held, relation)
        session.wrote(held.name, scope.reading.reads)


def _export(node: exp.Expr, session: Session, scope: Scope) -> None:
    relation = query(node.this, scope)
    for each in node.find_all(exp.Property):
        if each.name.casefold() == "uri":
            held = Held(joined((each.args["value"].name,)), None, made=True)
            fill(session, held, relation)
            session.wrote(held.name, scope.reading.reads)


def _load(node: exp.Expr, session: Session, scope: Scope) -> None:
    path = node.args.get("inpath")
    if not isinstance(path, exp.Literal):
        raise Unread
    held = session.target(parts_of(node.this))
    fill(session, held, scope.reading.table((path.name,)))
    session.wrote(held.name, scope.reading.reads)


def _cache(node: exp.Expr, session: Session, scope: Scope) -> None:
    if node.args.get("expression") is not None:
        _made(session, scope, parts_of(node.this), query(node.expression, scope), None, temporary=True)


def _rename(node: exp.Expr, session: Session) -> None:
    """RENAME TABLE a TO b, c TO d."""
    rest = node.expression
    for pair in str(rest.name if isinstance(rest, exp.Expr) else rest).split(","):
        match = _RENAMED.fullmatch(pair)
        if match is None:
            raise Unread
        old, new = (split(name.replace("`", '"')) for name in match.groups())
        session.rename(old, new)


def _path(node: exp.Expr) -> str:
    """The path of a file of COPY; empty for a stream."""
    inside = node.this if isinstance(node, exp.Table) else node
    return inside.name if isinstance(inside, exp.Literal) or "/" in node.name else ""


def _alter(node: exp.Expr, session: Session, scope: Scope) -> None:
    if str(node.args.get("kind") or "TABLE").upper() not in ("TABLE", "VIEW"):
        return
    parts = parts_of(node.this)
    for action in node.args.get("actions") or []:
        if isinstance(action, exp.AlterRename):
            session.rename(parts, parts_of(action.this))
        elif isinstance(action, exp.SwapTable):
            session.swap(parts, parts_of(action.this))
        elif isinstance(action, exp.RenameColumn):
            session.rename_column(parts, action.this.name, action.args["to"].name)
        elif isinstance(action, exp.ColumnDef):
            session.add_column(parts, action.name)
        elif isinstance(action, exp.Drop) and str(action.args.get("kind") or "").upper() == "COLUMN":
            session.drop_column(parts, action.this.name)


def _drop(node: exp.Expr, session: Session, scope: Scope) -> None:
    if str(node.args.get("kind") or "").upper() in ("TABLE", "VIEW", "MATERIALIZED VIEW"):
        for each in node.args.get("tables") or [node.this]:
            session.drop(parts_of(each))


def _rollback(node: exp.Expr, session: Session, scope: Scope) -> None:
    if node.args.get("savepoint") is not None:
        scope.reading.note("what was undone back to a savepoint is told as done")
    else:
        session.undo()


def _begin(node: exp.Expr, session: Session, scope: Scope) -> None:
    session.mark()


_QUIET_TEXT = """
SET USE PRAGMA SHOW EXPLAIN LOAD INSTALL ATTACH DETACH VACUUM ANALYZE GRANT REVOKE COMMENT CHECKPOINT
RESET LOCK UNLOCK DECLARE SAVEPOINT RELEASE LISTEN NOTIFY DISCARD OPTIMIZE REFRESH COMMIT END
"""
_QUIET = frozenset(_QUIET_TEXT.split())
"""Commands that move no data from column to column, as far as their first word tells."""

_SILENT = (
    exp.Use,
    exp.Set,
    exp.Pragma,
    exp.Attach,
    exp.Detach,
    exp.Commit,
    exp.TruncateTable,
    exp.Comment,
    exp.Grant,
    exp.Show,
    exp.Kill,
    exp.Analyze,
    exp.Describe,
    exp.Summarize,
)
"""Statements that move no data from column to column."""
_KINDS: dict[type[exp.Expr], Callable[[exp.Expr, Session, Scope], None]] = {
    exp.Create: _create,
    exp.Insert: _insert,
    exp.Update: update,
    exp.Delete: delete,
    exp.Merge: merge,
    exp.Copy: _copy,
    exp.Export: _export,
    exp.LoadData: _load,
    exp.Cache: _cache,
    exp.Alter: _alter,
    exp.Drop: _drop,
    exp.Transaction: _begin,
    exp.Rollback: _rollback,
}
