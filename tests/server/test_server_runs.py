"""Runs that are begun, followed, ended and repaired over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import lay_out, notebook
from web import Server, serving

pytestmark = pytest.mark.slow

PIPELINES = {
    "quick": """
        name: quick
        parameters:
          words: {type: str, default: hello, help: What to say}
        steps: {say: notebooks/say.ipynb}
    """,
    "slow": "name: slow\nsteps: {wait: notebooks/wait.ipynb}",
    "gated": "name: gated\nsteps: {pass: notebooks/gate.ipynb}",
    "strange": "name: strange\nsteps: {alone: notebooks/strange.ipynb}",
}
NOTEBOOKS = {
    "say": notebook("print(words)", "x = 1", parameters='words: str = "hi"  # what to say'),
    "wait": notebook("import time\ntime.sleep(120)"),
    "gate": notebook("from pathlib import Path\nassert Path('open').exists()"),
    "strange": notebook("1", kernel="nobody-has-this"),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a project that these tests change."""
    root = lay_out(tmp_path_factory.mktemp("runs") / "project", PIPELINES, NOTEBOOKS)
    with serving(root, tmp_path_factory.mktemp("jupyter")) as server:
        assert server.ask("live").status == 200
        yield server


def settled(server: Server, run: str) -> str:
    """The state that a run ends in."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        answer = server.ask(f"runs/{run}")
        if answer.status == 200 and answer.json["ended_at"]:
            return str(answer.json["state"])
        time.sleep(0.1)
    raise AssertionError((Path(server.root) / f".workbench/logs/runs/{run}.log").read_text())


def test_a_run_is_begun_and_told_of_as_it_goes_on(own: Server) -> None:
    with own.events() as events:
        begun = own.ask("runs", "POST", {"target": "quick", "parameters": {"words": "good day"}})
        assert begun.status == 202, begun.text
        run = begun.json["run"]
        told = events.until(run, "succeeded")
    assert [step["state"] for event in told for step in event["steps"]][-1] == "succeeded"
    assert {cell["state"] for event in told for cell in event["cells"]} >= {"succeeded"}
    numbers = [event["number"] for event in told]
    assert numbers == sorted(set(numbers)) and len({event["stream"] for event in told}) == 1
    assert "good day" not in json.dumps(told), "no data goes with events"
    shown = own.ask(f"runs/{run}").json
    assert shown["parameters"] == {"words": "good day"} and shown["state"] == "succeeded"
    logged = own.ask(f"runs/{run}/steps/say/logs").json
    assert any("good day" in json.dumps(event["data"]) for event in logged["events"] if event["kind"] == "output")
    last = logged["events"][-1]["seq"]
    assert own.ask(f"runs/{run}/steps/say/logs", after=last).json["events"] == []
    assert own.ask(f"runs/{run}/steps/say/logs", limit=1).json["more"] is True
    cells = own.ask(f"runs/{run}/steps/say/cells").json["cells"]
    assert [cell["state"] for cell in cells if cell["source"] == "x = 1"] == ["succeeded"]
    assert own.ask(f"runs/{run}/steps/say/notebook").json["path"].endswith("output.ipynb")


def test_a_run_goes_on_in_another_process_and_is_ended(own: Server) -> None:
    with own.events() as events:
        run = own.ask("runs", "POST", {"target": "slow"}).json["run"]
        events.until(run, "running")
        going = own.ask("live").json
        assert [each["run"]["id"] for each in going["runs"]] == [run]
        ended = own.ask(f"runs/{run}/cancel", "POST")
        assert ended.status == 200
        events.until(run, "cancelled")
    assert settled(own, run) == "cancelled"
    assert own.ask("live").json["runs"] == []
    assert own.ask(f"runs/{run}/cancel", "POST").json["state"] == "cancelled"


def test_a_run_that_failed_is_repaired(own: Server) -> None:
    run = own.ask("runs", "POST", {"target": "gated"}).json["run"]
    assert settled(own, run) == "failed"
    (own.root / "notebooks" / "open").touch()
    (own.root / "open").touch()
    with own.events() as events:
        repaired = own.ask(f"runs/{run}/repair", "POST", {})
        assert repaired.status == 202 and repaired.json["run"] == run
        events.until(run, "succeeded")
    assert own.ask(f"runs/{run}").json["repairs"] == 1
    again = own.ask(f"runs/{run}/repair", "POST", {})
    assert again.status == 400 and again.code == "WB-RUN-124"


def test_what_cannot_begin_is_said_at_once_or_told_as_refused(own: Server) -> None:
    for body, code, status in (
        ({"target": "nothing"}, "WB-PIP-601", 404),
        ({"target": "quick", "parameters": {"wrods": "x"}}, "WB-PAR-612", 400),
        ({"target": "quick", "environment": "mars"}, "WB-CFG-603", 404),
        ({"target": "../../etc/passwd"}, "WB-NAM-330", 400),
        ({"target": "../outside.ipynb"}, "WB-NB", 400),
        ({"target": "quick", "select": ["nobody"]}, "WB-PIP", 400),
    ):
        answer = own.ask("runs", "POST", body)
        assert answer.status == status and answer.code.startswith(code), answer.text
    with own.events() as events:
        begun = own.ask("runs", "POST", {"target": "strange"})
        if begun.status == 202:
            assert events.until(begun.json["run"], "refused")[-1]["code"] == "WB-RUN-141"
        else:
            assert begun.code.startswith("WB-")


def test_a_plan_says_why(own: Server) -> None:
    planned = own.ask("pipelines/quick/plan", "POST", {"parameters": {"words": "new"}})
    assert planned.status == 200
    (step,) = planned.json["steps"]
    assert step["action"] == "run" and step["reason"]["text"]
    form = own.ask("pipelines/quick/parameters").json
    assert form["properties"]["words"] == {"type": "string", "description": "What to say", "default": "hello"}
