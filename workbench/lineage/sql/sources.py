"""What stands behind FROM and JOIN: tables, files, functions, queries, and what PIVOT makes of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sqlglot import exp

from workbench.lineage.sql.expressions import flows, made, starred
from workbench.lineage.sql.flows import Beyond, Flows, Made, Relation, add, both, gathered
from workbench.lineage.sql.scope import Scope

_FILES_TEXT = """
read_csv read_csv_auto read_parquet parquet_scan read_json read_json_auto read_json_objects read_ndjson
read_ndjson_auto read_ndjson_objects read_text read_blob read_xlsx read_avro read_arrow arrow_scan
csv_scan json_scan delta_scan iceberg_scan st_read parquet csv json orc avro
"""
_FILES = frozenset(_FILES_TEXT.split())
"""Table functions that read the files which their first argument names."""


def put(scope: Scope, node: exp.Expr) -> list[str]:
    """Make what stands behind FROM or JOIN a source of ``scope``, with all that is joined to it. Gives the aliases."""
    if isinstance(node, exp.Final):
        node = node.this
    if isinstance(node, exp.Subquery) and not isinstance(node.this, (exp.Query, exp.Values)) and not node.alias:
        aliases = put(scope, node.this)  # (a JOIN b) in parentheses
    else:
        aliases = [scope.put(_alias(node), relation(scope, node))]
    for join in node.args.get("joins") or []:
        aliases += joined(scope, join, aliases)
    return aliases


def joined(scope: Scope, join: exp.Expr, left: Sequence[str]) -> list[str]:
    """Make a join's right side a source, and its condition decide on the rows; gives the aliases of the right side."""
    args = join.args
    known = list(left)
    right = put(scope, join.this)
    names = [each.name for each in args.get("using") or []]
    if str(args.get("method") or "").upper() == "NATURAL":
        names = [
            each.name
            for alias in right
            for each in scope.sources[alias]
            if any(scope.sources[one].listed(each.name) is not None for one in known)
        ]
    if str(args.get("kind") or "").upper() in ("SEMI", "ANTI"):
        scope.hidden.update(right)
    condition: Flows = {}
    for name in names:
        sides = scope.shared.get(name.casefold()) or [one for one in known if _has(scope, one, name)][:1]
        scope.shared[name.casefold()] = [*sides, *(one for one in right if _has(scope, one, name))]
        add(condition, scope.column((name,)), "join")
    for key in ("on", "match_condition"):
        if isinstance(args.get(key), exp.Expr):
            add(condition, flows(args[key], scope, "join"))
    if right:
        source = scope.sources[right[0]]
        rows = dict(source.rows)
        add(rows, condition, "join")
        scope.sources[right[0]] = Relation(source.columns, source.beyond, rows, source.tables)
    return right


def _has(scope: Scope, alias: str, name: str) -> bool:
    return scope.sources[alias].column(name) is not None


def _alias(node: exp.Expr) -> str:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and not alias.name and len(alias.columns) == 1:
        return str(alias.columns[0].name)
    pivots = node.args.get("pivots") or []
    return str(node.alias or (pivots[-1].alias if pivots else "") or node.name)


def relation(scope: Scope, node: exp.Expr) -> Relation:
    """The relation of one thing behind FROM, named and pivoted as it says."""
    if isinstance(node, exp.Table):
        found = _table(scope, node)
    elif isinstance(node, exp.Subquery) and not isinstance(node.this, (exp.Query, exp.Values)):
        inner = scope.inner(scope.ctes)
        put(inner, node.this)
        found = everything(inner)
    elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
        found = scope.ask(node.this, scope)
    elif isinstance(node, (exp.Query, exp.Values)):
        found = scope.ask(node.this if isinstance(node, exp.Subquery) else node, scope)
    elif isinstance(node, (exp.Func, exp.UDTF)):
        found = _function(scope, node)
    else:
        found = scope.ask(node, scope)
    for pivot in node.args.get("pivots") or []:
        found = pivoted(scope, found, pivot, node.alias or node.name)
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return found.renamed(names)


def everything(scope: Scope) -> Relation:
    """All columns of all sources of a scope, as a star takes them."""
    columns = starred(exp.Star(), scope)
    rows = gathered(source.rows for source in scope.sources.values())
    tables = frozenset(table for source in scope.sources.values() for table in source.tables)
    return Relation(columns.columns, columns.beyond, rows, tables)


def _table(scope: Scope, node: exp.Table) -> Relation:
    if isinstance(node.this, exp.Func):
        return _function(scope, node.this)
    parts = tuple(part.name for part in node.parts)
    if len(parts) == 1 and (cte := scope.ctes.get(parts[0].casefold())) is not None:
        return cte
    return scope.reading.table(parts)


