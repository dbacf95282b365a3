"""What flows into the value of an expression."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from workbench.lineage.sql.flows import Beyond, Flows, Made, Relation, add, both, stronger
from workbench.lineage.sql.schemas import without_secrets
from workbench.lineage.sql.scope import Scope
from workbench.model.lineage import INDIRECT, WHOLE

Step = tuple[exp.Expr, str]
LONGEST = 300
"""Characters of an expression's text that are kept."""
_MOST_NODES = 400
_ROWS = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
"""Functions of a window that give the value of another row, and add nothing up."""
_EMPTY = (exp.Literal, exp.Identifier, exp.Var, exp.DataType, exp.Boolean, exp.Null, exp.Placeholder, exp.Parameter)


def flows(node: exp.Expr, scope: Scope, how: str = "identity") -> Flows:
    """What flows into the value of ``node`` in ``scope``, going on as ``how`` says.

    Walks with a stack of its own, for expressions may be deeper than Python's. Raises TooMuch.
    """
    found: Flows = {}
    waiting: list[Step] = [(node, how)]
    while waiting:
        one, how = waiting.pop()
        scope.reading.spend()
        if isinstance(one, _EMPTY):
            continue
        if isinstance(one, exp.Column) and not isinstance(one.this, exp.Star):
            add(found, scope.column(tuple(part.name for part in one.parts)), how)
        elif isinstance(one, (exp.Star, exp.Column)):
            add(found, _whole(one, scope), how)
        elif isinstance(one, exp.Columns):
            for made in starred(one, scope).columns:
                add(found, made.flows, stronger(how, "transformation"))
        elif isinstance(one, exp.Exists) and isinstance(one.this, exp.Query):
            _ask(one.this, scope, found, how, only_rows=True)
        elif isinstance(one, exp.Query):
            _ask(one, scope, found, how)
        else:
            waiting += reversed(_parts(one, how, scope))
    return found


def made(name: str, node: exp.Expr, scope: Scope, *, how: str = "identity") -> Made:
    """The column ``name`` that an expression makes, with the expression's text where it is more than a name."""
    return Made(name, flows(node, scope, how), "" if isinstance(node, exp.Column) else text(node, scope))


def text(node: exp.Expr, scope: Scope) -> str:
    """The text of an expression, without secrets and not too long; empty for one that is too large to be written."""
    nodes = 0
    for nodes, _ in enumerate(node.walk()):
        if nodes > _MOST_NODES:
            return ""
    scope.reading.spend(nodes)
    try:
        written = without_secrets(
            node.sql(dialect=scope.reading.dialect, comments=False, unsupported_level=ErrorLevel.IGNORE)
        )
    except (SqlglotError, RecursionError, ValueError):
        return ""
    return written if len(written) <= LONGEST else written[: LONGEST - 1] + "…"


def starred(node: exp.Expr, scope: Scope) -> Relation:
    """What ``*``, ``t.*`` or ``COLUMNS('…')`` stands for, with EXCLUDE, REPLACE and RENAME carried out."""
    star = node.this if isinstance(node, (exp.Column, exp.Columns)) else node
    qualifier = node.args["table"].name.casefold() if isinstance(node, exp.Column) and node.args.get("table") else None
    columns: list[Made] = []
    relations = [
        (alias, relation)
        for alias, relation in scope.sources.items()
        if alias == qualifier or (qualifier is None and alias not in scope.hidden)
    ]
    beyond: Beyond | None = None
    for alias, relation in relations:
        for each in relation:
            sharers = scope.shared.get(each.name.casefold()) if qualifier is None else None
            if sharers and alias in sharers and sharers[0] != alias:
                continue
            columns.append(Made(each.name, scope.column((each.name,)), each.text) if sharers else each)
        beyond = both(beyond, relation.beyond)
    scope.reading.spend(len(columns))
    if qualifier is not None and not relations:
        scope.reading.note(f"nothing here is named {qualifier[:200]}")
    all_of_it = Relation(tuple(columns), beyond)
    if isinstance(star, exp.Literal):
        return _matching(all_of_it, star.name)
    return _changed(all_of_it, star, scope)


def _matching(relation: Relation, pattern: str) -> Relation:
    try:
        found = re.compile(pattern)
    except re.error:
        return relation
    return Relation(tuple(made for made in relation if found.search(made.name)), relation.beyond)


def _changed(relation: Relation, star: exp.Expr, scope: Scope) -> Relation:
    args = star.args
    gone = args.get("except_") or args.get("except") or []
    relation = relation.without(each.name for each in _listed(gone))
    replaced = {each.alias.casefold(): each for each in _listed(args.get("replace") or [])}
    names = {
        each.this.name.casefold(): each.alias
        for each in _listed(args.get("rename") or [])
        if isinstance(each, exp.Alias)
    }
    if not replaced and not names:
        return relation
    columns = []
    for each in relation:
        new = replaced.get(each.name.casefold())
        column = made(each.name, new.this, scope) if new is not None else each
        columns.append(Made(names.get(each.name.casefold(), column.name), column.flows, column.text))
    return Relation(tuple(columns), relation.beyond)


