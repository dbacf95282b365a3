"""The page of lineage in JupyterLab, in a real browser: seen, walked by keys, narrowed, and followed to a cell."""

from __future__ import annotations

import re
from typing import Any

from lab_projects import LONG
from lab_server import Tab

LEAVE = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget;
    await notebook.sessionContext.ready;
    await notebook.sessionContext.session?.kernel?.info;
    notebook.dispose();
}"""
"""Closes a notebook without a word: before its kernel is there that fails aloud, and afterwards it asks to be saved."""


def opened(tab: Tab, dataset: str) -> Any:
    """The page of lineage of a dataset, with its graph drawn."""
    tab.command("workbench:open", kind="lineage", subject=dataset)
    page = tab.page.locator(".wb-Lineage >> visible=true")
    page.get_by_role("heading", name=f"Lineage of {dataset}", level=1).wait_for()
    page.get_by_role("treeitem").first.wait_for()
    return page


def boxes(page: Any) -> set[str]:
    return {str(each.get_attribute("data-id")) for each in page.get_by_role("treeitem").all()}


def box(page: Any, identifier: str) -> Any:
    return page.locator(f'.wb-Node[data-id="{identifier}"]')


def test_it_shows_where_a_dataset_comes_from_and_what_breaks_with_it(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    assert (
        {"raw.sales", "marts.totals", LONG, "step:sales.load", "step:sales.total"}
        >= boxes(page)
        >= {
            "raw.sales",
            "marts.totals",
            "step:sales.total",
        }
    )
    impact = page.get_by_role("region", name="Impact")
    impact.get_by_role("button", name="marts.totals").click()
    page.get_by_role("region", name="marts.totals").wait_for()
    assert box(page, "marts.totals").get_attribute("aria-selected") == "true"


def test_a_direction_and_a_depth_narrow_it(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    page.get_by_role("radio", name="Upstream").check()
    box(page, "marts.totals").wait_for(state="detached")
    page.get_by_text("Nothing was read for it.").wait_for()
    page.get_by_role("radio", name="Downstream").check()
    page.get_by_role("combobox", name="Depth").select_option("1")
    box(page, "marts.totals").wait_for()


def test_a_path_between_two_is_shown_and_left_again(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    page.get_by_role("combobox", name="Path to").fill("marts.totals")
    tab.page.keyboard.press("Enter")
    page.get_by_role("button", name="Show all").wait_for()
    box(page, LONG).wait_for(state="detached")
    box(page, "marts.totals").wait_for()
    assert boxes(page) == {"raw.sales", "step:sales.total", "marts.totals"}
    page.get_by_role("button", name="Show all").click()
    box(page, LONG).wait_for()


def test_two_that_have_nothing_in_common_are_told_so(tab: Tab) -> None:
    page = opened(tab, "marts.totals")
    page.get_by_role("combobox", name="Path to").fill(LONG)
    tab.page.keyboard.press("Enter")
    page.get_by_text("was made from the other.").wait_for()


def test_keys_walk_along_the_arrows_and_enter_opens(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    box(page, "raw.sales").focus()
    tab.page.keyboard.press("ArrowRight")
    assert box(page, "step:sales.total").get_attribute("aria-selected") == "true"
    tab.page.keyboard.press("End")
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("Escape")
    assert page.locator('.wb-Node[aria-selected="true"]').count() == 0
    box(page, "marts.totals").focus()
    tab.page.keyboard.press("Enter")
    tab.page.locator(".wb-Dataset").get_by_role("heading", name="marts.totals", level=1).wait_for()


def test_searching_finds_a_box_and_says_how_many(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    page.get_by_role("searchbox", name="Find in the graph").fill("totals dataset")
    page.get_by_text("1 found").wait_for(state="attached")
    assert box(page, "marts.totals").get_attribute("aria-selected") == "true"
    page.get_by_role("searchbox", name="Find in the graph").fill("<img src=x onerror=window.hit=1>")
    page.get_by_text("0 found").wait_for(state="attached")
    assert tab.page.evaluate("() => window.hit") is None


def test_a_step_leads_to_its_cell_in_the_executed_notebook(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    box(page, "step:sales.total").click()
    page.get_by_role("button", name=re.compile("^Open cell")).first.click()
    tab.page.locator(".jp-NotebookPanel >> visible=true").wait_for()
    path = tab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    assert path.startswith(".workbench/opened/")  # a copy: what proves something is not worked in
    tab.page.locator(".jp-NotebookPanel .jp-Cell.jp-mod-active", has_text="marts.totals").wait_for()
    tab.page.evaluate(LEAVE)


def test_pressing_an_arrow_tells_which_cell_proved_it(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    one, two = (box(page, each).bounding_box() for each in ("raw.sales", "step:sales.total"))
    canvas = page.locator(".wb-GraphView-canvas").bounding_box()
    assert one and two and canvas
    found = False
    for part in (0.1, 0.3, 0.5):  # the arrow may be a curve
        x = one["x"] + one["width"] + (two["x"] - one["x"] - one["width"]) * part
        tab.page.mouse.click(x, one["y"] + one["height"] / 2)
        found = found or page.get_by_role("region", name="Arrow").count() > 0
    assert found


def test_it_is_saved_as_a_picture(tab: Tab) -> None:
    page = opened(tab, "raw.sales")
    with tab.page.expect_download() as told:
        page.get_by_role("button", name="Save as SVG").click()
    text = told.value.path().read_text()
    assert text.startswith("<svg") and "marts.totals" in text and "tabindex" not in text
    with tab.page.expect_download() as told:
        page.get_by_role("button", name="Save as PNG").click()
    assert told.value.path().read_bytes().startswith(b"\x89PNG")


def test_an_unknown_dataset_is_told_of_with_its_code(tab: Tab) -> None:
    tab.command("workbench:open", kind="lineage", subject="raw.nowhere")
    tab.page.locator(".wb-State-code >> visible=true", has_text="WB-CAT-401").first.wait_for()


def test_without_a_dataset_it_asks_for_one(tab: Tab) -> None:
    tab.command("workbench:open", kind="lineage", subject="")
    tab.page.get_by_role("combobox", name="Show the lineage of").fill("marts.totals")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("heading", name="Lineage of marts.totals", level=1).wait_for()
