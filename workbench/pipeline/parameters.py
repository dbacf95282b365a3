"""Parameters as others meet them: a contract printed, checked against what was given, and offered as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.model.errors import ParameterError, did_you_mean
from workbench.model.pipeline import Kind, Parameter, ParameterType
from workbench.model.plain import to_plain
from workbench.pipeline.contract import name_fault, parse_cell
from workbench.pipeline.rendering import render
from workbench.pipeline.values import Refused, accept, from_text, show

__all__ = ["coerce", "describe", "json_schema", "parse_cell", "render", "resolve"]


def coerce(parameter: Parameter, value: Any, *, text: bool = False) -> Any:
    """``value`` as the parameter holds it; with ``text``, a text is read by the declared type, as typed by a person.

    Raises ParameterError (WB-PAR-612).
    """
    try:
        if text and isinstance(value, str):
            return from_text(parameter.type, value)
        return accept(parameter.type, value)
    except Refused as error:
        raise ParameterError("WB-PAR-612", f'parameter "{parameter.name}"', cause=str(error)) from None


def resolve(
    contract: Sequence[Parameter], given: Mapping[str, Any], where: str, *, text: bool = False
) -> dict[str, Any]:
    """Every parameter of the contract with its value, in the contract's order: the given one, else the default.

    ``where`` names whose contract it is; ``text`` is as for ``coerce``. Raises one ParameterError (WB-PAR-612) for all
    that is unknown, missing or ill typed together, with the contract printed.
    """
    declared = {parameter.name: parameter for parameter in contract}
    faults = [unknown(name, declared) for name in given if name not in declared]
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name not in given:
            if parameter.required:
                faults.append(f'parameter "{name}" is required ({parameter.type})')
            else:
                values[name] = parameter.default
            continue
        try:
            values[name] = coerce(parameter, given[name], text=text)
        except ParameterError as error:
            faults.append(f"{error.what}: {error.cause}")
    if faults:
        raise refusal(where, faults, contract)
    return values


def refusal(where: str, faults: Sequence[str], contract: Sequence[Parameter]) -> ParameterError:
    """The one error for all faults of a set of values, with the contract below it."""
    lines = describe(contract)
    return ParameterError(
        "WB-PAR-612",
        f"{where}: {faults[0]}" if len(faults) == 1 else f"{where}: {len(faults)} parameters are refused",
        kept="Nothing was started.",
        detail=[
            *(f"  - {fault}" for fault in faults if len(faults) > 1),
            f"{where} takes:" if lines else f"{where} takes no parameters.",
            *(f"  {line}" for line in lines),
        ],
    )


def unknown(name: str, declared: Mapping[str, Parameter]) -> str:
    """The fault of a name that a contract does not declare."""
    shown = name if name.isprintable() else ascii(name)
    fault = name_fault(name)
    return f'unknown parameter "{shown}"' + (f" ({fault})" if fault else "." + did_you_mean(name, declared)).rstrip(".")


def describe(contract: Iterable[Parameter]) -> list[str]:
    """The contract as lines to print, in columns: name, type, default or ``required``, help."""
    rows = [
        (
            parameter.name,
            str(parameter.type),
            "required" if parameter.required else f"= {show(parameter.default)}",
            parameter.help,
        )
        for parameter in contract
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]


def json_schema(contract: Iterable[Parameter]) -> dict[str, Any]:
    """The contract as JSON Schema (2020-12) of one object that allows no further properties."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in contract:
        schema = _schema(parameter.type)
        if parameter.help:
            schema["description"] = parameter.help
        if parameter.required:
            required.append(parameter.name)
        else:
            schema["default"] = _json_default(parameter.default)
        properties[parameter.name] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_JSON: dict[Kind, dict[str, Any]] = {
    Kind.ANY: {},
    Kind.BOOL: {"type": "boolean"},
    Kind.INT: {"type": "integer"},
    Kind.FLOAT: {"type": "number"},
    Kind.STR: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.DATETIME: {"type": "string", "format": "date-time"},
    Kind.PATH: {"type": "string", "format": "path"},
    Kind.LITERAL: {},
    Kind.ENUM: {"type": "string"},
    Kind.LIST: {"type": "array"},
    Kind.DICT: {"type": "object"},
}


def _schema(kind: ParameterType) -> dict[str, Any]:
    schema = dict(_JSON[kind.kind])
    if kind.choices:
        schema["enum"] = list(kind.choices)
    if kind.minimum is not None:
        schema["minimum"] = kind.minimum
    if kind.maximum is not None:
        schema["maximum"] = kind.maximum
    if kind.items is not None:
        schema["items" if kind.kind is Kind.LIST else "additionalProperties"] = _schema(kind.items)
    if kind.optional and kind.kind is not Kind.ANY:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


def _json_default(value: Any) -> Any:
    """Dates and paths as the text that ``accept`` takes back; the rest as plain JSON."""
    match value:
        case list():
            return [_json_default(item) for item in value]
        case dict():
            return {key: _json_default(item) for key, item in value.items()}
    plain = to_plain(value)
    if isinstance(plain, dict):
        return next(iter(plain.values()))
    return plain
