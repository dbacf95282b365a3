"""Staging: a table becomes Parquet files at their final place, durable, and referred to by nothing yet.

Equal tables give equal bytes, so that the digests of the files tell whether content has changed. Pages carry
checksums; a column that holds NaN carries no statistics, because minimum and maximum leave NaN out and engines that
prune by them would lose rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.data.types import schema_of
from workbench.files import writing
from workbench.model.dataset import DataFile, Mode, StagedWrite
from workbench.model.errors import FrameError, UsageError, did_you_mean
from workbench.model.location import Location
from workbench.model.names import new_id, parse_dataset

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 262_144
"""Rows in a row group: enough to compress well, few enough that DuckDB reads one file with several threads."""
FILE_BYTES = 512 * 1024 * 1024
"""A file that has reached this size is closed, and the next rows go to another."""
MAX_PARTITIONS = 10_000
"""As many files a partitioned write may make; more are slower to open than to scan."""


def stage(
    table: pa.Table,
    dataset: str,
    *,
    mode: Mode,
    keys: Sequence[str] = (),
    warehouse: Location,
    notes: Sequence[str] = (),
    cell: int | None = None,
) -> StagedWrite:
    """Write the rows of a table of stored types (see ``frames.to_arrow``) for a dataset, and say what was written.

    ``keys`` are the columns of an upsert or the partition columns. Raises FrameError (WB-DAT-312 to 315),
    UsageError (WB-DAT-309), InvalidName and StorageError; then nothing was written.
    """
    parse_dataset(dataset)
    keys = tuple(dict.fromkeys(keys))
    check_keys(table, mode, keys)
    folder = data_folder(warehouse, dataset)
    files: list[DataFile] = []
    if mode is Mode.PARTITION:
        for values, part in partitions(table, keys):
            files.extend(write_files(part, folder, values))
    else:
        files.extend(write_files(table, folder))
    return StagedWrite(dataset, mode, schema_of(table.schema), tuple(files), keys, tuple(notes), cell)


def data_folder(warehouse: Location, dataset: str) -> str:
    """Where the data files of a dataset lie: a local folder or a prefix in a bucket."""
    namespace, _, name = dataset.partition(".")
    return warehouse.at(namespace, name, "data")


def write_files(table: pa.Table, folder: str, partition: Mapping[str, str] | None = None) -> tuple[DataFile, ...]:
    """Write the rows to as many files as their size asks for, none for no rows. Raises StorageError."""
    stem = new_id().lower()
    files: list[DataFile] = []
    start = 0
    while start < table.num_rows:
        path = f"{folder}/{stem}-{len(files):05d}.parquet"
        with writing(path) as aside:
            rows = _write(table.slice(start), aside)
            digest, size = _digest(aside)
        files.append(DataFile(path, rows, size, digest, dict(partition or {})))
        start += rows
    return tuple(files)


def partitions(table: pa.Table, by: Sequence[str]) -> Iterator[tuple[dict[str, str], pa.Table]]:
    """The table cut by the values of its partition columns, in order of first appearance; rows keep their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if table.num_rows == 0:
        return
    codes: Any = None
    values: list[list[str]] = []
    for name in by:
        encoded = table[name].combine_chunks().dictionary_encode()
        values.append(encoded.dictionary.cast(pa.string()).to_pylist())
        own = encoded.indices.cast(pa.int64())
        codes = own if codes is None else pc.add(pc.multiply(codes, len(values[-1])), own)
    groups = pc.value_counts(codes)
    if len(groups) > MAX_PARTITIONS:
        raise FrameError(
            "WB-DAT-315",
            f"the frame has {len(groups):,} different values of {_listed(by)}",
            cause=f"each would be a file of its own, and at most {MAX_PARTITIONS:,} are",
            next='partition by a coarser column, or use mode="upsert"',
        )
    order = pc.sort_indices(codes)
    counts = {entry["values"]: entry["counts"] for entry in groups.to_pylist()}
    start_of, start = {}, 0
    for code in sorted(counts):
        start_of[code], start = start, start + counts[code]
    for code in counts:
        part = table.take(order.slice(start_of[code], counts[code]))
        yield _spelled(by, code, values), part


