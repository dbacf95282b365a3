"""Every answer is what the OpenAPI document promises, on a project that has run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from web import Server

from workbench.ui.server.openapi import document
from workbench.ui.server.types import text

PLACES = {"name": "raw.sales", "other": "marts.totals", "pipeline": "sales", "step": "total"}
ASKED = {"path": "notebooks/total.ipynb"}
"""Values of parameters that a question cannot do without."""
TRIAL = "/notebook/promotion/trial/{run}"
"""Is asked for runs of one kind only: see the tests of notebooks."""
RUNS = {"run": "sales@last", "before": "fails@last", "after": "sales@last"}


@cache
def promised() -> dict[str, Any]:
    return document()


def check(told: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": promised()["components"]}
    errors = [f"{list(error.path)}: {error.message[:300]}" for error in Draft202012Validator(whole).iter_errors(told)]
    assert errors == []


@pytest.fixture(scope="module")
def report(server: Server) -> str:
    return str(server.ask("reports").json["reports"][0]["id"])


@pytest.mark.parametrize(
    ("path", "operation"),
    [(path, told["get"]) for path, told in document()["paths"].items() if "get" in told and path != TRIAL],
)
def test_an_answer_is_what_the_document_promises(
    server: Server, report: str, path: str, operation: dict[str, Any]
) -> None:
    address = path.removeprefix("/").format_map({**PLACES, **RUNS, "report": report})
    needed = [each["name"] for each in operation["parameters"] if each["in"] == "query" and each.get("required")]
    answer = server.ask(address, **{name: ASKED[name] for name in needed})
    assert answer.status == 200, answer.text
    content = operation["responses"]["200"]["content"]
    if "text/html" in content:
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-type"].startswith("text/html")
    elif "text/javascript" in content:
        assert answer.headers["content-type"].startswith("text/javascript")
    else:
        check(answer.json, content["application/json"]["schema"])
    kept = "private, max-age=86400" if "text/javascript" in content else "no-store"
    assert answer.headers["cache-control"] == kept


@pytest.mark.parametrize("path", ["", "/steps/{step}/cells", "/steps/{step}/logs"])
def test_a_run_that_failed_is_told_in_the_same_way(server: Server, path: str) -> None:
    told = promised()["paths"][f"/runs/{{run}}{path}"]["get"]["responses"]["200"]["content"]
    answer = server.ask(f"runs/fails@last{path.format(step='load')}")
    check(answer.json, told["application/json"]["schema"])


def test_a_problem_is_what_the_document_promises(server: Server) -> None:
    check(server.ask("datasets/no.such").json, {"$ref": "#/components/schemas/Problem"})


def test_the_document_is_served_and_is_json(server: Server) -> None:
    assert server.ask("openapi.json").json == json.loads(json.dumps(promised()))


def test_types_for_typescript_name_everything_that_is_answered() -> None:
    made = text()
    assert "export interface Dataset {" in made and "'GET runs/{run}': Run;" in made
    for name in promised()["components"]["schemas"]:
        assert f"export interface {name} " in made or f"export type {name} " in made


def test_the_types_that_the_extension_is_built_with_are_those_of_today() -> None:
    kept = Path(__file__).parents[2] / "extensions" / "jupyterlab" / "src" / "api" / "types.ts"
    assert kept.read_text() == text(), f"python -m workbench.ui.server.types {kept}"
