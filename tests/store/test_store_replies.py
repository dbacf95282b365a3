"""Row F41 of the table of faults: killed between the commit and the reply, and the same asked once more."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest
from projects import MakeProject, notebook

from workbench.model.errors import Conflict
from workbench.model.names import new_id
from workbench.model.run import Origin, State
from workbench.project import Project
from workbench.store.transaction import Store

WRITE = """
import sys
from workbench.store.transaction import Store
with Store.open(sys.argv[1]) as store:
    print("open", flush=True)
    for number in range(10**6):
        with store.writing() as transaction:
            transaction.audit.append(sys.argv[2], "write", str(number))
        print(number, flush=True)
"""
RUN = """
import os, signal, sys
from workbench.model.run import Origin
from workbench.project import Project
die = lambda *given, **named: os.kill(os.getpid(), signal.SIGKILL)
with Project.open(sys.argv[1]) as project:
    setattr(*{"run": (project, "_announce", die), "step": (project.publisher, "_announce", die)}[sys.argv[3]])
    project.run("notebooks/one.ipynb", executor="inline", origin=Origin(run=sys.argv[2]))
"""


def test_f41_what_was_acknowledged_is_there_after_kill_nine(store: Store, url: str) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    rng = random.Random(seed)
    acknowledged: set[tuple[str, str]] = set()
    for round in range(3):
        command = [[sys.executable, "-c", WRITE, url, f"{round}.{writer}"] for writer in range(2)]
        writers = [subprocess.Popen(each, stdout=subprocess.PIPE, text=True) for each in command]
        for writer in writers:
            assert writer.stdout is not None and writer.stdout.readline() == "open\n"
        for writer in writers:
            time.sleep(rng.uniform(0, 0.2))
            writer.kill()
        for number, writer in enumerate(writers):
            told, _ = writer.communicate()
            whole = told.splitlines(keepends=True)
            acknowledged |= {(f"{round}.{number}", line.strip()) for line in whole if line.endswith("\n")}
    assert acknowledged
    with store.reading() as transaction:
        kept = [(entry.actor, entry.subject) for entry in transaction.audit.entries(None)]
        assert transaction.audit.verify() is None, seed
    assert acknowledged <= set(kept) and len(kept) == len(set(kept)), seed
    assert len(kept) <= len(acknowledged) + 6, seed  # each of the killed may have committed one without a word


@pytest.mark.slow
@pytest.mark.parametrize(("where", "state"), [("run", State.SUCCEEDED), ("step", State.LOST)])
def test_f41_a_run_that_is_asked_for_again_after_its_commit_is_the_first_one(
    make_project: MakeProject, where: str, state: State
) -> None:
    write = 'import pandas as pd, workbench as wb\nwb.write(pd.DataFrame({"n": [1]}), "clean.ones", mode="append")'
    root = make_project(notebooks={"one": notebook(write)})
    wanted = new_id()
    killed = subprocess.run([sys.executable, "-c", RUN, str(root), wanted, where], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with Project.open(root) as project:
        with pytest.raises(Conflict, match="WB-RUN-129"):
            project.run("notebooks/one.ipynb", executor="inline", origin=Origin(run=wanted))
        first = project.runs.get(wanted)
        assert first.state is state and [step.state for step in first.steps] == [State.SUCCEEDED]
        again = project.run("notebooks/one.ipynb", executor="inline")
        assert [step.state for step in again.steps] == [State.SKIPPED]
        with project.store.reading() as transaction:
            assert [snapshot.version for snapshot in transaction.datasets.snapshots("clean.ones")] == [1]
