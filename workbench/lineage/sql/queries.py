"""What a query makes: SELECT, its CTEs and set operations, to a relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from workbench.lineage.sql.expressions import flows, made, starred
from workbench.lineage.sql.flows import Beyond, Flows, Made, Relation, add, both, gathered, table
from workbench.lineage.sql.scope import Reading, Scope, TooMuch
from workbench.lineage.sql.sources import everything, joined, pivoted, put, relation

MOST_COLUMNS = 20_000
"""Columns of one relation; a chain of stars over joins of one table with itself doubles them."""
UNNAMED = "_col_"
"""Before the number of a column that its query does not name; engines have names of their own for these."""
_ROUNDS = 4
"""How often a recursive query is read again until nothing new flows."""


def scope_of(reading: Reading) -> Scope:
    """The scope around a statement."""
    return Scope(reading, query)


def query(node: exp.Expr, outer: Scope) -> Relation:
    """The relation that ``node`` makes inside ``outer``. Raises TooMuch."""
    outer.reading.spend()
    scope = outer.inner(named(node, outer))
    if isinstance(node, exp.Subquery):
        found = _wrapped(node, scope)
    elif isinstance(node, exp.Select):
        found = _select(node, scope)
    elif isinstance(node, exp.SetOperation):
        found = _set_operation(node, scope)
    elif isinstance(node, exp.Values):
        found = _values(node, scope)
    elif isinstance(node, exp.Pivot):
        found = pivoted(scope, relation(scope, node.this), node)
    elif isinstance(node, exp.Table):
        found = relation(scope, node)
    elif isinstance(node, (exp.Insert, exp.Update, exp.Delete)) and node.args.get("returning") is not None:
        found = _returned(node, scope)
    else:
        outer.reading.note(f"what {type(node).__name__.upper()} gives is not known by column")
        found = _anything(node, scope)
    if len(found.columns) > MOST_COLUMNS:
        raise TooMuch
    return found


def named(node: exp.Expr, outer: Scope) -> Mapping[str, Relation]:
    """The queries that are known by name inside ``node``: those around it, then those of its WITH."""
    with_ = node.args.get("with_") or node.args.get("with")
    if with_ is None:
        return outer.ctes
    known = dict(outer.ctes)
    for cte in with_.expressions:
        names = [column.name for column in cte.args["alias"].columns]
        key = cte.alias.casefold()
        if with_.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
            known[key] = _recursive(cte, names, key, outer.inner(known))
        else:
            known[key] = query(cte.this, outer.inner(known)).renamed(names)
    return known


def _recursive(cte: exp.Expr, names: Iterable[str], key: str, scope: Scope) -> Relation:
    """Read the anchor, then the whole with the anchor's columns under its name, until nothing new flows."""
    names = list(names)
    first = cte.this
    while isinstance(first, exp.SetOperation):
        first = first.this
    known = dict(scope.ctes)
    known.pop(key, None)
    found = query(first, scope.inner(known)).renamed(names)
    for _ in range(_ROUNDS):
        again = query(cte.this, scope.inner({**known, key: found})).renamed(names)
        same = [each.flows for each in again] == [each.flows for each in found] and again.rows == found.rows
        found = again
        if same:
            break
    return found


def _wrapped(node: exp.Expr, scope: Scope) -> Relation:
    if isinstance(node.this, exp.Table):
        put(scope, node.this)
        found = everything(scope)
    else:
        found = query(node.this, scope)
    for pivot in node.args.get("pivots") or []:
        found = pivoted(scope, found, pivot)
    return _sorted(node, scope, found)


def _select(node: exp.Expr, scope: Scope) -> Relation:
    args = node.args
    for window in args.get("windows") or []:
        scope.windows[window.name.casefold()] = window
    _from(node, scope)
    rows = gathered(source.rows for source in scope.sources.values())
    columns, beyond = _projections(node, scope)
    scope.named = {made.name.casefold(): made for made in reversed(columns)}
    for key in ("prewhere", "where", "having", "qualify", "connect"):
        if isinstance(args.get(key), exp.Expr):
            add(rows, flows(args[key], scope, "filter"))
    found = Relation(tuple(columns), beyond, rows, _tables(scope))
    add(rows, _grouped(node, scope, found), "group_by")
    return _sorted(node, scope, found)


def _from(node: exp.Expr, scope: Scope) -> None:
    args = node.args
    source = args.get("from_") or args.get("from")
    left = put(scope, source.this) if source is not None else []
    for join in args.get("joins") or []:
        left += joined(scope, join, left)
    for lateral in args.get("laterals") or []:
        left += put(scope, lateral)


def _tables(scope: Scope) -> frozenset[str]:
    return frozenset(table for source in scope.sources.values() for table in source.tables)


def _projections(node: exp.Expr, scope: Scope) -> tuple[list[Made], Beyond | None]:
    columns: list[Made] = []
    beyond: Beyond | None = None
    for place, each in enumerate(node.expressions):
        inside = each.unalias()
        whole_table = isinstance(inside, exp.Column) and isinstance(inside.this, exp.Star)
        if whole_table or isinstance(inside, (exp.Star, exp.Columns)):
            stars = starred(inside, scope)
            columns += stars.columns
            beyond = both(beyond, stars.beyond)
            continue
        many = [one.name for one in each.expressions] if isinstance(each, exp.Aliases) else []
        whole = inside.this if many else inside
        for name in many or [each.alias_or_name or each.output_name or f"{UNNAMED}{place}"]:
            column = made(name, whole, scope)
            columns.append(column)
            scope.named.setdefault(name.casefold(), column)
        if len(columns) > MOST_COLUMNS:
            raise TooMuch
    return columns, beyond


