"""Pipelines and runs in JupyterLab, in a real browser: from the form to the run, to what failed, and on."""

from __future__ import annotations

from collections.abc import Iterator
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
          say: notebooks/say.ipynb
          then: {notebook: notebooks/then.ipynb, after: [say]}
    """,
    "gated": """
        name: gated
        steps:
          gate: {notebook: notebooks/gate.ipynb, keep_failed: 10m}
          after_it: {notebook: notebooks/then.ipynb, after: [gate]}
    """,
    "slow": "name: slow\nsteps: {wait: notebooks/wait.ipynb, then: {notebook: notebooks/then.ipynb, after: [wait]}}",
    "daily": """
        name: daily
        partitions:
          day: {every: day, start: 2026-01-01, end: 2026-01-03}
        steps: {say: notebooks/day.ipynb}
    """,
    "wide": "name: wide\nsteps:\n" + "".join(f"  part_{number:02}: notebooks/then.ipynb\n" for number in range(60)),
    "wrong": "name: wrong\nsteps: [",
}
SHUT = """async () => {
    const widgets = [...window.jupyterapp.shell.widgets('main')];
    await Promise.all(widgets.map(widget => widget.sessionContext?.ready));
    for (const { context } of widgets) {
        if (context?.model) context.model.dirty = false;
    }
    widgets.sort((one, other) => one.isVisible - other.isVisible).forEach(widget => widget.close());
}"""
"""Closes every tab once it is ready, without the question about notebooks to which a kernel has told its language.

