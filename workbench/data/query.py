"""Reading: a snapshot's own Parquet files, by pyarrow when a frame is asked for and by DuckDB when SQL is.

Nothing here talks to a store or a catalog: an ``Input`` holds the files and the schema. DuckDB never installs or
loads an extension by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.data.frames import check_kind, from_arrow
from workbench.data.types import arrow_schema, duckdb_type, quoted
from workbench.files import source, teach
from workbench.model.dataset import DataFile, Input, Schema
from workbench.model.errors import NotFound, StorageError, UsageError, did_you_mean
from workbench.model.location import is_remote

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

T = TypeVar("T")

READERS = 8
"""Files of a bucket that are opened at once: each waits for its answers alone."""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def read(input: Input, *, as_: str = "pandas", columns: Sequence[str] | None = None, where: str | None = None) -> Any:
    """The rows of a snapshot, in the order they were written, as the kind of frame asked for.

    ``where`` is an SQL condition on the columns. Raises NotFound (WB-DAT-333 unknown column), UsageError (WB-DAT-334
    faulty condition, WB-DAT-336 unknown kind) and StorageError (WB-DAT-310 missing file, WB-DAT-311 damaged file).
    """
    check_kind(as_)
    schema = chosen(input, columns)
    if as_ == "duckdb" or where is not None:
        relation = _relation(input, schema, where)
        return relation if as_ == "duckdb" else from_arrow(_fetched(input, relation, schema, where), as_)
    return from_arrow(load(input.files, schema), as_)


def load(files: Sequence[DataFile], schema: Schema) -> pa.Table:
    """The rows of some files as a table with the columns of ``schema``; what a file lacks is null."""
    import pyarrow as pa

    target = arrow_schema(schema)
    parts = _each(lambda file: _load_file(file, target), files)
    return pa.concat_tables([target.empty_table(), *parts])


def connect(inputs: Mapping[str, Input]) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with one view per dataset, each in the schema of its namespace."""
    connection = connection_alone([file for input in inputs.values() for file in input.files])
    for name, input in inputs.items():
        namespace, _, table = name.partition(".")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(namespace)}")
        select = selection(input.files, input.schema)
        connection.execute(f"CREATE VIEW {quoted(namespace)}.{quoted(table)} AS {select}")
    return connection


def connection_alone(files: Sequence[DataFile] = ()) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection without tables, in UTC, that installs nothing and can read ``files``."""
    import duckdb

    connection = duckdb.connect(":memory:", config=_SETTINGS)
    connection.execute("SET TimeZone = 'UTC'")
    teach(connection, [file.path for file in files])
    return connection


def sql(query: str, inputs: Mapping[str, Input], frames: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
    """A relation over datasets and, by their names, local frames; it keeps its connection alive.

    Raises UsageError (WB-DAT-335) with DuckDB's reason.
    """
    import duckdb

    connection = connect(inputs)
    for name, frame in (frames or {}).items():
        connection.register(name, frame)
    try:
        return connection.sql(query)
    except duckdb.Error as error:
        raise _faulty(query, error) from None


def table_names(query: str) -> tuple[str, ...]:
    """The tables that one SELECT refers to, as written: ``namespace.name``, or a bare name for a local frame.

    Raises UsageError (WB-DAT-335) for anything but one SELECT.
    """
    import duckdb

    if not isinstance(query, str):
        raise UsageError("WB-DAT-335", f"the query is a {type(query).__name__}", next="give it as text")
    try:
        with connection_alone() as connection:
            rows = connection.execute("SELECT json_serialize_sql($query)", {"query": query}).fetchall()
    except duckdb.Error as error:
        raise _faulty(query, error) from None
    tree = json.loads(rows[0][0])
    if tree.get("error"):
        raise _faulty(query, ValueError(str(tree.get("error_message"))))
    if len(tree.get("statements", ())) != 1:
        raise _faulty(query, ValueError("it has to be one statement"))
    common: set[str] = set()
    names = list(_tables(tree, common))
    return tuple(dict.fromkeys(name for name in names if name not in common))


def chosen(input: Input, columns: Sequence[str] | None) -> Schema:
    """The schema of the columns asked for, in the order asked for. Raises NotFound (WB-DAT-333)."""
    if columns is None:
        return input.schema
    if isinstance(columns, str):
        raise UsageError("WB-DAT-333", "columns= is a list of names", next=f'write columns=["{columns}"]')
    known = {column.name: column for column in input.schema.columns}
    for name in columns:
        if name not in known:
            raise NotFound(
                "WB-DAT-333",
                f'{input.dataset} has no column "{name}"',
                cause=f"its columns are {', '.join(known)}." + did_you_mean(str(name), known),
            )
    if not columns:
        raise UsageError("WB-DAT-333", "columns= names no column", next="leave it out to read all of them")
    return Schema(tuple(known[name] for name in dict.fromkeys(columns)))


def selection(files: Sequence[DataFile], schema: Schema) -> str:
    """A SELECT of the columns of ``schema``, in order and with their types, from the files or from nothing."""
    target = arrow_schema(schema)
    if not files:
        nothing = ", ".join(f"CAST(NULL AS {duckdb_type(field.type)}) AS {quoted(field.name)}" for field in target)
        return f"SELECT {nothing} WHERE false"
    there = _columns_in(files)
    parts = []
    for field in target:
        value = quoted(field.name) if field.name in there else "NULL"
        parts.append(f"CAST({value} AS {duckdb_type(field.type)}) AS {quoted(field.name)}")
    return f"SELECT {', '.join(parts)} FROM {scan(files)}"


def scan(files: Sequence[DataFile], *options: str) -> str:
    """A ``read_parquet`` call over the files."""
    paths = ", ".join("'" + _literal(file.path).replace("'", "''") + "'" for file in files)
    return f"read_parquet({', '.join([f'[{paths}]', 'union_by_name = true', *options])})"


def stored_schema(file: DataFile) -> pa.Schema:
    """The Arrow schema of one file. Raises StorageError (WB-DAT-310 missing, WB-DAT-311 damaged)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(source(file.path))
    except FileNotFoundError:
        raise _missing(file.path) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(file.path, error) from None


