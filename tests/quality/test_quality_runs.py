"""Profiles, what the listener adds to a run, and what the service answers."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.model.dataset import Candidate, Column, DataFile, Mode, Schema, Snapshot
from workbench.model.delivery import Environment
from workbench.model.errors import NotFound, SpecError, StorageError, UsageError
from workbench.model.quality import ColumnProfile, Outcome
from workbench.model.run import Finished, State, StepResult
from workbench.quality.listener import Listener
from workbench.quality.profile import measure
from workbench.quality.service import QualityService
from workbench.store.transaction import Store

CONTRACT = """apiVersion: v3.1.0
kind: DataContract
schema:
  - name: clean.numbers
    properties: [{name: n, logicalType: integer, required: true, logicalTypeOptions: {maximum: 5}}]
"""
SCHEMA = Schema((Column("n", "long"), Column("s", "string")))


def data_file(path: Path, table: pa.Table) -> DataFile:
    pq.write_table(table, path)
    return DataFile(str(path), table.num_rows, path.stat().st_size, path.name)


def snapshot(identifier: int, file: DataFile, *, withheld: bool = False) -> Snapshot:
    at = "2013-01-01T00:00:00.000+00:00"
    return Snapshot(
        identifier, "clean.numbers", 1, None, SCHEMA, (file,), Mode.OVERWRITE, at, "prod", withheld=withheld
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "numbers.odcs.yaml").write_text(CONTRACT)
    return tmp_path


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    with Store.open(sqlite_store) as opened:
        yield opened


def test_a_profile_comes_from_statistics_or_a_scan_and_both_agree(tmp_path: Path) -> None:
    at = dt.datetime(2013, 1, 1, 5, tzinfo=dt.UTC)
    table = pa.table(
        {
            "i": pa.array([3, None, 1], pa.int64()),
            "x": [float("nan"), 2.5, None],
            "s": ["b", "a", None],
            "t": pa.array([at, at, None], pa.timestamp("us", "UTC")),
            "l": [[1], None, []],
            "z": pa.array([None, None, None], pa.string()),
            "b": [True, False, None],
            "d.o.t": [dt.date(2013, 1, 2)] * 3,
            "r": pa.array([b"x", None, None], pa.binary()),
        }
    )
    kinds = ["long", "double", "string", "timestamptz", "list<long>", "string", "boolean", "date", "binary"]
    schema = Schema((*(Column(n, k) for n, k in zip(table.column_names, kinds, strict=True)), Column("absent", "int")))
    expected = (
        ColumnProfile("i", "long", 1, "1", "3"),
        ColumnProfile("x", "double", 1, "2.5", "2.5"),
        ColumnProfile("s", "string", 1, "a", "b"),
        ColumnProfile("t", "timestamptz", 1, "2013-01-01T05:00:00+00:00", "2013-01-01T05:00:00+00:00"),
        ColumnProfile("l", "list<long>", 1),
        ColumnProfile("z", "string", 3),
        ColumnProfile("b", "boolean", 1, "false", "true"),
        ColumnProfile("d.o.t", "date", 0, "2013-01-02", "2013-01-02"),
        ColumnProfile("r", "binary", 2),
        ColumnProfile("absent", "int", 3),
    )
    for name, statistics in (("with", True), ("without", False)):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(table, path, write_statistics=statistics, row_group_size=2)
        assert measure("a.b", [str(path)], schema).columns == expected
    assert measure("a.b", [], schema).rows == 0


def test_a_profile_of_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"nothing")
    with pytest.raises(StorageError, match="WB-CHK-710"):
        measure("a.b", [str(tmp_path / "bad.parquet")], SCHEMA)
    with pytest.raises(NotFound, match="WB-CHK-712"):
        measure("a.b", [str(tmp_path / "none.parquet")], SCHEMA)


def candidate(file: DataFile, dataset: str = "clean.numbers") -> Candidate:
    return Candidate(dataset, Mode.OVERWRITE, SCHEMA, None, (file,), (file,), ())


def test_a_candidate_is_examined_by_the_contract_as_it_stands_now(project: Path) -> None:
    listener = Listener(project)
    file = data_file(project / "a.parquet", pa.table({"n": [1, None, 9], "s": ["a", "b", "c"]}))
    found = listener.examine(candidate(file))
    assert found is not None and found.profile is not None and found.profile.rows == 3
    assert {result.check.name: result.failing for result in found.results} == {
        "schema()": 0,
        "not_null(n)": 1,
        "between(n)": 1,
    }
    assert any(result.blocks for result in found.results)
    other = listener.examine(candidate(file, "raw.other"))
    assert other is not None and other.results == () and other.profile is not None

    path = project / "contracts" / "numbers.odcs.yaml"
    path.write_text(CONTRACT.replace("maximum: 5", "maximum: 10"))
    os.utime(path, ns=(1, 1))
    again = listener.examine(candidate(file))
    assert again is not None and again.results[2].outcome is Outcome.PASS
    path.write_text(CONTRACT + "oops: 1\n")
    with pytest.raises(SpecError, match=r"contracts/numbers\.odcs\.yaml:6:1"):
        listener.examine(candidate(file))


class Recorder:
    def __init__(self) -> None:
        self.quality = self
        self.calls: list[Any] = []

    def add(self, snapshot: int, results: Any) -> None:
        self.calls.append((snapshot, len(results)))

    def add_profile(self, profile: Any) -> None:
        self.calls.append(profile.snapshot)


@pytest.mark.parametrize("withheld", [False, True])
def test_results_land_with_the_snapshot_also_when_it_is_withheld(project: Path, withheld: bool) -> None:
    listener = Listener(project)
    file = data_file(project / "a.parquet", pa.table({"n": [1], "s": ["a"]}))
    found = listener.examine(candidate(file))
    assert found is not None
    result = StepResult(
        Finished("prod", "me", (), (), {}),
        State.WITHHELD if withheld else State.SUCCEEDED,
        snapshots=(snapshot(42, file, withheld=withheld),),
        examinations={"clean.numbers": found, "clean.unchanged": found},
    )
    recorder = Recorder()
    listener.publishing(recorder, result)
    assert recorder.calls == [42, (42, 3)]


def test_the_service_checks_a_dataset_where_it_is_current(project: Path, store: Store) -> None:
    service = QualityService(store, project, (Environment("prod"), Environment("dev", "prod")))
    with pytest.raises(NotFound, match="WB-CHK-720"):
        service.check("clean.numbers")
    file = data_file(project / "a.parquet", pa.table({"n": [1, 9], "s": ["a", "b"]}))
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(snapshot(7, file))
        transaction.datasets.move_pointer("prod", "clean.numbers", None, 7)
        found = Listener(project).examine(candidate(file))
        assert found is not None
        result = StepResult(
            Finished("prod", "me", (), (), {}),
            State.SUCCEEDED,
            snapshots=(snapshot(7, file),),
            examinations={"clean.numbers": found},
        )
        Listener(project).publishing(transaction, result)
    for environment in ("prod", "dev"):
        checked = service.check("clean.numbers", environment=environment)
        assert (checked.snapshot, checked.rows, checked.passed) == (7, 2, False)
        assert [r.failing for r in checked.results] == [0, 0, 1]
        assert checked.results[2].sample == ({"n": 9, "s": "b"},)
    latest = service.latest("clean.numbers")
    assert [r.failing for r in latest.results] == [0, 0, 1]
    assert latest.profile is not None and latest.profile.snapshot == 7
    with pytest.raises(NotFound, match=r'WB-CHK-720.*Did you mean "clean.numbers"\?'):
        service.check("clean.number")


def test_the_service_checks_a_file_by_a_contract(project: Path) -> None:
    service = QualityService(SimpleNamespace(), project)  # type: ignore[arg-type]
    path = project / "contracts" / "numbers.odcs.yaml"
    (project / "a.csv").write_text("n\n1\n7\n")
    checked = service.check(str(project / "a.csv"), path)
    assert (checked.rows, [r.failing for r in checked.results]) == (2, [0, 0, 1])
    with pytest.raises(UsageError, match="WB-CHK-722"):
        service.check(str(project / "a.csv"))
    with pytest.raises(NotFound, match=r"WB-CHK-712.*b\.csv"):
        service.check(str(project / "b.csv"))
    with pytest.raises(NotFound, match=r"WB-CHK-712.*none\.odcs\.yaml"):
        service.check(str(project / "a.csv"), project / "none.odcs.yaml")
    with pytest.raises(NotFound, match=r"WB-CHK-721.*clean.numbers.*clean.other.odcs.yaml"):
        service.contract("clean.other")
