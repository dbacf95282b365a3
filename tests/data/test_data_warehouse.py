"""The tables as other Iceberg readers see them, and commits of many processes at once."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from data_bench import Tables, catalog_in, read, rows
from pyiceberg.catalog import load_catalog
from pyiceberg.table import Table

from workbench.data.warehouse import Warehouse
from workbench.files import properties
from workbench.model.dataset import Snapshot
from workbench.model.errors import NotFound
from workbench.model.location import Location


@pytest.fixture(autouse=True)
def planner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_ICEBERG_PLANNER", "pyiceberg")


def plain(tables: Tables, name: str = "clean.flights") -> Table:
    """The table as somebody without Workbench opens it."""
    warehouse = tables.warehouse
    options = properties(warehouse.location)
    return load_catalog(type="sql", uri=warehouse.uri, warehouse=str(warehouse.location), **options).load_table(name)


def holds(tables: Tables, expected: Snapshot, branch: str | None = "main") -> None:
    """Plain PyIceberg and polars read from a branch (or by snapshot id) what we read."""
    table = plain(tables, expected.dataset)
    if branch is not None:
        snapshot = table.snapshot_by_name(branch)
        assert snapshot and snapshot.snapshot_id == expected.id
    main = branch == "main"
    arrow = (table.scan() if main else table.scan(snapshot_id=expected.id)).to_arrow()
    frame = pl.scan_iceberg(table, snapshot_id=None if main else expected.id).collect()
    ours = sorted(rows(expected), key=repr)
    for names, found in ((arrow.column_names, arrow.to_pylist()), (frame.columns, frame.to_dicts())):
        assert tuple(names) == expected.schema.names
        assert sorted(found, key=repr) == ours


FLIGHTS = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "origin": ["JFK", "LGA", None],
        "delay": [1.5, None, -3.0],
        "at": pd.to_datetime(["2013-01-01 05:15", None, "2013-01-02 00:00"]),
        "moment": pd.to_datetime(["2013-01-01 05:15", None, "2013-01-02 00:00"], utc=True),
        "stops": [[1, 2], None, []],
        "plane": [{"tail": "N1", "seats": 2}, None, {"tail": None, "seats": None}],
    }
)


def test_other_readers_see_every_kind_of_write(tables: Tables) -> None:
    first = tables.write(FLIGHTS)
    holds(tables, first)
    appended = tables.write(FLIGHTS.assign(id=[4, 5, 6]), first, "append")
    holds(tables, appended)
    upserted = tables.write(FLIGHTS[:2].assign(origin="EWR"), appended, "upsert", ["id"])
    holds(tables, upserted)
    partitioned = tables.write(FLIGHTS[:1].assign(origin="EWR", id=9), upserted, "partition", ["origin"])
    holds(tables, partitioned)
    overwritten = tables.write(FLIGHTS[1:], partitioned)
    holds(tables, overwritten)
    emptied = tables.write(FLIGHTS[:0], overwritten)
    holds(tables, emptied)
    for old in (first, appended, upserted, partitioned, overwritten):
        holds(tables, old, branch=None)


def test_other_readers_see_columns_come_go_and_change(tables: Tables) -> None:
    first = tables.write(pd.DataFrame({"a": [1], "b": ["x"], "c": [[1]]}))
    wider = tables.write(pd.DataFrame({"a": [2], "d": [0.5]}), first, "append")
    dropped = tables.write(pd.DataFrame({"a": [3]}), wider)
    back = tables.write(pd.DataFrame({"a": [4], "b": ["y"]}), dropped)
    other = tables.write(pd.DataFrame({"a": ["text"], "b": [{"in": 1}]}), back)
    holds(tables, other)
    for old in (first, wider, dropped, back):
        holds(tables, old, branch=None)


def test_promoted_types_are_read_from_old_files(tables: Tables) -> None:
    first = tables.write(pd.DataFrame({"n": pd.Series([1], dtype="int32"), "x": pd.Series([1.5], dtype="float32")}))
    second = tables.write(pd.DataFrame({"n": [2**40], "x": [0.1]}), first, "append")
    holds(tables, second)


ODD = ["a.b", "a b", "é", 'say "x"', "select", "a/b", "%", "x" * 255, "1st", "a`b", "a'b", "{y}"]


def test_odd_column_names_survive(tables: Tables) -> None:
    frame = pd.DataFrame({name: [place, place + 1] for place, name in enumerate(ODD)})
    first = tables.write(frame)
    holds(tables, first)
    second = tables.write(frame[ODD[::-1]], first, "upsert", ["a.b", 'say "x"'])
    assert rows(second) == frame.to_dict("records")
    assert read(second, as_="duckdb").df().equals(read(second))


def test_a_dev_branch_holds_its_own_rows_only(tables: Tables) -> None:
    dev = tables.write(pd.DataFrame({"n": [1, 2]}), branch="dev")
    assert plain(tables).current_snapshot() is None
    holds(tables, dev, "dev")
    prod = tables.write(pd.DataFrame({"m": ["p"]}))
    holds(tables, prod)
    holds(tables, dev, "dev")
    more = tables.write(pd.DataFrame({"extra": [True]}), prod, "append", branch="dev")
    holds(tables, more, "dev")
    assert rows(more) == [{"m": "p", "extra": None}, {"m": None, "extra": True}]
    holds(tables, prod)
    assert plain(tables).schema().column_names == ["m"]


def test_one_write_is_one_snapshot_with_its_proof(tables: Tables) -> None:
    first = tables.write(pd.DataFrame({"n": [1, 2]}))
    second = tables.write(pd.DataFrame({"n": [3]}), first)
    table = plain(tables)
    assert [snapshot.snapshot_id for snapshot in table.snapshots()] == [first.id, second.id]
    newest = table.current_snapshot()
    assert newest and newest.summary
    assert newest.parent_snapshot_id == first.id
    assert newest.summary["wb.run"] == "r1"
    assert newest.summary["total-records"] == "1"
    assert set(table.refs()) == {"main"}


def test_many_appends_stay_quick_to_plan(tables: Tables) -> None:
    from workbench.data import iceberg

    limit = iceberg.MANIFEST_LIMIT
    iceberg.MANIFEST_LIMIT = 5
    try:
        snapshot = tables.write(pd.DataFrame({"n": [0]}))
        for number in range(1, 9):
            snapshot = tables.write(pd.DataFrame({"n": [number]}), snapshot, "append")
    finally:
        iceberg.MANIFEST_LIMIT = limit
    holds(tables, snapshot)
    table = plain(tables)
    newest = table.current_snapshot()
    assert newest and len(newest.manifests(table.io)) <= 6


def test_metadata_files_do_not_pile_up(tables: Tables, folder: Path) -> None:
    snapshot = tables.write(pd.DataFrame({"n": [0]}))
    for number in range(1, 15):
        snapshot = tables.write(pd.DataFrame({"n": [number]}), snapshot)
    assert len(list(folder.glob("clean/flights/metadata/*.json"))) <= 22


def test_follow_is_idempotent_and_tells_what_is_missing(tables: Tables) -> None:
    snapshot = tables.write(pd.DataFrame({"n": [1]}))
    before = plain(tables).metadata_location
    tables.warehouse.follow("clean.flights", "main", snapshot.id, drop="wb_1")
    assert plain(tables).metadata_location == before
    with pytest.raises(NotFound, match="WB-DAT-341"):
        tables.warehouse.follow("clean.flights", "main", 5)
    with pytest.raises(NotFound, match="WB-DAT-330"):
        tables.warehouse.follow("clean.nothing", "main", 5)


def test_a_base_that_iceberg_lost_is_made_again(tables: Tables, folder: Path) -> None:
    first = tables.write(pd.DataFrame({"n": [1]}))
    (folder / "catalog.db").unlink()
    fresh = Tables(Warehouse(Location.of(folder), catalog_in(folder)))
    second = fresh.write(pd.DataFrame({"n": [2]}), first, "append")
    holds(fresh, second)


def test_the_sweep_takes_old_orphans_only(tables: Tables, folder: Path) -> None:
    live = tables.write(pd.DataFrame({"n": [1]}))
    orphan, young = (tables.stage(pd.DataFrame({"n": [number]})).files[0] for number in (2, 3))
    made = tables.candidate(tables.stage(pd.DataFrame({"n": [4]})))
    tables.warehouse.snapshot(made, branch="wb_gone", properties={})
    torn = folder / "clean/flights/data/.x.parquet.1-ab.tmp"
    torn.touch()
    hour_ago = time.time() - 3600
    for path in (orphan.path, torn, live.files[0].path):
        os.utime(path, (hour_ago, hour_ago))
    removed = tables.warehouse.sweep({live.files[0].path}, 600)
    assert set(removed) == {orphan.path, str(torn)}
    assert Path(young.path).exists()
    assert "wb_gone" in plain(tables).refs()
    assert "clean.flights@wb_gone" in tables.warehouse.sweep({live.files[0].path}, -1)
    assert set(plain(tables).refs()) == {"main"}
    holds(tables, live)


def test_a_sweep_of_a_warehouse_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    assert Warehouse(Location.of(tmp_path / "nowhere"), catalog_in(tmp_path / "nowhere")).sweep(set(), 0) == ()
    assert not (tmp_path / "nowhere").exists()


def _commit(folder: Path, name: str, number: int) -> None:
    tables = Tables(Warehouse(Location.of(folder), catalog_in(folder)))
    snapshot = None
    for turn in range(3):
        made = tables.candidate(tables.stage(pd.DataFrame({"n": [number * 100 + turn]}), name, "append"), base=snapshot)
        staging = f"wb_{number}_{turn}"
        identifier = tables.warehouse.snapshot(made, branch=staging, properties={})
        tables.warehouse.follow(name, f"dev_{number}", identifier, drop=staging)
        snapshot = Snapshot(identifier, name, turn, None, made.schema, made.files, made.mode, "", "")


@pytest.mark.slow
def test_processes_that_commit_at_once_all_land(tables: Tables, folder: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pandas", "pyarrow.dataset", "pyiceberg.catalog.sql", "workbench.data.warehouse"])
    names = ["clean.flights", "clean.flights", "clean.flights", "clean.other"]
    processes = [context.Process(target=_commit, args=(folder, name, number)) for number, name in enumerate(names)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    for number, name in enumerate(names):
        table = plain(tables, name)
        snapshot = table.snapshot_by_name(f"dev_{number}")
        assert snapshot
        found: Any = table.scan(snapshot_id=snapshot.snapshot_id).to_arrow()["n"].to_pylist()
        assert sorted(found) == [number * 100 + turn for turn in range(3)]
    sequence = [snapshot.sequence_number for snapshot in plain(tables).snapshots()]
    assert sorted(sequence) == list(range(1, 10))
