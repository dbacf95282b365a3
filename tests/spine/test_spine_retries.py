"""A step that fails is tried again as its pipeline says; what is left of a run can be taken up later."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook

from workbench.model.errors import Conflict, UsageError
from workbench.model.events import Progress
from workbench.model.run import AttemptState, Run, State
from workbench.project import Project

FLAKY = notebook(
    "from pathlib import Path\nimport pandas as pd, workbench as wb",
    """
    tries = Path("tries.txt")
    count = int(tries.read_text()) if tries.exists() else 0
    tries.write_text(str(count + 1))
    if count < bad:
        raise ConnectionResetError("no answer")
    wb.write(pd.DataFrame({"count": [count]}), "flaky.count", mode="overwrite")
    """,
    parameters="bad: int = 1",
)
AFTER = notebook("import workbench as wb", 'wb.record("count", int(wb.read("flaky.count")["count"][0]))')


def pipeline(options: str, more: str = "") -> dict[str, str]:
    return {
        "flaky": f"""
    name: flaky
    parameters: {{bad: {{type: int, default: 1}}}}
    steps:
      flaky: {{notebook: notebooks/flaky.ipynb{options}}}
      after: notebooks/after.ipynb
{more}"""
    }


def laid_out(make_project: MakeProject, options: str, more: str = "") -> Path:
    return make_project(pipeline(options, more), {"flaky": FLAKY, "after": AFTER})


def attempts(run: Run, step: str = "flaky") -> list[tuple[int, AttemptState, str]]:
    found = next(one for one in run.steps if one.step == step)
    return [(one.number, one.state, one.cause) for one in found.attempts]


def states(run: Run) -> dict[str, State]:
    return {step.step: step.state for step in run.steps}


RETRIES = ", retries: {max: 2, on: [ConnectionError], backoff: 1s, jitter: 0}"


def test_a_named_exception_is_tried_again_after_a_pause(make_project: MakeProject) -> None:
    told: list[Progress] = []
    with Project.open(laid_out(make_project, RETRIES)) as project:
        run = project.run("flaky", executor="inline", on_progress=told.append)
    assert run.state is State.SUCCEEDED
    assert attempts(run) == [(1, AttemptState.FAILED, "ConnectionResetError"), (2, AttemptState.COMMITTED, "")]
    first, second = run.steps[0].attempts
    assert first.error is not None
    assert first.error["code"] == "WB-RUN-104"
    assert second.not_before >= first.ended_at
    assert second.started_at >= second.not_before
    assert second.fence > first.fence
    assert run.steps[0].fence == second.fence
    assert run.steps[0].error is None
    waits = [one.message for one in told if one.state == State.QUEUED]
    assert waits == ["ConnectionResetError in cell 3 of notebooks/flaky.ipynb; attempt 2 of 3 in 1 s"]


def test_a_step_that_names_no_cause_is_not_tried_again(make_project: MakeProject) -> None:
    with Project.open(laid_out(make_project, ", retries: {max: 2, on: [timeout]}")) as project:
        run = project.run("flaky", executor="inline")
    assert states(run) == {"flaky": State.FAILED, "after": State.UPSTREAM_FAILED}
    assert attempts(run) == [(1, AttemptState.FAILED, "ConnectionResetError")]


def test_the_last_try_tells_the_error(make_project: MakeProject) -> None:
    with Project.open(laid_out(make_project, RETRIES)) as project:
        run = project.run("flaky", {"bad": 9}, executor="inline")
    assert states(run) == {"flaky": State.FAILED, "after": State.UPSTREAM_FAILED}
    assert [state for _, state, _ in attempts(run)] == [AttemptState.FAILED] * 3
    assert run.steps[0].error is not None


def test_a_repair_runs_what_failed_and_what_follows_in_the_same_run(make_project: MakeProject) -> None:
    root = laid_out(make_project, "")
    with Project.open(root) as project:
        before = project.run("flaky", executor="inline")
        assert states(before) == {"flaky": State.FAILED, "after": State.UPSTREAM_FAILED}
        run = project.repair(before.id, executor="inline")
    assert (run.id, run.state, run.repairs, run.error) == (before.id, State.SUCCEEDED, 1, None)
    assert states(run) == {"flaky": State.SUCCEEDED, "after": State.SUCCEEDED}
    assert attempts(run) == [(1, AttemptState.FAILED, "ConnectionResetError"), (2, AttemptState.COMMITTED, "")]
    assert [step.id for step in run.steps] == [step.id for step in before.steps]
    assert run.steps[0].reason == "repaired: it failed before"
    assert run.steps[1].values == {"count": 1}
    assert run.created_at == before.created_at
    assert run.ended_at > before.ended_at


def test_a_repair_uses_the_code_of_today_and_leaves_alone_what_stands(make_project: MakeProject) -> None:
    broken = notebook("import workbench as wb", 'wb.read("flaky.count")\n1 / 0')
    root = make_project(pipeline(""), {"flaky": FLAKY, "after": broken})
    with Project.open(root) as project:
        before = project.run("flaky", {"bad": 0}, executor="inline")
        assert states(before) == {"flaky": State.SUCCEEDED, "after": State.FAILED}
        mended = {**FLAKY, "cells": [*FLAKY["cells"], *notebook("print('more')")["cells"]]}
        mended["cells"][-1]["id"] = "more"
        (root / "notebooks" / "after.ipynb").write_text(json.dumps(AFTER))
        (root / "notebooks" / "flaky.ipynb").write_text(json.dumps(mended))
        repair = project.plan_repair("last")
        assert repair.changed == ("flaky",)
        assert set(repair.stands) == {"flaky"}
        run = project.repair(repair, executor="inline")
    assert states(run) == {"flaky": State.SUCCEEDED, "after": State.SUCCEEDED}
    assert attempts(run) == attempts(before)
    assert [state for _, state, _ in attempts(run, "after")] == [AttemptState.FAILED, AttemptState.COMMITTED]


def test_a_run_that_succeeded_needs_no_repair(make_project: MakeProject) -> None:
    with Project.open(laid_out(make_project, "")) as project:
        project.run("flaky", {"bad": 0}, executor="inline")
        with pytest.raises(UsageError, match="WB-RUN-124"):
            project.repair("last")


def test_a_run_is_repaired_by_one_only(make_project: MakeProject) -> None:
    with Project.open(laid_out(make_project, "")) as project:
        project.run("flaky", executor="inline")
        first, second = project.plan_repair("last"), project.plan_repair("last")
        assert project.repair(first, executor="inline").state is State.SUCCEEDED
        with pytest.raises(Conflict, match="WB-RUN-123"):
            project.repair(second, executor="inline")


def test_a_step_that_the_pipeline_lost_is_cancelled_by_a_repair(make_project: MakeProject) -> None:
    root = laid_out(make_project, "")
    with Project.open(root) as project:
        project.run("flaky", executor="inline")
        text = (root / "pipelines" / "flaky.yaml").read_text()
        (root / "pipelines" / "flaky.yaml").write_text(text.replace("after: notebooks/after.ipynb", ""))
        run = project.repair("last", executor="inline")
    assert run.state is State.SUCCEEDED
    assert states(run) == {"flaky": State.SUCCEEDED, "after": State.CANCELLED}
    assert run.steps[1].reason == "the pipeline has no such step any more"


def test_a_notebook_run_alone_can_be_repaired(make_project: MakeProject) -> None:
    root = make_project({}, {"flaky": FLAKY})
    with Project.open(root) as project:
        before = project.run("notebooks/flaky.ipynb", executor="inline")
        assert before.state is State.FAILED
        assert project.repair("last", executor="inline").state is State.SUCCEEDED


def test_the_plan_of_a_run_is_kept_and_that_of_each_repair(make_project: MakeProject) -> None:
    with Project.open(laid_out(make_project, RETRIES)) as project:
        run = project.run("flaky", {"bad": 9}, executor="inline")
        planned = project.runs.plan(run)
        assert planned is not None
        assert [step.name for step in planned.steps] == ["flaky", "after"]
        assert planned.steps[0].options.retries.max == 2
        assert planned.parameters == {"bad": 9}
        assert [step.reason.code for step in planned.steps] == ["first_run", "first_run"]
        (project.root / "notebooks" / "tries.txt").write_text("9")
        repaired = project.repair("last", executor="inline")
        again = project.runs.plan(repaired)
        assert again is not None
        assert [step.reason.code for step in again.steps] == ["repaired", "first_run"]
        assert project.runs.plan(run) == planned


def test_a_run_whose_time_is_up_ends_its_steps_and_tells_why(make_project: MakeProject) -> None:
    slow = notebook("import time", "time.sleep(60)")
    steps = "{slow: notebooks/slow.ipynb, last: {notebook: notebooks/slow.ipynb, after: [slow]}}"
    with Project.open(make_project({"slow": f"name: slow\nsteps: {steps}\n"}, {"slow": slow})) as project:
        run = project.run(replace(project.plan("slow"), timeout=2.0))
    assert run.state is State.FAILED
    assert run.error is not None
    assert run.error["code"] == "WB-RUN-113"
    assert run.deadline_at > run.created_at
    assert states(run) == {"slow": State.CANCELLED, "last": State.CANCELLED}
    assert [(one.state, one.cause) for one in run.steps[0].attempts] == [(AttemptState.CANCELLED, "timeout")]
    error: Any = run.steps[0].error
    assert error["code"] == "WB-RUN-113"
