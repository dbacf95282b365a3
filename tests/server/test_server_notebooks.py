"""What the API answers about a notebook that is open."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from projects import notebook
from web import Answer, Server

TOTAL = "notebooks/total.ipynb"
LOAD = "notebooks/load.ipynb"


def about(server: Server, route: str, path: str) -> Answer:
    """Ask a route about the notebook at a path."""
    return server.ask(f"{route}?path={quote(path, safe='')}")


@pytest.fixture
def explored(project: Path) -> str:
    """A notebook that is no step yet; its cells hold what they showed."""
    path = project / "notebooks" / "explored.ipynb"
    made = notebook("shops = 2", "print(shops)")
    made["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2\n"}]
    path.write_text(json.dumps(made), encoding="utf-8")
    return "notebooks/explored.ipynb"


def test_a_notebook_is_told_as_a_step(server: Server) -> None:
    told = about(server, "notebook", TOTAL).json
    (step,) = told["steps"]
    assert (step["pipeline"], step["step"], step["report"]) == ("sales", "total", True)
    assert step["currency"] == "fresh" and step["reason"] and step["error"] is None
    assert step["reads"] == ["raw.sales"] and step["writes"] == ["marts.totals"]
    assert step["last"]["state"] == "succeeded" and step["last"]["run"]["pipeline"] == "sales"
    assert told["alone"] is None and told["error"] is None


def test_a_notebook_that_is_no_step_or_none_at_all(server: Server, explored: str) -> None:
    told = about(server, "notebook", explored).json
    assert told["steps"] == [] and told["alone"] is None
    assert about(server, "notebook", "notebooks/none.ipynb").status == 404
    for path in ("../x.ipynb", "/etc/x.ipynb", "a//b.ipynb", "notebooks/load.py", "a\\b.ipynb"):
        answer = about(server, "notebook", path)
        assert answer.status == 400 and answer.code == "WB-WEB-804"


def test_cells_have_their_durations(server: Server) -> None:
    told = about(server, "notebook/cells", LOAD).json
    assert told["step"] == "load" and told["run"]
    assert told["cells"] and all(cell["seconds"] >= 0 for cell in told["cells"])


def test_parameters_are_a_schema(server: Server) -> None:
    assert about(server, "notebook/parameters", LOAD).json["properties"]["day"]["format"] == "date"


def test_who_names_a_column_is_noted_beside_it(server: Server, project: Path) -> None:
    made = notebook(
        """
        import pandas as pd, workbench as wb
        frame = pd.DataFrame({"id": [1]})
        frame["amount"] = 2.0
        frame["unknown"] = 3
        wb.write(frame, "raw.sales")
        """
    )
    (project / "notebooks" / "makes.ipynb").write_text(json.dumps(made), encoding="utf-8")
    (note,) = about(server, "notebook/notes", "notebooks/makes.ipynb").json["notes"]
    assert (note["column"], note["dataset"]) == ("amount", "raw.sales")
    assert note["steps"] == [] and note["reports"] == ["sales.total"]


def test_names_are_completed(server: Server) -> None:
    def ask(source: str) -> list[str]:
        body = {"source": source.replace("|", ""), "offset": source.index("|")}
        return [each["text"] for each in server.ask("notebook/completion", "POST", body).json["suggestions"]]

    assert ask("wb.read('ra|") == ["raw.sales"]
    assert ask("wb.read('sales|") == ["raw.sales"], "a part of the name will do"
    assert ask("wb.sql('select am| from raw.sales')") == ["amount"]
    assert ask("print('ra|") == []
    answer = server.ask("notebook/completion", "POST", {"source": "x", "offset": 5})
    assert answer.status == 400 and answer.code == "WB-WEB-804"


def test_a_proposal_is_tried_compared_and_carried_out(server: Server, project: Path, explored: str) -> None:
    asked = {"path": explored, "pipeline": "explored"}
    proposal = server.ask("notebook/promotion", "POST", asked).json
    assert proposal["ready"] and [each["name"] for each in proposal["parameters"]] == ["shops"]
    assert "+shops: int = 2" in proposal["notebook"] and "+name: explored" in proposal["pipeline_diff"]
    with server.events() as events:
        server.ask("live")
        begun = server.ask("notebook/promotion/trial", "POST", asked)
        assert begun.status == 202
        run = begun.json["run"]
        events.until(run, "succeeded", "failed", "refused")
    trial = server.ask(f"notebook/promotion/trial/{run}").json
    assert trial["over"] and trial["state"] == "succeeded" and trial["same"]
    assert "parameters" not in (project / explored).read_text(), "a trial changes no file"
    stale = server.ask("notebook/promotion/carried-out", "POST", {**asked, "digest": "0" * 64})
    assert stale.status == 409 and stale.code == "WB-NB-610"
    try:
        done = server.ask("notebook/promotion/carried-out", "POST", {**asked, "digest": proposal["digest"]})
        assert done.status == 200
        (step,) = about(server, "notebook", explored).json["steps"]
        assert (step["pipeline"], step["currency"]) == ("explored", "stale")
    finally:
        (project / "pipelines" / "explored.yaml").unlink(missing_ok=True)
