"""Every page in a JupyterLab that has jupyter-collaboration, jupyterlab-git and jupyterlab-lsp too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from lab_projects import lay_out_sales
from lab_server import ROOT, Tab, lab_on
from test_lab_access import SHOWN
from test_lab_catalog import told
from test_lab_runs import shown, started, state

PYTHON = ROOT / ".venv-neighbours" / "bin" / "python"
NEIGHBOURS = ("@jupyter/collaboration-extension:", "@jupyterlab/git:", "@jupyter-lsp/jupyterlab-lsp:")
"""How the ids of the plugins of each begin."""
ACTIVE = """prefix => {
    const app = window.jupyterapp;
    return app.listPlugins().some(id => id.startsWith(prefix) && app.isPluginActivated(id));
}"""
OURS = "/extensions/dataops-workbench-lab/"
PAGES = [
    ("dataset", "raw.sales"),
    ("lineage", ""),
    ("lineage", "raw.sales"),
    ("pipelines", ""),
    ("pipeline", "sales"),
    ("run", "sales@last"),
    ("comparison", "sales@last..sales@last"),
    ("quality", ""),
    ("reports", ""),
    ("notebook", "notebooks/total.ipynb"),
    ("promotion", "notebooks/total.ipynb"),
]
IN_FRONT = "path => window.jupyterapp.shell.currentWidget?.context?.path?.endsWith(path)"
"""Whether the document of a path is in front, on whichever drive it lies."""


@pytest.fixture(scope="module")
def beside(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tab, list[str]]]:
    """JupyterLab with all of them, on a project that Git knows; and what our own code threw in it."""
    if not PYTHON.exists():
        if os.environ.get("WORKBENCH_REQUIRE_NEIGHBOURS") == "1":
            pytest.fail("the other extensions are not installed: make neighbours")
        pytest.skip("the other extensions are not installed: make neighbours")
    root = lay_out_sales(tmp_path_factory.mktemp("beside"))
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    thrown: list[str] = []
    with lab_on(root, tmp_path_factory.mktemp("jupyter"), python=str(PYTHON)) as lab:
        tab = Tab(browser, lab)
        tab.page.on("pageerror", lambda error: thrown.append(str(error.stack or error)))
        tab.open()
        yield tab, thrown
        tab.close()


@pytest.fixture
def tab(beside: tuple[Tab, list[str]]) -> Iterator[Tab]:
    opened, thrown = beside
    opened.command("application:close-all")
    opened.problems.clear()
    thrown.clear()
    yield opened
    assert [stack for stack in thrown if OURS in stack] == []
    assert [problem for problem in opened.problems if problem.startswith("asked outside")] == []


def test_all_of_them_are_at_work(tab: Tab) -> None:
    for prefix in (*NEIGHBOURS, "dataops-workbench-lab:"):
        assert tab.page.evaluate(ACTIVE, prefix), prefix
    told(tab, "3 datasets")
    tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()


@pytest.mark.parametrize(("kind", "subject"), PAGES)
def test_a_page_opens(tab: Tab, kind: str, subject: str) -> None:
    tab.command("workbench:open", kind=kind, subject=subject)
    page = tab.page.locator(".wb-Page:visible")
    page.locator("h1, .wb-State").first.wait_for()
    tab.page.wait_for_function(SHOWN)
    assert page.locator(".wb-State[role=alert]").count() == 0


def test_a_run_is_begun_and_followed(tab: Tab) -> None:
    page = shown(tab, "pipeline", "sales")
    page.get_by_label("Run unchanged steps too").check()
    state(started(tab, "sales"), "succeeded")


def test_a_notebook_that_is_shared_knows_its_step(tab: Tab) -> None:
    tab.command("docmanager:open", path="notebooks/total.ipynb", factory="Notebook", kernel={"shouldStart": False})
    tab.page.wait_for_function(IN_FRONT, arg="notebooks/total.ipynb")
    panel = tab.page.locator(".jp-NotebookPanel:visible")
    panel.locator(".wb-StepChip-button").get_by_text("Step total of sales").wait_for()
    tab.command("workbench:run-as-step")
    tab.page.locator(".wb-Page:visible").get_by_role("heading", name="notebooks/total.ipynb", level=1).wait_for()


def test_a_pipeline_file_that_is_shared_is_drawn_and_edited(tab: Tab) -> None:
    tab.command("docmanager:open", path="pipelines/sales.yaml")
    tab.page.wait_for_function(IN_FRONT, arg="pipelines/sales.yaml")
    graph = tab.page.locator(".wb-PipelineGraph:visible")
    graph.locator('[role=treeitem][aria-label^="total"]').first.click()
    graph.get_by_role("button", name="Rename", exact=True).click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("sums")
    dialog.get_by_role("button", name="Ok").click()
    graph.locator('[role=treeitem][aria-label^="sums"]').first.wait_for()
    tab.page.evaluate("() => void window.jupyterapp.shell.currentWidget.content.editor.undo()")
    graph.locator('[role=treeitem][aria-label^="total"]').first.wait_for()  # others find the file as it was
    graph.get_by_role("button", name="Open page", exact=True).click()
    tab.page.locator(".wb-Page:visible").get_by_role("heading", name="sales", level=1).wait_for()
