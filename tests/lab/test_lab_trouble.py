"""What goes wrong around a page: network, store, folder, kernel; the page says so, and goes on after it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lab_projects import lay_out_sales
from lab_server import Lab, Tab, lab_on
from projects import lay_out, notebook
from readonly import only_read
from relay import relayed
from test_lab_catalog import names, told
from test_lab_runs import NOTEBOOKS, PIPELINES, begun, shown, state

from workbench.project import Project

BARE = [
    *(sys.executable, "-S", "-c"),
    f"import sys; sys.path.append({sysconfig.get_path('purelib')!r}); "
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()",
    *("-f", "{connection_file}"),
]
"""Starts a kernel that finds what is installed and follows no link to a checkout: there is no Workbench in it."""
CURRENT = "window.jupyterapp.shell.currentWidget"


def until(done: Any, seconds: float = 120) -> None:
    """Wait for what no page shows."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def slow(folder: Path) -> Path:
    """A project with a pipeline that goes on until there is a file ``notebooks/go``."""
    notebooks = {name: NOTEBOOKS[name] for name in ("wait", "then")}
    return lay_out(folder / "project", {"slow": PIPELINES["slow"]}, notebooks)


@pytest.fixture
def opening(browser: Any) -> Iterator[Any]:
    """Opens tabs on a server, and closes them afterwards."""
    made: list[Tab] = []

    def opened(lab: Lab, **options: Any) -> Tab:
        made.append(Tab(browser, lab, **options))
        made[-1].open()
        return made[-1]

    yield opened
    for tab in made:
        tab.close()


def test_a_run_goes_on_while_the_network_is_away_and_is_shown_as_it_stands_then(opening: Any, tmp_path: Path) -> None:
    root = slow(tmp_path)
    with lab_on(root, tmp_path / "jupyter") as lab, relayed(int(lab.url.split(":")[2].strip("/"))) as network:
        tab = opening(Lab(f"http://127.0.0.1:{network.port}/", root))
        run = begun(tab, "slow")
        run.locator(".wb-Run-output").get_by_text("begun").wait_for()
        network.cut()
        tab.page.locator(".wb-Status").get_by_text("not connected").wait_for()
        (root / "notebooks/go").touch()
        with Project.open(root) as project:
            until(lambda: project.runs.list(1)[0].state == "succeeded")
        assert run.locator(".wb-Run-title .wb-Badge").inner_text().strip() == "running", "what was known stays"
        network.mend()
        state(run, "succeeded")
        run.locator('.wb-Node.wb-is-succeeded[data-id="then"]').wait_for()
        tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()


def test_two_windows_show_the_same_run_and_either_may_end_it(opening: Any, tmp_path: Path) -> None:
    root = slow(tmp_path)
    with lab_on(root, tmp_path / "jupyter") as lab:
        one = opening(lab)
        two = opening(Lab(lab.url, root, "second"), reduced_motion="reduce")
        here = begun(one, "slow")
        state(here, "running")
        with Project.open(root) as project:
            there = shown(two, "run", project.runs.list(1)[0].id)
        state(there, "running")
        there.locator(".wb-Run-output").get_by_text("begun").wait_for()
        moving = "() => document.getAnimations().filter(each => each.effect.target.closest('.wb-Page')).length"
        one.page.wait_for_function(f"() => ({moving})() > 0")
        assert two.page.evaluate(moving) == 0, "who wants no motion sees none"
        there.get_by_role("button", name="Cancel", exact=True).click()
        two.page.locator(".jp-Dialog").get_by_role("button", name="Cancel run").click()
        state(there, "cancelled")
        state(here, "cancelled")
        (root / "notebooks/go").touch()
        here.get_by_role("button", name="Repair").click()
        state(here, "succeeded")
        state(there, "succeeded")
        assert one.problems == [] and two.problems == []