def _listed(value: object) -> list[exp.Expr]:
    if isinstance(value, exp.Tuple):
        return list(value.expressions)
    return list(value) if isinstance(value, list) else []


def _whole(node: exp.Expr, scope: Scope) -> Flows:
    """What ``count(*)`` counts: the rows of the sources, or of one of them."""
    qualifier = node.args.get("table")
    chosen = list(scope.sources.values())
    if qualifier is not None:
        source = scope.sources.get(qualifier.name.casefold())
        chosen = [source] if source is not None else []
    return {(table, WHOLE, "identity"): 1.0 for source in chosen for table in sorted(source.tables)}


def _ask(node: exp.Expr, scope: Scope, found: Flows, how: str, *, only_rows: bool = False) -> None:
    relation = scope.ask(node, scope)
    if not only_rows:
        for column in relation:
            add(found, column.flows, stronger(how, "transformation"))
        if relation.beyond is not None:
            add(found, relation.beyond.every(), stronger(how, "transformation"))
    add(found, relation.rows, how if how in INDIRECT else "identity")
    if only_rows and not relation.rows:
        whole = {(table, WHOLE, "identity"): 1.0 for table in sorted(relation.tables)}
        add(found, whole, how if how in INDIRECT else "conditional")


def _parts(node: exp.Expr, how: str, scope: Scope) -> list[Step]:
    """The expressions inside one, each with how it goes on."""
    args = node.args
    value = stronger(how, "transformation")
    if isinstance(node, (exp.Paren, exp.Alias)):
        return [(node.this, how)]
    if isinstance(node, exp.Case):
        subject = args.get("this")
        decides = how if how in INDIRECT else "conditional"
        cases: list[Step] = [(subject, decides)] if subject is not None else []
        cases += [(each, how) for each in args.get("ifs") or []]
        return cases + _each(args.get("default"), value)
    if isinstance(node, exp.If):
        asked: list[Step] = [(node.this, how if how in INDIRECT else "conditional")]
        return asked + _each(args.get("true"), value) + _each(args.get("false"), value)
    if isinstance(node, exp.Comprehension):
        return _comprehension(node, value)
    if isinstance(node, exp.Window):
        return _window(node, how, scope)
    if isinstance(node, exp.Filter):
        return [(node.this, how), (node.expression, how if how in INDIRECT else "filter")]
    if isinstance(node, exp.Order):
        ordered = "sort" if args.get("this") is not None and how not in INDIRECT else how
        return _each(args.get("this"), how) + _each(node.expressions, ordered)
    if isinstance(node, (exp.AggFunc, exp.WithinGroup)):
        return _children(node, stronger(how, "aggregation"))
    return _children(node, value)


def _comprehension(node: exp.Expr, how: str) -> list[Step]:
    """``[x + a for x in list]``: the list, and every column but the name that its items have in between."""
    own = {name.name for key in ("expression", "position") if isinstance(name := node.args.get(key), exp.Expr)}
    inside = [each for key in ("this", "condition") if isinstance(each := node.args.get(key), exp.Expr)]
    columns = [column for each in inside for column in each.find_all(exp.Column) if column.parts[0].name not in own]
    return _each(node.args.get("iterator"), how) + [(column, how) for column in columns]


def _window(node: exp.Expr, how: str, scope: Scope) -> list[Step]:
    decides = how if how in INDIRECT else "window"
    inside = node.this
    function = inside.this if isinstance(inside, (exp.IgnoreNulls, exp.RespectNulls)) else inside
    found = _children(function, stronger(how, "transformation")) if isinstance(function, _ROWS) else [(inside, how)]
    parts = [node, *_named_windows(node, scope)]
    for part in parts:
        for key in ("partition_by", "order"):
            found += _each(part.args.get(key), decides)
    return found


def _named_windows(node: exp.Expr, scope: Scope) -> list[exp.Expr]:
    """The windows of the query that a window refers to by name, one through the other."""
    found: list[exp.Expr] = []
    name = node.args.get("alias")
    while name is not None and (window := scope.windows.get(name.name.casefold())) is not None and window not in found:
        found.append(window)
        name = window.args.get("alias")
    return found


def _each(value: object, how: str) -> list[Step]:
    if isinstance(value, exp.Expr):
        return [(value, how)]
    return [(each, how) for each in value if isinstance(each, exp.Expr)] if isinstance(value, list) else []


def _children(node: exp.Expr, how: str) -> list[Step]:
    return [step for value in node.args.values() for step in _each(value, how)]
