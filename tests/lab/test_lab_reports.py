"""Reports in JupyterLab, in a real browser: found by words, shown in a sandbox, genuine or altered, proved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import Tab, lab_on
from projects import lay_out, notebook

from workbench.project import Project

TELL = """
import pandas as pd
import workbench as wb
wb.write(pd.DataFrame({"id": [1, 2]}), "raw.orders", mode="overwrite")
"""
REPORT = """
import workbench as wb
print("there are", len(wb.read("raw.orders")))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two reports; the file of the older one was changed after it was published."""
    made = lay_out(
        tmp_path_factory.mktemp("reports") / "project",
        {
            "orders": "name: orders\nsteps: {load: notebooks/load.ipynb, "
            "tell: {notebook: notebooks/tell.ipynb, report: {title: Orders of today}}}",
            "other": "name: other\nsteps: {tell: {notebook: notebooks/tell.ipynb, report: {title: Another one}}}",
        },
        {"load": notebook(TELL), "tell": notebook(REPORT)},
    )
    with Project.open(made) as project:
        assert project.run("orders", executor="inline").state == "succeeded"
        assert project.run("other", executor="inline").state == "succeeded"
        changed = project.reports.latest("other", "tell")
        file = project.config.state / changed.path
        file.chmod(0o644)
        file.write_text(file.read_text(encoding="utf-8").replace("there are", "there were"), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def shown(browser: Any, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with lab_on(place, tmp_path_factory.mktemp("jupyter")) as server:
        tab = Tab(browser, server)
        tab.open()
        yield tab
        tab.close()


@pytest.fixture
def tab(shown: Tab, request: pytest.FixtureRequest) -> Iterator[Tab]:
    shown.page.unroute_all()
    shown.command("application:close-all")
    shown.problems.clear()
    yield shown
    shown.picture(request.node.name)
    assert shown.problems == []


def gallery(tab: Tab) -> Any:
    tab.command("workbench:open", kind="reports", subject="")
    page = tab.page.locator(".wb-Reports >> visible=true")
    page.get_by_role("heading", name="Reports", level=1).wait_for()
    return page


def report(tab: Tab, title: str) -> Any:
    gallery(tab).get_by_role("button", name=title).click()
    page = tab.page.locator(".wb-Report >> visible=true")
    page.get_by_role("heading", name=title, level=1).wait_for()
    return page


def test_the_gallery_says_which_report_is_genuine(tab: Tab) -> None:
    cards = gallery(tab).locator(".wb-Reports-card")
    assert cards.count() == 2
    assert "genuine" in cards.filter(has_text="Orders of today").inner_text()
    assert "altered" in cards.filter(has_text="Another one").inner_text()


def test_a_report_is_found_by_its_words(tab: Tab) -> None:
    page = gallery(tab)
    page.get_by_role("searchbox").fill("today orders")
    page.get_by_text("1 report", exact=True).wait_for()
    assert page.locator(".wb-Reports-card h2").all_inner_texts() == ["Orders of today"]
    page.get_by_role("searchbox").fill("<i>none</i>")
    page.get_by_text("No report matches “<i>none</i>”.").wait_for()
    page.get_by_role("button", name="Show all reports").click()
    page.get_by_text("2 reports", exact=True).wait_for()


def test_a_report_is_shown_where_it_reaches_nothing(tab: Tab) -> None:
    page = report(tab, "Orders of today")
    frame = page.locator("iframe")
    assert frame.get_attribute("sandbox") == "allow-scripts allow-popups"
    page.frame_locator("iframe").get_by_text("there are 2").wait_for()
    inside = frame.element_handle().content_frame()
    assert inside.evaluate("() => window.origin") == "null"
    refused = "() => { try { return String(window.parent.document); } catch (error) { return error.name; } }"
    assert inside.evaluate(refused) == "SecurityError"


def test_the_proof_names_run_code_and_snapshots(tab: Tab) -> None:
    page = report(tab, "Orders of today")
    page.locator(".wb-Proof summary").click()
    proof = page.locator(".wb-Proof")
    text = proof.inner_text()
    assert all(word in text for word in ("notebooks/tell.ipynb", "raw.orders", "SHA-256", "not checked"))
    proof.get_by_role("button", name="raw.orders").click()
    tab.page.locator(".wb-Dataset").get_by_role("heading", name="raw.orders", level=1).wait_for()


def test_a_run_leads_to_its_report(tab: Tab) -> None:
    tab.command("workbench:open", kind="run", subject="orders@last")
    run = tab.page.locator(".wb-Page:visible .wb-Run")
    run.locator(".wb-Facts").get_by_role("button", name="Orders of today").click()
    tab.page.locator(".wb-Report:visible").get_by_role("heading", name="Orders of today", level=1).wait_for()


def test_an_altered_report_is_shown_only_when_asked_for(tab: Tab) -> None:
    page = report(tab, "Another one")
    page.get_by_text("The file is not what was published").wait_for()
    assert page.locator("iframe").count() == 0
    page.get_by_role("button", name="Show it nevertheless").click()
    page.frame_locator("iframe").get_by_text("there were 2").wait_for()


def test_a_report_whose_file_is_gone_says_so(tab: Tab, place: Path) -> None:
    with Project.open(place) as project:
        file = project.config.state / project.reports.latest("other", "tell").path
    content = file.read_bytes()
    file.unlink()
    try:
        page = report(tab, "Another one")
        page.get_by_text("The file of this report is gone.").wait_for()
        assert page.locator("iframe").count() == 0
    finally:
        file.write_bytes(content)


def test_a_report_that_is_none_is_told_of_with_its_code(tab: Tab) -> None:
    tab.command("workbench:open", kind="report", subject="01NONE")
    tab.page.locator(".wb-State-code", has_text="WB-REP-215").wait_for()
    assert tab.page.locator("iframe.wb-Report-frame").count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_is_written_can_be_read_in_both_themes(tab: Tab, theme: str) -> None:
    tab.dressed(theme)
    page = gallery(tab)
    tab.picture(f"reports-{theme}")
    for selector in (".wb-Badge", ".wb-Soft", "h2 .wb-Link", "p .wb-Link"):
        assert tab.contrast(f".wb-Reports {selector}") >= 4.5, selector
    page.get_by_role("button", name="Orders of today").click()
    tab.page.locator(".wb-Proof summary").click()
    tab.page.frame_locator("iframe").get_by_text("there are 2").wait_for()
    for selector in (".wb-Badge", ".wb-Soft", "dd", "dt"):
        assert tab.contrast(f".wb-Report {selector}") >= 4.5, selector
