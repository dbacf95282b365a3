"""Whether the catalog and the pages can be used by screen reader, by keys alone and with strong contrast: axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_quality import lay_out_wrong
from lab_server import ROOT, Tab, lab_on, unbuilt

from workbench.project import Project

AXE = ROOT / "extensions/jupyterlab/node_modules/axe-core/axe.min.js"
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
PAGES = [
    ("start", ""),
    ("dataset", "raw.sales"),
    ("pipelines", ""),
    ("pipeline", "sales"),
    ("lineage", ""),
    ("lineage", "raw.sales"),
    ("quality", ""),
    ("reports", ""),
    ("run", "sales@last"),
    ("comparison", "sales@last..sales@last"),
    ("notebook", "notebooks/total.ipynb"),
    ("promotion", "notebooks/total.ipynb"),
]
FAULTS = """async inside => {
    const told = await window.axe.run({ include: [[inside]] }, { resultTypes: ['violations'], iframes: false });
    return told.violations
        .filter(each => ['serious', 'critical'].includes(each.impact))
        .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""
"""What axe-core finds wrong within an element; slight faults are left to people, frames to those who made them."""
SHOWN = "() => ![...document.querySelectorAll('.wb-Page')].some(page => page.querySelector('[aria-busy=true]'))"


def faults(tab: Tab, inside: str) -> list[str]:
    if not AXE.is_file():
        unbuilt("axe-core is not installed here: make frontend")
    if not tab.page.evaluate("() => 'axe' in window"):
        tab.page.evaluate(Path(AXE).read_text(encoding="utf-8") + "; null")
    found: list[str] = tab.page.evaluate(FAULTS, inside)
    return found


def in_theme(tab: Tab, theme: str) -> None:
    tab.command("apputils:change-theme", theme=theme)
    tab.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


@pytest.fixture(scope="module", params=THEMES)
def theme(shared_tab: Tab, request: pytest.FixtureRequest) -> Iterator[str]:
    """Each theme in turn; the others are as light as ever afterwards."""
    in_theme(shared_tab, request.param)
    yield request.param
    in_theme(shared_tab, THEMES[0])


def test_the_catalog_has_no_serious_fault(theme: str, tab: Tab) -> None:
    tab.page.locator(".wb-Catalog-name").first.wait_for()
    tab.page.get_by_role("button", name="Filters").click()
    try:
        tab.page.locator(".wb-Facet-value").first.wait_for()
        assert faults(tab, ".wb-Catalog") == []
    finally:
        tab.page.get_by_role("button", name="Filters").click()


@pytest.mark.parametrize(("kind", "subject"), PAGES)
def test_a_page_has_no_serious_fault(theme: str, tab: Tab, kind: str, subject: str) -> None:
    tab.command("workbench:open", kind=kind, subject=subject)
    shown: Any = tab.page.locator(".wb-Page >> visible=true")
    shown.locator("h1, .wb-State").first.wait_for()
    tab.page.wait_for_function(SHOWN)
    assert faults(tab, ".wb-Page") == []


def test_a_pipeline_file_has_no_serious_fault(theme: str, tab: Tab) -> None:
    tab.command("docmanager:open", path="pipelines/sales.yaml")
    tab.page.locator(".wb-PipelineGraph [role=treeitem]").first.wait_for()
    assert faults(tab, ".wb-PipelineGraph") == []


@pytest.fixture(scope="module")
def reported(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tab, str]]:
    """A project with a report, values of any kind and checks that fail, and the id of the report."""
    root = lay_out_wrong(tmp_path_factory.mktemp("reported"))
    with Project.open(root) as project:
        latest = project.reports.latest("orders", "tell").id
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as server:
        opened = Tab(browser, server)
        opened.open()
        yield opened, latest
        opened.close()


@pytest.fixture(scope="module")
def nowhere(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A folder that is no project."""
    with lab_on(tmp_path_factory.mktemp("nowhere"), tmp_path_factory.mktemp("jupyter")) as server:
        opened = Tab(browser, server)
        opened.open()
        yield opened
        opened.close()


@pytest.mark.parametrize("worn", THEMES)
def test_a_report_and_what_failed_has_no_serious_fault(reported: tuple[Tab, str], worn: str) -> None:
    tab, report = reported
    in_theme(tab, worn)
    for kind, subject in (("report", report), ("quality", ""), ("run", "blocked@last")):
        tab.command("application:close-all")
        tab.command("workbench:open", kind=kind, subject=subject)
        tab.page.locator(".wb-Page:visible h1").first.wait_for()
        tab.page.wait_for_function(SHOWN)
        assert faults(tab, ".wb-Page") == []


@pytest.mark.parametrize("worn", THEMES)
def test_the_view_without_a_project_has_no_serious_fault(nowhere: Tab, worn: str) -> None:
    in_theme(nowhere, worn)
    nowhere.page.get_by_text("There is no project here yet").wait_for()
    assert faults(nowhere, ".wb-Catalog") == []
    nowhere.command("workbench:open", kind="pipelines", subject="")
    nowhere.page.locator(".wb-Page:visible .wb-State-code", has_text="WB-CFG-601").wait_for()
    assert faults(nowhere, ".wb-Page") == []
