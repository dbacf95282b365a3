"""Constants at the top of cells that could be parameters, as the lines that a parameters cell would have."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from workbench.model.errors import WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.pipeline import MISSING, Cell, Kind
from workbench.model.promotion import Candidate
from workbench.pipeline.cells import parse
from workbench.pipeline.contract import name_fault, parse_cell
from workbench.pipeline.flow import GIVEN, flow
from workbench.pipeline.literals import Computed, evaluate

_WORDS = {Kind.BOOL: "bool", Kind.INT: "int", Kind.FLOAT: "float", Kind.STR: "str", Kind.DATE: "date"}
"""Kinds that a line is annotated with; of others the value tells enough."""
_LONGEST = 2000


@dataclass(frozen=True)
class Found:
    """A candidate with where it stands: ``position`` among the cells given, its statement's lines, what it imports."""

    candidate: Candidate
    position: int
    first: int
    last: int
    imports: tuple[str, ...]


def candidates(cells: Sequence[Cell], known: Sequence[str], chosen: Sequence[str] | None) -> tuple[Found, ...]:
    """The constants of code cells that are bound once and used; ``known`` names are parameters already.

    ``chosen`` says which are taken; without it those in cells that do nothing but set constants and import.
    """
    flows = [flow(cell.source) for cell in cells]
    times = Counter(name for one in flows for name in one.makes)
    used = {name for one in flows for name in (*one.needs, *one.later)}
    lines = _imports(cells)
    found = []
    for at, cell in enumerate(cells):
        statements = _statements(cell)
        settings = all(isinstance(one, ast.Import | ast.ImportFrom) or _plain(one) for one in statements)
        for statement in statements:
            name = _constant(statement)
            if not name or name in known or times[name] != 1 or name_fault(name) or _rebound(cell, name):
                continue
            if name not in used and not _used_below(statements, statement, name):
                continue
            taken = settings if chosen is None else name in chosen
            if one := _found(cell, at, statement, name, lines, taken):
                found.append(one)
    return tuple(found)


def _found(cell: Cell, at: int, statement: ast.stmt, name: str, lines: dict[str, str], taken: bool) -> Found | None:
    text = parse(cell.source).text.split("\n")
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    shown = "\n".join(text[first - 1 : last])
    if statement.col_offset or ";" in shown or len(shown) > _LONGEST:
        return None
    needed = [each for each in flow(shown).needs if each not in GIVEN]
    if any(each not in lines for each in needed):
        return None
    imports = tuple(dict.fromkeys(lines[each] for each in needed))
    try:
        (declared,) = parse_cell("\n".join([*imports, shown]))
    except (WorkbenchError, ValueError):
        return None
    if declared.default is MISSING:
        return None
    word = _WORDS.get(declared.type.kind, "")
    spelled = word != "date" or lines.get("date") == "from datetime import date"
    if isinstance(statement, ast.Assign) and word and spelled and "# type:" not in shown:
        shown = f"{name}: {word}" + shown[len(name) :]
        if word == "date":
            imports = tuple(dict.fromkeys([*imports, lines["date"]]))
    return Found(Candidate(name, str(declared.type), shown, cell.index + 1, first, taken), at, first, last, imports)


def _statements(cell: Cell) -> list[ast.stmt]:
    tree = parse(cell.source).tree
    return [] if tree is None else tree.body


def _constant(statement: ast.stmt) -> str:
    """The name that a statement gives a value to, if that could be a constant."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
    return ""


def _plain(statement: ast.stmt) -> bool:
    """Whether a statement gives a name a value that stands there in full."""
    if not _constant(statement) or not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return False
    try:
        evaluate(statement.value, {})
    except Computed:
        return False
    return True


def _rebound(cell: Cell, name: str) -> bool:
    """Whether a cell binds a name more than once."""
    tree = parse(cell.source).tree
    stores = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name] if tree else []
    return sum(isinstance(node.ctx, ast.Store | ast.Del) for node in stores) > 1


def _used_below(statements: Sequence[ast.stmt], statement: ast.stmt, name: str) -> bool:
    rest = statements[statements.index(statement) + 1 :]
    return any(isinstance(node, ast.Name) and node.id == name for one in rest for node in ast.walk(one))


def _imports(cells: Sequence[Cell]) -> dict[str, str]:
    """Name → the line that imports it and nothing else, of names that are bound by imports."""
    return {name: line for cell in cells for name, line in _imported(cell)}


def _imported(cell: Cell) -> Iterator[tuple[str, str]]:
    for statement in _statements(cell):
        if isinstance(statement, ast.Import):
            for one in statement.names:
                yield one.asname or one.name.partition(".")[0], ast.unparse(ast.Import([one]))
        elif isinstance(statement, ast.ImportFrom):
            for one in statement.names:
                yield one.asname or one.name, ast.unparse(ast.ImportFrom(statement.module, [one], statement.level))
