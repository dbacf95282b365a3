"""The contract of a notebook: its ``parameters`` cell, read as types, defaults and help, and never run."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import tokenize
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.model.errors import NotebookError, ParameterError
from workbench.model.frozen import dataclass
from workbench.model.pipeline import MISSING, Kind, Parameter, ParameterType
from workbench.pipeline.annotations import GRAMMAR, Names, Unsupported, parse_node
from workbench.pipeline.cells import parse
from workbench.pipeline.literals import Computed, evaluate
from workbench.pipeline.values import Refused, accept, infer

_ENUMS = frozenset({"enum.Enum", "enum.StrEnum", "enum.IntEnum", "Enum", "StrEnum", "IntEnum"})
_TYPE_COMMENT = re.compile(r"type:\s*([^#]+?)\s*(?:#\s*(.*))?")


def parse_cell(source: str, language: str = "python", kernel: str = "") -> tuple[Parameter, ...]:
    """The parameters that a cell declares, in order.

    ``name: type = default  # help`` declares one; without a value, or with ``...``, it is required; without a type,
    its default gives the type. Names that begin with ``_``, names of builtins, and values without a type that only
    running the cell could settle are no parameters. Languages other than Python go through papermill's inspection.
    Raises ParameterError (WB-PAR-615) for a type or default that cannot be held to, NotebookError (WB-NB-605) for a
    syntax error.
    """
    if language.lower() not in ("python", "ipython"):
        from workbench.pipeline.languages import inspect

        return inspect(source, language, kernel)
    parsed = parse(source)
    if parsed.tree is None:
        line, message = (parsed.fault.line, parsed.fault.message) if parsed.fault else (1, "the cell is not Python")
        raise NotebookError("WB-NB-605", f"the parameters cell, line {line}", cause=message)
    return _Reader(parsed.tree, _comments(parsed.text)).parameters()


def name_fault(name: str) -> str:
    """Why ``name`` can never be a parameter, or ``''``: it must be a plain identifier that shadows nothing."""
    if not name.isidentifier():
        return "it is not an identifier"
    if keyword.iskeyword(name):
        return "it is a keyword of Python"
    if name.startswith("_"):
        return "it begins with _"
    if hasattr(builtins, name):
        return "it is the name of a builtin"
    if unicodedata.normalize("NFKC", name) != name:
        return "it has letters that Python would change"
    return ""


@dataclass(frozen=True)
class _Reader:
    """Walks the statements of a parameters cell."""

    tree: ast.Module
    comments: Mapping[int, str]

    def parameters(self) -> tuple[Parameter, ...]:
        names = Names(_imports(self.tree), _enums(self.tree))
        found: dict[str, Parameter] = {}
        for statement in self.tree.body:
            parameter = self._parameter(statement, names)
            if parameter is not None and not name_fault(parameter.name):
                found[parameter.name] = parameter
        return tuple(found.values())

    def _parameter(self, statement: ast.stmt, names: Names) -> Parameter | None:
        comment = self.comments.get(statement.end_lineno or 0, "")
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                return self._typed(name, annotation, value, comment, names)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                typed = _TYPE_COMMENT.fullmatch(comment)
                if typed and (written := _expression(typed[1])) is not None:
                    return self._typed(name, written, value, typed[2] or "", names)
                return _untyped(name, value, comment, names)
        return None

    def _typed(self, name: str, annotation: ast.expr, value: ast.expr | None, comment: str, names: Names) -> Parameter:
        try:
            kind = parse_node(annotation, names)
        except Unsupported as error:
            raise _fault(name, annotation, str(error), f"use one of: {GRAMMAR}") from None
        if value is None or _is_ellipsis(value):
            return Parameter(name, kind, MISSING, comment)
        try:
            default = _default(value, kind, names)
        except Computed:
            raise _fault(
                name,
                value,
                f'its default "{ast.unparse(value)}" is computed',
                "write the value itself, or leave it out so that it has to be given",
            ) from None
        if default is None:
            kind = replace(kind, optional=True)
        try:
            return Parameter(name, kind, accept(kind, default), comment)
        except Refused as error:
            raise _fault(name, value, f"its default does not fit its type: {error}", "change one of them") from None


def _untyped(name: str, value: ast.expr, comment: str, names: Names) -> Parameter | None:
    if _is_ellipsis(value):
        return Parameter(name, ParameterType(Kind.ANY, optional=True), MISSING, comment)
    for enum, members in names.enums.items():
        kind = ParameterType(Kind.ENUM, choices=members, enum=enum)
        if (member := _member(value, kind)) is not None:
            return Parameter(name, kind, member, comment)
    try:
        default = evaluate(value, names.imported)
        kind = infer(default)
        return Parameter(name, kind, accept(kind, default), comment)
    except (Computed, Refused):
        return None


def _default(value: ast.expr, kind: ParameterType, names: Names) -> Any:
    if kind.kind is Kind.ENUM and (member := _member(value, kind)) is not None:
        return member
    if kind.items is not None and kind.items.kind is Kind.ENUM:
        if isinstance(value, ast.List | ast.Tuple):
            return [_default(item, kind.items, names) for item in value.elts]
        if isinstance(value, ast.Dict):
            keys = [evaluate(key, names.imported) for key in value.keys if key is not None]
            return dict(zip(keys, (_default(item, kind.items, names) for item in value.values), strict=True))
    default = evaluate(value, names.imported)
    if kind.kind is Kind.ENUM and default is not None:
        raise Computed(ast.unparse(value))
    return default


def _member(value: ast.expr, kind: ParameterType) -> str | None:
    """``Colour.RED`` and ``Colour["RED"]`` → ``"RED"``."""
    match value:
        case ast.Attribute(value=ast.Name(id=enum), attr=member) if enum == kind.enum and member in kind.choices:
            return member
        case ast.Subscript(value=ast.Name(id=enum), slice=ast.Constant(value=str(member))) if (
            enum == kind.enum and member in kind.choices
        ):
            return member
    return None


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _imports(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for name in statement.names:
                found[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(statement, ast.ImportFrom):
            found.update({name.asname or name.name: f"{statement.module}.{name.name}" for name in statement.names})
    return found


def _enums(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    imported = _imports(tree)
    found: dict[str, tuple[str, ...]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef) and any(_dotted(base, imported) in _ENUMS for base in statement.bases):
            members = [
                target.id
                for item in statement.body
                if isinstance(item, ast.Assign)
                for target in item.targets
                if isinstance(target, ast.Name) and not target.id.startswith("_")
            ]
            found[statement.name] = tuple(members)
    return {name: members for name, members in found.items() if members and not name_fault(name)}


def _dotted(node: ast.expr, imported: Mapping[str, str]) -> str:
    first, dot, rest = ast.unparse(node).partition(".")
    return imported.get(first, first) + dot + rest


def _comments(text: str) -> dict[int, str]:
    """The comment that ends each line, by line number."""
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _fault(name: str, node: ast.expr, cause: str, mend: str) -> ParameterError:
    return ParameterError(
        "WB-PAR-615", f'parameter "{name}", line {node.lineno} of the parameters cell', cause=cause, next=mend
    )
