"""What a step costs beside its cells, when its kernel was ready: from its claim to its publication.

Run with ``python benchmarks/overhead.py``; ``--short`` takes six notebooks and one round. The notebooks are those of
``engines.py``, one at a time, in a whole ``wb run``; the times are those that the store of the project keeps.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import bench

NOTEBOOKS, FEW = 50, 6
PROMISED = 0.100
"""Seconds, as a median."""
STEPS = "select started_at, ended_at, folder, cells from attempt where state = 'committed' order by started_at"


def overheads(project: Path) -> tuple[list[float], int]:
    """Seconds of each warm step over its cells, and how many steps had to start their kernels."""
    found, cold = [], 0
    with sqlite3.connect(project / ".workbench" / "store.db") as store:
        rows = store.execute(STEPS).fetchall()
    for started, ended, folder, cells in rows:
        if not warm(project / ".workbench" / folder):
            cold += 1
            continue
        taken = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
        found.append(round(taken.total_seconds() - sum(cell["seconds"] for cell in json.loads(cells)), 4))
    return found, cold


def warm(folder: Path) -> bool:
    """Whether the kernel of an attempt was ready before it."""
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    return any(event["kind"] == "kernel_ready" and event["data"]["warm"] for event in events)


def main() -> None:
    """Measure, print, keep and draw."""
    given = bench.options(__doc__, "overhead")
    count = FEW if given.short else NOTEBOOKS
    rounds, all_cold = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(given.rounds):
            project = bench.lay_out(Path(folder) / "project", bench.small(count))
            bench.workbench(project, 1)
            seconds, cold = overheads(project)
            rounds.append(seconds)
            all_cold += cold
    together = sorted(second for seconds in rounds for second in seconds)
    median = round(statistics.median(together), 3) if together else None
    figures: dict[str, Any] = {
        "title": f"What a warm step takes over its cells, {count} steps one after another",
        "rounds": given.rounds,
        "seconds": rounds,
        "steps_with_started_kernels": all_cold,
        "median": median,
        "p85": together[int(0.85 * (len(together) - 1))] if together else None,
        "promises": [bench.promise(f"at most {PROMISED:g} s, as a median", median, (median or 0) <= PROMISED)],
    }
    figures["chart"] = {
        "unit": "s",
        "values": {"Workbench, median": median, "Workbench, p85": figures["p85"]},
    }
    print(f"median {median} s, 85th percentile {figures['p85']} s, {all_cold} kernels had to be started")
    sys.exit(bench.conclude(figures, given.json, given.svg))


if __name__ == "__main__":
    main()
