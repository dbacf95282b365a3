"""Runs whose store and catalog are on PostgreSQL: the whole example, and one whose connections break at COMMIT."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from projects import MakeProject, notebook
from servers import PostgreSQL, Wire
from sqlalchemy import make_url
from terminal import type_wb

from workbench.model.run import AttemptState, State
from workbench.project import Project

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "flights"
CHAIN = "name: chain\nsteps: {a: notebooks/a.ipynb, b: notebooks/b.ipynb, c: notebooks/c.ipynb}\n"
FIRST = 'import pandas as pd, workbench as wb\nwb.write(pd.DataFrame({"n": [1, 2]}), "raw.a")'
NEXT = 'import workbench as wb\nwb.write(wb.read("{0}"), "{1}", mode="append")'


def wb(folder: Path, *arguments: str) -> str:
    done = type_wb(*arguments, cwd=folder)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.timeout(900)
def test_the_whole_example_runs_on_postgresql(tmp_path: Path, postgresql_store: str) -> None:
    folder = tmp_path / "flights"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".workbench", "__pycache__", ".ipynb_checkpoints"))
    settings = (folder / "workbench.toml").read_text()
    (folder / "workbench.toml").write_text(f'{settings}\n[storage]\nstore = "{postgresql_store}"\n')
    wb(folder, "run", "flights")
    again = json.loads(wb(folder, "run", "flights", "--json"))
    assert {step["state"] for step in again["steps"]} == {"skipped"}
    assert "features.flight_weather" in wb(folder, "lineage", "show", "marts.route_delays")
    assert "clean.flights" in wb(folder, "catalog", "search", "dep_delay")
    assert not list(folder.rglob("*.db"))
    with Project.open(folder) as project, project.store.reading() as transaction:
        assert transaction.audit.verify() is None
        assert len(transaction.datasets.names()) == 13
        assert not transaction.datasets.unfollowed()


@pytest.fixture
def wire(postgresql_server: PostgreSQL) -> Iterator[Wire]:
    with closing(Wire(postgresql_server)) as wire:
        yield wire


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [40, 41])
def test_f40_f41_connections_that_break_at_commit_lose_and_double_nothing(
    make_project: MakeProject, postgresql_store: str, wire: Wire, seed: int
) -> None:
    store = wire.address(str(make_url(postgresql_store).database))
    steps = {"a": FIRST, "b": NEXT.format("raw.a", "clean.b"), "c": NEXT.format("clean.b", "marts.c")}
    root = make_project(
        {"chain": CHAIN},
        {name: notebook(source) for name, source in steps.items()},
        {"workbench.toml": f'name = "chain"\n[storage]\nstore = "{store}"\n[run]\nlease = "60s"\n'},
    )
    dice = random.Random(seed)
    with Project.open(root) as project:
        run = project.run(
            "chain", on_progress=lambda told: wire.cut(dice.choice(["before", "after", "after"])), executor="inline"
        )
        run = project.runs.get(run.id)
        assert run.state is State.SUCCEEDED, [step.error for step in run.steps]
        assert [[attempt.state for attempt in step.attempts] for step in run.steps] == [[AttemptState.COMMITTED]] * 3
        with project.store.reading() as transaction:
            assert [len(transaction.datasets.snapshots(name)) for name in ("raw.a", "clean.b", "marts.c")] == [1] * 3
            assert transaction.audit.verify() is None
        assert len(project.runs.list()) == 1
    assert wire.cuts > 4
