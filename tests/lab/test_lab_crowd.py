"""Quality and reports where there is nothing yet, and where there is far more than a page shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lab_projects import MANY, lay_out_many
from lab_server import Tab, lab_on
from projects import lay_out


@pytest.fixture(scope="module")
def empty(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    root = lay_out(tmp_path_factory.mktemp("empty") / "project")
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as server:
        tab = Tab(browser, server)
        tab.open()
        yield tab
        tab.close()


@pytest.fixture(scope="module")
def many(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    root = lay_out_many(tmp_path_factory.mktemp("many"))
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as server:
        tab = Tab(browser, server)
        tab.open()
        yield tab
        tab.close()


def opened(tab: Tab, kind: str, there: str) -> Any:
    tab.page.unroute_all()
    tab.command("application:close-all")
    tab.command("workbench:open", kind=kind, subject="")
    page = tab.page.locator(f"{there} >> visible=true")
    page.get_by_role("heading", level=1).wait_for()
    return page


def report(number: int) -> dict[str, Any]:
    return {
        "id": f"01R{number:04}",
        "title": f"Report {number}",
        "pipeline": "sales",
        "step": "tell",
        "run": f"01RUN{number:04}",
        "created_at": "2026-03-01T12:00:00+00:00",
        "genuine": True,
        "gone": False,
    }


@pytest.mark.parametrize(
    ("kind", "there", "told"),
    [
        ("quality", ".wb-Quality", "Datasets stand here with their checks once a pipeline has written them."),
        ("reports", ".wb-Reports", "Reports appear here once a step with a report has run."),
    ],
)
def test_a_page_that_is_empty_says_what_fills_it(empty: Tab, kind: str, there: str, told: str) -> None:
    page = opened(empty, kind, there)
    page.get_by_text(told).wait_for()
    empty.picture(f"{kind}-empty")
    assert empty.problems == []


def test_both_pages_are_found_in_the_palette_and_in_the_launcher(empty: Tab) -> None:
    empty.command("application:close-all")
    for label in ("Quality", "Reports"):
        empty.page.locator(f".jp-LauncherCard[data-category='Workbench'] >> text='{label}'").first.wait_for()
    empty.command("workbench:open-quality")
    empty.page.locator(".wb-Quality >> visible=true").wait_for()
    empty.command("workbench:open-reports")
    empty.page.locator(".wb-Reports >> visible=true").wait_for()


def test_a_thousand_datasets_are_shown_a_part_at_a_time(many: Tab) -> None:
    asked: list[str] = []
    many.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page = opened(many, "quality", ".wb-Quality")
    cards = page.locator(".wb-Quality-card")
    cards.nth(49).wait_for()
    assert cards.count() == 50
    page.get_by_role("button", name="Show more").click()
    cards.nth(199).wait_for()
    page.get_by_text("These are 200; find others by their name.").wait_for()
    many.picture("quality-many")
    assert len([path for path in asked if "/api/quality/" in path]) < 50, "what is out of sight is not asked for"
    page.get_by_role("searchbox").fill(f"table_{MANY - 1:04}")
    cards.nth(1).wait_for(state="detached")
    assert cards.locator("h2").all_inner_texts() == [f"wide.table_{MANY - 1:04}"]
    assert many.problems == []


def test_a_thousand_reports_are_shown_a_part_at_a_time(many: Tab) -> None:
    def answer(route: Any) -> None:
        limit = int(parse_qs(urlsplit(route.request.url).query)["limit"][0])
        found = [report(number) for number in range(limit)]
        route.fulfill(body=json.dumps({"reports": found, "total": MANY, "more": True}))

    many.page.route("**/workbench/api/reports?*", answer)
    many.command("application:close-all")
    many.command("workbench:open", kind="reports", subject="")
    page = many.page.locator(".wb-Reports >> visible=true")
    cards = page.locator(".wb-Reports-card")
    cards.nth(49).wait_for()
    page.get_by_text(f"{MANY} reports", exact=True).wait_for()
    page.get_by_role("button", name="Show more").click()
    cards.nth(199).wait_for()
    page.get_by_text("These are the newest 200; find others by their words.").wait_for()
    assert many.problems == []