def test_a_project_that_may_only_be_read_is_looked_at_and_says_why_no_run_begins(opening: Any, tmp_path: Path) -> None:
    made = lay_out_sales(tmp_path / "sales")
    with only_read(made, tmp_path / "only") as root, lab_on(root, tmp_path / "jupyter") as lab:
        tab = opening(lab)
        told(tab, "3 datasets")
        for kind, subject, there in (
            ("dataset", "raw.sales", ".wb-Dataset"),
            ("lineage", "raw.sales", ".wb-Lineage"),
            ("quality", "", ".wb-Quality"),
            ("run", "sales@last", ".wb-Run"),
        ):
            tab.command("workbench:open", kind=kind, subject=subject)
            tab.page.locator(f".wb-Page:visible {there} h1").first.wait_for()
        page = shown(tab, "pipeline", "sales")
        page.get_by_role("table", name="Plan").wait_for()
        page.locator(".wb-Launch").get_by_role("button", name="Run", exact=True).click()
        refusal = page.locator(".wb-Launch [role=alert]")
        refusal.locator(".wb-State-code", has_text="WB-DB-517").wait_for()
        refusal.get_by_text("may not be written to").wait_for()
        assert tab.problems == []


def test_a_store_that_is_locked_newer_or_gone_is_told_of_and_found_again(opening: Any, tmp_path: Path) -> None:
    root = lay_out_sales(tmp_path / "sales")
    store = root / ".workbench/store.db"
    with lab_on(root, tmp_path / "jupyter") as lab:
        tab = opening(lab)
        told(tab, "3 datasets")
        with closing(sqlite3.connect(store, isolation_level=None)) as connection:
            kept = tmp_path / "kept.db"
            connection.execute("VACUUM INTO ?", (str(kept),))
            connection.execute("BEGIN IMMEDIATE")
            tab.command("workbench:open", kind="dataset", subject="marts.totals")  # it is read all the same
            tab.page.locator(".wb-Dataset").get_by_role("heading", name="marts.totals", level=1).wait_for()
            connection.execute("ROLLBACK")
        newer = tmp_path / "newer.db"
        shutil.copy(kept, newer)
        with closing(sqlite3.connect(newer)) as connection, connection:
            connection.execute("UPDATE workbench_version SET version_num = '9999'")
        put(newer, store)
        tab.command("workbench:refresh")
        catalog = tab.page.locator(".wb-Catalog")
        catalog.locator(".wb-State-code", has_text="WB-DB-520").wait_for()
        catalog.get_by_text("Nothing in it was changed.").wait_for()
        put(None, store)
        catalog.get_by_role("button", name="Try again").click()
        told(tab, "Datasets appear here once a pipeline has written them.")
        put(kept, store)
        tab.command("workbench:refresh")
        told(tab, "3 datasets")
        assert names(tab)
        assert tab.problems == []


def put(file: Path | None, store: Path) -> None:
    """Another file in the place of a store, or none."""
    for name in (store.name, f"{store.name}-wal", f"{store.name}-shm"):
        store.with_name(name).unlink(missing_ok=True)
    if file is not None:
        file.rename(store)


def test_in_a_kernel_without_workbench_all_works_but_what_needs_it(opening: Any, tmp_path: Path) -> None:
    root = lay_out_sales(tmp_path / "sales")
    spec = tmp_path / "jupyter/share/kernels/bare/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        json.dumps({"argv": BARE, "display_name": "Bare", "language": "python", "env": {"PYTHONPATH": ""}}),
        encoding="utf-8",
    )
    cells = ["print(6 * 7)", "import workbench as wb\nwb.read('raw.sales')"]
    (root / "notebooks/bare.ipynb").write_text(json.dumps(notebook(*cells, kernel="bare")), encoding="utf-8")
    with lab_on(root, tmp_path / "jupyter") as lab:
        tab = opening(lab)
        tab.command("docmanager:open", path="notebooks/bare.ipynb", factory="Notebook", kernel={"name": "bare"})
        tab.page.evaluate(f"async () => {{ await {CURRENT}.sessionContext.ready; }}")
        panel = tab.page.locator(".jp-NotebookPanel:visible")
        panel.locator(".wb-StepChip-button").get_by_text("No step yet").wait_for()
        tab.command("notebook:run-all-cells")
        outputs = panel.locator(".jp-OutputArea-output")
        outputs.get_by_text("42", exact=True).first.wait_for()
        outputs.get_by_text("No module named 'workbench'").first.wait_for()
        panel.locator(".cm-line span", has_text="raw.sales").first.hover()
        tab.page.locator(".wb-HoverCard").get_by_text("20 rows", exact=False).wait_for()
        tab.command("docmanager:save")
        tab.command("notebook:shutdown-kernel")
        assert tab.problems == []


