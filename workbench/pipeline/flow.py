"""What each cell makes and what it needs from others: names bound and names used, in the order in which they happen."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache

from workbench.model.frozen import dataclass
from workbench.pipeline import tables
from workbench.pipeline.cells import parse

GIVEN = frozenset(dir(builtins)) | {
    *("__name__", "__doc__", "__file__", "__builtins__", "__magic__", "_wb"),
    *(
        "In",
        "Out",
        "_",
        "__",
        "___",
        "_ih",
        "_oh",
        "_dh",
        "_i",
        "_ii",
        "_iii",
        "get_ipython",
        "display",
        "exit",
        "quit",
    ),
}
"""Names that are there before any cell runs."""
_OPENERS = ("%run", "%pylab", "%store", "%matplotlib --", "%autoload")


@dataclass(frozen=True)
class Flow:
    """The names of one cell, each with the line where it first stands.

    ``makes`` are bound at its top level; ``needs`` are used before the cell binds them itself; ``later`` are used in
    functions, so that they need be there only when those are called. ``open`` when it may bind names that nobody can
    tell (``from x import *``, ``%run``).
    """

    makes: dict[str, int] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    open: bool = False


@lru_cache(maxsize=2048)
def flow(source: str) -> Flow:
    """The flow of a code cell; of one that is no Python, or cannot be parsed, an empty one."""
    tree = parse(source).tree
    if tree is None:
        return Flow()
    walk = _Walk()
    for statement in tree.body:
        walk.visit(statement)
    return Flow(walk.makes, walk.needs, walk.later, walk.open)


def bound(statement: ast.stmt) -> Iterator[str]:
    """The names that one statement binds at its own level."""
    walk = _Walk()
    walk.visit(statement)
    yield from walk.makes


class _Walk(ast.NodeVisitor):
    """Walks statements in the order in which they are carried out; ``_locals`` are the scopes that it stands in."""

    def __init__(self) -> None:
        self.makes: dict[str, int] = {}
        self.needs: dict[str, int] = {}
        self.later: dict[str, int] = {}
        self.open = False
        self._locals: list[set[str]] = []
        self._inside = 0

    # -- names ---------------------------------------------------------------------------------------------------

    def _use(self, name: str, line: int) -> None:
        if name in GIVEN or any(name in scope for scope in self._locals):
            return
        if self._inside:
            self.later.setdefault(name, line)
        elif name not in self.makes:
            self.needs.setdefault(name, line)

    def _bind(self, name: str, line: int) -> None:
        if self._locals:
            self._locals[-1].add(name)
        else:
            self.makes.setdefault(name, line)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._use(node.id, node.lineno)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id, node.lineno)
        elif not self._locals:  # what is deleted was there
            self._use(node.id, node.lineno)

    # -- what is carried out in another order than it is written in ----------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> None:
        self._each(node.value, *node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._each(node.annotation, node.value)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._use(node.target.id, node.lineno)
        self._each(node.value, node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._each(node.value, node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._each(node.iter, node.target, *node.body, *node.orelse)

    visit_AsyncFor = visit_For

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._comprehension(node.generators, node.elt)

    visit_SetComp = visit_GeneratorExp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node.generators, node.key, node.value)

    def _comprehension(self, generators: list[ast.comprehension], *results: ast.expr) -> None:
        self._locals.append(set())
        for one in generators:
            self._each(one.iter, one.target, *one.ifs)
        self._each(*results)
        self._locals.pop()

    def _each(self, *nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    # -- what has names of its own -------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._each(*node.decorator_list, *node.args.defaults, *node.args.kw_defaults)
        self._each(*(one.annotation for one in _arguments(node.args)), node.returns)
        self._bind(node.name, node.lineno)
        self._function(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._each(*node.args.defaults, *node.args.kw_defaults)
        self._function(node.args, [node.body])

    def _function(self, arguments: ast.arguments, body: list[ast.stmt] | list[ast.expr]) -> None:
        own = {one.arg for one in _arguments(arguments)}
        shared: set[str] = set()
        for part in body:
            for node in _own_nodes(part):
                if isinstance(node, ast.Global):
                    shared.update(node.names)
                own.update(_stores(node))
        for name in shared:
            self.makes.setdefault(name, body[0].lineno)
        self._locals.append(own - shared)
        self._inside += 1
        self._each(*body)
        self._inside -= 1
        self._locals.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._each(*node.decorator_list, *node.bases, *(one.value for one in node.keywords))
        self._locals.append(set())
        self._each(*node.body)
        self._locals.pop()
        self._bind(node.name, node.lineno)

    # -- other ways to bind a name -------------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            self._bind(one.asname or one.name.partition(".")[0], node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            self.open |= one.name == "*"
            self._bind(one.asname or one.name, node.lineno)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._each(node.type)
        if node.name:
            self._bind(node.name, node.lineno)
        self._each(*node.body)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name, node.lineno)
        self._each(node.pattern)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name, node.lineno)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind(node.rest, node.lineno)

    # -- what only the kernel knows ------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        first = node.args[0] if node.args else None
        text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        if text is None:
            return
        if isinstance(node.func, ast.Name) and node.func.id == "__magic__":
            self.open |= text.startswith(_OPENERS)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "sql":
            for name in tables.variables(text):
                self._use(name, node.lineno)


def _arguments(given: ast.arguments) -> list[ast.arg]:
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return every + [one for one in (given.vararg, given.kwarg) if one is not None]


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is below it, but for the insides of functions and classes."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(item))


def _stores(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (one.asname or one.name.partition(".")[0] for one in names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
