"""The codec: stable keys, and values as people write them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from ui_nouns import CELLS, CHANGES, START, attempt_of, plan_of, planned, run_of, step_of

from workbench.model.catalog import SearchHit
from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.model.doctor import Finding
from workbench.model.errors import NotFound
from workbench.model.lineage import Graph, Node
from workbench.model.pipeline import MISSING, ReportSpec
from workbench.model.plan import Reason
from workbench.model.quality import Check, CheckResult, Outcome
from workbench.model.report import Report
from workbench.model.run import State
from workbench.ui import codec
from workbench.ui import planned as plans


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (date(2013, 1, 15), "2013-01-15"),
        (datetime(2013, 1, 15, 6, tzinfo=UTC), "2013-01-15T06:00:00+00:00"),
        (PurePosixPath("a/b"), "a/b"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (MISSING, None),
        ({"days": [date(2013, 1, 15)], "$date": "kept", "x": 1}, {"days": ["2013-01-15"], "$date": "kept", "x": 1}),
        (None, None),
        (True, True),
    ],
)
def test_values_are_written_for_people(value: Any, plain: Any) -> None:
    assert codec.value(value) == plain
    json.dumps(plain, allow_nan=False)


def test_a_plan_has_its_reasons_and_not_the_notebooks() -> None:
    step = planned("clean", seconds=2.0, reason=Reason("changed", "why", CHANGES), report=ReportSpec("Title"))
    plan = plans.plan(plan_of(step, parameters={"day": date(2013, 1, 15)}))
    assert plan["parameters"] == {"day": "2013-01-15"}
    assert list(plan) == [
        "pipeline",
        "environment",
        "parameters",
        "created_at",
        "timeout",
        "concurrency",
        "forecast",
        "steps",
    ]
    (row,) = plan["steps"]
    assert row["action"] == "run"
    assert row["expected_seconds"] == 2.0
    assert row["report"] == "Title"
    assert row["reason"]["changes"][0] == {"component": "code", "subject": "cell 3", "detail": "changed"}
    assert len(row["fingerprint"]) == 64
    assert "SOURCE OF THE NOTEBOOK" not in codec.dumps(plan)


def test_a_run_has_steps_cells_durations_outputs_and_reports() -> None:
    schema = Schema((Column("id", "long"),))
    snapshot = Snapshot(1, "a.b", 7, None, schema, (DataFile("/x", 3, 10, "d"),), Mode.APPEND, START, "prod")
    page = Report("r", "R", "flights", "daily", "Delays", "reports/x.html", "d", START)
    run = run_of(step_of("clean", attempts=(attempt_of(*CELLS),)), step_of("daily", State.SKIPPED))
    document = codec.run(run, state=Path("/p/.workbench"), outputs={"clean": [snapshot]}, reports=[page])
    assert document["state"] == "succeeded" and document["seconds"] == 190.0 and document["error"] is None
    clean, daily = document["steps"]
    assert clean["seconds"] == 5.0
    assert clean["executed"] == "/p/.workbench/runs/R/clean/a1/output.ipynb"
    assert clean["outputs"][0]["rows"] == 3 and clean["outputs"][0]["files"] == 1
    assert clean["attempts"][0]["cells"][1]["peak_bytes"] == 441_000_000
    assert clean["attempts"][0]["cells"][2]["state"] == "not_run"
    assert daily["seconds"] is None and daily["executed"] is None and daily["started_at"] is None
    assert document["reports"][0]["path"] == "/p/.workbench/reports/x.html"
    json.loads(codec.dumps(document))


def test_an_error_is_one_object() -> None:
    error = NotFound("WB-X-1", "no such thing", cause="because", next="look elsewhere", detail=["a"])
    assert codec.error(error) == {
        "error": {
            "code": "WB-X-1",
            "what": "no such thing",
            "cause": "because",
            "kept": "",
            "next": "look elsewhere",
            "detail": ["a"],
        }
    }


def test_a_graph_has_arrows_with_ends() -> None:
    graph = Graph((Node("a", "dataset", "a.b"), Node("s", "step", "clean")), (("a", "s"),), "a")
    assert codec.graph(graph)["arrows"] == [{"from": "a", "to": "s"}]
    assert codec.graph(graph)["nodes"][1] == {"id": "s", "kind": "step", "name": "clean", "detail": ""}


def test_a_check_result_is_named_by_its_kind_when_it_has_no_name() -> None:
    result = CheckResult(Check("between", "age", {"low": 0}), Outcome.FAIL, "120", "≤ 99", 2, 10, ({"age": 120},))
    row = codec.check_result(result)
    assert row["name"] == "between" and row["column"] == "age" and row["arguments"] == {"low": 0}
    assert row["outcome"] == "fail" and row["blocks"] is True and row["sample"] == [{"age": 120}]


def test_hits_and_findings() -> None:
    assert codec.hit(SearchHit("a.b", tags=("x",)))["tags"] == ["x"]
    assert codec.hit(SearchHit("a.b"))["written_at"] is None
    assert codec.finding(Finding("disk", True, "fine", "unused"))["mend"] is None
    assert codec.finding(Finding("disk", False, "full", "free some"))["mend"] == "free some"
    assert codec.finding(Finding("pages", True, "not there", "install", warning=True))["mend"] == "install"


def test_ascii_only_documents_lose_nothing() -> None:
    assert json.loads(codec.dumps({"a": "→"}, ascii_only=True)) == {"a": "→"}
    assert codec.dumps({"a": "→"}, ascii_only=True).isascii()
