"""The scripts of widgets in a real browser, with a model as anywidget hands it over: they show and ask."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from lab_quality import WILD
from lab_server import Lab, Tab, unbuilt
from projects import notebook

from workbench.ui.widgets import html
from workbench.ui.widgets.script import FOLDER

OPEN = """async ([script, state]) => {
    const { render } = (await import(`data:text/javascript;base64,${script}`)).default;
    const heard = {};
    const model = {
        get: name => state[name],
        set: (name, value) => { state[name] = value; (heard[`change:${name}`] ?? []).forEach(act => act()); },
        save_changes: () => { window.saved = structuredClone(state); },
        on: (event, act) => { (heard[event] ??= []).push(act); },
        off: (event, act) => { heard[event] = (heard[event] ?? []).filter(each => each !== act); },
    };
    document.body.replaceChildren();
    window.model = model;
    window.heard = heard;
    window.end = render({ model, el: document.body });
}"""
COUNTS = {"withheld": 0, "failing": 1, "warned": 0, "unchecked": 0, "good": 1}


def stands(name: str, value: str = "x") -> dict[str, Any]:
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
    return {
        "dataset": name,
        "standing": "failing",
        "total": 1,
        "results": [result],
        "snapshot": 1,
        "version": 1,
        "rows": 1,
        "at": "2026-03-01T12:00:00+00:00",
    }


def quality(*datasets: dict[str, Any]) -> dict[str, Any]:
    found = {"environment": "prod", "counts": COUNTS, "datasets": list(datasets), "more": False}
    return {"query": "", "standing": "", "opened": "", "found": found, "trend": {}, "error": ""}


def profile(*names: str) -> dict[str, Any]:
    columns = [
        {"name": name, "type": "string", "description": name, "nulls": number, "minimum": name, "maximum": None}
        for number, name in enumerate(names)
    ]
    return {
        "dataset": "raw.orders",
        "version": 1,
        "rows": 10,
        "columns": columns,
        "query": "",
        "order": {},
        "chosen": "",
    }


def pages(*trail: list[str], html: str = "", error: str = "") -> dict[str, Any]:
    return {"trail": list(trail), "html": html, "error": error}


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto("about:blank")
    yield opened
    context.close()


def show(page: Any, name: str, state: dict[str, Any]) -> None:
    script = FOLDER / f"{name}.js"
    if not script.is_file():
        unbuilt("the scripts of widgets are not built here")
    page.evaluate(OPEN, [base64.b64encode(script.read_bytes()).decode(), state])


@pytest.mark.parametrize("value", WILD)
def test_what_people_wrote_is_text(page: Any, value: str) -> None:
    for name, state in (("quality", quality(stands(value, value))), ("profile", profile(value))):
        show(page, name, state)
        assert value[:80] in page.locator("body").text_content()
        assert page.evaluate("() => [window.hit ?? null, document.body.querySelectorAll('img, script').length]") == [
            None,
            0,
        ]


def test_a_standing_is_asked_for_and_the_focus_stays(page: Any) -> None:
    show(page, "quality", quality(stands("raw.orders")))
    chip = page.get_by_role("button", name="failing")
    chip.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.saved.standing") == "failing"
    assert chip.get_attribute("aria-pressed") == "true"
    assert page.evaluate("() => document.activeElement.dataset.key") == "failing"


def test_an_opened_dataset_shows_its_versions_while_rows_stay_unfolded(page: Any) -> None:
    show(page, "quality", quality(stands("raw.orders")))
    page.locator("summary").click()
    page.get_by_role("button", name="raw.orders").click()
    assert page.evaluate("() => window.saved.opened") == "raw.orders"
    point = {
        "snapshot": 1,
        "version": 1,
        "created_at": "2026-03-01T12:00:00+00:00",
        "rows": 1,
        "withheld": False,
        "passed": 0,
        "failed": 1,
        "run": None,
        "step": None,
    }
    page.evaluate("trend => window.model.set('trend', trend)", {"dataset": "raw.orders", "points": [point]})
    page.get_by_role("img").wait_for()
    assert page.locator("details[open]").count() == 1


def test_typing_asks_once_it_rests(page: Any) -> None:
    show(page, "quality", quality(stands("raw.orders")))
    page.get_by_role("searchbox").press_sequentially("ord")
    page.wait_for_function("() => window.saved?.query === 'ord'")
    assert page.get_by_role("searchbox").input_value() == "ord"


def test_columns_are_sorted_narrowed_and_looked_at_closely(page: Any) -> None:
    show(page, "profile", profile("one", "two", "three"))
    page.get_by_role("button", name="Nulls").click()
    page.get_by_role("button", name="Nulls").click()
    assert page.evaluate("() => window.saved.order") == {"column": "nulls", "descending": True}
    assert page.locator("tbody tr button").all_inner_texts() == ["three", "two", "one"]
    page.get_by_role("button", name="two").click()
    assert "1 of 10 (10.0 %)" in page.get_by_role("region", name="The column that is chosen").inner_text()
    page.get_by_role("searchbox").fill("thr")
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")


def test_what_is_shown_goes_when_the_cell_does(page: Any) -> None:
    show(page, "profile", profile("one"))
    page.evaluate("() => window.end()")
    assert page.locator("body").inner_text() == ""
    assert page.evaluate("() => Object.values(window.heard).flat().length") == 0


def test_a_name_leads_on_and_one_comes_back_by_keys(page: Any) -> None:
    told = str(html.page(html.paragraph(html.lead("raw.orders", "dataset", "raw.orders"))))
    show(page, "pages", pages(["search", "ord"], html=told))
    assert page.get_by_role("searchbox").input_value() == "ord"
    page.get_by_role("button", name="raw.orders").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.saved.trail") == [["search", "ord"], ["dataset", "raw.orders"]]
    assert page.get_by_role("searchbox").count() == 0
    assert page.evaluate("() => document.activeElement.dataset.key") == "back"
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.saved.trail") == [["search", "ord"]]
    page.get_by_role("searchbox").fill("other")
    page.wait_for_function("() => window.saved.trail[0][1] === 'other'")


def test_why_there_is_no_view_is_said_above_the_one_before(page: Any) -> None:
    show(page, "pages", pages(["runs"], html="<p>before</p>", error="WB-CAT-401  <b>none</b>"))
    assert page.get_by_role("alert").inner_text() == "WB-CAT-401 <b>none</b>"
    page.get_by_text("before").wait_for()


@pytest.mark.parametrize("value", WILD)
def test_names_that_lead_on_are_text(page: Any, value: str) -> None:
    told = str(html.page(html.paragraph(html.lead(value, "dataset", value))))
    show(page, "pages", pages(["runs"], html=told))
    page.locator("button").click()
    assert page.evaluate("() => window.saved.trail.at(-1)") == ["dataset", value]
    assert page.evaluate("() => [window.hit ?? null, document.body.querySelectorAll('img, script').length]") == [
        None,
        0,
    ]


def test_a_view_that_could_act_does_not(page: Any) -> None:
    evil = (
        "<img src=x onerror=window.hit=1><svg onload=window.hit=1><a href='javascript:hit()'>a</a></svg>"
        "<iframe src='data:text/html,x'></iframe><p data-wb-lead='nonsense'>lost</p><p data-wb-lead='[1]'>lost</p>"
    )
    show(page, "pages", pages(["runs"], html=evil))
    page.get_by_text("lost").first.wait_for()
    found = "() => [window.hit ?? null, document.querySelectorAll('img, iframe, button, [href], [onload]').length]"
    assert page.evaluate(found) == [None, 0]


def test_views_lead_on_in_a_notebook_of_a_real_jupyterlab(tab: Tab, lab: Lab) -> None:
    cells = ["import workbench as wb\nwb.search('sales')", "wb.runs()"]
    (lab.root / "look.ipynb").write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    tab.command("docmanager:open", path="look.ipynb", factory="Notebook", kernel={"name": "python3"})
    tab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")
    tab.command("notebook:run-all-cells")
    outputs = tab.page.locator(".jp-NotebookPanel .wb-Widget")
    outputs.nth(1).wait_for()
    found = outputs.first
    found.get_by_role("button", name="raw.sales").click()
    found.get_by_text("Read it:").wait_for()
    found.get_by_role("button", name="Back").click()
    found.get_by_role("searchbox").fill("no such thing")
    found.get_by_text("Nothing matches").wait_for()
    tab.picture("widgets")
    outputs.nth(1).get_by_role("button", name="sales", exact=True).first.click()
    outputs.nth(1).get_by_role("button", name="Back").wait_for()
    tab.command("docmanager:save")
    tab.command("notebook:shutdown-kernel")
    kept = json.loads((lab.root / "look.ipynb").read_text(encoding="utf-8"))
    data = kept["cells"][-2]["outputs"][0]["data"]
    assert "raw.sales" in "".join(data["text/html"]) and "raw.sales" in "".join(data["text/plain"])