def first_line(error: Exception) -> str:
    """What DuckDB says, without its echo of the query; of a fault while reading from a bucket, what that says."""
    text = str(error).strip()
    if text.startswith("Traceback "):
        text = next((line for line in text.splitlines()[1:] if line and not line.startswith(" ")), text)
    text = text.split("\n", 1)[0]
    return text.partition(" Error: ")[2] or text


def _relation(input: Input, schema: Schema, where: str | None) -> duckdb.DuckDBPyRelation:
    import duckdb

    relation = connect({input.dataset: input}).table(input.dataset)
    try:
        if where is not None:
            relation = relation.filter(where)
        return relation.project(", ".join(quoted(name) for name in schema.names))
    except duckdb.Error as error:
        raise _bad_condition(input, where, error) from None


def _fetched(input: Input, relation: duckdb.DuckDBPyRelation, schema: Schema, where: str | None) -> pa.Table:
    import duckdb

    try:
        return relation.to_arrow_table().cast(arrow_schema(schema))
    except duckdb.Error as error:
        raise _bad_condition(input, where, error) from None


def _bad_condition(input: Input, where: str | None, error: Exception) -> UsageError:
    return UsageError(
        "WB-DAT-334",
        f"cannot read {input.dataset} where {where}",
        cause=first_line(error),
        next="write an SQL condition, such as where=\"origin = 'JFK' and dep_delay > 60\"",
    )


def _faulty(query: str, error: Exception) -> UsageError:
    shown = " ".join(query.split())
    return UsageError(
        "WB-DAT-335",
        "the query cannot run",
        cause=first_line(error),
        next="correct the SQL; datasets are written namespace.name, frames by their variable",
        detail=[f"  {shown if len(shown) <= 200 else shown[:197] + '...'}"],
    )


def _tables(node: Any, common: set[str]) -> Iterator[str]:
    """The base tables in a tree of ``json_serialize_sql``; the names of common table expressions go to ``common``."""
    if isinstance(node, list):
        for item in node:
            yield from _tables(item, common)
    elif isinstance(node, dict):
        common.update(entry["key"] for entry in node.get("cte_map", {}).get("map", ()))
        if node.get("type") == "BASE_TABLE":
            yield ".".join(part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part)
        for item in node.values():
            yield from _tables(item, common)


def _load_file(file: DataFile, target: pa.Schema) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source(file.path), page_checksum_verification=True, pre_buffer=True) as parquet:
            names = set(parquet.schema_arrow.names)
            table = parquet.read(columns=[name for name in target.names if name in names])
            rows = parquet.metadata.num_rows
        columns = [table[name] if name in names else pa.nulls(rows, target.field(name).type) for name in target.names]
        return pa.table(columns, names=target.names).cast(target)
    except FileNotFoundError:
        raise _missing(file.path) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(file.path, error) from None


def _columns_in(files: Sequence[DataFile]) -> set[str]:
    return {name for schema in _each(stored_schema, files) for name in schema.names}


def _each(look: Callable[[DataFile], T], files: Sequence[DataFile]) -> list[T]:
    """What ``look`` gives for each file, in order; files of a bucket are looked at several at once."""
    if len(files) < 2 or not is_remote(files[0].path):
        return [look(file) for file in files]
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(look, files))


def _missing(path: str) -> StorageError:
    return StorageError(
        "WB-DAT-310",
        f"the data file {path} is gone",
        cause="something outside Workbench has removed it",
        kept="Other versions of the dataset may still be whole.",
        next="read an older version with as_of=, or run the step that writes it again with --force",
    )


def _damaged(path: str, error: Exception) -> StorageError:
    return StorageError(
        "WB-DAT-311",
        f"the data file {path} is damaged",
        cause=str(error).strip().split("\n", 1)[0],
        kept="Other versions of the dataset may still be whole.",
        next="read an older version with as_of=, or run the step that writes it again with --force",
    )


def _literal(path: str) -> str:
    """A path without a special meaning for DuckDB's globbing."""
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in path)
