"""Open notebooks in JupyterLab, in a real browser: what is told of them, and how one becomes a step."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from lab_server import Tab, lab_on
from projects import lay_out, notebook

from workbench.project import Project

LOAD = "notebooks/load.ipynb"
EXPLORED = "notebooks/explored.ipynb"
PIPELINE = "name: sales\nsteps: {load: notebooks/load.ipynb, total: notebooks/total.ipynb}"
WRITE = 'wb.write(frame, "raw.sales", mode="overwrite")'
NOTEBOOKS = {
    "load": notebook(
        "import pandas as pd\nimport workbench as wb",
        'frame = pd.DataFrame({"id": range(rows)})',
        'frame["amount"] = 1.5\n' + WRITE,
        parameters="rows: int = 4  # how many there are",
    ),
    "total": notebook(
        'import workbench as wb\nsums = wb.sql("select sum(amount) as amount from raw.sales").df()',
        'wb.write(sums, "marts.totals", mode="overwrite")',
    ),
}
SOURCES = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => cell.getSource())"
EDIT = """text => {
    const { cells } = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
    cells[cells.length - 1].setSource(text);
}"""


def explored() -> dict[str, Any]:
    """A notebook whose cells were run in another order than they stand in."""
    made = notebook(
        "import workbench as wb", "print(len(frame.head(most)))", "most = 2", 'frame = wb.read("raw.sales")'
    )
    for cell, count in zip(made["cells"], (1, 4, 3, 2), strict=True):
        cell["execution_count"] = count
    made["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2\n"}]
    return made


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """JupyterLab on a project of its own, which has run once and which these tests change."""
    root = lay_out(tmp_path_factory.mktemp("shop") / "project", {"sales": PIPELINE}, NOTEBOOKS)
    with Project.open(root) as project:
        assert project.run("sales", executor="inline").state == "succeeded"
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as lab:
        tab = Tab(browser, lab)
        tab.open()
        tab.page.set_default_timeout(20_000)
        yield tab
        tab.close()


@pytest.fixture
def tab(opened: Tab, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """JupyterLab without tabs, beside a notebook that is no step; ``WORKBENCH_SHOTS`` is the folder for a picture."""
    opened.command("application:close-all")
    (opened.lab.root / EXPLORED).write_text(json.dumps(explored()), encoding="utf-8")
    opened.problems.clear()
    yield opened
    folder = os.environ.get("WORKBENCH_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        opened.page.screenshot(path=Path(folder) / f"{request.node.name}.png")
    opened.command("docmanager:save-all")
    assert opened.problems == []


def shown(tab: Tab, path: str, kernel: bool = False) -> Any:
    """The tab of a notebook, once its cells are there."""
    wanted = {"name": "python3"} if kernel else {"shouldStart": False, "canStart": False}
    tab.command("docmanager:open", path=path, factory="Notebook", kernel={**wanted, "shutdownOnClose": True})
    tab.page.wait_for_function("path => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=path)
    tab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.ready")
    return tab.page.locator(".jp-NotebookPanel:visible")


def page_of(tab: Tab, kind: str) -> Any:
    page = tab.page.locator(".wb-Page:visible .wb-NotebookPage")
    page.get_by_role("heading", level=1, name=kind).wait_for()
    return page


def completed(tab: Tab, line: Any) -> None:
    """Press Tab until a name is in the line or offered: JupyterLab waits a second, the first answer may take longer."""
    from playwright.sync_api import TimeoutError

    offered = line.or_(tab.page.locator(".jp-Completer-item", has_text="raw.sales")).first
    for patience in (3_000, 3_000, 3_000, 20_000):
        tab.page.keyboard.press("Tab")
        with suppress(TimeoutError):
            offered.wait_for(timeout=patience)
            return
    pytest.fail("no name is offered")


def test_the_toolbar_tells_the_step_and_whether_it_is_fresh(tab: Tab) -> None:
    chip = shown(tab, LOAD).locator(".wb-StepChip-button")
    chip.get_by_text("Step load of sales").wait_for()
    chip.get_by_text("fresh", exact=True).wait_for()
    assert "Writes raw.sales" in chip.get_attribute("title")
    tab.page.evaluate(EDIT, f'frame["amount"] = 2.5\n{WRITE}')
    tab.command("docmanager:save")
    chip.get_by_text("stale", exact=True).wait_for()
    chip.click()
    page = page_of(tab, LOAD)
    page.get_by_role("heading", name="Step load of sales").wait_for()
    page.get_by_text("stale", exact=True).wait_for()
    shown(tab, LOAD)
    tab.page.evaluate(EDIT, f'frame["amount"] = 1.5\n{WRITE}')
    tab.command("docmanager:save")
    chip.get_by_text("fresh", exact=True).wait_for()


def test_cells_tell_their_durations_and_who_reads_their_columns(tab: Tab) -> None:
    panel = shown(tab, LOAD)
    panel.locator(".wb-CellTime").nth(1).wait_for()
    note = panel.locator(".wb-CellNotes button")
    note.get_by_text("amount: 1 step reads this column").wait_for()
    assert note.get_attribute("title") == "sales.total"
    note.click()
    tab.page.locator(".wb-Dataset:visible").get_by_role("heading", level=1, name="raw.sales").wait_for()


def test_a_card_tells_of_the_dataset_below_the_pointer(tab: Tab) -> None:
    panel = shown(tab, LOAD)
    name = panel.locator(".cm-line span", has_text="raw.sales").first
    name.hover()
    card = tab.page.locator(".wb-HoverCard")
    card.get_by_text("4 rows", exact=False).wait_for()
    assert "amount double" in card.inner_text()
    tab.page.keyboard.press("Escape")
    card.wait_for(state="detached")
    panel.locator(".cm-line", has_text="pd.DataFrame").first.hover()
    name.hover()
    card.get_by_role("button", name="raw.sales").click()
    tab.page.locator(".wb-Dataset:visible").get_by_role("heading", level=1, name="raw.sales").wait_for()


def test_a_notebook_runs_as_a_step_with_values_of_a_form(tab: Tab) -> None:
    shown(tab, LOAD)
    tab.command("workbench:run-as-step")
    page = page_of(tab, LOAD)
    page.get_by_text("how many there are").wait_for()
    page.get_by_label("rows", exact=True).fill("many")
    page.locator(".wb-Form-fault:not(:empty)").wait_for()
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()
    page.get_by_label("rows", exact=True).fill("7")
    page.get_by_role("button", name="Run", exact=True).click()
    run = tab.page.locator(".wb-Page:visible .wb-Run")
    run.locator(".wb-Run-title .wb-Badge").get_by_text("succeeded", exact=True).wait_for()
    with Project.open(tab.lab.root) as project:
        (last,) = project.runs.list(1)
        assert last.parameters == {"rows": 7}


def test_an_explored_notebook_is_looked_through_tried_and_written(tab: Tab) -> None:
    panel = shown(tab, EXPLORED)
    chip = panel.locator(".wb-StepChip-button")
    chip.get_by_text("No step yet").wait_for()
    tab.command("workbench:promote-notebook")
    page = page_of(tab, f"Promote {EXPLORED}")
    page.get_by_text("frame is used here, but made further down, in cell 4").wait_for()
    page.get_by_text("Reads: raw.sales").wait_for()
    page.get_by_text("+most: int = 2").wait_for()
    page.get_by_label("most: int = 2").uncheck()
    page.get_by_text("+most: int = 2").wait_for(state="detached")
    page.get_by_label("Pipeline").fill("looks")
    page.get_by_text("+name: looks").wait_for()
    before = (tab.lab.root / EXPLORED).read_text()
    page.get_by_role("button", name="Run it clean and compare").click()
    page.get_by_text("Every output is the same.").wait_for()
    assert (tab.lab.root / EXPLORED).read_text() == before, "a clean run changes no file"
    page.get_by_role("button", name="Write both files").click()
    tab.page.get_by_text(f"{EXPLORED} is step explored of pipeline looks now.").wait_for()
    shown(tab, EXPLORED)
    chip.get_by_text("Step explored of looks").wait_for()
    sources = tab.page.evaluate(SOURCES)
    assert sources.index('frame = wb.read("raw.sales")') < sources.index("print(len(frame.head(most)))")
    (tab.lab.root / "pipelines" / "looks.yaml").unlink()


def test_names_are_completed_and_a_cell_is_a_query(tab: Tab) -> None:
    panel = shown(tab, EXPLORED, kernel=True)
    tab.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
    )
    tab.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    tab.command("notebook:run-cell")
    last = panel.locator(".jp-Cell").last
    tab.page.evaluate(EDIT, "")
    last.locator(".cm-content").click()
    last.locator(".cm-focused").wait_for()
    tab.page.keyboard.type('wb.read("raw')
    completed(tab, last.locator(".cm-line", has_text="raw.sales"))
    tab.page.keyboard.press("Escape")
    tab.page.evaluate(EDIT, "%%wb sql\nselect count(*) as many, sum(amount) as amount from raw.sales")
    tab.command("notebook:run-cell")
    last.locator(".jp-OutputArea-output table th", has_text="many").wait_for()
