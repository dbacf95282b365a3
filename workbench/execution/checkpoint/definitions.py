"""Functions, classes and imports of cells: found in their source, and made again without running anything else."""

from __future__ import annotations

import ast
import functools
import inspect
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workbench.model.frozen import dataclass

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
EVERYTHING = frozenset({"eval", "exec", "globals", "locals", "vars", "get_ipython"})
"""Names through which a cell may use any other."""
HISTORY = frozenset({"_", "__", "___", "In", "Out", "_i", "_ii", "_iii"})
"""What a kernel keeps of earlier cells by itself; nobody brings it back."""


@dataclass(frozen=True)
class Source:
    """The Python of one cell, magics turned into calls; ``name`` is the file that its code says it is from."""

    text: str
    name: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree; an empty one where the cell is not Python."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError):
            return ast.Module([], [])


@dataclass(frozen=True)
class Statement:
    """One statement of a cell."""

    source: Source
    node: ast.stmt


def imports(sources: Iterable[Source]) -> Iterator[Statement]:
    """What cells import at their top level, also within ``try`` and ``if`` that do nothing but importing."""
    for source in sources:
        for node in source.tree.body:
            if _only_imports([node]):
                yield Statement(source, node)


def definitions(sources: Iterable[Source]) -> dict[str, Statement]:
    """The last definition of each name at the top level of cells, in the order of the cells."""
    found: dict[str, Statement] = {}
    for source in sources:
        for node in source.tree.body:
            if isinstance(node, Definition):
                found.pop(node.name, None)
                found[node.name] = Statement(source, node)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found.pop(target.id, None)
                        found[target.id] = Statement(source, node)
    return found


def stands_for(value: Any, statement: Statement) -> bool:
    """Whether ``value`` is what a definition makes, and would come out the same when that was run again."""
    node = statement.node
    if isinstance(value, type):
        return isinstance(node, ast.ClassDef) and _is_class(value, node, statement.source.name)
    try:
        function = inspect.unwrap(value)
    except ValueError:
        return False
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return False
    if any(not _is_special(name) and name != "cache_parameters" for name in vars(value)) or not _repeatable(node):
        return False
    lines = {node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))}
    code = function.__code__
    return code.co_filename == statement.source.name and code.co_firstlineno in lines


def run(statement: Statement, names: dict[str, Any], flags: int = 0) -> None:
    """Execute one statement in a namespace."""
    tree = ast.Module([statement.node], [])
    exec(compile(tree, statement.source.name, "exec", flags=flags, dont_inherit=True), names)


def used(later: Sequence[Source], known: Mapping[str, Statement]) -> frozenset[str]:
    """The names that cells use before they give them a new value, with all that the definitions behind them use.

    A word in a text counts as a name: it may be SQL, or a formula. A use of ``eval`` and the like counts as ``*``.
    """
    found: set[str] = set()
    given: set[str] = set()
    for source in later:
        for node in source.tree.body:
            found |= _names(node) - given
            given |= set(_given(node))
    waiting = list(found & set(known))
    while waiting:
        more = _names(known[waiting.pop()].node) - found
        found |= more
        waiting.extend(more & set(known))
    return frozenset(found | {"*"}) if found & EVERYTHING else frozenset(found)


def _names(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            found.update(_words(inner.value))
        elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
            found.add(inner.target.id)
    return found


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text + " ":
        if (word + sign).isidentifier():
            word += sign
        else:
            if word:
                yield word
            word = sign if sign.isidentifier() else ""


def _given(node: ast.stmt) -> Iterator[str]:
    """The names to which a statement surely gives a value."""
    if isinstance(node, Definition):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield (alias.asname or alias.name).partition(".")[0]
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name) and _stored(inner))
    elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
        yield node.target.id


def _stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _only_imports(body: Sequence[ast.stmt]) -> bool:
    """Whether statements import something and do nothing else."""
    seen = False
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                seen = True
            case ast.Try(body=inner, handlers=handlers, orelse=orelse, finalbody=final):
                parts = [inner, *(handler.body for handler in handlers), orelse, final]
                if not all(_harmless(part) for part in parts):
                    return False
                seen = seen or _only_imports(inner)
            case ast.If(test=test, body=inner, orelse=orelse):
                if _calls(test) or not _harmless(inner) or not _harmless(orelse):
                    return False
                seen = seen or _only_imports(inner)
            case _:
                return False
    return seen


def _harmless(body: Sequence[ast.stmt]) -> bool:
    for node in body:
        plain = isinstance(node, ast.Pass) or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))
        if not plain and not _only_imports([node]):
            return False
    return True


def _calls(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call | ast.Await | ast.Yield | ast.NamedExpr) for inner in ast.walk(node))


def _repeatable(node: ast.stmt) -> bool:
    """Whether the definition of a function computes nothing when it is run: its defaults and annotations."""
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Lambda) and not _calls(ast.Tuple(_defaults(node.value.args), ast.Load()))
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return not any(_calls(default) for default in _defaults(node.args)) and all(map(_decorates, node.decorator_list))


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]


def _decorates(node: ast.expr) -> bool:
    """``@name``, ``@name.attribute``, or a call of one with values that are no calls."""
    if isinstance(node, ast.Call):
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        return not _calls(node.func) and not any(map(_calls, arguments))
    return not _calls(node)


def _is_class(cls: type, node: ast.ClassDef, file: str) -> bool:
    """Whether a class is as its definition made it: no names added, no value replaced that the source spells out."""
    names = {name for inner in node.body for name in (*_given(inner), *_annotated(inner))}
    slots = vars(cls).get("__slots__", ())
    names.update([slots] if isinstance(slots, str) else slots)
    if any(name not in names and not _is_special(name) for name in vars(cls)):
        return False
    return all(map(_decorates, node.decorator_list)) and all(_unchanged(cls, inner, file) for inner in node.body)


def _unchanged(cls: type, node: ast.stmt, file: str) -> bool:
    for name in _given(node):
        now = vars(cls).get(name)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            if type(now) is type(node.value.value) and now != node.value.value:
                return False
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = inspect.unwrap(getattr(now, "__func__", getattr(now, "fget", now)))  # type: ignore[arg-type]
            if isinstance(function, types.FunctionType) and function.__code__.co_filename != file:
                return False
    return True


def _annotated(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _is_special(name: str) -> bool:
    """Names that Python, ``enum`` and ``abc`` give to a class by themselves."""
    return (name.startswith("_") and name.endswith("_")) or name.startswith("_abc_")
