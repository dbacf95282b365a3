"""A thousand quick steps in one run: what the runner's memory does, how fast events come, how the store grows.

Run with ``python benchmarks/many_steps.py``; ``--short`` takes a hundred steps. The run is a whole ``wb run`` as
typed. Its process is looked at whenever it says that a step is over; of the steps that are done by then,
the first tenth is the *start*, the tenth in the middle the *middle*, the last the *end*. Of each the median counts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bench
import psutil

STEPS, FEW = 1000, 100
GROWTH = 1.1
"""Times as much memory as at the start that the runner may have at the end."""
MIB = 2**20
READ = """
import json, sys
from collections import Counter
from workbench.project import Project
with Project.open() as project:
    run = project.runs.get("last")
    kinds = Counter(str(event.kind) for step in run.steps for event in project.runs.events(step))
    json.dump({"state": run.state, "seconds": run.seconds, "events": kinds}, sys.stdout)
"""


@dataclass(frozen=True)
class Look:
    """The runner when so many steps were over: its memory in bytes, its open files and threads."""

    steps: int
    memory: int
    files: int
    threads: int


def lay_out(folder: Path, steps: int) -> None:
    """A project with one pipeline of so many steps, none of which waits for another."""
    for name in ("notebooks", "pipelines"):
        (folder / name).mkdir(parents=True)
    (folder / "workbench.toml").write_text('name = "many"\n')
    cells = []
    for index, source in enumerate(("number = 0", "print(number)", "number * 2")):
        tags = {"tags": ["parameters"]} if not index else {}
        cell = {"cell_type": "code", "id": f"c{index}", "metadata": tags, "source": source}
        cells.append({**cell, "outputs": [], "execution_count": None})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebooks" / "quick.ipynb").write_text(json.dumps(notebook))
    lines = [
        f"  step_{number:04}: {{notebook: notebooks/quick.ipynb, parameters: {{number: {number}}}}}"
        for number in range(1, steps + 1)
    ]
    (folder / "pipelines" / "many.yaml").write_text("\n".join(["name: many", "steps:", *lines]) + "\n")


def carry_out(folder: Path) -> list[Look]:
    """Run the pipeline; one look at the runner for each step that is over."""
    words = [sys.executable, "-m", "workbench", "run", "many"]
    looks: list[Look] = []
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as command:
        assert command.stderr is not None
        runner = psutil.Process(command.pid)
        began = time.monotonic()
        for line in command.stderr:
            if ": succeeded in" in line:
                with runner.oneshot():
                    look = Look(len(looks) + 1, runner.memory_info().rss, runner.num_fds(), runner.num_threads())
                looks.append(look)
                if len(looks) % 50 == 0:
                    told = f"{len(looks)} steps, {look.memory / MIB:.1f} MiB, {time.monotonic() - began:.0f} s"
                    print(told, flush=True)
    return looks


def phases(looks: Sequence[Look]) -> dict[str, dict[str, float]]:
    """What was seen in the first tenth, the one in the middle and the last."""
    tenth = max(1, len(looks) // 10)
    middle = (len(looks) - tenth) // 2
    parts = {"start": looks[:tenth], "middle": looks[middle : middle + tenth], "end": looks[-tenth:]}
    return {
        name: {
            "memory_mib": round(statistics.median(look.memory for look in part) / MIB, 2),
            "files": statistics.median(look.files for look in part),
            "threads": statistics.median(look.threads for look in part),
        }
        for name, part in parts.items()
    }


def sizes(folder: Path) -> dict[str, int]:
    """Bytes on disk: of the store, and of the folder of the run with its journals, notebooks and plan."""
    state = folder / ".workbench"
    return {
        "store": sum(path.stat().st_size for path in state.glob("store.db*")),
        "run": sum(path.stat().st_size for path in (state / "runs").rglob("*") if path.is_file()),
    }


def measure(folder: Path, steps: int) -> dict[str, Any]:
    """All figures of one run in ``folder``."""
    lay_out(folder, steps)
    subprocess.run([sys.executable, "-m", "workbench", "plan", "many"], cwd=folder, check=True, capture_output=True)
    before = sizes(folder)["store"]
    looks = carry_out(folder)
    told = json.loads(subprocess.check_output([sys.executable, "-c", READ], cwd=folder))
    assert told["state"] == "succeeded" and len(looks) == steps, (told["state"], len(looks))
    events = Counter(told["events"]).total()
    size = sizes(folder)
    found = phases(looks)
    return {
        "steps": steps,
        "seconds": round(told["seconds"], 1),
        "phases": found,
        "growth": round(found["end"]["memory_mib"] / found["start"]["memory_mib"], 3),
        "events": told["events"],
        "events_per_second": round(events / told["seconds"], 1),
        "steps_per_second": round(steps / told["seconds"], 2),
        "bytes": {**size, "store_before": before, "store_per_step": round((size["store"] - before) / steps)},
        "memory_mib": [round(look.memory / MIB, 2) for look in looks],
    }


def main() -> None:
    """Measure, print, keep; exit with 1 when the runner grew."""
    given = bench.options(__doc__, "many_steps")
    steps = FEW if given.short else STEPS
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "many", steps)
    seen, size = found["phases"], found["bytes"]
    print(
        f"{found['steps']} steps in {found['seconds']} s, {found['steps_per_second']} a second;"
        f" {found['events_per_second']} events a second"
    )
    for name, phase in seen.items():
        print(f"runner, {name}: {phase['memory_mib']} MiB, {phase['files']:g} files, {phase['threads']:g} threads")
    print(
        f"store: {size['store'] / MIB:.2f} MiB, {size['store_per_step']} bytes a step; run: {size['run'] / MIB:.2f} MiB"
    )
    found |= {
        "title": f"Memory of the runner in a run of {steps:,} steps",
        "chart": {"unit": "MiB", "values": {f"Workbench, {name}": each["memory_mib"] for name, each in seen.items()}},
        "promises": [
            bench.promise(
                f"at the end the runner has at most {GROWTH:g} times its memory of the start",
                found["growth"],
                found["growth"] <= GROWTH,
            )
        ],
    }
    sys.exit(bench.conclude(found, given.json, given.svg))


if __name__ == "__main__":
    main()
