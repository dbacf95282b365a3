"""Steps side by side with papermill: many small notebooks, and one notebook with large outputs.

Run with ``python benchmarks/steps.py``; ``--repeats 5`` for steadier medians, ``--json FILE`` to keep the figures.
Both sides run in the same process tree, turn by turn, from the same notebooks; papermill is called through its own
Python interface in one process, one notebook after another, which spares it a start-up per notebook.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

SMALL = 20
CELLS, OUTPUT_BYTES = 100, 200_000

PAPERMILL = """
import sys, papermill
for path in sys.argv[1:]:
    papermill.execute_notebook(path, path.replace("notebooks/", "executed/"), progress_bar=False)
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
    steps = "".join(f"  {name}: notebooks/{name}.ipynb\n" for name in notebooks)
    (folder / "pipelines" / "bench.yaml").write_text(f"name: bench\nsteps:\n{steps}")
    for name, content in notebooks.items():
        (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(content))


def ours(folder: Path) -> None:
    """``wb run`` from the shell, everything included."""
    command = [sys.executable, "-m", "workbench", "run", "bench", "--json"]
    result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True, text=True)
    assert json.loads(result.stdout)["state"] == "succeeded", result.stdout


def theirs(folder: Path) -> None:
    """papermill on the same notebooks, one after another."""
    paths = sorted(str(path.relative_to(folder)) for path in (folder / "notebooks").glob("*.ipynb"))
    subprocess.run([sys.executable, "-W", "ignore", "-c", PAPERMILL, *paths], cwd=folder, check=True)


def seconds(action: Callable[[Path], None], folder: Path) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    action(folder)
    return time.perf_counter() - started


def compare(title: str, notebooks: dict[str, dict[str, Any]], repeats: int, folder: Path) -> dict[str, Any]:
    """Median seconds of both, turn by turn, and how many times as long papermill takes."""
    runs: dict[str, list[float]] = {"workbench": [], "papermill": []}
    for _ in range(repeats):
        for name, action in (("workbench", ours), ("papermill", theirs)):
            lay_out(folder, notebooks)
            runs[name].append(seconds(action, folder))
    medians = {name: statistics.median(values) for name, values in runs.items()}
    ratio = statistics.median(b / a for a, b in zip(runs["workbench"], runs["papermill"], strict=True))
    figure = {"title": title, "seconds": runs, "median": medians, "papermill_over_workbench": round(ratio, 2)}
    print(f"{title}: workbench {medians['workbench']:.2f} s, papermill {medians['papermill']:.2f} s, ratio {ratio:.2f}")
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
            compare(f"{SMALL} small pandas notebooks", small_notebooks(), options.repeats, place),
            compare(f"{CELLS} cells of {OUTPUT_BYTES // 1000} KB output", large_outputs(), options.repeats, place),
        ]
    if options.json:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        options.json.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
