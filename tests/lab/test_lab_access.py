"""Whether the catalog and the pages can be used by screen reader, by keys alone and with strong contrast: axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import ROOT, Tab, unbuilt

AXE = ROOT / "extensions/jupyterlab/node_modules/axe-core/axe.min.js"
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
PAGES = [
    ("dataset", "raw.sales"),
    ("pipelines", ""),
    ("pipeline", "sales"),
    ("lineage", ""),
    ("lineage", "raw.sales"),
    ("quality", ""),
    ("reports", ""),
]
FAULTS = """async inside => {
    const told = await window.axe.run({ include: [[inside]] }, { resultTypes: ['violations'] });
    return told.violations
        .filter(each => ['serious', 'critical'].includes(each.impact))
        .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""
"""What axe-core finds wrong within an element; slight faults are left to people."""
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
