"""A notebook with large outputs, side by side with papermill as it is and with one that saves nothing on the way.

Run with ``python benchmarks/outputs.py``; ``--short`` takes ten cells and one round. A hundred cells print 200 KB each.
All take turns in whole commands; papermill has an environment of its own, as in ``engines.py``.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import bench
from bench import OURS, Contest, expect, run

CELLS, FEW, OUTPUT_BYTES = 100, 10, 200_000
SAVELESS, SAVING = 1.3, 10.0
"""What is promised: at most so many times as long as papermill without saves; papermill takes so many times as long."""
THEIRS, LEAN = "papermill", "papermill without saves"
PAPERMILL = """
import papermill
papermill.execute_notebook("notebooks/large.ipynb", "executed/large.ipynb", progress_bar=False)
"""
LEAN_PAPERMILL = """
import papermill
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

class Manager(NotebookExecutionManager):
    def save(self, **kwargs): pass
    def autosave_cell(self): pass

class Lean(Engine):
    @classmethod
    def execute_notebook(cls, nb, kernel_name, output_path=None, progress_bar=True, log_output=False, **kwargs):
        manager = Manager(nb, output_path=None, progress_bar=False)
        manager.notebook_start()
        PapermillNotebookClient(manager, kernel_name=kernel_name, iopub_timeout=60).execute()
        manager.notebook_complete()
        return nb

papermill_engines.register("lean", Lean)
papermill.execute_notebook("notebooks/large.ipynb", "executed/large.ipynb", engine_name="lean", progress_bar=False)
"""


def large(cells: int) -> dict[str, dict[str, Any]]:
    """One notebook whose cells print 200 KB each."""
    return {"large": bench.notebook(*[f"print('{number % 10}' * {OUTPUT_BYTES})" for number in range(cells)])}


def theirs(python: Path, program: str, folder: Path) -> None:
    run(folder, [python, "-c", program])
    expect((folder / "executed").glob("*.ipynb"), folder)


def contest(folder: Path) -> Contest:
    """Everybody who can take part here."""
    found = Contest({OURS: lambda project: bench.workbench(project, 1)})
    try:
        python = bench.environment("ploomber.txt", folder)
    except bench.Broken as error:
        found.absent = dict.fromkeys((THEIRS, LEAN), f"cannot be installed: {error}")
    else:
        found.parties |= {THEIRS: partial(theirs, python, PAPERMILL), LEAN: partial(theirs, python, LEAN_PAPERMILL)}
    return found


def measure(cells: int, rounds: int, folder: Path) -> dict[str, Any]:
    """The figures of everybody."""
    everybody = contest(folder)
    seconds = everybody.seconds(lambda first: bench.lay_out(folder / "project", large(2 if first else cells)), rounds)
    if OURS not in seconds:
        raise SystemExit(f"Workbench itself failed: {everybody.absent[OURS]}")
    ratios = bench.ratios(seconds, OURS)
    saving = ratios.get(THEIRS)
    saveless = round(1 / ratios[LEAN], 2) if LEAN in ratios else None
    return {
        "title": f"{cells} cells that print {OUTPUT_BYTES // 1000} KB each",
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
            bench.promise(f"papermill takes at least {SAVING:g} times as long", saving, (saving or 0) >= SAVING),
            bench.promise(f"at most {SAVELESS:g} times papermill without saves", saveless, (saveless or 0) <= SAVELESS),
        ],
    }


def main() -> None:
    """Measure, print, keep and draw."""
    given = bench.options(__doc__, "outputs")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(FEW if given.short else CELLS, given.rounds, Path(folder))
    sys.exit(bench.conclude(figures, given.json, given.svg))


if __name__ == "__main__":
    main()
