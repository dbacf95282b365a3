"""Many small notebooks, side by side with what else runs notebooks.

Run with ``python benchmarks/engines.py``; ``--short`` takes six notebooks and one round. Fifty notebooks of four short
cells import pandas. All take turns on the same notebooks, in whole commands as a user types them: imports, planning,
journal, store, publication and the end of every process count. The others get environments of their own, with the exact
versions of ``benchmarks/peers``; one that cannot be had, or fails, is absent, and the figures say why.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import bench
from bench import OURS, Broken, Contest, expect, run

NOTEBOOKS, FEW, WORKERS = 50, 6, 2
SEQUENTIAL, PARALLEL = 8.0, 4.0
"""What is promised: times as fast as papermill one after another, and in two processes."""

BESIDE = frozenset({"Ploomber, parallel", "dagstermill, 2 processes", "nbconvert --execute"})
"""Who is shown beside them, measured in the first round only."""

PAPERMILL = """
import sys, papermill
for name in sys.argv[1:]:
    papermill.execute_notebook(f"notebooks/{name}", f"executed/{name}", progress_bar=False)
"""
PLOOMBER = """
executor:
  dotted_path: ploomber.executors.Parallel
  processes: 2
meta:
  extract_upstream: false
tasks:
"""
DAGSTER = """
from pathlib import Path
from dagster import job, multiprocess_executor
from dagstermill import ConfigurableLocalOutputNotebookIOManager, define_dagstermill_op

here = Path(__file__).parent
ops = [
    define_dagstermill_op(path.stem, str(path), output_notebook_name=f"{path.stem}_out")
    for path in sorted((here / "notebooks").glob("*.ipynb"))
]
manager = ConfigurableLocalOutputNotebookIOManager(base_dir=str(here / "executed"))

@job(executor_def=multiprocess_executor.configured({"max_concurrent": 2}),
     resource_defs={"output_notebook_io_manager": manager})
def bench():
    for op in ops:
        op()
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "notebooks").glob("*.ipynb"))


def papermill(python: Path, processes: int, folder: Path) -> None:
    found = names(folder)
    run(folder, *([python, "-c", PAPERMILL, *found[first::processes]] for first in range(processes)))
    expect((folder / "executed").glob("*.ipynb"), folder)


def nbconvert(python: Path, folder: Path) -> None:
    files = [f"notebooks/{name}" for name in names(folder)]
    execute = ["-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", "executed"]
    run(folder, [python, *execute, *files])
    expect((folder / "executed").glob("*.ipynb"), folder)


def ploomber(python: Path, folder: Path) -> None:
    tasks = [f"  - source: notebooks/{name}\n    product: executed/{name}\n" for name in names(folder)]
    (folder / "pipeline.yaml").write_text(PLOOMBER + "".join(tasks))
    run(folder, [python.with_name("ploomber"), "build"])
    expect((folder / "executed").glob("*.ipynb"), folder)


def dagstermill(python: Path, folder: Path) -> None:
    (folder / "bench_job.py").write_text(DAGSTER)
    run(folder, [python.with_name("dagster"), "job", "execute", "-f", "bench_job.py", "-j", "bench"])
    expect((folder / "executed").rglob("*.ipynb"), folder)


def contest(folder: Path) -> Contest:
    """Everybody who can take part here."""
    parties: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
        "papermill": ("ploomber.txt", lambda python, project: papermill(python, 1, project)),
        "papermill, 2 processes": ("ploomber.txt", lambda python, project: papermill(python, WORKERS, project)),
        "Ploomber, parallel": ("ploomber.txt", ploomber),
        "dagstermill, 2 processes": ("dagstermill.txt", dagstermill),
        "nbconvert --execute": ("ploomber.txt", nbconvert),
    }
    found = Contest({OURS: lambda project: bench.workbench(project, WORKERS)}, once=BESIDE)
    pythons: dict[str, Path | Broken] = {}
    for name, (requirements, act) in parties.items():
        if requirements not in pythons:
            try:
                pythons[requirements] = bench.environment(requirements, folder)
            except Broken as error:
                pythons[requirements] = error
        python = pythons[requirements]
        if isinstance(python, Broken):
            found.absent[name] = f"cannot be installed: {python}"
        else:
            found.parties[name] = partial(act, python)
    return found


def measure(count: int, rounds: int, folder: Path) -> dict[str, Any]:
    """The figures of everybody."""
    everybody = contest(folder)
    seconds = everybody.seconds(
        lambda first: bench.lay_out(folder / "project", bench.small(WORKERS if first else count)), rounds
    )
    if OURS not in seconds:
        raise SystemExit(f"Workbench itself failed: {everybody.absent[OURS]}")
    ratios = bench.ratios(seconds, OURS)
    alone, together = ratios.get("papermill"), ratios.get("papermill, 2 processes")
    return {
        "title": f"{count} small notebooks that import pandas, {WORKERS} at a time",
        "rounds": rounds,
        "seconds": seconds,
        "median": bench.medians(seconds),
        "times_as_long_as_workbench": ratios,
        "absent": everybody.absent,
        "chart": {
            "unit": "s",
            "values": bench.medians(seconds),
            "beside": {name: f"{ratio:.1f}×" for name, ratio in ratios.items()},
        },
        "promises": [
            bench.promise(f"papermill takes at least {SEQUENTIAL:g} times as long", alone, (alone or 0) >= SEQUENTIAL),
            bench.promise(
                f"papermill in 2 processes takes at least {PARALLEL:g} times as long",
                together,
                (together or 0) >= PARALLEL,
            ),
        ],
    }


def main() -> None:
    """Measure, print, keep and draw."""
    given = bench.options(__doc__, "engines")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(FEW if given.short else NOTEBOOKS, given.rounds, Path(folder))
    sys.exit(bench.conclude(figures, given.json, given.svg))


if __name__ == "__main__":
    main()
