"""The page of a dataset in JupyterLab, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lab_projects import LONG, lay_out_sales
from lab_server import Tab, lab_on

SAVED = """async ([workspace, name]) => {
    const saved = await window.jupyterapp.serviceManager.workspaces.fetch(workspace);
    return saved.data['layout-restorer:data']?.main?.current === `workbench-pages:dataset:${name}`;
}"""
"""Whether JupyterLab has saved its layout with the page of that dataset in front."""


def opened(tab: Tab, dataset: str) -> None:
    tab.command("workbench:open", kind="dataset", subject=dataset)
    tab.page.locator(".wb-Dataset").get_by_role("heading", name=dataset, level=1).wait_for()


def test_it_says_what_the_dataset_is_and_whether_it_is_good(tab: Tab) -> None:
    opened(tab, "raw.sales")
    head = tab.page.locator(".wb-Dataset-head").inner_text()
    assert all(text in head for text in ("checks passed", "Rows\n20", "Version\n1", "money", 'wb.read("raw.sales")'))
    columns = tab.page.get_by_role("table", name="Columns")
    assert columns.get_by_role("row").count() == 4
    assert "In euros" in columns.get_by_role("row").nth(3).inner_text()


def test_a_column_sorts_by_its_header(tab: Tab) -> None:
    opened(tab, "raw.sales")
    columns = tab.page.get_by_role("table", name="Columns")
    header = columns.get_by_role("columnheader", name="Column")
    header.get_by_role("button").click()
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    first = [row.split("\n")[0] for row in columns.get_by_role("row").all_inner_texts()[1:]]
    assert first == ["shop", "id", "amount"]


def test_its_snapshots_say_who_wrote_them_and_how(tab: Tab) -> None:
    opened(tab, "marts.totals")
    text = tab.page.get_by_role("table", name="Snapshots").inner_text()
    assert all(word in text for word in ("current", "overwrite", "total"))


def test_lineage_leads_one_step_on(tab: Tab) -> None:
    opened(tab, "marts.totals")
    tab.page.locator(".wb-Neighbours").get_by_role("button", name="raw.sales").click()
    tab.page.locator(".wb-Dataset").get_by_role("heading", name="raw.sales", level=1).wait_for()
    assert "sales · total" in tab.page.locator(".wb-Neighbours >> visible=true").inner_text()


def test_a_page_is_open_once_only(tab: Tab) -> None:
    opened(tab, "raw.sales")
    opened(tab, "marts.totals")
    opened(tab, "raw.sales")
    assert tab.page.locator(".wb-Dataset").count() == 2


def test_an_unknown_dataset_is_told_of_with_its_code(tab: Tab) -> None:
    tab.command("workbench:open", kind="dataset", subject="raw.nowhere")
    tab.page.locator(".wb-State-code", has_text="WB-CAT-401").wait_for()


def test_a_page_whose_extension_is_gone_says_so(tab: Tab) -> None:
    tab.command("workbench:open", kind="gone", subject="x")
    tab.page.get_by_text("There is no such page here.").wait_for()


@pytest.mark.slow
def test_open_pages_come_back_after_a_reload(browser: Any, tmp_path: Path) -> None:
    root = lay_out_sales(tmp_path / "sales")
    with lab_on(root, tmp_path / "jupyter") as server:  # a workspace that no other test has used
        tab = Tab(browser, server)
        tab.open()
        opened(tab, LONG)
        tab.until(SAVED, [server.workspace, LONG])
        tab.open()
        tab.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=LONG).click()  # the launcher may be before it
        tab.page.locator(".wb-Dataset").get_by_role("heading", name=LONG, level=1).wait_for()
        tab.close()


def test_the_page_is_loaded_when_it_is_needed_only(tab: Tab) -> None:
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.open("&reset")
    own = [url for url in asked if "/extensions/dataops-workbench-lab/static/" in url]
    tab.command("workbench:open", kind="dataset", subject="raw.sales")
    tab.page.locator(".wb-Dataset").wait_for()
    later = [url for url in asked if "/extensions/dataops-workbench-lab/static/" in url]
    assert len(own) > 0
    assert len(later) > len(own)


def test_it_shows_rows_under_the_spread_of_their_values(tab: Tab) -> None:
    opened(tab, "raw.sales")
    sample = tab.page.get_by_role("table", name="Sample")
    assert sample.get_by_role("row").nth(1).inner_text().split() == ["0", "north", "1.5"]
    shop = sample.get_by_role("columnheader").nth(1).get_by_role("img")
    shop.wait_for()
    assert shop.get_attribute("aria-label") == "about 2 values, north 50.0 %, south 50.0 %"
    assert "20 of 20 rows" in tab.page.locator(".wb-Dataset >> visible=true").inner_text()


def test_it_says_how_to_read_it_as_what_one_works_with(tab: Tab) -> None:
    opened(tab, "raw.sales")
    reads = tab.page.locator(".wb-Reads >> visible=true")
    assert reads.locator("code").inner_text() == 'wb.read("raw.sales")'
    reads.get_by_role("button", name="polars").click()
    assert reads.locator("code").inner_text() == 'wb.read("raw.sales", as_="polars")'
    reads.get_by_role("button", name="SQL").click()
    assert "select * from raw.sales" in reads.locator("code").inner_text()
    reads.get_by_role("button", name="Insert into notebook").click()
    tab.page.get_by_text("Open a notebook first").first.wait_for()


def test_its_snapshots_say_what_changed(tab: Tab) -> None:
    opened(tab, "raw.sales")
    snapshots = tab.page.get_by_role("table", name="Snapshots")
    snapshots.get_by_text("the first version").wait_for()
