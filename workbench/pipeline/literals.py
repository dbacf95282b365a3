"""Defaults as people write them (``-1``, ``60 * 60``, ``date(2013, 1, 15)``, ``Path("x")``), without running code."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo


class Computed(ValueError):
    """An expression that only running the cell could settle."""


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_NAMED: dict[str, Any] = {
    "math.nan": math.nan,
    "math.inf": math.inf,
    "numpy.nan": math.nan,
    "np.nan": math.nan,
    "numpy.inf": math.inf,
    "np.inf": math.inf,
    "datetime.UTC": UTC,
    "UTC": UTC,
    "timezone.utc": UTC,
    "datetime.timezone.utc": UTC,
}
_CALLS: dict[str, Callable[..., Any]] = {
    "date": date,
    "date.fromisoformat": date.fromisoformat,
    "datetime": datetime,
    "datetime.fromisoformat": datetime.fromisoformat,
    "timedelta": timedelta,
    "timezone": timezone,
    "ZoneInfo": ZoneInfo,
    "Path": PurePosixPath,
    "PurePath": PurePosixPath,
    "PurePosixPath": PurePosixPath,
    "float": float,
}
_MODULES = ("datetime.", "pathlib.", "zoneinfo.", "builtins.")


def evaluate(node: ast.expr, imported: Mapping[str, str]) -> Any:
    """The value of a constant expression; ``imported`` maps the cell's names to what they were imported from.

    Tuples come back as lists. An attribute of an unknown class (``Colour.RED``) is left to the caller.
    Raises Computed for all that is no constant.
    """
    try:
        return _evaluate(node, imported)
    except Computed:
        raise
    except (ValueError, TypeError, ArithmeticError, KeyError, OSError, RecursionError) as error:
        raise Computed(f"{ast.unparse(node)}: {error}") from None


def _evaluate(node: ast.expr, imported: Mapping[str, str]) -> Any:
    match node:
        case ast.Constant(value=value) if value is None or isinstance(value, bool | int | float | str):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_evaluate(item, imported) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {_key(key, imported): _evaluate(item, imported) for key, item in zip(keys, values, strict=True)}
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(_evaluate(operand, imported), node)
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            first, second = _evaluate(left, imported), _evaluate(right, imported)
            return _OPERATORS[type(op)](_number(first, node), _number(second, node))
        case ast.Call(func=func, args=args, keywords=keywords) if call := _find(_CALLS, func, imported):
            if not any(isinstance(item, ast.Starred) for item in args) and all(word.arg for word in keywords):
                named = {str(word.arg): _evaluate(word.value, imported) for word in keywords}
                return call(*(_evaluate(item, imported) for item in args), **named)
        case ast.Name() | ast.Attribute():
            if (value := _find(_NAMED, node, imported)) is not None:
                return value
    raise Computed(ast.unparse(node))


def _key(node: ast.expr | None, imported: Mapping[str, str]) -> str:
    key = None if node is None else _evaluate(node, imported)
    if not isinstance(key, str):
        raise Computed("a dict whose keys are not text")
    return key


def _number(value: Any, node: ast.expr) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1 << 512:
        raise Computed(ast.unparse(node))
    return value


def _find(table: Mapping[str, Any], node: ast.expr, imported: Mapping[str, str]) -> Any:
    """The entry for a dotted name, aliases resolved: ``dt.date`` after ``import datetime as dt`` is ``date``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    dotted = ".".join([imported.get(node.id, node.id), *parts])
    for module in _MODULES if node.id in imported else (*_MODULES, f"{node.id}."):
        if dotted.startswith(module) and (short := dotted[len(module) :]) in table:
            return table[short]
    return table.get(dotted)