def _grouped(node: exp.Expr, scope: Scope, made_columns: Relation) -> Flows:
    """What the rows are grouped by; DISTINCT groups by every column."""
    group, distinct = node.args.get("group"), node.args.get("distinct")
    found: Flows = {}
    if group is not None:
        if group.args.get("all"):
            for each in made_columns:
                if not each.aggregated:
                    add(found, each.flows, "group_by")
        for value in group.args.values():
            for each in value if isinstance(value, list) else []:
                if isinstance(each, exp.Expr):
                    add(found, _meant(each, scope, made_columns, "group_by", named_first=False))
    if distinct is not None:
        on = distinct.args.get("on")
        add(found, flows(on, scope, "group_by") if on is not None else made_columns.every(), "group_by")
    return found


def _sorted(node: exp.Expr, scope: Scope, found: Relation) -> Relation:
    """With what ORDER BY and its like sort by as what decides on the rows."""
    rows = dict(found.rows)
    for key in ("order", "sort", "cluster", "distribute"):
        order = node.args.get(key)
        for each in order.expressions if isinstance(order, exp.Expr) else []:
            item = each.this if isinstance(each, exp.Ordered) else each
            add(rows, _meant(item, scope, found, "sort", named_first=True))
    return Relation(found.columns, found.beyond, rows, found.tables)


def _meant(node: exp.Expr, scope: Scope, columns: Relation, how: str, *, named_first: bool) -> Flows:
    """What flows into an item of GROUP BY or ORDER BY, which may be the number or the name of a column."""
    found: Flows = {}
    if isinstance(node, exp.Literal) and not node.is_string:
        place = int(node.name) if node.name.isdigit() else 0
        if 0 < place <= len(columns.columns) and columns.beyond is None:
            add(found, columns.columns[place - 1].flows, how)
        return found
    if isinstance(node, exp.Var) and node.name.upper() == "ALL":
        add(found, columns.every(), how)
        return found
    alone = isinstance(node, exp.Column) and not node.table and (named_first or not scope.sources)
    if alone and (column := columns.listed(node.name)) is not None:
        add(found, column.flows, how)
        return found
    return flows(node, scope, how)


def _set_operation(node: exp.Expr, scope: Scope) -> Relation:
    """UNION, EXCEPT and INTERSECT; walks down the left side with a loop, for it may be thousands long."""
    chain: list[exp.Expr] = [node]
    while isinstance(chain[-1].this, exp.SetOperation) and not (chain[-1].this.args.get("with_")):
        chain.append(chain[-1].this)
    found = query(chain[-1].this, scope)
    for each in reversed(chain):
        found = _combined(each, found, query(each.expression, scope))
        found = _sorted(each, scope.inner(scope.ctes), found)
        scope.reading.spend(len(found.columns))
    return found


def _combined(node: exp.Expr, left: Relation, right: Relation) -> Relation:
    rows, tables = gathered((left.rows, right.rows)), left.tables | right.tables
    if not isinstance(node, exp.Union):
        add(rows, right.every(), "filter")
        return Relation(left.columns, left.beyond, rows, tables)
    if node.args.get("by_name"):
        names = dict.fromkeys(each.name for one in (left, right) for each in one)
        columns = [Made(name, gathered(one.column(name) or {} for one in (left, right))) for name in names]
    elif left.beyond is not None or right.beyond is not None:
        columns = [Made(each.name, gathered((each.flows, right.column(each.name) or {})), each.text) for each in left]
    else:
        columns = [
            Made(one.name, gathered((one.flows, other.flows)), one.text or other.text)
            for one, other in zip(left, right, strict=False)
        ]
    return Relation(tuple(columns), both(left.beyond, right.beyond), rows, tables)


def _returned(node: exp.Expr, scope: Scope) -> Relation:
    """What a change inside a query returns: columns of the table that it changes."""
    scope.reading.inside.append((node, scope))
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    inner = scope.inner(scope.ctes)
    put(inner, target)
    columns, beyond = _projections(node.args["returning"], inner)
    return Relation(tuple(columns), beyond, {}, _tables(inner))


def _values(node: exp.Expr, scope: Scope) -> Relation:
    """Rows written out; their columns are named by the alias, or by number."""
    columns: list[Flows] = []
    for row in node.expressions:
        for place, each in enumerate(row.expressions if isinstance(row, exp.Tuple) else [row]):
            if place == len(columns):
                columns.append({})
            if not isinstance(each, exp.Literal):
                add(columns[place], flows(each, scope))
        scope.reading.spend()
    return Relation(tuple(Made(f"col{place}", each) for place, each in enumerate(columns)))


def _anything(node: exp.Expr, scope: Scope) -> Relation:
    """The tables of something that we cannot read by column; what comes of them is unknown."""
    tables = [tuple(part.name for part in each.parts) for each in node.find_all(exp.Table) if each.parts]
    relations = [scope.reading.table(parts) for parts in tables]
    whole = [table(name, None).beyond for each in relations for name in sorted(each.tables)]
    beyond: Beyond | None = None
    for one in whole:
        beyond = both(beyond, one)
    return Relation(beyond=beyond, tables=frozenset(name for each in relations for name in each.tables))
