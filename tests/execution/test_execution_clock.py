"""Row F43 of the table of faults, for runs: a clock that is set meanwhile is told, and changes nothing."""

from __future__ import annotations

from itertools import chain, repeat

import pytest
from projects import MakeProject, notebook

from workbench.execution.walk import keeper
from workbench.model.run import State
from workbench.project import Project

PIPELINE = "name: wait\nsteps: {wait: notebooks/wait.ipynb}\n"
WAIT = notebook("import time\ntime.sleep(1.5)")


@pytest.mark.parametrize(("seconds", "told"), [(3600.0, "+3600 s"), (-3600.0, "-3600 s"), (4.0, "")])
def test_f43_a_clock_that_is_set_during_a_run_is_told_once_and_ends_no_lease(
    make_project: MakeProject,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    seconds: float,
    told: str,
) -> None:
    root = make_project({"wait": PIPELINE}, {"wait": WAIT}, {"workbench.toml": '[run]\nlease = "2s"\n'})
    ahead = chain([0.0, 0.0], repeat(seconds))
    monkeypatch.setattr(keeper, "_ahead", lambda: next(ahead))
    with Project.open(root) as project:
        assert project.run("wait", executor="inline").state is State.SUCCEEDED
    assert caplog.text.count("the clock was set") == (1 if told else 0)
    assert told in caplog.text