def test_where_as_many_kernels_are_kept_as_may_be_the_page_says_so(opening: Any, tmp_path: Path) -> None:
    root = lay_out(
        tmp_path / "project",
        {"breaks": "name: breaks\nsteps: {part: {notebook: notebooks/breaks.ipynb, keep_failed: 10m}}"},
        {"breaks": notebook("x = 42", "1 / 0")},
        {"workbench.toml": 'name = "tested"\n[run]\nkept_kernels = 1\n'},
    )
    try:
        with lab_on(root, tmp_path / "jupyter") as lab:
            tab = opening(lab)
            first = begun(tab, "breaks")
            state(first, "failed")
            tab.page.locator(".Toastify").get_by_text("breaks failed").first.wait_for()
            first.get_by_role("button", name="Open on its kernel").click()
            connected = f"() => {CURRENT}?.sessionContext?.session?.kernel?.connectionStatus === 'connected'"
            tab.page.wait_for_function(connected)  # from now on it is in use, and gives its place to no other
            second = begun(tab, "breaks")
            state(second, "failed")
            second.get_by_text("Its kernel is not kept: 1 may be kept, and are in use.").wait_for()
            assert second.get_by_role("button", name="Open executed notebook").count() == 1
            assert second.get_by_role("button", name="Open on its kernel").count() == 0
            assert tab.problems == []
    finally:
        with Project.open(root) as project:
            for run in project.runs.list(5):
                for kept in project.runs.kept.of(project.runs.get(run.id)):
                    project.runs.kept.release(kept)


SAVED = """async ([workspace, ...names]) => {
    const saved = await window.jupyterapp.serviceManager.workspaces.fetch(workspace);
    const main = JSON.stringify(saved.data['layout-restorer:data']?.main ?? {});
    return names.every(name => main.includes(JSON.stringify(name)));
}"""
"""Whether JupyterLab has saved its layout with all of these in it."""


def test_a_run_and_a_pipeline_file_are_there_again_after_a_reload(opening: Any, tmp_path: Path) -> None:
    root = lay_out_sales(tmp_path / "sales")
    with Project.open(root) as project:
        run = project.runs.list(1)[0].id
    with lab_on(root, tmp_path / "jupyter") as lab:
        tab = opening(lab)
        state(shown(tab, "run", run), "succeeded")
        tab.command("docmanager:open", path="pipelines/sales.yaml")
        tab.page.locator(".wb-PipelineGraph [role=treeitem]").first.wait_for()
        file = "workbench-pipeline-files:pipelines/sales.yaml"
        tab.page.wait_for_function(SAVED, arg=[lab.workspace, f"workbench-pages:run:{run}", file])
        tab.open()
        tabs = tab.page.locator("#jp-main-dock-panel .lm-TabBar-tab")
        tabs.filter(has_text="sales.yaml").click()
        tab.page.locator(".wb-PipelineGraph [role=treeitem]").first.wait_for()
        tabs.filter(has_text=f"Run {run[-6:]}").click()
        page = tab.page.locator(".wb-Page:visible .wb-Run")
        page.wait_for()
        state(page, "succeeded")
        page.locator(".wb-Node.wb-is-succeeded").first.wait_for()
        assert tab.problems == []
