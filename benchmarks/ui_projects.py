"""Projects for ``ui.py``: laid out by what the store says of them, as if other machines had written their data."""

from __future__ import annotations

from pathlib import Path

import bench

from workbench.config import load_config
from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.model.lineage import Edge
from workbench.model.names import new_id
from workbench.model.run import Run, State
from workbench.store.owner import new_owner
from workbench.store.transaction import Store, Transaction

AT = "2026-01-01T00:00:00.000+00:00"
SCHEMA = Schema((Column("id", "long"),))
READS = 3
"""Datasets that each is made from."""
WIDE = 25
"""Datasets that are equally far from the first one, which all others come from."""


def catalog(folder: Path, datasets: int) -> Path:
    """A project that knows of so many datasets, ``wide.table_00000`` and on."""
    bench.lay_out(folder, {})
    (folder / "pipelines" / "bench.yaml").unlink()
    with Store.open(load_config(folder).store) as store, store.writing() as transaction:
        for number in range(datasets):
            _snapshot(transaction, f"wide.table_{number:05}", number + 1, "")
    return folder


def lineage(folder: Path, datasets: int) -> tuple[Path, int, int]:
    """A project whose datasets are made from one another, each by a step of its own: with its boxes and arrows.

    All come from the first one, ``WIDE`` of them straight, as many from those, and so on.
    """
    bench.lay_out(folder, {})
    (folder / "pipelines" / "bench.yaml").unlink()
    run = Run(new_id(), "web", "prod", State.SUCCEEDED, created_at=AT, ended_at=AT)
    edges = []
    for number in range(1, datasets):
        for before in sorted(_reads(number)):
            edges.append(Edge(_name(before), _name(number), before + 1, number + 1, run.id, f"make_{number}", ""))
    with Store.open(load_config(folder).store) as store, store.writing() as transaction:
        transaction.runs.create(run, [], new_owner(), 60.0)
        for number in range(datasets):
            _snapshot(transaction, _name(number), number + 1, run.id)
        transaction.lineage.add(edges)
    steps = {edge.step for edge in edges}
    return folder, datasets + len(steps), len(edges) + len(steps)


def busy(folder: Path, steps: int, cells: int) -> Path:
    """A project with a pipeline ``bench`` of steps one after another, each of so many short cells."""
    sources = [f"import time\ntime.sleep(0.05)\n{number}" for number in range(cells)]
    bench.lay_out(folder, {f"step_{number:02}": bench.notebook(*sources) for number in range(steps)})
    lines = [
        f"  step_{number:02}: {{notebook: notebooks/step_{number:02}.ipynb"
        + (f", after: [step_{number - 1:02}]" if number else "")
        + "}\n"
        for number in range(steps)
    ]
    (folder / "pipelines" / "bench.yaml").write_text("name: bench\nsteps:\n" + "".join(lines))
    return folder


def _reads(number: int) -> set[int]:
    """What a dataset is made from: some of the row before it, and one of the row before that."""
    row, place = divmod(number - 1, WIDE)
    rows = (row - 1, row - 1, row - 2)[:READS]
    stride = 1 + row % 4
    return {1 + each * WIDE + (place + stride * turn) % WIDE if each >= 0 else 0 for turn, each in enumerate(rows)}


def _name(number: int) -> str:
    return f"space_{number % 11}.d{number:04}"


def _snapshot(transaction: Transaction, dataset: str, identifier: int, run: str) -> None:
    file = DataFile(f"{identifier}.parquet", 10, 1, str(identifier))
    told = {"run": run} if run else {}
    transaction.datasets.add_snapshot(
        Snapshot(identifier, dataset, 0, None, SCHEMA, (file,), Mode.OVERWRITE, AT, "prod", **told)
    )
    transaction.datasets.move_pointer("prod", dataset, None, identifier)
    transaction.datasets.mark_followed("prod", dataset, identifier)
