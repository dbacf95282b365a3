"""Iceberg types as text, and their counterparts in Arrow and DuckDB.

The text is the one of the Iceberg specification, without field ids: ``long``, ``decimal(9, 2)``, ``list<string>``,
``map<string, long>``, ``struct<name: string, "odd name": long>``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from workbench.model.dataset import Column, Schema

if TYPE_CHECKING:
    import pyarrow as pa

_DUCKDB = {
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "string": "VARCHAR",
    "binary": "BLOB",
}
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\w+|[<>(),:])')
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


def iceberg_type(arrow: pa.DataType) -> str:
    """The Iceberg type of an Arrow type that ``storable`` has let through. Raises TypeError for another."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_decimal(arrow):
        return f"decimal({arrow.precision}, {arrow.scale})"
    if types.is_map(arrow):
        return f"map<{iceberg_type(arrow.key_type)}, {iceberg_type(arrow.item_type)}>"
    if types.is_list(arrow):
        return f"list<{iceberg_type(arrow.value_type)}>"
    if types.is_struct(arrow):
        return "struct<" + ", ".join(f"{_spelled(field.name)}: {iceberg_type(field.type)}" for field in arrow) + ">"
    plain = {
        pa.bool_(): "boolean",
        pa.int32(): "int",
        pa.int64(): "long",
        pa.float32(): "float",
        pa.float64(): "double",
        pa.date32(): "date",
        pa.time64("us"): "time",
        pa.timestamp("us"): "timestamp",
        pa.timestamp("us", "UTC"): "timestamptz",
        pa.string(): "string",
        pa.binary(): "binary",
    }
    if arrow not in plain:
        raise TypeError(f"{arrow} is not a stored type")
    return plain[arrow]


def arrow_type(text: str) -> pa.DataType:
    """The inverse of ``iceberg_type``."""
    kind, rest = _parse(_tokens(text))
    if rest:
        raise ValueError(f"cannot understand the type {text!r}")
    return kind


def duckdb_type(arrow: pa.DataType) -> str:
    """The DuckDB type, as SQL, of a stored Arrow type."""
    from pyarrow import types

    if types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision}, {arrow.scale})"
    if types.is_map(arrow):
        return f"MAP({duckdb_type(arrow.key_type)}, {duckdb_type(arrow.item_type)})"
    if types.is_list(arrow):
        return duckdb_type(arrow.value_type) + "[]"
    if types.is_struct(arrow):
        return "STRUCT(" + ", ".join(f"{quoted(field.name)} {duckdb_type(field.type)}" for field in arrow) + ")"
    return _DUCKDB[iceberg_type(arrow)]


def schema_of(arrow: pa.Schema) -> Schema:
    """The schema of a table whose columns are all of stored types."""
    return Schema(tuple(Column(field.name, iceberg_type(field.type)) for field in arrow))


def arrow_schema(schema: Schema) -> pa.Schema:
    """The Arrow schema that a dataset with this schema is read as; every column may be null."""
    import pyarrow as pa

    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in schema.columns])


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _spelled(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    end = 0
    while end < len(text.rstrip()):
        match = _TOKEN.match(text, end)
        if match is None:
            raise ValueError(f"cannot understand the type {text!r}")
        found.append(match[1])
        end = match.end()
    return found


def _parse(tokens: list[str]) -> tuple[pa.DataType, list[str]]:
    import pyarrow as pa

    match tokens:
        case ["decimal", "(", precision, ",", scale, ")", *rest]:
            return pa.decimal128(int(precision), int(scale)), rest
        case ["list", "<", *rest]:
            element, rest = _parse(rest)
            return pa.list_(pa.field("element", element)), _after(">", rest)
        case ["map", "<", *rest]:
            key, rest = _parse(rest)
            value, rest = _parse(_after(",", rest))
            return pa.map_(key, value), _after(">", rest)
        case ["struct", "<", *rest]:
            fields = []
            while rest and rest[0] != ">":
                name, rest = rest[0], _after(":", rest[1:])
                kind, rest = _parse(rest)
                fields.append(pa.field(json.loads(name) if name.startswith('"') else name, kind))
                if rest[:1] == [","]:
                    rest = rest[1:]
            return pa.struct(fields), _after(">", rest)
        case [name, *rest] if name in _DUCKDB:
            return _primitive(name), rest
    raise ValueError(f"cannot understand the type {' '.join(tokens)!r}")


def _after(token: str, tokens: list[str]) -> list[str]:
    if tokens[:1] != [token]:
        raise ValueError(f"expected {token!r} in a type")
    return tokens[1:]


def _primitive(name: str) -> pa.DataType:
    import pyarrow as pa

    return {
        "boolean": pa.bool_(),
        "int": pa.int32(),
        "long": pa.int64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "date": pa.date32(),
        "time": pa.time64("us"),
        "timestamp": pa.timestamp("us"),
        "timestamptz": pa.timestamp("us", "UTC"),
        "string": pa.string(),
        "binary": pa.binary(),
    }[name]
