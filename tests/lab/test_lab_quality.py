"""How datasets stand, as a page of JupyterLab in a real browser: what is wrong, which rows, since when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lab_quality import lay_out_wrong
from lab_server import Tab, lab_on

TRY_AGAIN = """() => {
    const buttons = [...document.querySelectorAll('.wb-Quality button')];
    buttons.find(each => each.textContent.includes('Try again'))?.click();
}"""


@pytest.fixture(scope="module")
def wrong(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """JupyterLab on a project in which something is wrong."""
    root = lay_out_wrong(tmp_path_factory.mktemp("wrong"))
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as server:
        tab = Tab(browser, server)
        tab.open()
        yield tab
        tab.close()


@pytest.fixture
def tab(wrong: Tab, request: pytest.FixtureRequest) -> Iterator[Tab]:
    wrong.page.unroute_all()
    wrong.command("application:close-all")
    wrong.problems.clear()
    yield wrong
    wrong.picture(request.node.name)
    assert wrong.problems == []


def opened(tab: Tab, subject: str = "") -> Any:
    """The page, once its list is there."""
    tab.command("workbench:open", kind="quality", subject=subject)
    page = tab.page.locator(".wb-Quality >> visible=true")
    page.get_by_role("heading", name="Quality", level=1).wait_for()
    return page


def names(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".wb-Quality-card h2").all_inner_texts()]


def test_what_is_wrong_comes_first_and_is_counted(tab: Tab) -> None:
    page = opened(tab)
    assert names(page)[:2] == ["raw.blocked", "raw.orders"]
    assert "1 of 3 datasets calls for a look." in page.inner_text()
    assert "withheld" in page.locator(".wb-Quality-card").first.inner_text()


def test_rows_that_fail_unfold_below_their_check(tab: Tab) -> None:
    page = opened(tab)
    card = page.locator(".wb-Quality-card").filter(has_text="raw.orders")
    card.locator("summary").first.click()
    rows = card.get_by_role("table").first
    rows.wait_for()
    assert "right to left" in rows.inner_text()


def test_the_list_is_narrowed_by_state_and_by_name(tab: Tab) -> None:
    page = opened(tab)
    chip = page.get_by_role("button", name="withheld")
    chip.click()
    page.locator(".wb-Quality-card").nth(1).wait_for(state="detached")
    assert names(page) == ["raw.blocked"] and chip.get_attribute("aria-pressed") == "true"
    chip.click()
    page.locator(".wb-Quality-card").nth(2).wait_for()
    page.get_by_role("searchbox").fill("marts")
    page.locator(".wb-Quality-card").nth(1).wait_for(state="detached")
    assert names(page) == ["marts.fine"]
    page.get_by_role("searchbox").fill("<b>nothing</b>")
    page.get_by_text("No dataset is like that.").wait_for()
    page.get_by_role("button", name="Show all datasets").click()
    page.locator(".wb-Quality-card").nth(2).wait_for()


def test_a_trend_says_in_words_what_it_draws(tab: Tab) -> None:
    card = opened(tab).locator(".wb-Quality-card").filter(has_text="raw.orders")
    trend = card.get_by_role("img").first
    trend.wait_for()
    told = str(trend.get_attribute("aria-label"))
    assert told.startswith("At version 2: 1 of ") and "checks did not pass. So since " in told
    assert card.locator(".wb-Trend-bar").count() == 2
    assert "Wrong for 2 versions, since" in card.inner_text()


def test_versions_are_a_table_and_a_chart(tab: Tab) -> None:
    card = opened(tab).locator(".wb-Quality-card").filter(has_text="raw.orders")
    card.get_by_role("button", name="Versions").click()
    table = card.get_by_role("table", name="Versions of raw.orders")
    table.wait_for()
    assert table.get_by_role("row").count() == 3
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    card.get_by_role("button", name="Chart").click()
    card.locator(".wb-Plot .main-svg").first.wait_for()
    assert len([url for url in asked if url.endswith("/plots.js")]) == 1
    assert tab.page.evaluate("() => typeof window.moduleName") in ("undefined", "object")


def test_it_leads_to_the_dataset(tab: Tab) -> None:
    opened(tab).get_by_role("button", name="raw.orders").click()
    tab.page.locator(".wb-Dataset").get_by_role("heading", name="raw.orders", level=1).wait_for()


def test_a_dataset_can_be_asked_for_alone(tab: Tab) -> None:
    assert names(opened(tab, "marts.fine")) == ["marts.fine"]


def test_a_server_that_is_gone_is_told_of_and_what_was_there_stays(tab: Tab) -> None:
    page = opened(tab)
    tab.context.set_offline(True)
    try:
        page.get_by_role("button", name="Refresh").click()
        page.get_by_text("The server cannot be reached").first.wait_for()
        assert len(names(page)) == 3
    finally:
        tab.context.set_offline(False)
    gone = page.get_by_text("The server cannot be reached")
    for _ in range(60):  # the first tries may come before the browser is back
        if gone.count() == 0:
            break
        tab.page.evaluate(TRY_AGAIN)
        tab.page.wait_for_timeout(500)
    assert gone.count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_is_written_can_be_read_in_both_themes(tab: Tab, theme: str) -> None:
    tab.dressed(theme)
    page = opened(tab)
    page.locator(".wb-Trend").first.wait_for()
    page.locator("summary").first.click()
    for selector in (".wb-Badge", ".wb-Soft", "h2 .wb-Link", ".wb-Rows td", "summary", ".wb-Chip:enabled"):
        assert tab.contrast(f".wb-Quality {selector}") >= 4.5, selector