def check_keys(table: pa.Table, mode: Mode, keys: Sequence[str]) -> None:
    """Raise UsageError or FrameError when the keys do not suit the mode or the values of the table."""
    argument = {Mode.UPSERT: "on", Mode.PARTITION: "by"}.get(mode)
    if argument is None:
        if keys:
            raise UsageError(
                "WB-DAT-309", f'a write with mode="{mode}" takes no key columns', next="leave on= and by= out"
            )
        return
    if not keys:
        raise UsageError(
            "WB-DAT-309", f'a write with mode="{mode}" needs {argument}=', next=f'name the columns: {argument}=["id"]'
        )
    for name in keys:
        if name not in table.column_names:
            raise FrameError(
                "WB-DAT-312",
                f'the frame has no column "{name}" for {argument}=',
                cause=f"its columns are {_listed(table.column_names)}." + did_you_mean(name, table.column_names),
            )
    _check_kinds(table, mode, keys)
    _check_missing(table, keys, argument)
    if mode is Mode.UPSERT:
        _check_duplicates(table, keys)


def partition_of(table: pa.Table, by: Sequence[str]) -> dict[str, str]:
    """The partition values, as text, of a table whose rows all share them."""
    import pyarrow as pa

    return {name: table[name].slice(0, 1).cast(pa.string())[0].as_py() for name in by}


def _spelled(by: Sequence[str], code: int, values: Sequence[Sequence[str]]) -> dict[str, str]:
    """The value of each partition column that a code stands for."""
    indices = []
    for texts in reversed(values):
        code, index = divmod(code, len(texts))
        indices.append(index)
    return {name: texts[index] for name, texts, index in zip(by, values, reversed(indices), strict=True)}


def _write(table: pa.Table, path: Path) -> int:
    """Write rows to one file until it is full; how many went in."""
    import pyarrow.parquet as pq

    rows = 0
    with (
        path.open("wb") as sink,
        pq.ParquetWriter(
            sink,
            table.schema.remove_metadata(),
            compression="zstd",
            compression_level=1,
            write_page_checksum=True,
            store_schema=False,
            write_statistics=_without_nan(table),
            use_dictionary=_repetitive(table),
        ) as writer,
    ):
        while rows < table.num_rows and sink.tell() < FILE_BYTES:
            part = table.slice(rows, ROW_GROUP)
            writer.write_table(part, row_group_size=ROW_GROUP)
            rows += part.num_rows
    return rows


def _without_nan(table: pa.Table) -> list[str]:
    import pyarrow.compute as pc
    from pyarrow import types

    def has_nan(column: pa.ChunkedArray) -> bool:
        return types.is_floating(column.type) and bool(pc.any(pc.is_nan(column)).as_py())

    return [name for name in table.column_names if not has_nan(table[name])]


def _repetitive(table: pa.Table) -> list[str]:
    """Columns for which a dictionary pays; building one for numbers costs more than it saves."""
    from pyarrow import types

    kinds = (types.is_string, types.is_binary, types.is_date)
    return [field.name for field in table.schema if any(matches(field.type) for matches in kinds)]


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _check_kinds(table: pa.Table, mode: Mode, keys: Sequence[str]) -> None:
    from pyarrow import types

    for name in keys:
        kind = table.schema.field(name).type
        if types.is_nested(kind) or (mode is Mode.PARTITION and (types.is_floating(kind) or types.is_binary(kind))):
            raise FrameError(
                "WB-DAT-315",
                f'column "{name}" cannot be a {"partition" if mode is Mode.PARTITION else "key"} column',
                cause=f"it holds {kind}",
                next="use a column of text, integers, booleans, dates or timestamps",
            )


def _check_missing(table: pa.Table, keys: Sequence[str], argument: str) -> None:
    import pyarrow.compute as pc

    missing = {name: pc.sum(pc.is_null(table[name], nan_is_null=True)).as_py() or 0 for name in keys}
    if any(missing.values()):
        shown = ", ".join(f'{count:,} in "{name}"' for name, count in missing.items() if count)
        first = next(name for name, count in missing.items() if count)
        raise FrameError(
            "WB-DAT-313",
            f"the {argument}= columns hold missing values: {shown} of {table.num_rows:,} rows",
            cause="a missing value equals nothing, not even another one",
            next=f'drop or fill them first, for example df.dropna(subset=["{first}"])',
        )


def _check_duplicates(table: pa.Table, keys: Sequence[str]) -> None:
    import pyarrow.compute as pc

    grouped = table.select(list(keys)).group_by(list(keys), use_threads=False).aggregate([([], "count_all")])
    repeated = grouped.filter(pc.greater(grouped["count_all"], 1))
    if repeated.num_rows:
        example = {name: repeated[name][0].as_py() for name in keys}
        raise FrameError(
            "WB-DAT-314",
            f"{repeated.num_rows:,} keys come more than once in the frame",
            cause="an upsert needs one row per key; the first repeated one is "
            + ", ".join(f"{name}={value!r}" for name, value in example.items()),
            next=f'keep one row each: df.drop_duplicates({list(keys)!r}, keep="last")',
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")
