"""Types as people write them, in a ``parameters`` cell or a pipeline file: one grammar, parsed and never evaluated."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Kind, ParameterType
from workbench.pipeline.literals import Computed, evaluate

GRAMMAR = (
    "bool, int, float, str, date, datetime, Path, list[…], dict[str, …], Literal[…], an Enum defined in the cell, "
    "Annotated[int, Range(1, 10)], each also with | None"
)
_PLAIN = {
    "bool": Kind.BOOL,
    "int": Kind.INT,
    "float": Kind.FLOAT,
    "str": Kind.STR,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "Path": Kind.PATH,
    "PurePath": Kind.PATH,
    "list": Kind.LIST,
    "List": Kind.LIST,
    "dict": Kind.DICT,
    "Dict": Kind.DICT,
    "Any": Kind.ANY,
    "object": Kind.ANY,
}
_HOMES = frozenset({"", "builtins", "datetime", "pathlib", "typing", "typing_extensions"})
_NONE = ParameterType(Kind.ANY, optional=True)


class Unsupported(ValueError):
    """A type outside the grammar; the text says which part of it."""


@dataclass(frozen=True)
class Names:
    """What names mean in a cell: imported ones as dotted names, and the Enum classes with their members."""

    imported: Mapping[str, str] = field(default_factory=dict)
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def last(self, node: ast.expr) -> str:
        """The last part of a name from the standard library (``dt.date`` → ``date``), ``''`` for any other."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        dotted = ".".join([self.imported.get(node.id, node.id), *parts])
        home, _, last = dotted.rpartition(".")
        return last if home in _HOMES or (node.id not in self.imported and len(parts) == 1) else ""


def parse_text(text: str) -> ParameterType:
    """The type that ``text`` describes. Raises Unsupported."""
    return parse_node(_expression(text), Names())


def _expression(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Unsupported(f'"{text}" is not a type') from None


def parse_node(node: ast.expr, names: Names) -> ParameterType:
    """The type that an annotation describes. Raises Unsupported."""
    match node:
        case ast.Constant(value=None):
            return _NONE
        case ast.Constant(value=str(text)):
            return parse_node(_expression(text), names)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union((parse_node(left, names), parse_node(right, names)), node)
        case ast.Subscript(value=value, slice=inner):
            return _subscript(value, _elements(inner), names, node)
        case ast.Name(id=name) if name in names.enums:
            return ParameterType(Kind.ENUM, choices=names.enums[name], enum=name)
    kind = _PLAIN.get(names.last(node))
    if kind is None:
        raise Unsupported(f'the type "{ast.unparse(node)}" is not supported')
    return ParameterType(kind)


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _subscript(value: ast.expr, inner: list[ast.expr], names: Names, whole: ast.expr) -> ParameterType:
    match names.last(value):
        case "Optional" if len(inner) == 1:
            return replace(parse_node(inner[0], names), optional=True)
        case "Union":
            return _union(tuple(parse_node(item, names) for item in inner), whole)
        case "list" | "List" if len(inner) == 1:
            return ParameterType(Kind.LIST, items=parse_node(inner[0], names))
        case "dict" | "Dict" if len(inner) == 2:
            if parse_node(inner[0], names).kind is not Kind.STR:
                raise Unsupported(f'the keys of "{ast.unparse(whole)}" must be str')
            return ParameterType(Kind.DICT, items=parse_node(inner[1], names))
        case "Literal":
            return _literal(inner, whole)
        case "Annotated":
            return _annotated(inner, names, whole)
    raise Unsupported(f'the type "{ast.unparse(whole)}" is not supported')


def _union(options: tuple[ParameterType, ...], whole: ast.expr) -> ParameterType:
    optional = any(option == _NONE or option.optional for option in options)
    rest = [replace(option, optional=False) for option in options if option != _NONE]
    if {option.kind for option in rest} == {Kind.INT, Kind.FLOAT}:
        rest = [option for option in rest if option.kind is Kind.FLOAT]
    if len(rest) != 1:
        raise Unsupported(f'"{ast.unparse(whole)}" mixes types')
    return replace(rest[0], optional=optional)


def _literal(inner: list[ast.expr], whole: ast.expr) -> ParameterType:
    choices: list[object] = []
    for item in inner:
        if isinstance(item, ast.Constant) and isinstance(item.value, str | bool | int | None):
            choices.append(item.value)
        elif isinstance(item, ast.UnaryOp) and type(value := _number(item)) is int:
            choices.append(value)
        else:
            raise Unsupported(f'"{ast.unparse(whole)}" must list texts, whole numbers, booleans or None')
    kept = tuple(choice for choice in choices if choice is not None)
    if not kept:
        raise Unsupported(f'"{ast.unparse(whole)}" leaves no choice')
    return ParameterType(Kind.LITERAL, optional=None in choices, choices=kept)


def _annotated(inner: list[ast.expr], names: Names, whole: ast.expr) -> ParameterType:
    kind = parse_node(inner[0], names)
    for extra in inner[1:]:
        if not (isinstance(extra, ast.Call) and ast.unparse(extra.func).rpartition(".")[2] == "Range"):
            continue
        if kind.kind not in (Kind.INT, Kind.FLOAT):
            raise Unsupported(f'"{ast.unparse(whole)}": a Range bounds int or float')
        bounds: dict[str, float | None] = dict.fromkeys(("minimum", "maximum"))
        given = [*zip(bounds, extra.args, strict=False), *((word.arg, word.value) for word in extra.keywords)]
        if len(extra.args) > 2 or any(name not in bounds for name, _ in given):
            raise Unsupported(f'"{ast.unparse(extra)}" must be Range(minimum, maximum)')
        for name, value in given:
            bounds[str(name)] = _number(value)
        kind = replace(kind, minimum=bounds["minimum"], maximum=bounds["maximum"])
    return kind


def _number(node: ast.expr) -> Any:
    try:
        value: Any = evaluate(node, {})
    except Computed:
        value = ""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise Unsupported(f'"{ast.unparse(node)}" is not a number')
