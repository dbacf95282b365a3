"""Steps side by side with papermill: many small notebooks, and one notebook with large outputs.

Run with ``python benchmarks/steps.py``; ``--repeats 5`` for steadier medians, ``--json FILE`` to keep the figures.
The two take turns on the same notebooks, each in a fresh process through its own Python interface. Two times are taken:
the *call*, once everything is imported and a first trivial notebook has run, and the whole *process*, imports included.
papermill runs one notebook after another, as that is all it does.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SMALL = 20
CELLS, OUTPUT_BYTES = 100, 200_000

PAPERMILL = """
import sys, time, papermill
def run(name):
    papermill.execute_notebook(f"notebooks/{name}.ipynb", f"executed/{name}.ipynb", progress_bar=False)
run("warm_up")
started = time.perf_counter()
for name in sys.argv[1:]:
    run(name)
print(time.perf_counter() - started)
"""
WORKBENCH = """
import time
from workbench.project import Project
with Project.open() as project:
    assert project.run("first").state == "succeeded"
    started = time.perf_counter()
    assert project.run("bench").state == "succeeded"
    print(time.perf_counter() - started)
"""


def notebook(*sources: str) -> dict[str, Any]:
    """A notebook of code cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{index}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for index, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def small_notebooks() -> dict[str, dict[str, Any]]:
    """Twenty notebooks that import pandas and group a small frame."""
    return {
        f"step_{number:02}": notebook(
            "import pandas as pd",
            f"frame = pd.DataFrame({{'k': [i % 7 for i in range(10_000)], 'v': range({number}, {number} + 10_000)}})",
            "frame.groupby('k').v.mean()",
        )
        for number in range(SMALL)
    }


def large_outputs() -> dict[str, dict[str, Any]]:
    """One notebook with a hundred cells that print 200 KB each."""
    return {"large": notebook(*[f"print('{number % 10}' * {OUTPUT_BYTES})" for number in range(CELLS)])}


def lay_out(folder: Path, notebooks: dict[str, dict[str, Any]]) -> None:
    """A project of these notebooks, one pipeline over all."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("notebooks", "pipelines", "executed"):
        (folder / name).mkdir(parents=True)
    (folder / "workbench.toml").write_text('name = "bench"\n')
    for pipeline, names in (("bench", list(notebooks)), ("first", ["warm_up"])):
        steps = "".join(f"  {name}: notebooks/{name}.ipynb\n" for name in names)
        (folder / "pipelines" / f"{pipeline}.yaml").write_text(f"name: {pipeline}\nsteps:\n{steps}")
    for name, content in {**notebooks, "warm_up": notebook("1")}.items():
        (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(content))


def seconds(program: str, names: Iterable[str], folder: Path) -> tuple[float, float]:
    """Wall time of the call and of the whole process."""
    started = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", program, *names]
    told = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    return float(told.stdout), time.perf_counter() - started


def compare(
    title: str, notebooks: dict[str, dict[str, Any]], promised: float, repeats: int, folder: Path
) -> dict[str, Any]:
    """Seconds of both, turn by turn, and how many times as long papermill takes, as medians.

    ``promised`` is the least ratio of the call that keeps the promise.
    """
    runs: dict[str, list[tuple[float, float]]] = {"workbench": [], "papermill": []}
    for _ in range(repeats):
        for name, program in (("workbench", WORKBENCH), ("papermill", PAPERMILL)):
            lay_out(folder, notebooks)
            runs[name].append(seconds(program, notebooks, folder))
    figure: dict[str, Any] = {"title": title, "repeats": repeats, "promised": promised}
    for which, measure in enumerate(("call", "process")):
        times = {name: [run[which] for run in values] for name, values in runs.items()}
        median = {name: round(statistics.median(values), 2) for name, values in times.items()}
        ratio = statistics.median(b / a for a, b in zip(times["workbench"], times["papermill"], strict=True))
        figure[measure] = {"seconds": times, "median": median, "papermill_over_workbench": round(ratio, 2)}
        told = ", ".join(f"{name} {value} s" for name, value in median.items())
        print(f"{title}, {measure}: {told}, ratio {ratio:.2f}")
    return figure


def main() -> None:
    """Measure, print, and keep the figures when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        figures = [
            compare(f"{SMALL} small pandas notebooks", small_notebooks(), 1.0, options.repeats, place),
            compare(f"{CELLS} cells of {OUTPUT_BYTES // 1000} KB output", large_outputs(), 8.0, options.repeats, place),
        ]
    if options.json:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        options.json.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1) + "\n")
    broken = [figure for figure in figures if figure["call"]["papermill_over_workbench"] < figure["promised"]]
    for figure in broken:
        print(f"broken promise: {figure['title']} should be at least {figure['promised']} times as fast")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
