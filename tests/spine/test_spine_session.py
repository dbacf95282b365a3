"""``wb.read``, ``wb.write`` and ``wb.sql`` outside a run: in a kernel opened by hand, or a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from projects import MakeProject

import workbench as wb
from workbench import step
from workbench.model.errors import NotFound, UsageError, Withheld
from workbench.project import Project


@pytest.fixture
def root(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = make_project()
    monkeypatch.chdir(root)
    step.use(None)
    yield root
    step.use(None)


def test_what_is_written_by_hand_lands_in_dev(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wb.write(pd.DataFrame({"id": [1, 2]}), "play.numbers")
    assert capsys.readouterr().out == "play.numbers: version 1, 2 rows, in dev\n"
    wb.write(pd.DataFrame({"id": [1, 2]}), "play.numbers")
    assert capsys.readouterr().out == "play.numbers: unchanged, in dev\n"
    with Project.open(root) as project:
        assert set(project.resolve("dev", ["play.numbers"])) == {"play.numbers"}
        assert project.resolve("prod", ["play.numbers"]) == {}


def test_reading_goes_back_in_time(root: Path) -> None:
    for number in (1, 2, 3):
        wb.write(pd.DataFrame({"id": [number]}), "play.numbers", mode="append")
    assert list(wb.read("play.numbers").id) == [1, 2, 3]
    assert list(wb.read("play.numbers", as_of=2).id) == [1, 2]
    assert list(wb.read("play.numbers", as_of="2").id) == [1, 2]
    assert list(wb.read("play.numbers", as_of="2100-01-01").id) == [1, 2, 3]
    with pytest.raises(NotFound, match="WB-DAT-341"):
        wb.read("play.numbers", as_of="2001-01-01T00:00:00")
    with pytest.raises(UsageError, match="WB-DAT-332"):
        wb.read("play.numbers", as_of="yesterday")
    with pytest.raises(NotFound, match=r'WB-DAT-330.*Did you mean "play.numbers"'):
        wb.read("play.number")


def test_sql_joins_datasets_and_frames(root: Path) -> None:
    wb.write(pd.DataFrame({"id": [1, 2], "x": [10.0, 20.0]}), "play.numbers")
    names = pd.DataFrame({"id": [1, 2], "name": ["one", "two"]})
    relation = wb.sql("select name, x from play.numbers join names using (id) order by id")
    assert relation.fetchall() == [("one", 10.0), ("two", 20.0)]
    assert len(names) == 2
    ((moment,),) = wb.sql("select timestamptz '2013-01-15 06:00:00+00'").fetchall()
    assert moment == datetime(2013, 1, 15, 6, tzinfo=UTC)


def test_a_contract_withholds_by_hand_too(root: Path) -> None:
    wb.write(pd.DataFrame({"id": [1]}), "play.numbers")
    contract = root / "contracts" / "play.numbers.odcs.yaml"
    contract.parent.mkdir()
    contract.write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: n\nversion: 1.0.0\nstatus: active\nschema:\n"
        "  - name: play.numbers\n    properties: [{name: id, logicalType: integer, unique: true}]\n"
    )
    with pytest.raises(Withheld, match="WB-CHK-701"):
        wb.write(pd.DataFrame({"id": [2, 2]}), "play.numbers")
    assert list(wb.read("play.numbers").id) == [1]


def test_lineage_knows_what_was_read_before(root: Path) -> None:
    wb.write(pd.DataFrame({"id": [1]}), "play.numbers")
    step.use(None)
    wb.write(wb.read("play.numbers").assign(twice=2), "play.more")
    with Project.open(root) as project:
        graph = project.lineage.show("play.more", environment="dev")
        assert ("play.numbers", "play.more") in {
            (source.rpartition(":")[2], target.rpartition(":")[2]) for source, target in graph.arrows
        }
