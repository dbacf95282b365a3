"""Rows that a write replaces: files that hold some of them are written anew without them, the others stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.data.query import connection_alone, first_line, scan, selection, stored_schema
from workbench.data.stage import data_folder, write_files
from workbench.data.types import arrow_schema, duckdb_type, quoted
from workbench.model.dataset import DataFile, Schema
from workbench.model.errors import StorageError
from workbench.model.location import Location

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Place = tuple[Location, str]
"""A warehouse, and a dataset in it."""


def without_keys(
    files: Sequence[DataFile],
    keys: Sequence[str],
    staged: Sequence[DataFile],
    schema: Schema,
    place: Place,
) -> tuple[DataFile, ...]:
    """The files without the rows whose keys are in ``staged``; new files go to ``place``.

    Untouched files stay as they are; a rewritten one keeps its place and the order of its rows. Raises StorageError.
    """
    if not files or not staged:
        return tuple(files)
    types = {field.name: duckdb_type(field.type) for field in arrow_schema(schema)}
    columns = ", ".join(f"CAST({quoted(key)} AS {types[key]}) AS {quoted(key)}" for key in keys)
    with connection_alone([*files, *staged]) as connection:
        with _explained():
            connection.execute(f"CREATE TABLE keys AS SELECT DISTINCT {columns} FROM {scan(staged)}")
        return _rewritten(connection, files, keys, schema, place)


def without_partitions(
    files: Sequence[DataFile],
    by: Sequence[str],
    staged: Sequence[DataFile],
    schema: Schema,
    place: Place,
) -> tuple[DataFile, ...]:
    """The files without the rows of the partitions in ``staged``.

    A file that holds one partition is dropped or stays by its recorded values; others are looked into.
    """
    replaced = {_values(file, by) for file in staged}
    result: list[DataFile] = []
    for file in files:
        if set(file.partition) != set(by):
            result.extend(without_keys([file], by, staged, schema, place))
        elif _values(file, by) not in replaced:
            result.append(file)
    return tuple(result)


@contextmanager
def _explained() -> Iterator[None]:
    """A fault of a file becomes StorageError (WB-DAT-311)."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise StorageError(
            "WB-DAT-311",
            "the data files could not be merged",
            cause=first_line(error),
            kept="The dataset is unchanged.",
            next="run the command again; when it fails again, read the dataset to find the damaged file",
        ) from error


def _values(file: DataFile, by: Sequence[str]) -> tuple[str, ...]:
    return tuple(file.partition.get(name, "") for name in by)


def _rewritten(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[DataFile],
    keys: Sequence[str],
    schema: Schema,
    place: Place,
) -> tuple[DataFile, ...]:
    on = " AND ".join(f"held.{quoted(key)} = keys.{quoted(key)}" for key in keys)
    result: list[DataFile] = []
    for file in files:
        rows = f"({selection([file], schema)}) AS held"
        with _explained():
            hit = connection.execute(f"SELECT count(*) FROM {rows} SEMI JOIN keys ON {on}").fetchall()
        if not hit[0][0]:
            result.append(file)
        elif hit[0][0] < file.rows:
            result.extend(write_files(_rest(connection, file, on, schema), data_folder(*place), file.partition))
    return tuple(result)


def _rest(connection: duckdb.DuckDBPyConnection, file: DataFile, on: str, schema: Schema) -> pa.Table:
    """The rows of a file that match no key, in their order, with the columns that the file has."""
    there = set(stored_schema(file).names)
    own = Schema(tuple(column for column in schema.columns if column.name in there))
    rows = scan([file], "file_row_number = true")
    names = ", ".join(f"held.{quoted(name)}" for name in own.names)
    query = f"SELECT {names} FROM {rows} AS held ANTI JOIN keys ON {on} ORDER BY held.file_row_number"
    with _explained():
        return connection.sql(query).to_arrow_table().cast(arrow_schema(own))
