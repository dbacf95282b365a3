"""How the schema of a dataset meets the schema of a write.

A new column is added and reads as null in older rows; a missing one is null in newer rows. A type may only widen as
Iceberg lets it (``int`` to ``long``, ``float`` to ``double``, more digits), because older files are not rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.data.query import load, stored_schema
from workbench.data.stage import data_folder, partition_of, write_files
from workbench.data.types import arrow_type, schema_of
from workbench.model.dataset import Column, DataFile, Schema
from workbench.model.errors import FrameError
from workbench.model.location import Location

if TYPE_CHECKING:
    import pyarrow as pa

_PROMOTIONS = {("int", "long"), ("float", "double")}
_NUMBERS = {"int", "long", "float", "double"}


def union(
    dataset: str, old: Schema, new: Schema, old_files: Sequence[DataFile], new_files: Sequence[DataFile]
) -> Schema:
    """The columns of both: the old ones first, each of a type that holds both. Raises FrameError (WB-DAT-316)."""
    added = {column.name: column for column in new.columns}
    columns = []
    for column in old.columns:
        other = added.pop(column.name, column)
        kind = _wider(column.type, other.type)
        if kind is None and _all_null(new_files, column.name):
            kind = column.type
        if kind is None and _all_null(old_files, column.name):
            kind = other.type
        if kind is None:
            raise _changed(dataset, column, other)
        columns.append(Column(column.name, kind, column.doc))
    clash = {column.name.casefold() for column in columns} & {name.casefold() for name in added}
    if clash:
        raise FrameError(
            "WB-DAT-316",
            f'{dataset} already has the column "{next(iter(clash))}" with other capitals',
            cause="capitals do not tell columns apart",
            next="rename the column of the frame",
        )
    return Schema((*columns, *added.values()))


def promoted(old: str, new: str) -> bool:
    """Whether files with the old type may stay as they are under the new one."""
    if old == new or (old, new) in _PROMOTIONS:
        return True
    before, after = _decimal(old), _decimal(new)
    return bool(before and after and before[1] == after[1] and before[0] <= after[0])


def conform(
    files: Sequence[DataFile], target: Schema, warehouse: Location, dataset: str, *, keep_promoted: bool
) -> tuple[DataFile, ...]:
    """The files, with those rewritten whose columns have another type than ``target`` says.

    ``keep_promoted`` leaves files alone whose types may be promoted. Raises FrameError (WB-DAT-316).
    """
    return tuple(file for each in files for file in _conform(each, target, warehouse, dataset, keep_promoted))


def _conform(
    file: DataFile, target: Schema, warehouse: Location, dataset: str, keep_promoted: bool
) -> tuple[DataFile, ...]:
    import pyarrow as pa

    stored = schema_of(stored_schema(file))
    kinds = {column.name: column.type for column in target.columns}
    present = [column for column in stored.columns if column.name in kinds]
    fits = all(
        column.type == kinds[column.name] or (keep_promoted and promoted(column.type, kinds[column.name]))
        for column in present
    )
    if fits:
        return (file,)
    table = load([file], Schema(tuple(present)))
    for position, column in enumerate(present):
        kind = kinds[column.name]
        if kind == column.type:
            continue
        try:
            values = _recast(table.column(position), arrow_type(kind))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise _changed(dataset, Column(column.name, kind), column) from None
        table = table.set_column(position, column.name, values)
    folder = data_folder(warehouse, dataset)
    return write_files(table, folder, partition_of(table, tuple(file.partition)))


def _recast(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if values.null_count == len(values):
        return pa.chunked_array([pa.nulls(len(values), kind)])
    return values.cast(kind)


def _wider(old: str, new: str) -> str | None:
    """The type for both, ``None`` when there is none; numbers of the write are fitted to the dataset if they can be."""
    if promoted(new, old):
        return old
    if promoted(old, new):
        return new
    if old in _NUMBERS and new in _NUMBERS:
        return old
    if _decimal(old) and (_decimal(new) or new in {"int", "long"}):
        return old
    return None


def _decimal(kind: str) -> tuple[int, int] | None:
    if not kind.startswith("decimal("):
        return None
    precision, scale = kind.removeprefix("decimal(").rstrip(")").split(",")
    return int(precision), int(scale)


def _all_null(files: Sequence[DataFile], name: str) -> bool:
    """Whether a column holds nothing but nulls in all of the files."""
    for file in files:
        own = tuple(column for column in schema_of(stored_schema(file)).columns if column.name == name)
        if not own:
            continue
        column = load([file], Schema(own)).column(0)
        if column.null_count != len(column):
            return False
    return True


def _changed(dataset: str, column: Column, other: Column) -> FrameError:
    return FrameError(
        "WB-DAT-316",
        f'column "{column.name}" of {dataset} would change its type',
        cause=f"the dataset holds {column.type}, the frame holds {other.type}, and not every value has a place in both",
        kept=f"{dataset} is unchanged.",
        next=f'convert the column first, for example df["{column.name}"].astype({_pandas_name(column.type)}), '
        'or replace the dataset with mode="overwrite"',
    )


def _pandas_name(kind: str) -> str:
    names = {
        "boolean": '"boolean"',
        "int": '"Int32"',
        "long": '"Int64"',
        "float": '"float32"',
        "double": '"float64"',
        "string": '"string"',
        "timestamp": '"datetime64[us]"',
        "timestamptz": '"datetime64[us, UTC]"',
    }
    return names.get(kind, "…")
