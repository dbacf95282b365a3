"""One journey through JupyterLab on the example: from an empty folder to a run, its report, a cell, and back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lab_server import Tab, lab_on

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STEPS = ("ingest", "clean", "join_weather", "delays", "explore_quality", "daily")
DAY = "2013-02-08"
MART = "marts.route_delays"
NOTEBOOK = "notebooks/look.ipynb"
WHOLE_RUN = 400_000
"""Milliseconds that the example may take on a machine that is busy."""
EMPTY: dict[str, Any] = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
IDLE = """path => {
    const { context, sessionContext } = window.jupyterapp.shell.currentWidget ?? {};
    return context?.path === path && sessionContext?.session?.kernel?.status === 'idle';
}"""
SELECT = """code => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const cells = content.model?.sharedModel.cells ?? [];
    const found = cells.findIndex(cell => cell.getSource().includes(code));
    if (found >= 0) content.activeCellIndex = found;
    return found >= 0;
}"""
"""Makes the cell with that code the active one; whether there is one."""
TITLES = """() => [...window.jupyterapp.shell.widgets('main')]
    .map(widget => widget.title.label).filter(title => title !== 'Launcher').sort()"""
"""What is open; JupyterLab brings no launcher back."""
SAVED = """async ([workspace, dataset, tabs]) => {
    const saved = await window.jupyterapp.serviceManager.workspaces.fetch(workspace);
    const main = saved.data['layout-restorer:data']?.main;
    const kept = JSON.stringify(main?.dock ?? null);
    return main?.current === `workbench-pages:dataset:${dataset}` && tabs.every(name => kept.includes(name));
}"""
"""Whether JupyterLab has saved its layout with these tabs, the page of the dataset in front."""


def page_of(tab: Tab, selector: str) -> Any:
    """The page in front, once it is there."""
    page = tab.page.locator(f".wb-Page:visible {selector}")
    page.wait_for()
    return page


def field(tab: Tab) -> Any:
    """Where the catalog is searched."""
    return tab.page.get_by_role("combobox", name="Search the catalog")


def test_from_an_empty_folder_to_a_report_a_cell_and_back(browser: Any, tmp_path: Path) -> None:
    root = tmp_path / "flights"
    root.mkdir()
    with lab_on(root, tmp_path / "jupyter") as lab:
        tab = Tab(browser, lab)
        begin_with_the_example(tab)
        run_from_the_form(tab)
        read_the_report(tab)
        find_the_dataset(tab)
        read_it_in_a_notebook(tab)
        before = walk_the_lineage_by_keys(tab)
        come_back(tab, before)
        assert tab.problems == []
        tab.close()


def begin_with_the_example(tab: Tab) -> None:
    tab.arrive("workbench/start")
    page = page_of(tab, ".wb-StartPage")
    page.get_by_role("button", name="Begin with the example").click()
    page.get_by_role("heading", name="flights", level=1).wait_for()
    page.get_by_role("button", name="Open its form").click()


def run_from_the_form(tab: Tab) -> None:
    """Give the day, see in the plan that all is to run, run it, and watch the graph until all is green."""
    form = page_of(tab, '.wb-Run[aria-label="flights"]')
    form.get_by_label("day", exact=True).fill(DAY)
    form.get_by_text("6 of 6 steps would run").wait_for()
    form.locator(".wb-Launch").get_by_role("button", name="Run", exact=True).click()
    run = page_of(tab, '.wb-Run[aria-label$="of flights"]')
    run.locator(".wb-Node.wb-is-running").first.wait_for(timeout=WHOLE_RUN)
    run.locator(".wb-Run-title .wb-Badge").get_by_text("succeeded", exact=True).wait_for(timeout=WHOLE_RUN)
    for step in STEPS:
        run.locator(f'.wb-Node.wb-is-succeeded[data-id="{step}"]').wait_for()
    tab.picture("journey-run")


def read_the_report(tab: Tab) -> None:
    page_of(tab, '.wb-Run[aria-label$="of flights"]').get_by_role("button", name=f"Delays on {DAY}").click()
    report = page_of(tab, ".wb-Report")
    report.get_by_role("heading", name=f"Delays on {DAY}", level=1).wait_for()
    report.locator(".wb-Badge", has_text="genuine").first.wait_for()
    report.frame_locator("iframe").locator("h1").first.wait_for()
    tab.picture("journey-report")


def find_the_dataset(tab: Tab) -> None:
    field(tab).fill("route_delays")
    tab.page.get_by_role("option", selected=True).filter(has_text=MART).wait_for()
    field(tab).press("Enter")
    page_of(tab, ".wb-Dataset").get_by_role("heading", name=MART, level=1).wait_for()


def read_it_in_a_notebook(tab: Tab) -> None:
    """Drag the dataset into an empty notebook, and run the cell that it becomes."""
    (tab.lab.root / NOTEBOOK).write_text(json.dumps(EMPTY), encoding="utf-8")
    tab.command("docmanager:open", path=NOTEBOOK, factory="Notebook", kernel={"name": "python3"})
    tab.page.wait_for_function(IDLE, arg=NOTEBOOK)
    row = tab.page.get_by_role("option").filter(has_text=MART).bounding_box()
    cells = tab.page.locator(".jp-NotebookPanel-notebook >> visible=true").bounding_box()
    assert row and cells
    tab.page.mouse.move(row["x"] + 20, row["y"] + 10)
    tab.page.mouse.down()
    tab.page.mouse.move(row["x"] + 60, row["y"] + 40, steps=5)
    tab.page.locator(".wb-Drag").wait_for()
    tab.page.mouse.move(cells["x"] + cells["width"] / 2, cells["y"] + cells["height"] / 2, steps=10)
    tab.page.mouse.up()
    tab.page.wait_for_function(SELECT, arg=f'wb.read("{MART}")')
    tab.command("notebook:run-cell")
    tab.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output th", has_text="origin").first.wait_for()
    tab.page.wait_for_function(IDLE, arg=NOTEBOOK)
    tab.command("docmanager:save")
    tab.picture("journey-notebook")


def walk_the_lineage_by_keys(tab: Tab) -> str:
    """From the catalog to the graph, along its arrows to a dataset upstream, and to its page: that dataset."""
    field(tab).press("Shift+F10")
    active = tab.page.locator(".lm-Menu-item.lm-mod-active .lm-Menu-itemLabel")
    for _ in range(10):
        tab.page.keyboard.press("ArrowDown")
        active.wait_for()
        if active.inner_text() == "Show Lineage":
            break
    tab.page.keyboard.press("Enter")
    page = page_of(tab, ".wb-Lineage")
    page.get_by_role("heading", name=f"Lineage of {MART}", level=1).wait_for()
    page.locator(f'.wb-Node[data-id="{MART}"]').focus()
    chosen = page.locator('.wb-Node[aria-selected="true"]')
    tab.page.keyboard.press("ArrowLeft")
    assert chosen.get_attribute("data-id") == "step:flights.delays"
    tab.page.keyboard.press("ArrowLeft")
    before = str(chosen.get_attribute("data-id"))
    assert before in ("features.flight_weather", "clean.airports")
    tab.picture("journey-lineage")
    tab.page.keyboard.press("Enter")
    page_of(tab, ".wb-Dataset").get_by_role("heading", name=before, level=1).wait_for()
    return before


def come_back(tab: Tab, before: str) -> None:
    """After a reload every tab is there again, and shows what it showed."""
    titles = tab.page.evaluate(TITLES)
    assert {"Start", "flights", MART, "look.ipynb", f"Lineage of {MART}", before} <= set(titles)
    assert [title.split()[0] for title in titles if title.startswith(("Run ", "Report "))] == ["Report", "Run"]
    kept = [f"dataset:{MART}", "workbench-pages:start:", f"lineage:{MART}", "pipeline:flights", NOTEBOOK]
    tab.until(SAVED, [tab.lab.workspace, before, kept])
    tab.reload()
    tab.page.wait_for_function(f"titles => JSON.stringify(({TITLES})()) === JSON.stringify(titles)", arg=titles)
    tabs = tab.page.locator("#jp-main-dock-panel .lm-TabBar-tab")
    tabs.filter(has_text=before).click()
    page_of(tab, ".wb-Dataset").get_by_role("heading", name=before, level=1).wait_for()
    tabs.filter(has_text=re.compile(r"^\s*Run \w+")).click()
    run = page_of(tab, '.wb-Run[aria-label$="of flights"]')
    run.locator(".wb-Run-title .wb-Badge").get_by_text("succeeded", exact=True).wait_for()
