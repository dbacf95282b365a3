"""Pipelines and runs in JupyterLab, in a real browser: from the form to the run, to what failed, and on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import Tab, lab_on
from projects import lay_out, notebook

PIPELINES = {
    "greet": """
        name: greet
        description: Says what it is told
        parameters:
          words: {type: str, default: hello, help: What to say}
          times: {type: "Annotated[int, wb.Range(1, 5)]", default: 2}
          at: {type: datetime, default: 2026-01-15T06:00:00}
        steps:
          say: {notebook: notebooks/say.ipynb, parameters: {words: "${words}", times: "${times}"}}
          then: {notebook: notebooks/then.ipynb, after: [say]}
    """,
    "gated": """
        name: gated
        steps: {gate: notebooks/gate.ipynb, after_it: {notebook: notebooks/then.ipynb, after: [gate]}}
    """,
    "slow": "name: slow\nsteps: {wait: notebooks/wait.ipynb}",
    "wrong": "name: wrong\nsteps: [",
}
HOSTILE = "<img src=x onerror=window.hit=1>"
NOTEBOOKS = {
    "say": notebook(
        f"for _ in range(times):\n    print(words, {HOSTILE!r})", parameters='words: str = "hi"\ntimes: int = 1'
    ),
    "then": notebook("1 + 1"),
    "gate": notebook("found = 'value in memory'", "from pathlib import Path\nassert Path('open').exists(), found"),
    "wait": notebook("import time\nprint('begun', flush=True)\ntime.sleep(120)"),
}


@pytest.fixture(scope="module")
def runs(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """JupyterLab on a project of its own, which these tests change."""
    root = lay_out(tmp_path_factory.mktemp("runs") / "project", PIPELINES, NOTEBOOKS)
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as lab:
        opened = Tab(browser, lab)
        opened.open()
        yield opened
        opened.close()


@pytest.fixture
def tab(runs: Tab) -> Iterator[Tab]:
    runs.command("application:close-all")
    runs.problems.clear()
    yield runs
    assert runs.problems == []


def shown(tab: Tab, kind: str, subject: str) -> Any:
    """The page, once it is there."""
    tab.command("workbench:open", kind=kind, subject=subject)
    page = tab.page.locator(".wb-Page:visible .wb-Run")
    page.wait_for()
    return page


def begun(tab: Tab, pipeline: str) -> Any:
    """The page of a run that was begun by the form."""
    shown(tab, "pipeline", pipeline).get_by_role("button", name="Run", exact=True).click()
    return current(tab, pipeline)


def current(tab: Tab, pipeline: str) -> Any:
    page = tab.page.locator(f'.wb-Page:visible .wb-Run[aria-label$="of {pipeline}"]')
    page.wait_for()
    return page


def state(page: Any, word: str) -> None:
    """Wait until the run is in that state."""
    page.locator(".wb-Run-title .wb-Badge").get_by_text(word, exact=True).wait_for()


def test_the_list_tells_how_each_stands(tab: Tab) -> None:
    page = shown(tab, "pipelines", "")
    page.get_by_role("row", name="greet").get_by_text("never run").wait_for()
    assert page.get_by_role("row", name="wrong").locator(".wb-Badge").inner_text().startswith("WB-")
    page.get_by_role("button", name="greet").click()
    tab.page.get_by_role("heading", name="greet", level=1).wait_for()


def test_values_are_refused_where_they_stand(tab: Tab) -> None:
    page = shown(tab, "pipeline", "greet")
    plan = page.get_by_role("table", name="Plan")
    plan.wait_for()
    page.get_by_label("times").fill("9")
    fault = page.locator(".wb-Form-field", has_text="times").locator(".wb-Form-fault")
    fault.get_by_text("The most is 5.").wait_for()
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()
    page.get_by_label("times").fill("2")
    page.get_by_label("at", exact=True).fill("the day after")  # only the server can tell
    page.locator(".wb-Form-field", has_text="date and time").locator(".wb-Form-fault:not(:empty)").wait_for()
    page.get_by_role("button", name="Reset at").click()
    plan.wait_for()


def test_from_the_form_to_the_output_of_a_cell(tab: Tab) -> None:
    page = shown(tab, "pipeline", "greet")
    page.get_by_label("words").fill("good day")
    page.get_by_role("table", name="Plan").get_by_role("row", name="say").wait_for()
    page.get_by_role("button", name="Run", exact=True).click()
    run = current(tab, "greet")
    state(run, "succeeded")
    run.locator(".wb-GraphView [role=treeitem]").first.wait_for()
    assert run.locator(".wb-Timeline-row").count() == 2
    run.get_by_role("button", name="say", exact=True).first.click()
    said = run.locator(".wb-Run-output")
    said.wait_for()
    assert said.inner_text().strip().splitlines() == [f"good day {HOSTILE}"] * 2
    assert tab.page.evaluate("() => window.hit") is None
    run.get_by_role("button", name="Log").click()
    run.get_by_role("log").get_by_text("kernel ready").wait_for()


def test_a_failed_step_is_seen_mended_and_repaired(tab: Tab) -> None:
    run = begun(tab, "gated")
    state(run, "failed")
    run.get_by_role("heading", name="gate", level=2).wait_for()
    failed = run.locator('.wb-Run-cell[data-state="failed"]')
    failed.wait_for()
    failed.locator('.wb-Run-output[data-kind="error"]').get_by_text("value in memory").first.wait_for()
    for folder in (tab.lab.root, tab.lab.root / "notebooks"):
        (folder / "open").touch()
    run.get_by_role("button", name="Repair").click()
    state(run, "succeeded")
    assert run.get_by_text("Repairs").count() == 1


def test_the_notebook_that_failed_opens(tab: Tab) -> None:
    for folder in (tab.lab.root, tab.lab.root / "notebooks"):
        Path(folder / "open").unlink(missing_ok=True)
    page = shown(tab, "pipeline", "gated")
    page.get_by_label("Run unchanged steps too").check()
    page.get_by_role("button", name="Run", exact=True).click()
    run = current(tab, "gated")
    state(run, "failed")
    run.get_by_role("button", name="Open executed notebook").click()
    run.get_by_text("This server does not serve the folder").wait_for()
    run.get_by_role("button", name="Edit notebook").click()
    tab.page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context?.path === 'notebooks/gate.ipynb'")


def test_a_run_is_cancelled_after_a_question(tab: Tab) -> None:
    run = begun(tab, "slow")
    run.locator(".wb-Run-output").get_by_text("begun").wait_for()  # it streams while the cell goes on
    run.get_by_role("button", name="Cancel", exact=True).click()
    tab.page.locator(".jp-Dialog").get_by_role("button", name="Cancel run").click()
    state(run, "cancelled")


def test_two_runs_are_compared(tab: Tab) -> None:
    for words in ("one", "two"):
        page = shown(tab, "pipeline", "greet")
        page.get_by_label("words").fill(words)
        page.get_by_role("button", name="Run", exact=True).click()
        state(current(tab, "greet"), "succeeded")
        if words == "one":
            tab.command("application:close-all")
    run = current(tab, "greet")
    others = run.get_by_label("Compare with another run")
    others.wait_for()
    others.select_option(index=1)
    differences = tab.page.locator('.wb-Page:visible .wb-Run[aria-label="Comparison"]')
    differences.wait_for()
    assert differences.locator("mark").all_inner_texts() or differences.get_by_text("words").count()


def test_a_run_that_is_not_there_says_so(tab: Tab) -> None:
    tab.command("workbench:open", kind="comparison", subject="nonsense")
    tab.page.get_by_text("This names no two runs.").wait_for()
