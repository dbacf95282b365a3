"""kill -9 at any moment: the next command knows the truth, nothing is half-published, no kernel is left."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from projects import MakeProject, notebook
from runners import left_after, start

from workbench.model.run import State
from workbench.project import Project

PIPELINE = """
    name: tokens
    parameters: {token: {type: int}}
    steps: {twins: notebooks/twins.ipynb, sum: notebooks/sum.ipynb}
"""
TWINS = notebook(
    "import pandas as pd, workbench as wb",
    """
    frame = pd.DataFrame({"token": [token] * 1000})
    wb.write(frame, "pair.left", mode="overwrite")
    """,
    'wb.write(frame, "pair.right", mode="overwrite")',
    parameters="token: int",
)
SUM = notebook(
    "import workbench as wb",
    'left, right = wb.read("pair.left"), wb.read("pair.right")',
    'assert (left.token == right.token).all()\nwb.write(left.head(1), "pair.sum", mode="append")',
)
LONGEST = 5.0
"""Seconds after which a run is killed at the latest, a little more than it takes."""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("half", [1, 2])
def test_killed_at_random_moments(make_project: MakeProject, half: int) -> None:
    root = make_project({"tokens": PIPELINE}, {"twins": TWINS, "sum": SUM})
    seed = random.SystemRandom().randrange(1 << 32)
    rng = random.Random(seed)
    for token in range(10):
        started = time.monotonic()
        process = start(root, "run", "tokens", "-p", f"token={token}", "--json")
        try:
            process.wait(rng.uniform(0.05, LONGEST))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert left_after(5.0, root) == [], f"seed {seed}, token {token}"
        check_truth(root, f"seed {seed}, token {token}, after {time.monotonic() - started:.2f} s")
    process = start(root, "run", "tokens", "-p", "token=99", "--json")
    assert process.wait(120) == 0
    check_truth(root, "at the end")
    assert tokens(root, "pair.left") == {99}


def check_truth(root: Path, when: str) -> None:
    with Project.open(root) as project:
        for run in project.runs.list(limit=3):
            assert run.state.final, when
            assert run.ended_at, when
            for step in project.runs.get(run.id).steps:
                assert step.state.final, when
                assert all(attempt.state.final for attempt in step.attempts), when
                if step.state is State.SUCCEEDED:
                    assert set(step.outputs) >= ({"pair.left", "pair.right"} if step.step == "twins" else set()), when
        with project.store.reading() as transaction:
            current = transaction.datasets.pointers("prod")
        assert ("pair.left" in current) == ("pair.right" in current), when
        if "pair.left" in current:
            assert len(tokens(root, "pair.left")) == 1, when
            assert tokens(root, "pair.left") == tokens(root, "pair.right"), when


def tokens(root: Path, dataset: str) -> set[int]:
    """The values of what is current, read from its own files."""
    import pyarrow.parquet as pq

    with Project.open(root) as project:
        files = project.resolve("prod", [dataset])[dataset].files
    return {value for file in files for value in pq.read_table(file.path).column("token").to_pylist()}
