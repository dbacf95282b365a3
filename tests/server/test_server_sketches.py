"""The text of a pipeline file over the API: drawn and edited while it is written, saved by nobody."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from web import Server

from workbench.ui.server.openapi import document

TEXT = """\
name: sales
steps:
  load: notebooks/load.ipynb  # from the shops
  total: {notebook: notebooks/total.ipynb}
"""

DEEP: Any = reduce(lambda inner, _: [inner], range(40), 1)


def check(told: Any, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    assert [error.message[:300] for error in Draft202012Validator(schema).iter_errors(told)] == []


def sketched(server: Server, text: str, pipeline: str = "sales") -> Any:
    answer = server.ask(f"pipelines/{pipeline}/sketch", "POST", {"text": text})
    assert answer.status == 200, answer.text
    check(answer.json, "Sketched")
    return answer.json


def test_a_text_is_drawn_although_it_is_not_saved(server: Server) -> None:
    told = sketched(server, TEXT.replace("total:", "sums:"))
    assert [(step["name"], step["line"]) for step in told["steps"]] == [("load", 3), ("sums", 4)]
    assert told["faults"] == []
    boxes = {box["id"]: box for box in told["drawing"]["boxes"]}
    assert {"step:load", "step:sums", "raw.sales", "marts.totals"} <= boxes.keys()
    kept = {step["name"] for step in server.ask("pipelines/sales").json["specs"]}
    assert kept == {"load", "total"}


def test_a_fault_is_told_with_its_place_and_marks_its_step(server: Server) -> None:
    told = sketched(server, TEXT.replace("load.ipynb", "laod.ipynb"))
    (fault,) = told["faults"]
    assert (fault["step"], fault["line"], fault["column"]) == ("load", 3, 9)
    states = {box["id"]: box["state"] for box in told["drawing"]["boxes"]}
    assert states["step:load"] == "error" and states["step:total"] == ""


def test_what_is_no_yaml_has_a_fault_and_no_picture(server: Server) -> None:
    told = sketched(server, "name: [")
    assert told["drawing"] is None and told["steps"] == []
    assert told["faults"][0]["error"]["code"] == "WB-CFG-620"


def test_a_pipeline_that_is_not_there_yet_can_be_drawn(server: Server) -> None:
    told = sketched(server, "name: fresh\nsteps: {load: notebooks/load.ipynb}", "fresh")
    assert told["faults"] == []


def test_hostile_names_are_shown_as_text(server: Server) -> None:
    told = sketched(server, TEXT + '  "<img src=x onerror=alert(1)>": notebooks/load.ipynb\n')
    assert "<img" not in told["drawing"].get("svg", "")
    assert told["faults"][0]["error"]["code"] == "WB-CFG-628"


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ({"kind": "add", "to": "notebooks/breaks.ipynb"}, "  breaks: notebooks/breaks.ipynb"),
        ({"kind": "rename", "step": "load", "to": "fetch"}, "  fetch: notebooks/load.ipynb  # from the shops"),
        (
            {"kind": "set", "step": "load", "to": "day", "value": "2026-01-16"},
            "  load: {notebook: notebooks/load.ipynb, parameters: {day: 2026-01-16}}  # from the shops",
        ),
        (
            {"kind": "after", "step": "total", "to": "load"},
            "  total: {notebook: notebooks/total.ipynb, after: [load]}",
        ),
    ],
)
def test_an_edit_gives_the_new_text(server: Server, asked: dict[str, Any], came: str) -> None:
    answer = server.ask("pipelines/sales/edit", "POST", {"text": TEXT, **asked})
    assert answer.status == 200, answer.text
    check(answer.json, "Edited")
    assert [line for line in answer.json["text"].splitlines() if line not in TEXT.splitlines()] == [came]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"kind": "remove", "step": "laod"}, 404, "WB-PIP-650"),
        ({"kind": "rename", "step": "load", "to": "total"}, 409, "WB-PIP-652"),
        ({"kind": "add", "to": "data.csv"}, 400, "WB-PIP-653"),
        ({"kind": "burn", "step": "load"}, 400, "WB-WEB-804"),
        ({"kind": 3}, 400, "WB-WEB-804"),
        ({"kind": "set", "step": "load", "to": "x", "value": DEEP}, 400, "WB-PIP-651"),
        ({"kind": "set", "step": "load", "to": "x", "value": "\ud800"}, 400, "WB-PIP-651"),
        ({"kind": "add", "to": "\ud800.ipynb"}, 400, "WB-PIP-651"),
        ({"kind": "remove", "step": "\ud800"}, 404, "WB-PIP-650"),
        ({"kind": "remove", "step": "load", "text": "# \ud800"}, 400, "WB-CFG-620"),
    ],
)  # fmt: skip
def test_an_edit_that_cannot_be_is_refused(server: Server, asked: dict[str, Any], status: int, code: str) -> None:
    answer = server.ask("pipelines/sales/edit", "POST", {"text": TEXT, **asked})
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("path", ["sketch", "edit"])
@pytest.mark.parametrize("body", [{}, {"text": 3}, {"text": "name: p", "unheard_of": 1}, [], None])
def test_requests_are_read_strictly(server: Server, path: str, body: Any) -> None:
    answer = server.ask(f"pipelines/sales/{path}", "POST", body)
    assert answer.status == 400 and answer.code in ("WB-WEB-803", "WB-WEB-804")


def test_the_schema_of_a_pipeline_file_is_served(server: Server) -> None:
    told = server.ask("schemas/pipeline").json
    Draft202012Validator.check_schema(told)
    assert "steps" in told["properties"]
