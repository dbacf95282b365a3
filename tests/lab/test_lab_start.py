"""The first minutes in JupyterLab, in a real browser: a project begins, is run, and shows the way on; and the tour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import Tab, lab_on
from projects import lay_out, notebook
from test_lab_manners import PLUGIN, choose

LOAD = """
import pandas as pd
import workbench as wb
wb.write(pd.DataFrame({"id": [1, 2]}), "raw.orders", mode="overwrite")
"""
TELL = """
import workbench as wb
print("there are", len(wb.read("raw.orders")))
"""
PIPELINE = """
name: orders
description: What was ordered
steps:
  load: notebooks/load.ipynb
  tell: {notebook: notebooks/tell.ipynb, report: {title: Orders of today}}
"""
KEPT = """async plugin => {
    const { raw } = await window.jupyterapp.serviceManager.settings.fetch(plugin);
    return /"offerTour"\\s*:\\s*false/.test(raw);
}"""
"""Whether JupyterLab has saved that the tour is not to be offered."""


@pytest.fixture(scope="module")
def own(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """JupyterLab on a project that never ran, with settings that nobody else goes by."""
    home = tmp_path_factory.mktemp("orders")
    root = lay_out(home / "project", {"orders": PIPELINE}, {"load": notebook(LOAD), "tell": notebook(TELL)})
    with lab_on(root, home / "jupyter") as lab:
        tab = Tab(browser, lab)
        tab.open()
        yield tab
        tab.close()


@pytest.fixture
def tab(own: Tab, request: pytest.FixtureRequest) -> Iterator[Tab]:
    own.command("application:close-all")
    own.problems.clear()
    yield own
    own.picture(request.node.name)
    assert own.problems == []


def begun(tab: Tab) -> Any:
    """The start page, in front."""
    tab.command("workbench:open", kind="start", subject="")
    return shown(tab)


def shown(tab: Tab) -> Any:
    page = tab.page.locator(".wb-StartPage >> visible=true")
    page.get_by_role("heading", level=1).wait_for()
    return page


def things(page: Any) -> list[str]:
    """What is offered to be done next."""
    page.locator("[data-next]").first.wait_for()
    return [str(each.get_attribute("data-next")) for each in page.locator("[data-next]").all()]


@pytest.mark.slow
def test_a_folder_without_a_project_becomes_one(browser: Any, tmp_path: Path) -> None:
    root = tmp_path / "orders"
    (root / "notebooks").mkdir(parents=True)
    (root / "notebooks/first.ipynb").write_text("mine")
    with lab_on(root, tmp_path / "jupyter") as lab:
        tab = Tab(browser, lab)
        tab.arrive("workbench/start")
        page = shown(tab)
        page.get_by_role("heading", name="Begin a project", level=1).wait_for()
        tab.page.locator(".wb-Catalog").get_by_text("There is no project here yet.").wait_for()
        assert "workbench=" not in tab.page.url
        tab.picture("begin-a-project")
        page.get_by_role("button", name="Begin an empty project").click()
        page.locator(".wb-State-code", has_text="WB-CLI-811").wait_for()
        assert [path.name for path in root.iterdir()] == ["notebooks"], "what would be replaced is left alone"
        (root / "notebooks/first.ipynb").rename(root / "notebooks/mine.ipynb")
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("heading", name="orders", level=1).wait_for()
        page.get_by_role("heading", name="Run first").wait_for()
        tab.page.locator(".wb-Catalog").get_by_text("Datasets appear here once a pipeline has written them.").wait_for()
        tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()
        assert (root / "notebooks/mine.ipynb").read_text() == "mine"
        assert tab.problems == []
        tab.close()


def test_it_leads_to_the_first_run_then_on_from_it(tab: Tab) -> None:
    page = begun(tab)
    page.get_by_text("It comes with the first run.").wait_for()
    assert things(page) == ["notebook", "values", "schedule"]
    page.get_by_role("button", name="Run", exact=True).click()
    run = tab.page.locator(".wb-Page:visible .wb-Run")
    run.locator(".wb-Run-title .wb-Badge").get_by_text("succeeded", exact=True).wait_for()
    page = begun(tab)
    page.get_by_role("button", name="Orders of today").wait_for()
    assert things(page) == ["read", "change", "trust"]
    page.get_by_role("button", name="Lineage of raw.orders").click()
    tab.page.get_by_role("heading", name="Lineage of raw.orders", level=1).wait_for()
    page = begun(tab)
    page.get_by_role("button", name="Orders of today").click()
    tab.page.locator(".wb-Report >> visible=true").get_by_role("heading", name="Orders of today", level=1).wait_for()
    page = begun(tab)
    page.get_by_role("button", name="Look at raw.orders").click()
    tab.page.locator(".wb-Dataset").get_by_role("heading", name="raw.orders", level=1).wait_for()


def test_a_file_that_is_wrong_is_named_with_the_way_to_it(tab: Tab) -> None:
    file = tab.lab.root / "pipelines/orders.yaml"
    file.write_text("name: orders\nsteps: [")
    try:
        page = begun(tab)
        page.locator(".wb-Badge", has_text=re.compile("^WB-")).wait_for()
        assert page.get_by_role("button", name="Run", exact=True).count() == 0
        page.get_by_role("button", name="Open its file").click()
        tab.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.context?.path === 'pipelines/orders.yaml'"
        )
    finally:
        file.write_text(PIPELINE)


def test_without_a_pipeline_it_says_what_brings_one(tab: Tab) -> None:
    file = tab.lab.root / "pipelines/orders.yaml"
    file.unlink()
    try:
        page = begun(tab)
        page.get_by_text("There is no pipeline yet.").wait_for()
        assert page.locator("[data-next]").count() == 0
    finally:
        file.write_text(PIPELINE)


def test_a_tour_that_is_declined_is_offered_no_more(tab: Tab) -> None:
    choose(tab, "offerTour", True)
    offer = begun(tab).get_by_role("complementary", name="Tour")
    offer.get_by_role("button", name="No, thanks").click()
    offer.wait_for(state="detached")
    tab.until(KEPT, PLUGIN)
    tab.open()
    page = begun(tab)
    assert things(page)
    assert page.get_by_role("complementary", name="Tour").count() == 0


def test_the_tour_shows_one_place_after_another_and_ends_at_any_of_them(tab: Tab) -> None:
    choose(tab, "offerTour", True)
    tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()
    tab.command("workbench:tour")
    card = tab.page.get_by_role("dialog", name="Tour of Workbench")
    for title in ("The catalog", "Pipelines", "The menu", "The status bar"):
        card.locator(".wb-Tour-title", has_text=title).wait_for()
        tab.page.locator(".wb-Tour-ring").wait_for()
        box = card.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 800, title
        card.get_by_role("button", name="Next").click()
    card.locator(".wb-Tour-title", has_text="Back at the start").wait_for()
    shown(tab)
    card.get_by_role("button", name="Back", exact=True).click()
    card.locator(".wb-Tour-title", has_text="The status bar").wait_for()
    card.get_by_role("button", name="Next").click()
    card.get_by_role("button", name="Done").click()
    card.wait_for(state="detached")
    tab.until(KEPT, PLUGIN)
    for way in ("key", "button"):
        tab.command("workbench:tour")
        card.wait_for()
        if way == "key":
            tab.page.keyboard.press("Escape")
        else:
            card.get_by_role("button", name="Skip the tour").click()
        card.wait_for(state="detached")
