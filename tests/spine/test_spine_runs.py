"""From a folder of notebooks to data, lineage, quality and a report, through the project's door."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook

from workbench.data import query
from workbench.model.errors import Conflict, WorkbenchError
from workbench.model.names import new_id
from workbench.model.run import CellState, Origin, Run, State
from workbench.project import Project

PIPELINE = """
    name: orders
    parameters:
      factor: {type: int, default: 2, help: how often}
    steps:
      ingest: notebooks/ingest.ipynb
      clean: {notebook: notebooks/clean.ipynb, after: []}
      total: {notebook: notebooks/total.ipynb, report: {title: "Totals times ${factor}"}}
"""
INGEST = notebook(
    "import pandas as pd, workbench as wb",
    """
    frame = pd.DataFrame({"id": [1, 2, 3, 4], "amount": [1.5, 2.5, None, 4.0]})
    wb.write(frame, "raw.orders", mode="overwrite")
    """,
)
CLEAN = notebook(
    "#md # Clean the orders",
    "import workbench as wb",
    """
    frame = wb.read("raw.orders")
    kept = frame.dropna()
    kept = kept.assign(amount=kept.amount * factor)
    wb.metric("dropped", len(frame) - len(kept))
    wb.write(kept, "clean.orders", mode="overwrite")
    """,
    parameters="factor: int = 2  # how often",
)
TOTAL = notebook(
    "#md # Totals\n\nWhat all orders are worth.",
    "import workbench as wb",
    """
    total = wb.sql("select sum(amount) as total from clean.orders").df().total[0]
    wb.record("total", float(total))
    total
    """,
)


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    return make_project({"orders": PIPELINE}, {"ingest": INGEST, "clean": CLEAN, "total": TOTAL})


def run(root: Path, **options: Any) -> Run:
    with Project.open(root) as project:
        return project.run("orders", **options)


def states(done: Run) -> dict[str, State]:
    return {step.step: step.state for step in done.steps}


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / "notebooks" / f"{name}.ipynb"
    text = path.read_text()
    assert json.dumps(old)[1:-1] in text
    path.write_text(text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1]))


def test_a_run_whose_id_is_chosen_begins_once(root: Path) -> None:
    origin = Origin("schedule", "2026-03-02T05:00:00+00:00", new_id())
    done = run(root, origin=origin, executor="inline")
    assert (done.id, done.trigger, done.nominal_at) == (origin.run, "schedule", "2026-03-02T05:00:00+00:00")
    with pytest.raises(Conflict, match="WB-RUN-129"):
        run(root, origin=origin, executor="inline", force=True)
    with Project.open(root) as project:
        assert [item.state for item in project.runs.list()] == [State.SUCCEEDED]
        assert run(root, executor="inline").trigger == "manual"


def total(done: Run) -> float:
    return next(step.values["total"] for step in done.steps if step.step == "total")


def test_a_run_leaves_data_lineage_quality_and_a_report(root: Path) -> None:
    sources = {path: path.read_bytes() for path in (root / "notebooks").iterdir()}
    with Project.open(root) as project:
        done = project.run("orders")
        assert states(done) == dict.fromkeys(["ingest", "clean", "total"], State.SUCCEEDED)
        assert total(done) == 16.0
        clean = next(step for step in done.steps if step.step == "clean")
        assert clean.values == {"dropped": 1}
        assert all(cell.state is not CellState.RUNNING for cell in clean.attempts[-1].cells)
        shown = project.catalog.show("clean.orders", "prod")
        assert shown.dataset.current["prod"].rows == 3
        names = {node.name for node in project.lineage.show("clean.orders", environment="prod").nodes}
        assert {"raw.orders", "clean.orders"} <= names
        report = project.config.state / next(step.report for step in done.steps if step.step == "total")
        page = report.read_text()
        assert "Totals times 2" in page
        assert "Content-Security-Policy" in page
    assert {path: path.read_bytes() for path in (root / "notebooks").iterdir()} == sources


def test_a_second_run_starts_nothing_and_says_why(root: Path) -> None:
    run(root)
    with Project.open(root) as project:
        plan = project.plan("orders")
        assert {step.name: str(step.action) for step in plan.steps} == dict.fromkeys(
            ["ingest", "clean", "total"], "skip"
        )
        done = project.run(plan)
    assert set(states(done).values()) == {State.SKIPPED}
    assert done.state is State.SUCCEEDED
    assert all("unchanged" in step.reason for step in done.steps)
    assert all(not step.attempts for step in done.steps)
    assert next(step.report for step in done.steps if step.step == "total")


def test_an_edit_reruns_its_step_and_what_follows_only_if_its_output_changed(root: Path) -> None:
    run(root)
    edit(root, "clean", "kept = frame.dropna()", "kept = frame[frame.amount.notna()]")
    with Project.open(root) as project:
        plan = project.plan("orders")
        reasons = {step.name: step.reason for step in plan.steps}
        assert str(plan.step("clean").action) == "run"
        assert any(change.component == "code" for change in reasons["clean"].changes)
        assert str(plan.step("total").action) == "decide"
        done = project.run(plan)
    assert states(done) == {"ingest": State.SKIPPED, "clean": State.SUCCEEDED, "total": State.SKIPPED}
    edit(root, "clean", "kept = frame[frame.amount.notna()]", "kept = frame.dropna().head(2)")
    done = run(root)
    assert states(done) == {"ingest": State.SKIPPED, "clean": State.SUCCEEDED, "total": State.SUCCEEDED}
    assert total(done) == 8.0


def test_markdown_reruns_nothing_but_reports(root: Path) -> None:
    run(root)
    edit(root, "clean", "Clean the orders", "Clean the orders, again")
    assert set(states(run(root)).values()) == {State.SKIPPED}
    edit(root, "total", "What all orders are worth.", "What all the orders are worth.")
    done = run(root)
    assert states(done) == {"ingest": State.SKIPPED, "clean": State.SKIPPED, "total": State.SUCCEEDED}


def test_a_parameter_reruns_the_steps_that_take_it(root: Path) -> None:
    run(root)
    done = run(root, parameters={"factor": "3"})
    assert states(done) == {"ingest": State.SKIPPED, "clean": State.SUCCEEDED, "total": State.SUCCEEDED}
    assert total(done) == 24.0
    with pytest.raises(WorkbenchError) as caught:
        run(root, parameters={"factr": "3"})
    assert caught.value.exit_code == 2
    assert "factor" in str(caught.value)


def test_what_somebody_else_overwrote_is_made_again(root: Path) -> None:
    run(root)
    other = notebook(
        "import pandas as pd, workbench as wb",
        'wb.write(pd.DataFrame({"id": [9], "amount": [1.0]}), "clean.orders", mode="overwrite")',
    )
    (root / "notebooks" / "other.ipynb").write_text(json.dumps(other))
    with Project.open(root) as project:
        assert project.run("notebooks/other.ipynb").state is State.SUCCEEDED
    done = run(root)
    assert states(done)["clean"] is State.SUCCEEDED
    assert total(done) == 16.0


def test_a_failed_step_stops_what_follows_and_nothing_else(root: Path) -> None:
    edit(root, "clean", "kept = frame.dropna()", "kept = frame.no_such_method()")
    done = run(root)
    assert done.state is State.FAILED
    assert states(done) == {"ingest": State.SUCCEEDED, "clean": State.FAILED, "total": State.UPSTREAM_FAILED}
    clean = next(step for step in done.steps if step.step == "clean")
    assert clean.error is not None
    assert clean.error["code"] == "WB-RUN-104"
    with Project.open(root) as project:
        notebook_path = project.runs.notebook(clean)
        assert notebook_path is not None
        assert '"failed"' in notebook_path.read_text()
        with pytest.raises(WorkbenchError):
            project.catalog.show("clean.orders", "prod")
    edit(root, "clean", "kept = frame.no_such_method()", "kept = frame.dropna()")
    assert states(run(root)) == {"ingest": State.SKIPPED, "clean": State.SUCCEEDED, "total": State.SUCCEEDED}


def test_what_is_not_selected_is_no_victim_of_a_step_that_failed(root: Path) -> None:
    edit(root, "clean", "kept = frame.dropna()", "kept = frame.no_such_method()")
    with Project.open(root) as project:
        project.run(project.plan("orders", select=["ingest"]))
        run = project.run(project.plan("orders", select=["clean"]))
        done = project.runs.get(run.id)
        assert states(done) == {"ingest": State.SKIPPED, "clean": State.FAILED, "total": State.SKIPPED}
        assert {step.reason for step in done.steps if step.state is State.SKIPPED} == {"not selected"}
        edit(root, "clean", "kept = frame.no_such_method()", "kept = frame.dropna()")
        repaired = project.repair(done.id)
    assert states(repaired) == {"ingest": State.SKIPPED, "clean": State.SUCCEEDED, "total": State.SKIPPED}


def test_a_failing_check_withholds_and_the_last_good_snapshot_stays(root: Path) -> None:
    run(root)
    contract = root / "contracts" / "clean_orders.odcs.yaml"
    contract.parent.mkdir()
    contract.write_text(CONTRACT)
    edit(root, "clean", "kept = frame.dropna()", "kept = frame")
    done = run(root)
    assert done.state is State.WITHHELD
    assert states(done) == {"ingest": State.SKIPPED, "clean": State.WITHHELD, "total": State.UPSTREAM_FAILED}
    with Project.open(root) as project:
        shown = project.catalog.show("clean.orders", "prod")
        assert shown.dataset.current["prod"].rows == 3
        with project.store.reading() as transaction:
            withheld = [one for one in transaction.datasets.snapshots("clean.orders") if one.withheld]
            assert [one.rows for one in withheld] == [4]
            results = transaction.quality.results(withheld[0].id)
            assert any(result.blocks and result.failing == 1 for result in results)


CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: clean-orders
name: Clean orders
version: 1.0.0
status: active
schema:
  - name: clean.orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
      - {name: amount, logicalType: number, required: true}
"""


