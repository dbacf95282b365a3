"""Row F38 of the table of faults, for the data: a store that was brought back finds a warehouse that is ahead of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from data_bench import Bench, rows

from workbench.model.dataset import Snapshot, StagedWrite
from workbench.model.run import Finished
from workbench.store import upkeep


def stage(bench: Bench, value: int, name: str = "clean.flights") -> StagedWrite:
    return bench.tables.stage(pd.DataFrame({"n": [value]}), name)


def publish(bench: Bench, *staged: StagedWrite) -> tuple[Snapshot, ...]:
    return bench.publisher.publish(Finished("prod", "ann", staged, (), {})).snapshots


def current(bench: Bench, name: str = "clean.flights") -> list[int]:
    snapshot = bench.current("prod", name)
    assert snapshot is not None
    return [row["n"] for row in rows(snapshot)]


def branch(bench: Bench) -> int:
    found = bench.tables.warehouse.load("clean.flights").snapshot_by_name("main")
    assert found is not None
    return found.snapshot_id


def test_f38_after_a_restore_data_branches_and_writes_agree_and_no_file_is_swept(
    bench: Bench, folder: Path, tmp_path: Path
) -> None:
    (kept,) = publish(bench, stage(bench, 1))
    backup = bench.store.back_up()
    later = publish(bench, stage(bench, 2), stage(bench, 3, "raw.late"))
    bench.store.close()
    upkeep.restore(f"sqlite:///{tmp_path}/store.db", backup.path, "ann")
    assert current(bench) == [1] and branch(bench) == later[0].id
    bench.publisher.reconcile(sweep_older_than=-1.0)
    assert branch(bench) == kept.id
    assert {Path(file.path) for snapshot in later for file in snapshot.files} <= set(folder.rglob("*.parquet"))
    again = publish(bench, stage(bench, 4), stage(bench, 5, "raw.late"))
    assert [snapshot.version for snapshot in again] == [2, 1]
    assert current(bench) == [4] and current(bench, "raw.late") == [5] and branch(bench) == again[0].id
