"""The injected cell: values as Python source that gives back exactly those values, whatever the notebook imported."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from workbench.model.errors import InternalError, ParameterError
from workbench.model.pipeline import Kind, Parameter, ParameterType
from workbench.pipeline.contract import name_fault
from workbench.pipeline.values import Refused, accept

TAG = "injected-parameters"
_ALIASES = {"_wb_datetime": "datetime", "_wb_math": "math", "_wb_pathlib": "pathlib"}
_ANY = ParameterType(Kind.ANY, optional=True)


def render(contract: Iterable[Parameter], values: Mapping[str, Any], language: str = "python", kernel: str = "") -> str:
    """The source of the injected cell, ``''`` when there are no values.

    Raises ParameterError: WB-PAR-610 for a name that the contract does not declare or that could be code, WB-PAR-611
    for a value that is not one of ``values.accept``'s or that the language cannot take safely.
    """
    if not values:
        return ""
    declared = {parameter.name: parameter for parameter in contract}
    checked = {name: _checked(name, value, declared) for name, value in values.items()}
    if language.lower() not in ("python", "ipython"):
        from workbench.pipeline.languages import write

        return write(checked, language, kernel)
    lines = [f"{name} = {_source(value, declared[name].type)}" for name, value in checked.items()]
    text = "\n".join(lines)
    imports = [f"import {module} as {alias}" for alias, module in _ALIASES.items() if f"{alias}." in text]
    return "\n".join(["# Parameters", *imports, *lines])


def _checked(name: str, value: Any, declared: Mapping[str, Parameter]) -> Any:
    fault = name_fault(name) or ("" if name in declared else "the notebook does not declare it")
    if fault:
        raise ParameterError("WB-PAR-610", f"{ascii(name)[:80]} cannot be a parameter", cause=fault)
    try:
        return accept(declared[name].type, value)
    except Refused as error:
        raise ParameterError("WB-PAR-611", f'parameter "{name}" cannot be written', cause=str(error)) from None


def _source(value: Any, kind: ParameterType) -> str:
    """``value``, which ``values.accept`` has made canonical, as an expression."""
    inner = kind.items or _ANY
    match value:
        case str() if kind.kind is Kind.ENUM:
            return f"{kind.enum}.{value}"
        case None | bool() | int() | str():
            return repr(value)
        case float():
            return repr(value) if math.isfinite(value) else _special(value)
        case datetime():
            return f"_wb_datetime.datetime.fromisoformat({value.isoformat()!r})"
        case date():
            return f"_wb_datetime.date.fromisoformat({value.isoformat()!r})"
        case PurePath():
            return f"_wb_pathlib.Path({str(value)!r})"
        case list():
            return "[" + ", ".join(_source(item, inner) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key!r}: {_source(item, inner)}" for key, item in value.items()) + "}"
    raise InternalError("WB-INT-997", f"a {type(value).__name__} passed for a parameter value")


def _special(value: float) -> str:
    if math.isnan(value):
        return "_wb_math.nan"
    return "_wb_math.inf" if value > 0 else "-_wb_math.inf"
