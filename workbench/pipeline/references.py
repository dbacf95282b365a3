"""What the cells of a notebook read, write and import, found in their syntax trees and never by running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from workbench.model.errors import InvalidName
from workbench.model.names import parse_dataset
from workbench.model.pipeline import Cell, Reference
from workbench.pipeline import tables
from workbench.pipeline.cells import parse

_PACKAGE = "workbench"
_VERBS = frozenset({"read", "write", "sql"})
_DEFAULT_MODE = "overwrite"
_NAMING = frozenset({"import_module", "find_spec"})
_RUN_MAGIC = re.compile(r"%run\s+(?:-\w+\s+)*(?:\"([^\"]+)\"|'([^']+)'|(\S+))")
SKIPPED = "skip-execution"
"""The tag of a cell that is never executed."""


@dataclass
class _Found:
    """What was gathered so far; ``modules`` and ``functions`` are the names that stand for ours."""

    modules: set[str] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=dict)
    reads: list[Reference] = field(default_factory=list)
    writes: list[Reference] = field(default_factory=list)
    imports: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class References:
    """The datasets and modules of a notebook; ``imports`` holds dotted names, and ``./path`` for files of ``%run``."""

    reads: tuple[Reference, ...]
    writes: tuple[Reference, ...]
    imports: tuple[str, ...]


def find(cells: Iterable[Cell]) -> References:
    """The references of the code cells of a Python notebook, in order; cells that cannot be parsed hold none.

    Raises InvalidName (WB-NAM-33x), with cell and line, for a literal that no dataset may be called.
    """
    found = _Found()
    for cell in cells:
        parsed = parse(cell.source) if cell.kind == "code" and SKIPPED not in cell.tags else None
        if parsed is None or parsed.tree is None:
            continue
        if _mentions(parsed.text, ("import", "%run")):
            _imports(parsed.tree, found)
        if _mentions(parsed.text, (*found.modules, *found.functions)):
            _calls(parsed.tree, cell.index, found)
    return References(tuple(found.reads), tuple(found.writes), tuple(found.imports))


@lru_cache(maxsize=4096)
def module_imports(source: str, package: str) -> tuple[str, ...]:
    """The dotted names that a module's source imports; relative ones are resolved against ``package``."""
    tree = parse(source).tree
    return () if tree is None else tuple(dict.fromkeys(_imported(tree, package)))


def _mentions(text: str, words: Iterable[str]) -> bool:
    """Whether a tree is worth walking; most cells neither import nor call ours."""
    return any(word in text for word in words)


def _imports(tree: ast.Module, found: _Found) -> None:
    found.imports.update(dict.fromkeys(_imported(tree, "")))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name == _PACKAGE or (name.name.startswith(_PACKAGE + ".") and not name.asname):
                    found.modules.add(name.asname or _PACKAGE)
        elif isinstance(node, ast.ImportFrom) and node.module == _PACKAGE and not node.level:
            for name in node.names:
                if name.name == "*":
                    found.functions.update({verb: verb for verb in _VERBS})
                elif name.name in _VERBS:
                    found.functions[name.asname or name.name] = name.name


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = _absolute(module or "", package, level)
                if base:
                    yield base
                yield from (f"{base}.{name.name}".lstrip(".") for name in names if name.name != "*")
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if _last(func) in _NAMING:
                yield name
            case ast.Call(func=ast.Name(id="__magic__"), args=[ast.Constant(value=str(text))]):
                if run := _RUN_MAGIC.match(text):
                    yield "./" + (run[1] or run[2] or run[3])


def _absolute(module: str, package: str, level: int) -> str:
    if not level:
        return module
    parts = package.split(".") if package else []
    parts = parts[: len(parts) - level + 1] if level <= len(parts) else []
    return ".".join([*parts, *([module] if module else [])])


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _calls(tree: ast.Module, cell: int, found: _Found) -> None:
    called: set[int] = set()
    for node in _in_order(tree):
        if isinstance(node, ast.Call) and (verb := _verb(node.func, found)):
            called.add(id(node.func))
            _call(node, verb, cell, found)
        elif isinstance(node, ast.expr) and id(node) not in called and (verb := _verb(node, found)):
            _note(verb, Reference("", cell, node.lineno, ast.unparse(node)), found)


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Every node, parents before children, in the order of the source."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(list(ast.iter_child_nodes(item))))


def _verb(node: ast.expr, found: _Found) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in found.modules and attr in _VERBS:
            return attr
        case ast.Name(id=name, ctx=ast.Load()):
            return found.functions.get(name, "")
    return ""


def _call(node: ast.Call, verb: str, cell: int, found: _Found) -> None:
    value = _argument(node, verb)
    if value is None:
        return
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        _note(verb, Reference("", cell, node.lineno, ast.unparse(value), _mode(node, verb)), found)
    elif verb == "sql":
        names = tables.datasets(value.value)
        if names is None:
            _note(verb, Reference("", cell, node.lineno, ast.unparse(value)), found)
        for name in names or ():
            _note(verb, Reference(name, cell, node.lineno), found)
    else:
        name = _dataset(value.value, cell, node.lineno)
        _note(verb, Reference(name, cell, node.lineno, mode=_mode(node, verb)), found)


def _mode(node: ast.Call, verb: str) -> str:
    """The mode of a write, ``''`` where it cannot be told."""
    if verb != "write":
        return ""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if None in given or any(isinstance(item, ast.Starred) for item in node.args):
        return ""
    value = given.get("mode", node.args[2] if len(node.args) > 2 else None)
    if value is None:
        return _DEFAULT_MODE
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _argument(node: ast.Call, verb: str) -> ast.expr | None:
    """The expression that names the dataset or the query; None when the call has none, and would fail."""
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    for name in ("query", "sql") if verb == "sql" else ("dataset", "name"):
        if name in keywords:
            return keywords[name]
    position = 1 if verb == "write" else 0
    starred = next((item for item in node.args[: position + 1] if isinstance(item, ast.Starred)), None)
    if starred is not None:
        return starred.value
    if position < len(node.args):
        return node.args[position]
    return keywords.get(None)


def _dataset(name: str, cell: int, line: int) -> str:
    try:
        return parse_dataset(name)
    except InvalidName as error:
        place = f"cell {cell + 1}, line {line}"
        raise InvalidName(error.code, f"{place}: {error.what}", cause=error.cause, next=error.next) from None


def _note(verb: str, reference: Reference, found: _Found) -> None:
    target = found.writes if verb == "write" else found.reads
    if reference not in target:
        target.append(reference)
