"""``wb.read``, ``wb.write`` and the others, as a cell calls them, inside a run and outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_bench import Tables, anywhere

from workbench import step
from workbench.data.inputs import as_input
from workbench.model.dataset import Input, Mode, Read, Snapshot, StagedWrite
from workbench.model.errors import FrameError, InvalidName, NotFound, UsageError
from workbench.model.events import EVENT_MIME, Kind
from workbench.model.location import Location
from workbench.model.plain import from_plain, to_plain
from workbench.quality import checks

FRAME = pd.DataFrame({"id": [1, 2], "origin": ["JFK", "LGA"]})


@dataclass
class Cell:
    """A run's cell: what was displayed, output by output."""

    outputs: list[dict[str, Any]] = field(default_factory=list)

    def events(self, kind: Kind) -> list[dict[str, Any]]:
        events = [output[EVENT_MIME] for output in self.outputs]
        return [event["data"] for event in events if event["kind"] == kind]

    @property
    def staged(self) -> StagedWrite:
        return from_plain(StagedWrite, self.events(Kind.STAGED)[-1])


@pytest.fixture
def cell(tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cell]:
    """Inside a run that reads ``raw.flights`` and may write ``clean.flights``."""
    snapshot = tables.write(FRAME, name="raw.flights")
    context = {
        "project": "demo",
        "run": "R",
        "step": "clean",
        "environment": "prod",
        "actor": "ada",
        "warehouse": to_plain(tables.warehouse.location),
        "inputs": to_plain({"raw.flights": as_input(snapshot)}),
        "writes": ["clean.flights"],
        "temporary": str(tmp_path),
    }
    path = tmp_path / "context.json"
    path.write_text(json.dumps(context), encoding="utf-8")
    monkeypatch.setenv(step.CONTEXT_VARIABLE, str(path))
    here = Cell()
    monkeypatch.setattr(
        "IPython.display.publish_display_data", lambda data: here.outputs.append(json.loads(json.dumps(data)))
    )
    step.use(None)
    yield here
    step.use(None)


@anywhere
def test_a_read_tells_the_engine_and_shows_nothing(cell: Cell) -> None:
    assert step.read("raw.flights", columns=["id"])["id"].tolist() == [1, 2]
    assert [list(output) for output in cell.outputs] == [[EVENT_MIME]]
    read = from_plain(Read, cell.events(Kind.READ)[0])
    assert (read.dataset, read.columns) == ("raw.flights", ("id",))


def test_a_write_is_staged_and_says_so(cell: Cell) -> None:
    step.write(FRAME.assign(c=pd.Categorical(["x", "y"])), "clean.flights")
    assert cell.outputs[0]["text/plain"] == (
        "clean.flights: staged 2 rows (overwrite)\n  c: category stored as its values"
    )
    assert (cell.staged.mode, cell.staged.rows) == (Mode.OVERWRITE, 2)
    assert Path(cell.staged.files[0].path).is_file()


def test_modes_take_their_keys_by_name(cell: Cell) -> None:
    step.write(FRAME, "clean.flights", mode="upsert", on="id")
    assert (cell.staged.mode, cell.staged.keys) == (Mode.UPSERT, ("id",))
    step.write(FRAME, "clean.flights", mode="partition", by=["origin", "id"])
    assert cell.staged.keys == ("origin", "id")
    step.write(FRAME.set_index("id"), "clean.flights", "append", index=True)
    assert cell.staged.schema.names == ("id", "origin")


WRITES: dict[str, tuple[Mapping[str, Any], str]] = {
    "an unknown mode": ({"mode": "overwite"}, r'WB-DAT-309.*Did you mean "overwrite"'),
    "on with append": ({"mode": "append", "on": ["id"]}, "WB-DAT-309.*upsert"),
    "by with upsert": ({"mode": "upsert", "by": ["id"]}, "WB-DAT-309.*partition"),
    "upsert without on": ({"mode": "upsert"}, "WB-DAT-309.*on="),
    "a dataset nobody declared": ({"name": "clean.flight"}, r'WB-DAT-331.*Did you mean "clean.flights"'),
    "an input": ({"name": "raw.flights"}, "WB-DAT-331.*declared to write clean.flights"),
    "a path": ({"name": "../clean.flights"}, "WB-NAM-331"),
    "no frame": ({"frame": [1]}, "WB-DAT-301.*clean.flights is unchanged"),
}


@pytest.mark.parametrize("case", WRITES)
def test_a_wrong_write_stages_nothing(cell: Cell, case: str, folder: Path) -> None:
    given, message = WRITES[case]
    with pytest.raises((UsageError, InvalidName, FrameError), match=message):
        step.write(**{"frame": FRAME, "name": "clean.flights", **given})
    assert not cell.outputs
    assert not (folder / "clean").exists()


def test_a_read_of_another_dataset_names_the_inputs(cell: Cell) -> None:
    with pytest.raises(NotFound, match=r'WB-DAT-330.*inputs are raw\.flights.*Did you mean "raw.flights"'):
        step.read("raw.flight")
    step.write(FRAME, "clean.flights")
    with pytest.raises(NotFound, match=r"WB-DAT-330.*in the step that writes it"):
        step.read("clean.flights")


def test_a_step_that_reads_what_only_it_writes_is_told_so(cell: Cell) -> None:
    with pytest.raises(NotFound, match=r"WB-DAT-330: clean\.flights has no data yet.*itself the one to write it"):
        step.read("clean.flights")


