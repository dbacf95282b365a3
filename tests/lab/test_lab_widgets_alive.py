"""Views in a notebook of a real JupyterLab: a run that is watched, what differs, a graph, and a kernel that ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lab_server import Tab, lab_on
from projects import lay_out, notebook

from workbench.project import Project

CURRENT = "window.jupyterapp.shell.currentWidget"
NAME = "views.ipynb"
SEEN = f"""async number => {{
    const notebook = {CURRENT}.content;
    await notebook.scrollToItem(number);
    notebook.widgets[number].node.id = `view-${{number}}`;
}}"""
"""Brings a cell into view, as others may not be drawn, and gives it a name."""
CELLS = (
    "import workbench as wb\nwb.lineage('raw.sales')",
    "wb.run('sales', rows=5)",
    "wb.diff('last~1', 'last')",
    "wb.search('sales')",
)
LINEAGE, RUN, DIFF, SEARCH = range(4)
PIPELINE = """
name: sales
parameters: {rows: {type: int, default: 3}}
steps: {load: notebooks/load.ipynb, total: notebooks/total.ipynb}
"""
NOTEBOOKS = {
    "load": notebook(
        "import pandas as pd\nimport workbench as wb",
        'wb.write(pd.DataFrame({"id": range(rows)}), "raw.sales", mode="overwrite")',
        parameters="rows: int = 3",
    ),
    "total": notebook(
        'import workbench as wb\nsums = wb.sql("select count(*) as many from raw.sales").df()',
        'wb.write(sums, "marts.totals", mode="overwrite")',
    ),
}


@contextmanager
def opened(browser: Any, folder: Path, *cells: str) -> Iterator[Tab]:
    """JupyterLab with a notebook of these cells in front, which are at work, in a project that has run once."""
    root = lay_out(folder / "project", {"sales": PIPELINE}, NOTEBOOKS)
    with Project.open(root) as project:
        assert project.run("sales", executor="inline").state == "succeeded"
    (root / NAME).write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    with lab_on(root, folder / "jupyter") as lab:
        tab = Tab(browser, lab)
        tab.open()
        tab.command("docmanager:open", path=NAME, factory="Notebook", kernel={"name": "python3"})
        tab.page.evaluate(f"async () => {{ await {CURRENT}.sessionContext.ready; }}")
        tab.command("notebook:run-all-cells")
        yield tab
        tab.close()


@pytest.fixture(scope="module")
def notebook_of_views(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A notebook whose cells have run, one after another."""
    with opened(browser, tmp_path_factory.mktemp("views"), *CELLS) as tab:
        cell(tab, SEARCH).get_by_role("button", name="raw.sales").wait_for(timeout=180_000)  # it waits for the run
        yield tab


def cell(tab: Tab, number: int) -> Any:
    """What the cell of that number shows."""
    tab.page.evaluate(SEEN, number)
    return tab.page.locator(f"#view-{number} .jp-Cell-outputArea")


def test_lineage_is_a_graph_that_is_walked_by_keys(notebook_of_views: Tab) -> None:
    tab = notebook_of_views
    shown = cell(tab, LINEAGE)
    box = shown.locator('[role=treeitem][data-id="raw.sales"]')
    box.wait_for()
    box.focus()
    tab.page.keyboard.press("ArrowRight")
    assert shown.locator('[role=treeitem][aria-selected="true"]').get_attribute("data-id") == "step:sales.total"
    assert shown.get_by_role("button", name="Open all groups").is_hidden(), "nothing in it can be folded"


def test_a_run_was_watched_and_its_names_lead_on(notebook_of_views: Tab) -> None:
    shown = cell(notebook_of_views, RUN)
    shown.get_by_text("succeeded").first.wait_for()
    shown.get_by_role("button", name="raw.sales", exact=True).first.click()
    shown.get_by_text("Read it:").wait_for()
    shown.get_by_role("button", name="Back").click()
    shown.get_by_text("succeeded").first.wait_for()


def test_what_differs_between_two_runs_is_told(notebook_of_views: Tab) -> None:
    shown = cell(notebook_of_views, DIFF)
    shown.get_by_text("sales: two runs").wait_for()
    shown.locator(".wb-Widget h4", has_text="load").wait_for()


def test_each_is_kept_in_the_notebook_for_where_there_is_no_kernel(notebook_of_views: Tab) -> None:
    tab = notebook_of_views
    tab.page.evaluate(f"async () => {{ await {CURRENT}.context.save(); }}")
    kept = json.loads((tab.lab.root / NAME).read_text(encoding="utf-8"))["cells"]
    for number, told in ((LINEAGE, "raw.sales"), (RUN, "succeeded"), (DIFF, "two runs"), (SEARCH, "raw.sales")):
        data = kept[number]["outputs"][-1]["data"]
        html = "".join(data["text/html"])
        assert told in html and "<script" not in html
        assert "".join(data["text/plain"]).strip()
    assert "<svg" in "".join(kept[LINEAGE]["outputs"][-1]["data"]["image/svg+xml"])


def test_a_view_whose_kernel_has_ended_says_so(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, CELLS[LINEAGE], CELLS[SEARCH]) as tab:
        found = cell(tab, 1)
        found.get_by_role("button", name="raw.sales").click()
        found.get_by_text("Read it:").wait_for()
        assert found.get_by_text("The kernel does not answer").count() == 0
        tab.command("notebook:shutdown-kernel")
        tab.page.wait_for_function(f"() => !{CURRENT}.sessionContext.session?.kernel")
        found.get_by_role("button", name="Back").click()
        found.get_by_text("The kernel does not answer").wait_for()
        found.get_by_text("Read it:").wait_for()  # what was there stays
        graph = cell(tab, 0)
        graph.locator('[role=treeitem][data-id="raw.sales"]').focus()
        tab.page.keyboard.press("ArrowRight")
        graph.get_by_text("The kernel does not answer").wait_for()
