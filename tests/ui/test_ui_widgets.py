"""What notebooks show: views as HTML, as text and, of a graph, as a picture, from a project that has run."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import lay_out, notebook

import workbench as wb
from workbench.model.errors import NotFound, UsageError
from workbench.reports.sanitize import clean_html, vector
from workbench.ui.widgets import face
from workbench.ui.widgets.view import View

PIPELINE = """
name: orders
parameters:
  day: {type: str, default: monday}
steps:
  make: notebooks/make.ipynb
  clean: notebooks/clean.ipynb
  odd: {notebook: notebooks/odd.ipynb, after: [clean]}
"""
MAKE = """
import pandas as pd, workbench as wb
wb.write(pd.DataFrame({"id": [1, 2, 3], "who": ["a", None, "<i>"]}), "raw.orders")
"""
CLEAN = "import workbench as wb\nwb.write(wb.read('raw.orders').dropna(), 'clean.orders')"
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: clean.orders
version: 1.0.0
status: active
description: {purpose: "Orders <script>hit()</script> without holes"}
schema:
  - name: orders
    physicalName: clean.orders
    quality:
      - {metric: rowCount, mustBeBetween: [5, 10], severity: warning}
    properties:
      - {name: id, logicalType: integer, required: true}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose pipeline ran once."""
    files = {"contracts/clean.orders.odcs.yaml": CONTRACT}
    notebooks = {
        "make": notebook(MAKE, parameters="day = 'monday'"),
        "clean": notebook(CLEAN),
        "odd": notebook("1"),
    }
    pipelines = {"orders": PIPELINE}
    folder = lay_out(tmp_path_factory.mktemp("views"), pipelines, notebooks, files)
    with wb.open(folder) as project:
        assert project.run("orders", executor="inline").state == "succeeded"
    return folder


@pytest.fixture(autouse=True)
def here(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(root)
    yield
    for project in face._projects.values():
        project.close()
    face._projects.clear()


def views() -> dict[str, View]:
    return {
        "search": wb.search("orders"),
        "dataset": wb.dataset("clean.orders"),
        "profile": wb.profile("clean.orders"),
        "lineage": wb.lineage("clean.orders"),
        "quality": wb.quality(),
        "quality of one": wb.quality("clean.orders"),
        "runs": wb.runs(),
        "diff": wb.diff("last", "last"),
    }


class TestViews:
    def test_each_is_kept_as_html_and_as_text_and_nothing_in_it_acts(self) -> None:
        for name, view in views().items():
            bundle = view._repr_mimebundle_()
            assert {"text/html", "text/plain"} <= set(bundle), name
            assert "<script" not in bundle["text/html"] and "hit()" not in bundle["text/html"].replace(
                "&lt;script&gt;hit()", ""
            )
            assert "http:" not in bundle["text/html"] and "https:" not in bundle["text/html"]
            assert bundle["text/plain"].strip() == repr(view).strip() != ""

    def test_each_says_the_same_where_style_and_pictures_are_taken_out(self) -> None:
        for name, view in views().items():
            cleaned = clean_html(view.html)
            assert "orders" in cleaned, name
            assert "--wb" not in cleaned and "{" not in cleaned, name

    def test_a_dataset_tells_what_it_is_and_whether_it_can_be_trusted(self) -> None:
        view = wb.dataset("clean.orders")
        for told in (
            "version 1",
            "2 rows",
            "wb.read(&#34;clean.orders&#34;)",
            "▲",
            "orders.clean",
            "raw.orders → clean",
        ):
            assert told in view.html, told
        assert view.data["name"] == "clean.orders"
        assert "Orders &lt;script&gt;" in view.html

    def test_lineage_has_a_picture_that_a_report_shows(self) -> None:
        view = wb.lineage("raw.orders", depth=1, direction="downstream")
        assert ElementTree.fromstring(view.svg).tag.endswith("svg")
        assert (vector(view.svg) or "").startswith("data:image/svg+xml;base64,")
        assert view.text.startswith("raw.orders")
        assert {node["name"] for node in view.data["nodes"]} == {"raw.orders", "clean", "clean.orders"}
        assert "wb-is-warn" in view.html

    def test_quality_puts_first_what_calls_for_a_look(self) -> None:
        rows = wb.quality().data["datasets"]
        assert [row["subject"] for row in rows] == ["clean.orders", "raw.orders"]
        assert "not checked" in wb.quality().html

    def test_what_is_not_there_is_told_as_everywhere(self) -> None:
        with pytest.raises(NotFound, match="Did you mean"):
            wb.dataset("clean.order")
        with pytest.raises(NotFound, match="WB-PIP-601"):
            wb.runs("none")
        with pytest.raises(UsageError, match="WB-LIN-801"):
            wb.lineage("clean.orders", direction="sideways")

    def test_nothing_found_is_said(self) -> None:
        assert "Nothing matches" in wb.search("zzzzqqqq").html


class TestRun:
    def test_a_run_returns_its_view_with_parameters_by_name(self) -> None:
        view = wb.run("orders", day="tuesday", executor="inline")
        assert view.data["parameters"]["day"] == "tuesday"
        assert "succeeded" in view.text and "wb-Graph" in view.html
        assert view.data["state"] == "succeeded"

    def test_a_failure_is_told_and_not_raised(self, root: Path) -> None:
        lay_out(
            root, {"broken": "name: broken\nsteps:\n  bad: notebooks/bad.ipynb\n"}, {"bad": notebook("1 / 0 # <b>")}
        )
        view = wb.run("broken", executor="inline")
        assert view.data["state"] == "failed"
        assert "WB-RUN-104" in view.html and "ZeroDivisionError" in view.html
        assert "1 / 0 # <b>" not in view.html

    def test_no_run_begins_inside_a_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORKBENCH_CONTEXT", "/nowhere")
        with pytest.raises(UsageError, match="WB-EXT-911"):
            wb.run("orders")
        assert "clean.orders" in wb.search("orders").text, "looking is allowed"

    @pytest.mark.slow
    def test_a_notebook_shows_a_run_once_and_again_when_asked(self, root: Path) -> None:
        from nbclient import NotebookClient
        from nbformat.v4 import new_code_cell, new_notebook

        sources = (
            "import workbench as wb\nwb.run('orders')",
            "r = wb.run('orders')",
            "r",
            "wb.lineage('clean.orders')",
        )
        shown = new_notebook(cells=[new_code_cell(source) for source in sources])
        NotebookClient(shown, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(root)}}).execute()
        for cell in shown.cells:
            (output,) = cell.outputs
            assert "orders" in output["data"]["text/plain"] and "wb-View" in output["data"]["text/html"]
        assert "orders succeeded" in shown.cells[0].outputs[0]["data"]["text/plain"]
        assert "image/svg+xml" in shown.cells[3].outputs[0]["data"]


def test_rooms_stay_modules_and_can_be_called_in_any_order() -> None:
    code = (
        "import workbench as wb, types; assert callable(wb.lineage);"
        "import workbench.quality.checks, workbench.lineage.text as text;"
        "assert callable(wb.quality) and isinstance(wb.lineage, types.ModuleType);"
        "assert text is workbench.lineage.text if 'workbench' in dir() else text;"
        "from workbench.lineage import graph; from workbench.quality import checks;"
        "assert wb.quality.checks is checks is wb.checks"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
