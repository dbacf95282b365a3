"""Notebooks of steps that are opened in the Jupyter server, and the partitions of a pipeline, over HTTP."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from projects import lay_out, notebook
from web import TOKEN, Server, serving

from workbench.project import Project

pytestmark = pytest.mark.slow

PIPELINES = {
    "breaks": "name: breaks\nsteps: {part: {notebook: notebooks/breaks.ipynb, keep_failed: 10m}}",
    "plain": "name: plain\nsteps: {part: notebooks/breaks.ipynb}",
    "daily": """
        name: daily
        partitions:
          day: {every: day, start: 2026-01-01, end: 2026-01-03}
        steps: {say: notebooks/say.ipynb}
    """,
}
NOTEBOOKS = {
    "breaks": notebook("x = 42", "1 / 0"),
    "say": notebook("print(day)", parameters="from datetime import date\nday: date = date(2026, 1, 1)"),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = lay_out(tmp_path_factory.mktemp("opening") / "project", PIPELINES, NOTEBOOKS)
    with serving(root, tmp_path_factory.mktemp("jupyter")) as server:
        yield server


def failed(server: Server, pipeline: str) -> str:
    """The id of a run that has failed."""
    run = str(server.ask("runs", "POST", {"target": pipeline, "executor": "local"}).json["run"])
    wait(lambda: server.ask(f"runs/{run}").json.get("ended_at"))
    assert server.ask(f"runs/{run}").json["state"] == "failed"
    return run


def wait(until: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def jupyter(server: Server, path: str, method: str = "GET", body: Any = None) -> Any:
    """What Jupyter's own API answers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        connection.request(method, f"/api/{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status < 400, text
        return json.loads(text or "null")
    finally:
        connection.close()


def test_where_hidden_folders_are_not_served_a_command_is_told_instead(own: Server) -> None:
    run = failed(own, "breaks")
    hidden = own.ask(f"runs/{run}/steps/part/open", "POST", {}).json
    assert hidden["path"] is None and hidden["command"].startswith("wb runs open")
    assert hidden["kernel"] is None and hidden["cell"] == "cell-2"
    assert jupyter(own, "kernels") == []


def test_what_was_executed_stays_as_it_was(own: Server) -> None:
    run = failed(own, "plain")
    with Project.open(own.root) as project:
        executed = project.runs.notebook(project.runs.step(project.runs.get(run), "part"))
        assert executed is not None
        opened = own.ask(f"runs/{run}/steps/part/open", "POST", {}).json
        assert opened["command"].startswith("jupyter lab ") and str(executed) not in opened["command"]


def test_the_notebook_that_runs_next_is_opened_at_the_cell_that_failed(own: Server) -> None:
    run = failed(own, "plain")
    opened = own.ask(f"runs/{run}/steps/part/open", "POST", {"which": "source"}).json
    assert opened == {"path": "notebooks/breaks.ipynb", "cell": "cell-2", "kernel": None, "until": None, "command": ""}


def test_what_cannot_be_opened_is_refused_in_words(own: Server) -> None:
    run = failed(own, "plain")
    for path, body, status, code in (
        (f"runs/{run}/steps/nobody/open", {}, 404, "WB-"),
        ("runs/0000000000/steps/part/open", {}, 404, "WB-"),
        (f"runs/{run}/steps/part/open", {"which": "../../etc/passwd"}, 400, "WB-WEB-804"),
        (f"runs/{run}/steps/..%2f..%2fx/open", {}, 400, "WB-WEB-804"),
    ):
        answer = own.ask(path, "POST", body)
        assert answer.status == status and answer.code.startswith(code), answer.text


def test_a_server_that_serves_hidden_folders_opens_the_kernel_itself(
    own: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = failed(own, "breaks")
    folder = tmp_path_factory.mktemp("open")
    config = folder / "config" / "jupyter_server_config.json"
    config.parent.mkdir()
    config.write_text('{"ContentsManager": {"allow_hidden": true}}')
    with serving(own.root, folder) as server:
        opened = server.ask(f"runs/{run}/steps/part/open", "POST", {}).json
        assert opened["cell"] == "cell-2" and opened["until"] and opened["path"].startswith(".workbench/opened/")
        (session,) = jupyter(server, "sessions")
        assert session["path"] == opened["path"] and session["kernel"]["id"] == opened["kernel"]
        assert [kernel["id"] for kernel in jupyter(server, "kernels")] == [opened["kernel"]]
        again = server.ask(f"runs/{run}/steps/part/open", "POST", {}).json
        assert again["kernel"] == opened["kernel"] and len(jupyter(server, "sessions")) == 1
        with Project.open(server.root) as project:
            kept = project.runs.kept.of(project.runs.get(run))
            assert len(kept) == 1
            project.runs.kept.release(kept[0])
        wait(lambda: jupyter(server, "kernels") == [])
        gone = server.ask(f"runs/{run}/steps/part/open", "POST", {}).json
        assert gone["kernel"] is None and gone["path"] == opened["path"]


def test_the_partitions_of_a_pipeline_are_told_in_pages(own: Server) -> None:
    with Project.open(own.root) as project:
        plan = project.plan_backfill("daily", {"day": "2026-01-01..2026-01-02"})
        assert project.run(plan, executor="inline").state == "succeeded"
    told = own.ask("pipelines/daily/matrix").json
    assert told["names"] == ["day"] and told["steps"] == ["say"] and told["total"] == len(told["rows"])
    first = told["rows"][0]
    assert first["values"] == ["2026-01-01"] and first["squares"][0]["state"] == "succeeded"
    one = own.ask("pipelines/daily/matrix", limit=1, offset=1).json
    assert [row["values"] for row in one["rows"]] == [["2026-01-02"]] and one["total"] == told["total"]
    assert own.ask("pipelines/plain/matrix").json["names"] == []
