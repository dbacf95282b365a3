"""What the catalog in JupyterLab is used for: narrow by facets, read in a notebook, see what runs write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import TOKEN, Lab, Tab, lab_on
from projects import lay_out, notebook
from test_lab_catalog import names, searched, told

EMPTY: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
WRITES = """
import pandas as pd
import workbench as wb
wb.write(pd.DataFrame({"id": range(3)}), "raw.later", mode="overwrite")
"""
CELLS = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    return content.model ? content.model.sharedModel.cells.map(cell => cell.getSource()) : [];
}"""
"""The sources of the cells of the notebook in front."""


@pytest.fixture
def page_of_cells(tab: Tab, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """JupyterLab with an empty notebook of this test in front."""
    name = f"{request.node.name[:40]}-{tab.lab.workspace}.ipynb"
    file = tab.lab.root / name
    file.write_text(json.dumps(EMPTY))
    tab.command("docmanager:open", path=name, factory="Notebook")
    tab.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()
    tab.page.locator(".jp-Dialog").wait_for(state="hidden")
    tab.page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.content?.model?.sharedModel")
    yield tab
    tab.command("docmanager:save")
    tab.command("application:close-all")
    file.unlink(missing_ok=True)


def filters(tab: Tab) -> Any:
    """The facets, opened."""
    button = tab.page.get_by_role("button", name="Filters")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return tab.page.locator(".wb-Facets")


@pytest.fixture
def narrowing(tab: Tab) -> Iterator[Tab]:
    """The catalog as it was, whatever the test has set."""
    yield tab
    filters(tab)
    while tab.page.locator(".wb-Facet-value[aria-pressed=true]").count():
        tab.page.locator(".wb-Facet-value[aria-pressed=true]").first.click()
    tab.page.get_by_role("button", name="Filters").click()


def test_facets_count_and_narrow(narrowing: Tab) -> None:
    tab = narrowing
    told(tab, "3 datasets")
    facets = filters(tab)
    facets.get_by_text("Kind: datasets 3").wait_for()
    facets.get_by_role("button", name="marts 2").click()
    told(tab, "2 datasets")
    assert all(name.startswith("marts.") for name in names(tab))
    facets.get_by_role("button", name="within a day").click()
    told(tab, "2 datasets")
    facets.get_by_role("button", name="marts 2").click()
    told(tab, "3 datasets")


def test_what_is_narrowed_to_stays_in_sight_and_can_be_let_go(narrowing: Tab) -> None:
    tab = narrowing
    filters(tab).get_by_role("button", name="money 1").click()
    told(tab, "1 dataset")
    tab.page.get_by_role("button", name="Filters").click()
    tab.page.get_by_role("button", name="Let go of Tag money").click()
    told(tab, "3 datasets")


def test_filters_that_nothing_is_of_say_so(narrowing: Tab) -> None:
    tab = narrowing
    filters(tab).get_by_role("button", name="money 1").click()
    searched(tab, "totals")
    told(tab, "No dataset matches “totals” with these filters.")
    tab.page.get_by_role("button", name="Show all datasets").click()
    told(tab, "3 datasets")


def test_typing_asks_for_no_facets(tab: Tab) -> None:
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    searched(tab, "totals")
    told(tab, "1 dataset")
    own = [url for url in asked if "workbench/api/catalog" in url]
    assert own and all("facets=false" in url for url in own)


def test_a_dataset_dropped_between_cells_becomes_a_cell(page_of_cells: Tab) -> None:
    tab = page_of_cells
    row = tab.page.get_by_role("option").filter(has_text="raw.sales")
    place = tab.page.locator(".jp-NotebookPanel-notebook >> visible=true").bounding_box()
    start = row.bounding_box()
    tab.page.mouse.move(start["x"] + 20, start["y"] + 10)
    tab.page.mouse.down()
    tab.page.mouse.move(start["x"] + 60, start["y"] + 40, steps=5)
    tab.page.locator(".wb-Drag").wait_for()
    tab.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=10)
    tab.page.mouse.up()
    tab.page.wait_for_function(f"() => ({CELLS})().some(source => source.includes('wb.read(\"raw.sales\")'))")
    assert tab.page.locator(".wb-Dataset").count() == 0, "a drag opens nothing"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("Insert into Notebook as pandas", 'wb.read("raw.sales")'),
        ("Insert into Notebook as polars", 'wb.read("raw.sales", as_="polars")'),
        ("Insert into Notebook as SQL", 'wb.sql("select * from raw.sales limit 100")'),
    ],
)
def test_the_menu_inserts_the_reading(page_of_cells: Tab, entry: str, code: str) -> None:
    tab = page_of_cells
    tab.page.get_by_role("option").filter(has_text="raw.sales").click(button="right")
    tab.page.locator(".lm-Menu").get_by_text(entry, exact=False).click()
    tab.page.wait_for_function(
        "([read, code]) => eval(read)().some(source => source.endsWith(code))", arg=[CELLS, code]
    )
    (cell,) = [source for source in tab.page.evaluate(CELLS) if source.endswith(code)]
    assert cell == f"import workbench as wb\n\n{code}"


def test_the_menu_opens_by_keys(tab: Tab) -> None:
    told(tab, "3 datasets")
    tab.command("workbench:search")
    tab.page.keyboard.press("Shift+F10")
    tab.page.locator(".lm-Menu").get_by_text("Copy Name").wait_for()
    tab.page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def own(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """JupyterLab on a project that nothing was run in yet."""
    root = lay_out(
        tmp_path_factory.mktemp("own") / "project",
        {"later": "name: later\nsteps: {write: notebooks/write.ipynb}"},
        {"write": notebook(WRITES)},
    )
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as lab:
        tab = Tab(browser, lab)
        tab.open()
        yield tab
        tab.close()


def begin(tab: Tab) -> None:
    """Let the server run the pipeline, as a page does."""
    body = json.dumps({"target": "later", "force": True})
    headers = {"Authorization": f"token {TOKEN}"}
    answer = tab.context.request.post(f"{tab.lab.url}workbench/api/runs", data=body, headers=headers)
    assert answer.status == 202, answer.text()


@pytest.mark.slow
def test_what_a_run_writes_appears_by_itself(own: Tab) -> None:
    told(own, "Datasets appear here once a pipeline has written them.")
    own.page.locator(".wb-Status").get_by_text("No runs").wait_for()
    begin(own)
    own.page.locator(".wb-Status").get_by_text("1 run").wait_for()
    told(own, "1 dataset")
    own.page.locator(".Toastify").get_by_text("later succeeded").wait_for()
    own.page.locator(".wb-Status").get_by_text("No runs").wait_for()
    assert own.problems == []


@pytest.mark.slow
def test_a_server_that_was_gone_is_found_again_by_itself(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home: Path = tmp_path_factory.mktemp("gone")
    root = lay_out(home / "project")
    with lab_on(root, home / "first") as lab:
        tab = Tab(browser, lab)
        tab.open()
        tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()
    tab.page.locator(".wb-Status").get_by_text("not connected").wait_for()
    with lab_on(root, home / "second", port=int(lab.url.split(":")[2].strip("/"))) as again:
        assert isinstance(again, Lab)
        tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()
        tab.close()
