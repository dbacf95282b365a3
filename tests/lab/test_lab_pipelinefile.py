"""Pipeline files in JupyterLab: text and graph side by side, each following the other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lab_server import Tab

TEXT = """\
name: draft
# the beginning
steps:
  load: notebooks/load.ipynb  # from the shops
"""
PATH = "pipelines/draft.yaml"
TYPE = """text => {
    const { model } = window.jupyterapp.shell.currentWidget.context;
    model.sharedModel.setSource(text);
}"""
READ = "() => window.jupyterapp.shell.currentWidget.context.model.sharedModel.getSource()"


@pytest.fixture
def draft(tab: Tab) -> Iterator[Tab]:
    """A pipeline file that is open and saved."""
    file = tab.lab.root / PATH
    file.write_text(TEXT)
    tab.command("docmanager:open", path=PATH)
    box(tab, "load").wait_for()
    yield tab
    tab.page.evaluate("() => window.jupyterapp.shell.currentWidget?.context?.save()")
    tab.command("application:close-all")
    file.chmod(0o644)
    file.unlink()


def box(tab: Tab, name: str) -> Any:
    """The step or dataset of that name; behind it stands what is told of it."""
    return tab.page.locator(".wb-PipelineGraph").get_by_role("treeitem", name=re.compile(rf"^{re.escape(name)}(,|$)"))


def press(tab: Tab, name: str) -> None:
    tab.page.locator(".wb-PipelineGraph").get_by_role("button", name=name, exact=True).click()


def text(tab: Tab) -> str:
    return str(tab.page.evaluate(READ))


def has(tab: Tab, part: str) -> None:
    tab.page.wait_for_function(f"part => ({READ})().includes(part)", arg=part)


def test_what_is_typed_shows_in_the_graph(draft: Tab) -> None:
    draft.page.evaluate(TYPE, TEXT + "  total: notebooks/total.ipynb\n")
    box(draft, "total").wait_for()
    box(draft, "marts.totals").wait_for()


def test_an_edit_of_the_graph_shows_in_the_text_and_is_undone_there(draft: Tab) -> None:
    box(draft, "load").click()
    press(draft, "Rename")
    dialog = draft.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("fetch")
    dialog.get_by_role("button", name="Ok").click()
    box(draft, "fetch").wait_for()
    assert text(draft) == TEXT.replace("load:", "fetch:")
    draft.page.keyboard.press("Control+z")  # where the button was pressed
    box(draft, "load").wait_for()
    assert text(draft) == TEXT
    draft.page.locator(".wb-PipelineFile .cm-content").click()
    draft.page.keyboard.press("Control+Shift+z")
    box(draft, "fetch").wait_for()
    draft.page.keyboard.press("Control+z")
    box(draft, "load").wait_for()
    assert text(draft) == TEXT


def test_an_edit_that_cannot_be_is_refused_in_words_until_the_text_changes(draft: Tab) -> None:
    draft.page.evaluate(TYPE, TEXT + "  total: notebooks/total.ipynb\n")
    box(draft, "total").click()
    press(draft, "Rename")
    dialog = draft.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("load")
    dialog.get_by_role("button", name="Ok").click()
    refusal = draft.page.locator(".wb-PipelineGraph").get_by_text("WB-PIP-652")
    refusal.wait_for()
    draft.page.evaluate(TYPE, TEXT)
    refusal.wait_for(state="detached")


def test_what_needs_a_step_waits_for_one(draft: Tab) -> None:
    button = draft.page.locator(".wb-PipelineGraph").get_by_role("button", name="Remove", exact=True)
    assert button.is_disabled()
    box(draft, "load").click()
    assert button.is_enabled()
    draft.page.keyboard.press("Escape")
    assert button.is_disabled()


def test_a_notebook_is_dragged_in_and_becomes_a_step(draft: Tab) -> None:
    draft.command("filebrowser:activate")
    draft.command("filebrowser:go-to-path", path="notebooks")
    item = draft.page.locator(".jp-DirListing-item", has_text="total.ipynb")
    item.wait_for()
    held, goal = item.bounding_box(), draft.page.locator(".wb-PipelineGraph-view").bounding_box()
    assert held and goal
    draft.page.mouse.move(held["x"] + 20, held["y"] + 8)
    draft.page.mouse.down()
    draft.page.mouse.move(held["x"] + 60, held["y"] + 40, steps=4)
    draft.page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2, steps=8)
    draft.page.mouse.up()
    box(draft, "total").wait_for()
    assert text(draft) == TEXT + "  total: notebooks/total.ipynb\n"


def test_faults_are_shown_in_place_and_the_graph_stays(draft: Tab) -> None:
    draft.page.evaluate(TYPE, TEXT.replace("load.ipynb", "laod.ipynb") + "scheduel: {}\n")
    faults = draft.page.get_by_role("list", name="Faults in the file")
    faults.get_by_role("button", name="WB-NB-600").wait_for()
    faults.get_by_role("button", name="WB-CFG-624").click()
    draft.page.locator(".wb-PipelineFile .cm-lintRange-error").first.wait_for()
    draft.page.evaluate(TYPE, "name: [")
    faults.get_by_role("button", name="WB-CFG-620").wait_for()
    assert box(draft, "load").is_visible()


def test_keys_are_completed_by_the_schema(draft: Tab) -> None:
    draft.page.evaluate(TYPE, TEXT + "conc")
    draft.page.locator(".wb-PipelineFile .cm-content").click()
    draft.page.keyboard.press("Control+End")
    draft.page.keyboard.press("Control+Space")
    draft.page.locator(".cm-tooltip-autocomplete li", has_text="concurrency").click()
    has(draft, "concurrency: ")


def test_what_others_save_is_taken_over_as_lab_does(draft: Tab) -> None:
    (draft.lab.root / PATH).write_text(TEXT.replace("load:", "theirs:"))
    draft.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.revert()")
    box(draft, "theirs").wait_for()


def test_a_change_on_both_sides_is_asked_about_when_it_is_saved(draft: Tab) -> None:
    draft.page.evaluate(TYPE, TEXT + "timeout: 1h\n")
    file = draft.lab.root / PATH
    file.write_text(TEXT + "timeout: 2h\n")
    later = file.stat().st_mtime + 60
    os.utime(file, (later, later))
    draft.page.evaluate("() => void window.jupyterapp.shell.currentWidget.context.save().catch(() => null)")
    dialog = draft.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Revert").click()
    has(draft, "timeout: 2h")


def test_other_yaml_files_open_as_text(tab: Tab) -> None:
    tab.command("docmanager:open", path="contracts/raw.sales.odcs.yaml")
    tab.page.locator(".jp-FileEditor").wait_for()
    assert tab.page.locator(".wb-PipelineFile").count() == 0


def test_a_file_that_may_not_be_changed_shows_and_offers_no_edit(tab: Tab) -> None:
    file = tab.lab.root / PATH
    file.write_text(TEXT)
    where = f"**/api/contents/{PATH}?*"

    def as_read_only(route: Any) -> None:
        """What the server says of a file in a folder that is read-only; whoever runs this may write everywhere."""
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "writable": False})

    tab.page.route(where, as_read_only)
    try:
        tab.command("docmanager:open", path=PATH)
        box(tab, "load").wait_for()
        tab.page.get_by_text("This file is read-only.").wait_for()
        box(tab, "load").click()
        for name in ("Add step", "Rename", "Notebook", "Wait for", "Parameter", "Remove"):
            button = tab.page.locator(".wb-PipelineGraph").get_by_role("button", name=name, exact=True)
            assert button.is_disabled()
        tab.page.locator(".wb-PipelineFile .cm-content").click()
        tab.page.keyboard.type("typed")
        assert text(tab) == TEXT
    finally:
        tab.command("application:close-all")
        tab.page.unroute(where)
        file.unlink()


def test_each_button_does_what_it_says(draft: Tab) -> None:
    dialog = draft.page.get_by_role("dialog")

    def answer(value: str, field: str = "textbox") -> None:
        dialog.get_by_role(field).fill(value)
        dialog.get_by_role("button", name="Ok").click()

    press(draft, "Add step")
    answer("notebooks/total.ipynb")
    box(draft, "total").wait_for()
    press(draft, "Wait for")  # the step that was added is the one that is looked at
    dialog.get_by_role("button", name="Ok").click()
    has(draft, "total: {notebook: notebooks/total.ipynb, after: [load]}")
    press(draft, "Wait for")
    dialog.get_by_role("button", name="Ok").click()
    has(draft, "total: {notebook: notebooks/total.ipynb}")
    press(draft, "Notebook")
    answer("notebooks/load.ipynb")
    has(draft, "total: {notebook: notebooks/load.ipynb}")
    press(draft, "Parameter")
    answer("day", "combobox")
    answer("3")
    has(draft, "parameters: {day: 3}")
    press(draft, "Remove")
    dialog.get_by_role("button", name="Remove").click()
    box(draft, "total").wait_for(state="detached")
    assert text(draft) == TEXT


def test_it_leads_to_the_page_of_its_pipeline_and_back(draft: Tab) -> None:
    press(draft, "Open page")
    page = draft.page.locator(".wb-Page:visible .wb-Run")
    page.get_by_role("heading", name="draft", level=1).wait_for()
    page.get_by_role("button", name="Open file").click()
    draft.page.wait_for_function(f"() => window.jupyterapp.shell.currentWidget?.context?.path === '{PATH}'")
    box(draft, "load").wait_for()
