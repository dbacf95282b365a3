"""Data under examination as one DuckDB view: nothing but its own files can be opened, nothing can be installed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.files import exists, teach
from workbench.model.dataset import Schema
from workbench.model.errors import NotFound, StorageError
from workbench.model.frozen import dataclass
from workbench.model.location import is_remote

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_PLACEHOLDER = re.compile(r"\$(p\d+_)\b")
_ICEBERG_TYPES = {
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ns": "TIMESTAMP_NS",
    "string": "VARCHAR",
    "uuid": "UUID",
    "binary": "BLOB",
}
_NESTED = {"list": "VARCHAR[]", "map": "MAP(VARCHAR, VARCHAR)", "struct": "STRUCT(field VARCHAR)", "fixed": "BLOB"}
_FAMILIES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "float"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "timestamp"),
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "text",
    "DATE": "date",
    "TIME": "time",
    "BOOLEAN": "boolean",
}


@dataclass(frozen=True)
class Relation:
    """The view ``data`` of a connection; ``types`` maps each column to its DuckDB type, in order."""

    connection: duckdb.DuckDBPyConnection
    types: Mapping[str, str]

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The result of a query as Python values, by way of Arrow (which needs no time zone library)."""
        given = parameters or {}
        used = {name: given[name] for name in _PLACEHOLDER.findall(sql) if name in given}
        rows: list[dict[str, Any]] = self.connection.sql(sql, params=used or None).to_arrow_table().to_pylist()
        return rows

    def family(self, column: str) -> str:
        """``integer, float, decimal, text, date, time, timestamp, timestamptz, boolean, list, struct`` or ``other``."""
        kind = self.types[column]
        if kind.endswith("[]"):
            return "list"
        head = kind.partition("(")[0]
        return {"DECIMAL": "decimal", "STRUCT": "struct", "MAP": "struct"}.get(head, _FAMILIES.get(kind, "other"))


@contextmanager
def over_files(files: Sequence[str], schema: Schema | None) -> Iterator[Relation]:
    """The rows of Parquet files (or CSV, by their ending) with the columns of ``schema``, where one is given.

    A column that a file lacks is null there; no file at all is a relation without rows. Raises NotFound (WB-CHK-712)
    and StorageError (WB-CHK-710) for a file that is not there or cannot be read.
    """
    import duckdb

    paths = [file if is_remote(file) else str(Path(file.removeprefix("file://")).resolve()) for file in files]
    for path in paths:
        if not exists(path):
            raise missing_file(path)
    with _connect(paths) as connection:
        try:
            connection.execute(f"CREATE VIEW data AS SELECT {_select(connection, paths, schema)}")
            relation = _relation(connection)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise unreadable(paths, first_line(error)) from error
        yield relation


@contextmanager
def over_table(table: pa.Table) -> Iterator[Relation]:
    """The rows of an Arrow table."""
    with _connect([], {"frame": table}) as connection:
        connection.execute("CREATE TEMPORARY VIEW data AS SELECT * FROM frame")
        yield _relation(connection)


def missing_file(path: str) -> NotFound:
    """The error for a file that is not there."""
    return NotFound("WB-CHK-712", f"there is no file {path}", next="check the path")


def unreadable(paths: Sequence[str], cause: str) -> StorageError:
    """The error for files that cannot be read as data."""
    return StorageError(
        "WB-CHK-710",
        f"cannot read {', '.join(paths[:3])}",
        cause=cause,
        kept="Nothing was changed.",
        next="make sure that it is a whole Parquet or CSV file",
    )


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def first_line(error: Exception) -> str:
    """What a DuckDB error says, without its echo of the query."""
    text = str(error).strip().split("\n", 1)[0]
    return text.partition(" Error: ")[2] or text


@contextmanager
def _connect(paths: Sequence[str], frames: Mapping[str, Any] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection.

    Statistics in Parquet files leave NaN out of minimum and maximum, so that pruning by them would lose rows: the two
    optimizers that use them are off, and every count comes from the values.
    """
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "disabled_optimizers": "filter_pushdown,statistics_propagation",
            "python_enable_replacements": "false",
        },
    )
    with connection, tempfile.TemporaryDirectory(prefix="workbench-check-") as spill:
        teach(connection, paths)
        for name, frame in (frames or {}).items():
            connection.register(name, frame)
        connection.execute(f"SET temp_directory = '{spill}'")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET allowed_paths = $paths", {"paths": list(paths)})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def _select(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], schema: Schema | None) -> str:
    columns = schema.columns if schema is not None else ()
    if not paths:
        empty = ", ".join(f"CAST(NULL AS {_duckdb_type(column.type)}) AS {quoted(column.name)}" for column in columns)
        return f"{empty or '0 AS nothing'} WHERE false"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    reader = "read_csv" if paths[0].lower().endswith((".csv", ".csv.gz", ".tsv")) else "read_parquet"
    union = ", union_by_name = true" if len(paths) > 1 else ""
    source = f"{reader}([{listed}]{union})"
    if schema is None:
        return f"* FROM {source}"
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    parts = [
        quoted(column.name)
        if column.name in there
        else f"CAST(NULL AS {_duckdb_type(column.type)}) AS {quoted(column.name)}"
        for column in columns
    ]
    return f"{', '.join(parts)} FROM {source}" if parts else f"* FROM {source}"


def _relation(connection: duckdb.DuckDBPyConnection) -> Relation:
    described = connection.execute("DESCRIBE data").fetchall()
    return Relation(connection, {row[0]: row[1] for row in described})


def _duckdb_type(iceberg: str) -> str:
    if iceberg.startswith("decimal("):
        return iceberg
    head = iceberg.partition("<")[0].partition("[")[0]
    return _ICEBERG_TYPES.get(iceberg) or _NESTED.get(head, "VARCHAR")