Hidden ones go first: the toolbar of a notebook that is shown and closed at once fails aloud.
"""
CURRENT = "window.jupyterapp.shell.currentWidget"
HOSTILE = "<img src=x onerror=window.hit=1>"
TAKEN = """
from datetime import datetime
words: str = "hi"
times: int = 1
at: datetime = datetime(2026, 1, 1)
"""
NOTEBOOKS = {
    "say": notebook(f"for _ in range(times):\n    print(words, {HOSTILE!r})", parameters=TAKEN),
    "then": notebook("1 + 1"),
    "day": notebook("print(day)", parameters="from datetime import date\nday: date = date(2026, 1, 1)"),
    "gate": notebook("found = 'value in memory'", "from pathlib import Path\nassert Path('open').exists(), found"),
    "wait": notebook(
        """
        import os, time
        print("begun", flush=True)
        while not os.path.exists("go"):
            time.sleep(0.05)
        """
    ),
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
    runs.page.evaluate(SHUT)
    runs.problems.clear()
    yield runs
    assert runs.problems == []


def shown(tab: Tab, kind: str, subject: str) -> Any:
    """The page, once it is there."""
    tab.command("workbench:open", kind=kind, subject=subject)
    page = tab.page.locator(".wb-Page:visible .wb-Run")
    page.wait_for()
    return page


def started(tab: Tab, pipeline: str) -> Any:
    """The page of a run that was begun by the form, with what already stands in it."""
    tab.page.locator(".wb-Page:visible .wb-Launch").get_by_role("button", name="Run", exact=True).click()
    return current(tab, pipeline)


def begun(tab: Tab, pipeline: str) -> Any:
    """The page of a run that was begun by the form, as the form comes."""
    shown(tab, "pipeline", pipeline)
    return started(tab, pipeline)


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
    tab.command("workbench:open", kind="pipelines", subject="")
    page.get_by_role("button", name="open pipelines/wrong.yaml").click()
    tab.page.wait_for_function(f"() => {CURRENT}?.context?.path === 'pipelines/wrong.yaml'")


def test_values_are_refused_where_they_stand(tab: Tab) -> None:
    page = shown(tab, "pipeline", "greet")
    plan = page.get_by_role("table", name="Plan")
    plan.wait_for()
    page.get_by_role("textbox", name="times").fill("9")
    fault = page.locator(".wb-Form-field", has_text="times").locator(".wb-Form-fault")
    fault.get_by_text("The most is 5.").wait_for()
    assert page.locator(".wb-Launch").get_by_role("button", name="Run", exact=True).is_disabled()
    page.get_by_role("textbox", name="times").fill("2")
    page.get_by_role("textbox", name="at", exact=True).fill("the day after")  # only the server can tell
    page.locator(".wb-Form-field", has_text="date and time").locator(".wb-Form-fault:not(:empty)").wait_for()
    page.get_by_role("button", name="Reset at").click()
    plan.wait_for()


def test_from_the_form_to_the_output_of_a_cell(tab: Tab) -> None:
    page = shown(tab, "pipeline", "greet")
    page.get_by_role("textbox", name="words").fill("good day")
    page.get_by_role("table", name="Plan").get_by_role("row", name="say").wait_for()
    run = started(tab, "greet")
    state(run, "succeeded")
    run.locator(".wb-GraphView [role=treeitem]").first.wait_for()
    run.locator(".wb-Timeline-row").nth(1).wait_for()
    run.get_by_role("button", name="say", exact=True).first.click()
    said = run.locator(".wb-Run-output")
    said.wait_for()
    assert said.inner_text().strip().splitlines() == [f"good day {HOSTILE}"] * 2
    assert tab.page.evaluate("() => window.hit") is None
    run.get_by_role("button", name="Log").click()
    run.get_by_role("log").get_by_text("kernel ready").wait_for()


def gate(tab: Tab, shut: bool) -> None:
    """Whether the step of that name fails."""
    file = tab.lab.root / "notebooks/open"
    file.unlink(missing_ok=True) if shut else file.touch()


def test_a_failed_step_is_seen_mended_and_repaired(tab: Tab) -> None:
    gate(tab, shut=True)
    run = begun(tab, "gated")
    state(run, "failed")
    run.get_by_role("heading", name="gate", level=2).wait_for()
    failed = run.locator('.wb-Run-cell[data-state="failed"]')
    failed.wait_for()
    failed.locator('.wb-Run-output[data-kind="error"]').get_by_text("value in memory").first.wait_for()
    gate(tab, shut=False)
    run.get_by_role("button", name="Repair").click()
    state(run, "succeeded")
    assert run.get_by_text("Repairs").count() == 1


def test_the_notebook_that_failed_opens_on_its_kernel(tab: Tab) -> None:
    gate(tab, shut=True)
    page = shown(tab, "pipeline", "gated")
    page.get_by_label("Run unchanged steps too").check()
    run = started(tab, "gated")
    state(run, "failed")
    run.get_by_text("Its kernel is kept until").wait_for()
    short = run.get_attribute("aria-label").split()[1]
    run.get_by_role("button", name="Open on its kernel").click()
    tab.page.wait_for_function(f"() => {CURRENT}?.context?.path.startsWith('.workbench/opened/')")
    tab.page.wait_for_function(f"() => {CURRENT}.content.activeCell?.model.id === 'cell-2'")
    tab.page.wait_for_function(f"() => {CURRENT}.sessionContext.session?.kernel?.connectionStatus === 'connected'")
    said = f"""async () => {{
        let said = '';
        const asked = {CURRENT}.sessionContext.session.kernel.requestExecute({{ code: 'print(found)' }});
        asked.onIOPub = message => (said += message.content.text ?? '');
        await asked.done;
        return said;
    }}"""
    assert tab.page.evaluate(said).strip() == "value in memory"
    tab.page.locator(".lm-TabBar-tab", has_text=f"Run {short}").click()
    current(tab, "gated").get_by_role("button", name="Edit notebook").click()
    tab.page.wait_for_function(f"() => {CURRENT}?.context?.path === 'notebooks/gate.ipynb'")


def test_the_graph_takes_on_the_states_as_they_come(tab: Tab) -> None:
    run = begun(tab, "slow")
    run.locator('.wb-Node.wb-is-running[data-id="wait"]').wait_for()
    run.locator('.wb-Node.wb-is-queued[data-id="then"]').wait_for()
    run.locator(".wb-Run-output").get_by_text("begun").wait_for()  # it streams while the cell goes on
    (tab.lab.root / "notebooks/go").touch()
    state(run, "succeeded")
    run.locator('.wb-Node.wb-is-succeeded[data-id="then"]').wait_for()
    assert run.locator('.wb-Node.wb-is-succeeded[data-id="wait"]').count() == 1


def test_a_run_is_cancelled_after_a_question(tab: Tab) -> None:
    (tab.lab.root / "notebooks/go").unlink(missing_ok=True)
    page = shown(tab, "pipeline", "slow")
    page.get_by_label("Run unchanged steps too").check()
    run = started(tab, "slow")
    run.locator(".wb-Run-output").get_by_text("begun").wait_for()
    run.get_by_role("button", name="Cancel", exact=True).click()
    tab.page.locator(".jp-Dialog").get_by_role("button", name="Cancel run").click()
    state(run, "cancelled")
    run.locator("button:enabled", has_text="Repair").wait_for()


def test_two_runs_are_compared(tab: Tab) -> None:
    for words in ("one", "two"):
        page = shown(tab, "pipeline", "greet")
        page.get_by_role("textbox", name="words").fill(words)
        state(started(tab, "greet"), "succeeded")
        if words == "one":
            tab.page.evaluate(SHUT)
    others = current(tab, "greet").get_by_label("Compare with another run")
    others.wait_for()
    others.select_option(index=1)
    differences = tab.page.locator('.wb-Page:visible .wb-Run[aria-label="Comparison"]')
    differences.wait_for()
    assert {"one", "two"} <= set(" ".join(differences.locator("mark").all_inner_texts()).split())


def test_sixty_steps_are_seen_at_once(tab: Tab) -> None:
    page = shown(tab, "pipeline", "wide")
    page.get_by_role("treeitem").nth(59).wait_for()
    plan = page.get_by_role("table", name="Plan")
    plan.wait_for()
    assert plan.get_attribute("aria-rowcount") == "61"
    page.get_by_text("60 of 60 steps would run").wait_for()


def test_the_parts_of_the_data_are_a_matrix(tab: Tab) -> None:
    page = shown(tab, "pipeline", "daily")
    page.locator(".wb-Launch").get_by_label("day").fill("2026-01-02")
    state(started(tab, "daily"), "succeeded")
    page = shown(tab, "pipeline", "daily")
    rows = page.locator(".wb-Matrix tbody tr")
    assert rows.filter(has_text="2026-01-01").get_by_text("never ran").count() == 1
    rows.filter(has_text="2026-01-02").get_by_role("button", name="succeeded").click()
    current(tab, "daily").wait_for()


@pytest.mark.slow
def test_a_project_without_pipelines_says_what_brings_one(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = lay_out(tmp_path_factory.mktemp("empty") / "project")
    with lab_on(root, tmp_path_factory.mktemp("jupyter")) as lab:
        opened = Tab(browser, lab)
        opened.open()
        opened.command("workbench:open", kind="pipelines", subject="")
        opened.page.get_by_text("Pipelines appear here").wait_for()
        opened.close()
        assert opened.problems == []


def test_a_run_that_is_not_there_says_so(tab: Tab) -> None:
    tab.command("workbench:open", kind="comparison", subject="nonsense")
    tab.page.get_by_text("This names no two runs.").wait_for()
