"""Names and values of any kind on every page: shown as text, never run. A new page gets its line in ``PAGES``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lab_quality import ELEMENT, WILD, lay_out_wrong
from lab_server import Lab, Tab, lab_on

from workbench.project import Project

HARM = """() => {
    const inside = document.querySelectorAll('.wb-Themed :is(img, script, [onerror], [onload])');
    return [window.hit ?? null, inside.length];
}"""
"""What ran, and elements of ours that could run something."""
PAGES = [
    ("dataset", "raw.orders", ".wb-Dataset"),
    ("dataset", "raw.blocked", ".wb-Dataset"),
    ("quality", "", ".wb-Quality"),
    ("quality", ELEMENT, ".wb-Quality"),
    ("reports", "", ".wb-Reports"),
    ("report", "LATEST", ".wb-Report"),
    ("report", ELEMENT, ".wb-State"),
    ("pipeline", "orders", ".wb-Run"),
    ("pipeline", ELEMENT, ".wb-State"),
    ("run", "orders@last", ".wb-Run"),
    ("run", "blocked@last", ".wb-Run"),
    ("run", ELEMENT, ".wb-State"),
    ("comparison", "orders@last~1..orders@last", ".wb-Run"),
    ("comparison", f"{ELEMENT}..{ELEMENT}", ".wb-State"),
    ("lineage", "raw.orders", ".wb-Lineage h1"),
    ("lineage", ELEMENT, ".wb-State"),
    ("notebook", "notebooks/tell.ipynb", ".wb-NotebookPage"),
    ("notebook", f"{ELEMENT}.ipynb", ".wb-State"),
    ("promotion", "notebooks/tell.ipynb", ".wb-NotebookPage"),
    ("promotion", f"{ELEMENT}.ipynb", ".wb-State"),
    (ELEMENT, "x", ".wb-State"),
]
"""The kind of a page, what it is about, and what is there once it is drawn."""


def cut(value: str) -> str:
    """As a page shows a value."""
    return value if len(value) <= 200 else value[:200] + "…"


@pytest.fixture(scope="module")
def wild(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tab, Lab, str]]:
    root = lay_out_wrong(tmp_path_factory.mktemp("wild"))
    with Project.open(root) as project:
        latest = project.reports.latest("orders", "tell").id
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as server:
        tab = Tab(browser, server)
        tab.open()
        yield tab, server, latest
        tab.close()


@pytest.fixture
def tab(wild: tuple[Tab, Lab, str]) -> Iterator[Tab]:
    opened = wild[0]
    opened.page.unroute_all()
    opened.command("application:close-all")
    opened.problems.clear()
    yield opened
    assert opened.problems == []


@pytest.mark.parametrize(("kind", "subject", "there"), PAGES)
def test_a_page_shows_what_people_wrote_as_text(
    tab: Tab, wild: tuple[Tab, Lab, str], kind: str, subject: str, there: str
) -> None:
    tab.command("workbench:open", kind=kind, subject=wild[2] if subject == "LATEST" else subject)
    tab.page.locator(f"{there} >> visible=true").first.wait_for()
    folds = tab.page.locator(".wb-Page details:not([open]) > summary >> visible=true")
    while folds.count():
        folds.first.click()
    assert tab.page.evaluate(HARM) == [None, 0]


def test_values_that_fail_a_check_are_shown_whole_or_cut(tab: Tab) -> None:
    tab.command("workbench:open", kind="quality", subject="raw.orders")
    card = tab.page.locator(".wb-Quality-card")
    card.locator("summary").first.click()
    rows = card.locator("details[open] .wb-Rows tbody tr")
    shown = rows.locator("td:first-child bdi").all_text_contents()
    assert len(shown) >= 5, "a sample holds at least these"
    assert shown == [cut(value) for value in WILD[: len(shown)]]


@pytest.mark.parametrize("value", WILD)
def test_answers_of_any_kind_are_shown_as_text(tab: Tab, value: str) -> None:
    """Names that this server would never give; another one might."""
    result = {
        "name": value,
        "kind": value,
        "column": value,
        "arguments": {},
        "severity": "error",
        "outcome": "fail",
        "observed": value,
        "expected": value,
        "failing": 1,
        "rows": 1,
        "seconds": 0,
        "blocks": True,
        "error": None,
        "sample": [{value: value}],
    }
    stands = {
        "dataset": value,
        "standing": "failing",
        "total": 1,
        "results": [result],
        "snapshot": 1,
        "version": 1,
        "rows": 1,
        "at": value,
    }
    counts = {"withheld": 0, "failing": 1, "warned": 0, "unchecked": 0, "good": 0}
    answer = {"environment": value, "counts": counts, "datasets": [stands], "more": False}
    point = {
        "snapshot": 1,
        "version": 1,
        "created_at": value,
        "rows": 1,
        "withheld": False,
        "passed": 0,
        "failed": 1,
        "run": value,
        "step": value,
    }
    body = {"quality": answer, "quality/": {"dataset": value, "points": [point]}}
    tab.page.route("**/workbench/api/quality?*", lambda route: route.fulfill(body=json.dumps(body["quality"])))
    tab.page.route("**/workbench/api/quality/**", lambda route: route.fulfill(body=json.dumps(body["quality/"])))
    tab.command("workbench:open", kind="quality", subject="")
    page = tab.page.locator(".wb-Quality")
    page.locator(".wb-Quality-history").scroll_into_view_if_needed()
    page.locator(".wb-Trend").wait_for()
    assert page.locator("h2").text_content() == cut(value)
    page.locator("summary").first.click()
    assert value[:200] in str(page.text_content())
    assert tab.page.evaluate(HARM) == [None, 0]
    wider = "() => document.querySelector('.wb-Page').scrollWidth - document.querySelector('.wb-Page').clientWidth"
    assert tab.page.evaluate(wider) <= 0, "a long name leaves the page as wide as it is"
