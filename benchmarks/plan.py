"""Nothing to do: what ``wb plan`` and ``wb run`` of a pipeline of 1,000 steps cost over Python's start.

Run with ``python benchmarks/plan.py``; ``--short`` takes a hundred steps and one round. The project is made of 1,000
notebooks that all differ, each reading what two others wrote and importing pandas and a module of the project; its
store says that all of them succeeded, so no kernel has to run to begin with. The commands are whole processes, as
typed, whose modules are compiled already, as those of an installed package are. Processor seconds, which other work on
the machine changes less than those on the clock, are those of the command and of what it waited for.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bench

STEPS, FEW = 1000, 100
PROMISED = 1.0
"""Seconds over the start of Python."""
WIDTH = 20
SEED = """
import sys
from dataclasses import replace
from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.model.names import new_id
from workbench.model.run import Run, State, StepRun
from workbench.project import Project
from workbench.store.owner import new_owner

at = "2026-01-01T00:00:00.000+00:00"
with Project.open() as project:
    plan = project.plan("big")
    schema = Schema((Column("x", "long"),))
    run = Run(new_id(), "big", "prod", State.SUCCEEDED, created_at=at, ended_at=at)
    step_runs, snapshots = [], {}
    for number, step in enumerate(plan.steps, 1):
        (dataset,) = step.writes
        snapshots[dataset] = number
        inputs = {name: snapshots[name] for name in step.reads}
        step_runs.append(StepRun(
            new_id(), run.id, step.name, step.notebook, State.SUCCEEDED, "", step.fingerprint.with_inputs(inputs),
            step.parameters, at, at.replace("00:00.000", "00:01.500"), outputs={dataset: number}, base=step.base,
            key=step.key, partition=step.partition, likeness=step.fingerprint.with_inputs({}).digest))
    with project.store.writing() as transaction:
        transaction.runs.create(run, step_runs, new_owner(), 60.0)
        for dataset, number in snapshots.items():
            file = DataFile(f"nowhere/{number}.parquet", 1, 1, str(number))
            transaction.datasets.add_snapshot(
                Snapshot(number, dataset, 0, None, schema, (file,), Mode.OVERWRITE, at, "prod", run=run.id))
            transaction.datasets.move_pointer("prod", dataset, None, number)
            transaction.datasets.mark_followed("prod", dataset, number)
    assert {step.action for step in project.plan("big").steps} == {"skip"}
"""


def notebook(number: int, reads: list[int]) -> dict[str, Any]:
    """A notebook of seven cells that reads what others wrote and writes one dataset."""
    sources = [
        ("markdown", f"# Step {number}\n\nWhat it does, in a sentence or two, for whoever opens it."),
        ("parameters", "from datetime import date\n\nday: date = date(2026, 1, 1)  # the day\nlimit: int = 10  # rows"),
        ("code", "import pandas as pd\n\nimport shared_names\nimport workbench as wb"),
        ("code", "\n".join(f'frame_{other} = wb.read("data.d{other:04}")' for other in reads) or "rows = range(10)"),
        ("code", f"def clean(frame, factor={number}):\n    kept = frame.dropna()\n    return kept * factor"),
        ("code", f"total = sum(value * {number} for value in range(limit))\nprint(day, total)"),
        ("code", f'frame = pd.DataFrame({{"x": [total]}})\nwb.write(frame, "data.d{number:04}")'),
    ]
    cells = []
    for index, (kind, source) in enumerate(sources):
        cell: dict[str, Any] = {"cell_type": "markdown" if kind == "markdown" else "code", "id": f"c{index}"}
        cell |= {"metadata": {"tags": ["parameters"]} if kind == "parameters" else {}, "source": source}
        if kind != "markdown":
            cell |= {"outputs": [], "execution_count": None}
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def lay_out(folder: Path, steps: int) -> None:
    """A project with one pipeline ``big`` of so many steps, in layers of twenty."""
    for name in ("notebooks", "pipelines"):
        (folder / name).mkdir(parents=True)
    (folder / "workbench.toml").write_text('name = "big"\n')
    (folder / "shared_names.py").write_text("from datetime import date\n\nFIRST = date(2026, 1, 1)\n")
    lines = ["name: big", "parameters: {day: {type: date, default: 2026-01-01}}", "steps:"]
    for number in range(1, steps + 1):
        reads = [other for other in (number - WIDTH, number - WIDTH - 1) if other > 0]
        (folder / "notebooks" / f"step_{number:04}.ipynb").write_text(json.dumps(notebook(number, reads), indent=1))
        lines.append(
            f"  step_{number:04}: {{notebook: notebooks/step_{number:04}.ipynb, tags: [layer_{number // WIDTH}]}}"
        )
    (folder / "pipelines" / "big.yaml").write_text("\n".join(lines) + "\n")


def seconds(folder: Path, *words: str) -> tuple[float, float]:
    """Seconds on the clock and of the processors that a whole Python process takes."""
    compiled = {"PYTHONPYCACHEPREFIX": str(folder.parent / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    started, before = time.perf_counter(), os.times()
    subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **compiled},
    )
    took, after = time.perf_counter() - started, os.times()
    return took, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Measure, print, and keep the figures when asked to."""
    given = bench.options(__doc__, "plan")
    steps, rounds = (FEW, 1) if given.short else (STEPS, max(given.rounds, 5))
    commands = {
        "python": ("-c", "pass"),
        "wb plan": ("-m", "workbench", "plan", "big"),
        "wb run": ("-m", "workbench", "run", "big"),
    }
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "big"
        lay_out(place, steps)
        seconds(place, "-c", "import workbench.project, workbench.ui.cli.app")
        first, _ = seconds(place, *commands["wb plan"])
        subprocess.run([sys.executable, "-c", SEED], cwd=place, check=True)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for round_ in range(rounds + 1):
            for name, words in commands.items():
                took = seconds(place, *words)
                if round_:  # the first one warms up
                    times[name].append(took)
    median, processor = (
        {name: round(statistics.median(pair[which] for pair in pairs), 3) for name, pairs in times.items()}
        for which in (0, 1)
    )
    over = {name: round(value - median["python"], 3) for name, value in median.items()}
    print(f"{steps} steps, nothing to do: the first plan, which reads every notebook, {first:.2f} s")
    for name, value in over.items():
        told = f"{value:.3f} s over the start of Python, {processor[name]:.3f} s of the processors"
        print(f"{name}: {median[name]:.3f} s, {told}")
    figures = {
        "title": f"{steps:,} steps and nothing to do",
        "steps": steps,
        "rounds": rounds,
        "first": round(first, 3),
        "seconds": times,
        "median": median,
        "over_python": over,
        "processor_seconds": processor,
        "chart": {"unit": "s", "values": {"Python alone": median["python"], **_named(median)}},
        "promises": [
            bench.promise(
                f"wb run takes at most {PROMISED:g} s over the start of Python",
                over["wb run"],
                over["wb run"] <= PROMISED,
            )
        ],
    }
    sys.exit(bench.conclude(figures, given.json, given.svg))


def _named(median: dict[str, float]) -> dict[str, float]:
    return {f"{bench.OURS}, {name}": median[name] for name in ("wb plan", "wb run")}


if __name__ == "__main__":
    main()
