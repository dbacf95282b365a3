"""The way of somebody who is new: from a word that is searched to rows in a cell of a notebook, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab_projects import lay_out_sales
from lab_server import Tab, lab_on
from test_lab_catalog import names, searched, told
from test_lab_catalog_use import CELLS, EMPTY

CURRENT = "window.jupyterapp.shell.currentWidget"


def test_from_a_word_to_the_rows_in_a_cell(browser: Any, tmp_path: Path) -> None:
    root = lay_out_sales(tmp_path / "sales")
    (root / "look.ipynb").write_text(json.dumps(EMPTY), encoding="utf-8")
    with lab_on(root, tmp_path / "jupyter") as lab:
        tab = Tab(browser, lab)
        tab.open()
        searched(tab, "raw amount")
        told(tab, "1 dataset")
        assert names(tab) == ["raw.sales"]
        tab.page.keyboard.press("Enter")
        page = tab.page.locator(".wb-Dataset:visible")
        page.get_by_role("heading", name="raw.sales", level=1).wait_for()
        page.get_by_role("table", name="Sample").get_by_text("north").first.wait_for()
        tab.command("docmanager:open", path="look.ipynb", factory="Notebook", kernel={"name": "python3"})
        tab.page.evaluate(f"async () => {{ await {CURRENT}.sessionContext.ready; }}")
        row = tab.page.get_by_role("option").filter(has_text="raw.sales").bounding_box()
        place = tab.page.locator(".jp-NotebookPanel-notebook >> visible=true").bounding_box()
        assert row and place
        tab.page.mouse.move(row["x"] + 20, row["y"] + 10)
        tab.page.mouse.down()
        tab.page.mouse.move(row["x"] + 60, row["y"] + 40, steps=5)
        tab.page.locator(".wb-Drag").wait_for()
        tab.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=10)
        tab.page.mouse.up()
        tab.page.wait_for_function(f"() => ({CELLS})().some(source => source.includes('wb.read(\"raw.sales\")'))")
        tab.command("notebook:run-all-cells")
        output = tab.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")
        output.locator("td", has_text="north").first.wait_for()
        tab.command("docmanager:save")
        assert tab.problems == []
        tab.close()
