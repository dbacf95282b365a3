"""Staged files: durable, checked, equal for equal data; and what a write is refused for."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_bench import Tables, read

from workbench.data import stage as staging
from workbench.data.stage import stage
from workbench.model.dataset import Mode
from workbench.model.errors import FrameError, InvalidName, StorageError, UsageError
from workbench.model.location import Location
from workbench.model.plain import from_plain, to_plain

FRAME = pd.DataFrame({"id": [1, 2, 3], "x": [0.5, None, 2.0], "s": ["a", None, "c"]})


def test_a_staged_file_is_at_its_place_and_matches_its_digest(tables: Tables, folder: Path) -> None:
    write = tables.stage(FRAME)
    (file,) = write.files
    path = Path(file.path)
    assert path.parent == folder / "clean" / "flights" / "data"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    content = path.read_bytes()
    assert (file.digest, file.bytes, file.rows) == (hashlib.sha256(content).hexdigest(), len(content), 3)
    assert from_plain(type(write), to_plain(write)) == write


def test_equal_data_gives_equal_bytes(tables: Tables) -> None:
    arrow = pa.table({"id": [1, 2, 3], "x": [0.5, None, 2.0], "s": ["a", None, "c"]})
    in_pieces = pa.concat_tables([arrow.slice(0, 1), arrow.slice(1)])
    digests = {tables.stage(frame).files[0].digest for frame in (FRAME, FRAME.copy(), arrow, in_pieces)}
    assert len(digests) == 1


def test_files_hold_no_metadata_of_pandas_and_pages_with_checksums(tables: Tables) -> None:
    snapshot = tables.write(FRAME)
    whole = read(snapshot, as_="arrow")
    (file,) = snapshot.files
    with pq.ParquetFile(file.path) as parquet:
        assert not parquet.metadata.metadata
    content = bytearray(Path(file.path).read_bytes())
    caught = 0
    for offset in range(4, 200, 7):
        damaged = bytearray(content)
        damaged[offset] ^= 1
        Path(file.path).write_bytes(damaged)
        try:
            assert read(snapshot, as_="arrow").equals(whole)
        except StorageError as error:
            assert error.code == "WB-DAT-311"
            caught += 1
    assert caught > 10


def test_columns_with_nan_carry_no_statistics_that_would_hide_rows(tables: Tables) -> None:
    frame = pa.table({"n": [1.0, float("nan")], "m": [1.0, 2.0]})
    snapshot = tables.write(frame)
    assert len(read(snapshot, where="n > 5", as_="arrow")) == 1
    with pq.ParquetFile(snapshot.files[0].path) as parquet:
        group = parquet.metadata.row_group(0)
        assert [group.column(place).is_stats_set for place in range(2)] == [False, True]


def test_large_tables_are_split(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "ROW_GROUP", 100)
    monkeypatch.setattr(staging, "FILE_BYTES", 2000)
    frame = pd.DataFrame({"n": np.random.default_rng(0).normal(size=1000)})
    snapshot = tables.write(frame)
    assert len(snapshot.files) > 1
    assert sum(file.rows for file in snapshot.files) == 1000
    assert read(snapshot).equals(frame)


def test_a_million_rows_come_back_as_they_were(tables: Tables) -> None:
    size = 1_000_000
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(size),
            "delay": draw.normal(size=size),
            "origin": draw.choice(["EWR", "JFK", "LGA"], size),
            "at": pd.date_range("2013-01-01", periods=size, freq="s"),
        }
    )
    frame["at"] = frame["at"].astype("datetime64[us]")
    snapshot = tables.write(frame)
    assert read(snapshot).equals(frame)
    with pq.ParquetFile(snapshot.files[0].path) as parquet:
        assert parquet.metadata.num_row_groups == 4


@pytest.mark.parametrize("full", ["write", "fsync"])
def test_a_full_disk_leaves_nothing(tables: Tables, folder: Path, monkeypatch: pytest.MonkeyPatch, full: str) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if full == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(StorageError, match="WB-DSK-301"):
        tables.stage(FRAME)
    assert not [path for path in folder.rglob("*") if path.is_file()]


KEYED: dict[str, tuple[dict[str, Any], Mode, list[str], str]] = {
    "no keys": ({"id": [1]}, Mode.UPSERT, [], "WB-DAT-309"),
    "no partition columns": ({"id": [1]}, Mode.PARTITION, [], "WB-DAT-309"),
    "keys for an append": ({"id": [1]}, Mode.APPEND, ["id"], "WB-DAT-309"),
    "an unknown column": ({"id": [1]}, Mode.UPSERT, ["ids"], "WB-DAT-312"),
    "NaN keys": ({"id": [1.0, np.nan]}, Mode.UPSERT, ["id"], "WB-DAT-313"),
    "null keys": ({"id": ["a", None]}, Mode.UPSERT, ["id"], "WB-DAT-313"),
    "null partitions": ({"id": ["a", None]}, Mode.PARTITION, ["id"], "WB-DAT-313"),
    "a key twice": ({"id": [1, 1, 2], "v": [1, 2, 3]}, Mode.UPSERT, ["id"], "WB-DAT-314"),
    "keys of lists": ({"id": [[1]]}, Mode.UPSERT, ["id"], "WB-DAT-315"),
    "partitions of floats": ({"id": [0.5]}, Mode.PARTITION, ["id"], "WB-DAT-315"),
}


@pytest.mark.parametrize("case", KEYED)
def test_keys_that_cannot_be_are_refused_before_anything_is_written(tables: Tables, folder: Path, case: str) -> None:
    columns, mode, keys, code = KEYED[case]
    with pytest.raises((FrameError, UsageError)) as caught:
        tables.stage(pd.DataFrame(columns), mode=mode.value, keys=keys)
    assert caught.value.code == code
    assert not folder.exists()


def test_arrow_nan_is_no_key_either(tables: Tables) -> None:
    with pytest.raises(FrameError, match=r'WB-DAT-313.*1 in "id" of 2 rows'):
        tables.stage(pa.table({"id": [1.0, float("nan")]}), mode="upsert", keys=["id"])


def test_the_repeated_key_is_shown(tables: Tables) -> None:
    frame = pd.DataFrame({"a": [1, 1, 2, 2], "b": ["x", "x", "y", "z"]})
    with pytest.raises(FrameError, match=r"WB-DAT-314: 1 keys.*a=1, b='x'"):
        tables.stage(frame, mode="upsert", keys=["a", "b"])


def test_too_many_partitions_are_refused(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_PARTITIONS", 3)
    with pytest.raises(FrameError, match=r"WB-DAT-315.*4 different values"):
        tables.stage(pd.DataFrame({"id": range(4)}), mode="partition", keys=["id"])


@pytest.mark.parametrize(
    "name", ["flights", "a.b.c", "../a.b", "a./b", "A.b", "a.b'", "a.\uff42", "main.a", "", "a. b"]
)
def test_a_name_is_never_a_path(name: str, folder: Path) -> None:
    with pytest.raises(InvalidName):
        stage(pa.table({"a": [1]}), name, mode=Mode.APPEND, warehouse=Location.of(folder))
    assert not folder.exists()
