"""The catalog in JupyterLab, in a real browser: search, walk by keys, open; and what it says when there is nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lab_projects import HOSTILE, LONG, MANY, lay_out_many
from lab_server import Lab, Tab, lab_on
from projects import MakeProject


def names(tab: Tab) -> list[str]:
    """The datasets in view."""
    return [str(text) for text in tab.page.locator(".wb-Catalog-name").all_inner_texts()]


def searched(tab: Tab, text: str) -> None:
    tab.page.get_by_role("combobox", name="Search the catalog").fill(text)


def told(tab: Tab, text: str) -> None:
    """Wait until the panel says so."""
    tab.page.locator(".wb-Catalog").get_by_text(text, exact=True).wait_for()


def test_typing_narrows_what_is_listed(tab: Tab) -> None:
    told(tab, "3 datasets")
    assert names(tab) == sorted([LONG, "marts.totals", "raw.sales"])
    searched(tab, "amount raw")
    told(tab, "1 dataset")
    assert names(tab) == ["raw.sales"]


def test_the_arrows_walk_and_enter_opens(tab: Tab) -> None:
    told(tab, "3 datasets")
    tab.command("workbench:search")
    for _ in range(3):
        tab.page.keyboard.press("ArrowDown")
    assert tab.page.get_by_role("option", selected=True).locator(".wb-Catalog-name").inner_text() == "raw.sales"
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("heading", name="raw.sales", level=1).wait_for()


def test_escape_empties_the_field(tab: Tab) -> None:
    searched(tab, "totals")
    told(tab, "1 dataset")
    tab.page.get_by_role("combobox", name="Search the catalog").press("Escape")
    told(tab, "3 datasets")


def test_no_match_says_so_and_leads_back(tab: Tab) -> None:
    searched(tab, "<b>zzzqqq</b>")
    told(tab, "No dataset matches “<b>zzzqqq</b>”.")
    tab.page.get_by_role("button", name="Show all datasets").click()
    told(tab, "3 datasets")


def test_what_people_wrote_is_shown_as_text(tab: Tab) -> None:
    searched(tab, "raw")
    told(tab, "1 dataset")
    shown = tab.page.locator(".wb-Catalog-description").first
    assert shown.inner_text().startswith("<img src=x")
    assert tab.page.locator(".wb-Catalog img").count() == 0
    shown.click()
    meaning = tab.page.locator(".wb-Dataset-meaning")
    meaning.wait_for()
    assert meaning.inner_text() == HOSTILE
    assert tab.page.evaluate("() => window.hit") is None


def test_a_server_that_is_gone_is_told_of_and_found_again(tab: Tab) -> None:
    told(tab, "3 datasets")
    tab.context.set_offline(True)
    try:
        searched(tab, "totals")
        told(tab, "The server cannot be reached")
    finally:
        tab.context.set_offline(False)
    tab.page.locator(".wb-Catalog").get_by_role("button", name="Try again").click()
    told(tab, "1 dataset")


@pytest.fixture(scope="module")
def others(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Opens JupyterLab on another project."""
    opened: list[Any] = []

    def show(root: Path) -> Tab:
        server = lab_on(root, tmp_path_factory.mktemp("jupyter"))
        lab: Lab = server.__enter__()
        tab = Tab(browser, lab)
        opened.extend([server, tab])
        tab.open()
        return tab

    yield show
    for each in reversed(opened):
        each.close() if isinstance(each, Tab) else each.__exit__(None, None, None)


@pytest.mark.slow
def test_a_thousand_datasets_are_scrolled_through_while_few_rows_exist(others: Any, tmp_path: Path) -> None:
    tab = others(lay_out_many(tmp_path))
    told(tab, f"{MANY:,} datasets")
    assert names(tab)[0] == "wide.table_0000"
    assert tab.page.get_by_role("option").count() < 60
    tab.page.wait_for_function(
        f"""() => {{
            const list = document.querySelector('.wb-Catalog-list');
            list.scrollTop = list.scrollHeight;
            return document.querySelector('.wb-Catalog-list').innerText.includes('wide.table_{MANY - 1:04}');
        }}"""
    )
    assert tab.page.get_by_role("option").count() < 60
    assert tab.problems == []


@pytest.mark.slow
def test_a_project_without_data_says_what_brings_it(others: Any, make_project: MakeProject) -> None:
    root = make_project()
    tab = others(root)
    told(tab, "Datasets appear here once a pipeline has written them.")
    (root / "workbench.toml").write_text("name = [")
    tab.page.get_by_role("button", name="Look again").click()
    told(tab, "Try again")
    assert tab.page.locator(".wb-State-code").inner_text().startswith("WB-CFG-")
    assert tab.problems == []