def _function(scope: Scope, node: exp.Expr) -> Relation:
    """A function that gives rows: of files, of an array, or of anything else."""
    inside = node.this if isinstance(node, exp.Lateral) else node
    if called(inside) in _FILES and (paths := literals(inside)):
        return files(scope, paths)
    arguments = [flows(value, scope, "transformation") for value in _arguments(inside)]
    return Relation(beyond=Beyond(made=gathered(arguments)))


def files(scope: Scope, paths: Sequence[str]) -> Relation:
    """Files read as one relation; their columns are merged by name."""
    relations = [scope.reading.table((path,)) for path in paths]
    if len(relations) == 1:
        return relations[0]
    names = dict.fromkeys(each.name for one in relations for each in one)
    columns = tuple(Made(name, gathered(one.column(name) or {} for one in relations)) for name in names)
    beyond: Beyond | None = None
    for one in relations:
        beyond = both(beyond, one.beyond)
    return Relation(columns, beyond, {}, frozenset(table for one in relations for table in one.tables))


def called(node: exp.Expr) -> str:
    """The name of a function as it is called, in small letters; empty for anything else."""
    if isinstance(node, exp.Anonymous):
        return str(node.name).casefold()
    return str(node.sql_name()).casefold() if isinstance(node, exp.Func) else ""


def literals(node: exp.Expr) -> list[str]:
    """The texts of a function's first argument: a path, or a list of paths."""
    first = next(iter(_arguments(node)), None)
    if isinstance(first, exp.Literal):
        return [first.name] if first.is_string else []
    if isinstance(first, (exp.Array, exp.Tuple, exp.Paren)):
        inside = first.expressions or [first.this]
        return [each.name for each in inside if isinstance(each, exp.Literal) and each.is_string]
    return []


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for key, value in node.args.items():
        if key == "alias":
            continue
        found += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, exp.Expr)]
    return found


def pivoted(scope: Scope, source: Relation, pivot: exp.Expr, name: str = "") -> Relation:
    """What PIVOT or UNPIVOT makes of a relation, which is called ``name`` inside it."""
    inner = scope.inner(scope.ctes)
    inner.put(name, source)
    found = _unpivoted(source, pivot, inner) if pivot.args.get("unpivot") else _pivoted(source, pivot, inner)
    alias = pivot.args.get("alias")
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return found.renamed(names)


def _pivoted(source: Relation, pivot: exp.Expr, scope: Scope) -> Relation:
    """The columns that are left, which the rows are grouped by, then one per value and aggregate.

    Written as a statement of its own, PIVOT does not say which values there are: their columns stay unnamed.
    """
    aggregates = pivot.args.get("using") or pivot.expressions
    asked = [field.this if isinstance(field, exp.In) else field for field in pivot.args.get("fields") or []]
    if pivot.args.get("using"):
        asked += [each.this if isinstance(each, exp.In) else each for each in pivot.expressions]
    deciding = gathered(flows(each, scope, "conditional") for each in asked)
    values = [made(each.alias_or_name, each.unalias(), scope) for each in aggregates]
    values = [Made(each.name, {**each.flows, **deciding}, each.text) for each in values]
    used = {column.name for each in (*aggregates, *asked) for column in each.find_all(exp.Column)}
    group = pivot.args.get("group")
    if group is not None:
        kept = tuple(made(each.alias_or_name, each.unalias(), scope) for each in group.expressions)
        rest = Relation(kept, None, source.rows, source.tables)
    else:
        rest = source.without(used)
    grouped = rest.deciding(gathered(each.flows for each in rest), "group_by")
    names = [each.name for each in pivot.args.get("columns") or []]
    if not names or not values:
        beyond = Beyond(made=gathered(each.flows for each in values))
        return Relation(grouped.columns, both(grouped.beyond, beyond), grouped.rows, source.tables)
    turns = zip(names, itertools.cycle(values), strict=False)
    columns = [Made(name, value.flows, value.text) for name, value in turns]
    return Relation((*grouped.columns, *columns), grouped.beyond, grouped.rows, source.tables)


def _unpivoted(source: Relation, pivot: exp.Expr, scope: Scope) -> Relation:
    """The columns that are left, the one that tells the name of a column, and those that hold its values."""
    values = [each for one in pivot.expressions for each in one.find_all(exp.Identifier)]
    columns: list[Made] = []
    used: set[str] = set()
    for field in pivot.args.get("fields") or []:
        if not isinstance(field, exp.In):
            continue
        entries = [list(entry.find_all(exp.Column)) for entry in field.expressions]
        used.update(column.name for entry in entries for column in entry)
        columns.append(Made(field.this.name, {}))
        for place, value in enumerate(values):
            fitting = [entry[place : place + 1] if len(entry) == len(values) else entry for entry in entries]
            columns.append(Made(value.name, gathered(flows(each, scope) for entry in fitting for each in entry)))
    rest = source.without(used)
    return Relation((*rest.columns, *columns), rest.beyond, rest.rows, source.tables)