def test_an_older_version_is_not_taken_for_what_was_just_written(cell: Cell) -> None:
    session = step.session()
    assert isinstance(session, step.RunSession)
    session.context = replace(session.context, inputs={"clean.flights": session.context.inputs["raw.flights"]})
    assert len(step.read("clean.flights")) == 2
    step.write(FRAME.head(1), "clean.flights")
    with pytest.raises(NotFound, match=r"WB-DAT-330.*in the step that writes it"):
        step.read("clean.flights")


def test_a_run_reads_the_older_versions_it_was_given(cell: Cell) -> None:
    session = step.session()
    assert isinstance(session, step.RunSession)
    now = session.context.inputs["raw.flights"]
    older = Snapshot(
        now.snapshot, "raw.flights", 1, None, now.schema, now.files, Mode.APPEND, "2013-01-15T06:00:00+00:00", "prod"
    )
    session.context = replace(session.context, history={"raw.flights": (older,)})
    assert len(step.read("raw.flights", as_of=1)) == 2
    assert len(step.read("raw.flights", as_of="2013-01-16")) == 2
    with pytest.raises(NotFound, match="WB-DAT-341"):
        step.read("raw.flights", as_of=2)
    with pytest.raises(UsageError, match="WB-DAT-332"):
        step.read("raw.flights", as_of="yesterday")


@anywhere
def test_sql_reads_datasets_and_local_frames(cell: Cell) -> None:
    names = pd.DataFrame({"origin": ["JFK"], "name": ["Kennedy"]})
    relation = step.sql("select name from raw.flights join names using (origin)")
    assert relation.fetchall() == [("Kennedy",)]
    assert [event["dataset"] for event in cell.events(Kind.READ)] == ["raw.flights"]
    assert len(names) == 1
    with pytest.raises(NotFound, match="WB-DAT-330"):
        step.sql("select * from raw.fligths")
    with pytest.raises(UsageError, match=r"WB-DAT-335.*nobody"):
        step.sql("select * from nobody")


def test_a_check_shows_what_fails_and_tells_it(cell: Cell) -> None:
    results = step.check(FRAME.assign(origin=["JFK", None]), checks.not_null("origin"), checks.not_null("id"))
    assert [str(result.outcome) for result in results] == ["fail", "pass"]
    assert cell.outputs[0]["text/plain"].startswith("frame: 1 of 2 checks hold\n  not_null(origin) (error):")
    assert len(cell.events(Kind.CHECKED)[0]["results"]) == 2
    assert step.check("raw.flights", checks.unique("id"))[0].outcome == "pass"


def test_metrics_and_records_are_plain_values(cell: Cell) -> None:
    step.metric("rows_dropped", np.int64(17))
    step.record("model", {"auc": 0.93, "name": "é"})
    assert [(event["name"], event["value"]) for event in cell.events(Kind.METRIC)] == [("rows_dropped", 17)]
    assert cell.events(Kind.RECORD)[0]["value"] == {"auc": 0.93, "name": "é"}
    assert cell.outputs[0]["text/plain"] == "rows_dropped = 17"
    for wrong in ("many", True, None, object()):
        with pytest.raises(UsageError, match="WB-DAT-338"):
            step.metric("rows", wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="WB-DAT-338"):
        step.record("frame", FRAME)
    with pytest.raises(UsageError, match="WB-DAT-338"):
        step.record("", 1)


def test_a_context_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(step.CONTEXT_VARIABLE, str(tmp_path / "gone.json"))
    with pytest.raises(NotFound, match="WB-DAT-339"):
        step.read("raw.flights")


@dataclass
class Desk:
    """A session outside a run."""

    inputs: Mapping[str, Input]
    warehouse: Location
    writes: list[StagedWrite] = field(default_factory=list)
    told: list[tuple[Kind, str]] = field(default_factory=list)

    @property
    def known(self) -> Sequence[str]:
        return tuple(self.inputs)

    def resolve(self, dataset: str, as_of: step.AsOf | None) -> Input:
        return self.inputs[f"{dataset}@{as_of}" if as_of else dataset]

    def allow_write(self, dataset: str) -> None:
        return None

    def tell(self, kind: Kind, data: Mapping[str, Any], text: str) -> None:
        self.told.append((kind, text))

    def staged(self, write: StagedWrite) -> None:
        self.writes.append(write)


def test_outside_a_run_a_session_of_the_project_answers(tables: Tables) -> None:
    old, new = tables.write(FRAME[:1]), tables.write(FRAME, name="clean.other")
    desk = Desk({"a.b": as_input(new), "a.b@1": as_input(old)}, tables.warehouse.location)
    step.use(desk)
    try:
        assert (len(step.read("a.b")), len(step.read("a.b", as_of=1))) == (2, 1)
        step.write(FRAME, "a.b", mode="append")
    finally:
        step.use(None)
    assert [write.mode for write in desk.writes] == [Mode.APPEND]
    assert desk.told == [(Kind.READ, ""), (Kind.READ, "")]


@anywhere
def test_staging_loads_neither_store_nor_catalog(cell: Cell) -> None:
    code = (
        "import sys, pandas as pd, IPython.display\n"
        "IPython.display.publish_display_data = lambda data: None\n"
        "import workbench as wb\n"
        "wb.write(wb.read('raw.flights', where='id > 0'), 'clean.flights', mode='upsert', on=['id'])\n"
        "wb.sql('select * from raw.flights').fetchall()\n"
        "print(sorted({'sqlalchemy', 'pyiceberg', 'papermill', 'alembic'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
