"""The view of a graph in a real browser, as pages and widgets share it: what it offers, and where the focus stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from test_lab_widgets import show

from workbench.ui.graph.chart import Box, Chart, fold
from workbench.ui.graph.drawing import style
from workbench.ui.graph.placed import placed

FEW = Chart(
    "few",
    tuple(Box(f"raw.{name}", "dataset", f"raw.{name}", "3 rows", group="raw") for name in "abc"),
    (("raw.a", "raw.b"), ("raw.b", "raw.c")),
    focus="raw.a",
)
MANY = Chart(
    "many",
    (
        Box("marts.all", "dataset", "marts.all"),
        *(Box(f"raw.n{number}", "dataset", f"raw.n{number}", group="datasets of raw") for number in range(160)),
        *(Box(f"clean.n{number}", "dataset", f"clean.n{number}", group=f"part {number}") for number in range(8)),
    ),
    tuple((f"raw.n{number}", f"clean.n{number % 8}") for number in range(160)),
    focus="marts.all",
)
VAST = Chart(
    "vast",
    tuple(Box(f"raw.n{number:04}", "dataset", f"raw.n{number:04}") for number in range(2000)),
    tuple((f"raw.n{number:04}", f"raw.n{number + far:04}") for far in (40, 41) for number in range(1959)),
    focus="raw.n0000",
)
SELECTED = '[role=treeitem][aria-selected="true"]'
ACTIVE = "() => document.activeElement.dataset.id"


def state(chart: Chart, *opened: str) -> dict[str, Any]:
    """What Python holds of a picture with these groups open."""
    made = placed(chart if "*" in opened else fold(chart, opened=opened))
    return {"drawn": made, "opened": list(opened), "selected": "", "height": 420}


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto("about:blank")
    opened.add_style_tag(content=style())
    yield opened
    context.close()


def tool(page: Any, name: str) -> Any:
    return page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def box(page: Any, name: str) -> Any:
    return page.locator(f'[role=treeitem][data-id="{name}"]')


def draw(page: Any, chart: Chart, *opened: str) -> None:
    """What Python answers."""
    page.evaluate("drawn => window.model.set('drawn', drawn)", state(chart, *opened)["drawn"])


def test_folding_is_offered_where_something_can_be_folded(page: Any) -> None:
    show(page, "graph", state(FEW))
    box(page, "raw.c").wait_for()
    assert tool(page, "Fold all groups").is_hidden() and tool(page, "Open all groups").is_hidden()
    show(page, "graph", state(MANY))
    box(page, "group:datasets of raw").wait_for()
    assert tool(page, "Fold all groups").is_hidden() and tool(page, "Open all groups").is_visible()
    tool(page, "Open all groups").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.saved.opened") == ["*"]
    draw(page, MANY, "*")
    box(page, "raw.n0").wait_for()
    assert tool(page, "Fold all groups").is_visible() and tool(page, "Open all groups").is_hidden()
    assert page.evaluate("() => document.activeElement.title") == "Fold all groups", "the focus is not lost"
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.saved.opened") == []
    draw(page, MANY)
    box(page, "group:datasets of raw").wait_for()
    assert page.evaluate("() => document.activeElement.title") == "Open all groups"


def test_two_thousand_boxes_are_searched_and_walked_while_few_are_drawn(page: Any) -> None:
    show(page, "graph", state(VAST, "*"))
    page.get_by_role("treeitem").first.wait_for()
    assert page.get_by_role("treeitem").count() < 500
    page.get_by_role("searchbox", name="Find in the graph").fill("n1999")
    box(page, "raw.n1999").wait_for()
    assert page.locator(SELECTED).get_attribute("data-id") == "raw.n1999"
    box(page, "raw.n1999").focus()
    page.keyboard.press("ArrowLeft")
    before = str(page.locator(SELECTED).get_attribute("data-id"))
    assert before in ("raw.n1958", "raw.n1959") and page.evaluate(ACTIVE) == before


def test_escape_lets_go_at_once(page: Any) -> None:
    show(page, "graph", state(FEW))
    box(page, "raw.a").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(SELECTED).get_attribute("data-id") == "raw.b"
    page.keyboard.press("Escape")
    assert page.locator(SELECTED).count() == 0
    assert page.evaluate("() => window.saved.selected") == ""


def test_the_focus_stays_when_the_picture_is_drawn_anew(page: Any) -> None:
    show(page, "graph", state(FEW))
    box(page, "raw.b").focus()  # focused, and not chosen
    more = Chart("more", (*FEW.boxes, Box("raw.d", "dataset", "raw.d")), FEW.arrows, focus="raw.a")
    draw(page, more)
    box(page, "raw.d").wait_for()
    assert page.evaluate(ACTIVE) == "raw.b"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(ACTIVE) == "raw.c"
    draw(page, FEW)
    box(page, "raw.d").wait_for(state="detached")
    assert page.evaluate(ACTIVE) == "raw.c"


def test_it_says_when_the_kernel_does_not_answer(page: Any) -> None:
    show(page, "graph", state(FEW))
    box(page, "raw.a").click()
    page.get_by_text("The kernel does not answer").wait_for()
    page.evaluate("() => window.model.set('heard', window.model.get('asked'))")
    assert page.get_by_role("status").inner_text() == ""