def test_a_step_reads_an_older_version(root: Path) -> None:
    run(root)
    run(root, parameters={"factor": 3})
    look = notebook("import workbench as wb", 'wb.record("rows", wb.read("clean.orders", as_of=1).amount.sum())')
    (root / "notebooks" / "look.ipynb").write_text(json.dumps(look))
    with Project.open(root) as project:
        (step,) = project.run("notebooks/look.ipynb").steps
        assert step.values == {"rows": 16.0}
        with project.store.reading() as transaction:
            (read,) = transaction.datasets.reads(step.attempts[-1].id)
            assert transaction.datasets.snapshot(read.snapshot).version == 1


def test_dev_reads_from_prod_and_never_touches_it(root: Path) -> None:
    run(root)
    done = run(root, environment="dev", parameters={"factor": 5})
    assert total(done) == 40.0
    with Project.open(root) as project:
        current = project.catalog.show("clean.orders", "prod").dataset.current
        assert current["prod"].id != current["dev"].id
        assert project.plan("orders").steps[1].action == "skip"


def test_two_runs_that_change_one_dataset_at_once_do_not_mix(make_project: MakeProject) -> None:
    slow = notebook(
        "import pandas as pd, workbench as wb, time",
        'wb.write(pd.DataFrame({"who": [who] * 5}), "shared.table", mode="overwrite")\ntime.sleep(1.5)',
        parameters="who: str",
    )
    pipeline = "name: shared\nparameters: {who: {type: str}}\nsteps: {write: notebooks/write.ipynb}\n"
    root = make_project({"shared": pipeline}, {"write": slow})
    results: list[Run] = []

    def go(who: str) -> None:
        with Project.open(root) as project:
            results.append(project.run("shared", {"who": who}))

    threads = [threading.Thread(target=go, args=[who]) for who in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(done.state) for done in results) in (["failed", "succeeded"], ["succeeded", "succeeded"])
    for done in results:
        if done.state is State.FAILED:
            assert done.steps[0].error is not None
            assert done.steps[0].error["code"] == "WB-DAT-320"
    with Project.open(root) as project:
        frame = query.read(project.resolve("prod", ["shared.table"])["shared.table"])
        assert len(frame) == 5
        assert frame.who.nunique() == 1
