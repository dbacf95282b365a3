"""Small datasets as files that people can review: CSV where that holds every value exactly, else Parquet."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import durable
from workbench.data.types import arrow_schema, schema_of
from workbench.model.dataset import Schema
from workbench.model.errors import FrameError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa


def write(table: pa.Table, folder: Path, dataset: str) -> Path:
    """Write a table of stored types into a folder, as ``<dataset>.csv`` or ``<dataset>.parquet``; returns the file."""
    import pyarrow.parquet as pq

    text = _as_csv(table)
    if text is not None:
        path = folder / f"{dataset}.csv"
        durable.write_text(path, text)
        return path
    path = folder / f"{dataset}.parquet"
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    durable.write_bytes(path, buffer.getvalue())
    return path


def read(path: Path, schema: Schema | None = None) -> pa.Table:
    """The table of stored types that a file holds, with the columns of ``schema`` where they are told.

    Raises UsageError (WB-TST-603) for a file that cannot be read or does not fit its columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from workbench.data.frames import to_arrow

    known = schema if schema and schema.columns else None
    try:
        table = _from_csv(path.read_bytes(), known) if path.suffix == ".csv" else pq.read_table(path)
        if known is None:
            return to_arrow(table)[0]
        target = arrow_schema(known)
        if table.column_names != target.names:
            raise UsageError(
                "WB-TST-603",
                f"{path.name} has other columns than it is said to have",
                cause=f"it has {', '.join(table.column_names)}, and should have {', '.join(target.names)}",
                next="correct the file, or the columns in case.yaml",
            )
        return table.cast(target)
    except (pa.ArrowException, OSError, FrameError) as error:
        raise UsageError(
            "WB-TST-603",
            f"{path.name} cannot be read as a dataset",
            cause=str(error).partition("\n")[0],
            next="correct the file, or name its columns and their types in case.yaml",
        ) from None


def schema(table: pa.Table) -> Schema:
    """The columns of a table of stored types."""
    return schema_of(table.schema)


def _as_csv(table: pa.Table) -> str | None:
    """The table as CSV, ``None`` when that would not give back every value as it is."""
    import pyarrow as pa
    from pyarrow import csv

    try:
        sink = io.BytesIO()
        csv.write_csv(table, sink, csv.WriteOptions(quoting_style="needed"))
        same = _from_csv(sink.getvalue(), schema_of(table.schema)).cast(table.schema).equals(table)
        return sink.getvalue().decode() if same and table.num_columns else None
    except (pa.ArrowException, UnicodeDecodeError):
        return None


def _from_csv(content: bytes, schema: Schema | None) -> pa.Table:
    """CSV in which nothing is null and ``""`` is an empty text."""
    from pyarrow import csv

    types = {field.name: field.type for field in arrow_schema(schema)} if schema else None
    convert = csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parse = csv.ParseOptions(newlines_in_values=True)
    return csv.read_csv(io.BytesIO(content), parse_options=parse, convert_options=convert)
