"""JupyterLab with the extension: how soon a page, a search, a run and a large graph are seen, and what Lab pays for it.

Run with ``python benchmarks/ui.py``; ``--short`` takes small projects and one round. Everything is measured in a real
JupyterLab, in one headless Chromium without a GPU, by the clock of the page, from what people do to the second frame
after the page has drawn it. What could not be measured is left out and named, and keeps nothing else from being
measured. A machine with anything else to do measures that.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import bench
import ui_measures
import ui_projects

PAGE, KEY, EVENT, GRAPH, FRAMES, START, MEMORY = 1.0, 0.1, 0.3, 1.5, 50.0, 0.15, 1.1
"""What is promised: seconds, frames a second, and how many times the memory."""
EVENTS = 1000
DATASETS, FEW = 20_000, 1000
LINKED, FEW_LINKED = 1024, 202
"""Datasets of the large graph, each but the first with a step that makes it."""
STEPS, FEW_STEPS, CELLS = 10, 3, 10
STARTS = 7
"""Rounds in which JupyterLab starts with the extension and without it."""


class Measured:
    """What came of each measurement by its name; ``absent`` tells why one could not be done."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.absent: dict[str, str] = {}

    def keep(self, name: str, measure: Callable[[], Any]) -> None:
        """Measure one thing; what goes wrong with it is noted, and the others go on."""
        from playwright.sync_api import Error

        try:
            self.told[name] = measure()
        except (bench.Broken, AssertionError, OSError, subprocess.SubprocessError, Error) as error:
            self.absent[name] = (str(error).strip() or type(error).__name__).splitlines()[0]
            print(f"{name}: {self.absent[name]}", flush=True)


def flights(folder: Path) -> Path:
    """The example, after two runs."""
    run = ("run", "flights", "--project", str(folder))
    for words in (("init", str(folder), "--example", "flights"), run, run):
        subprocess.run([sys.executable, "-m", "workbench", *words], check=True, stdout=subprocess.DEVNULL)
    return folder


def measure(top: Path, browser: Any, rounds: int, *, short: bool) -> tuple[Measured, tuple[int, int]]:
    """All six figures, and how many boxes and arrows the large graph has."""
    found = Measured()
    example = flights(top / "flights")

    def pages() -> dict[str, list[float]]:
        with ui_measures.lab_on(example, top / "home-flights") as lab:
            seen, missing = ui_measures.pages(browser, lab, rounds)
        found.absent |= {f"page {kind}": why for kind, why in missing.items()}
        return seen

    def keys() -> list[float]:
        root = ui_projects.catalog(top / "catalog", FEW if short else DATASETS)
        with ui_measures.lab_on(root, top / "home-catalog") as lab:
            return ui_measures.keys(browser, lab, rounds)

    root, boxes, arrows = ui_projects.lineage(top / "lineage", FEW_LINKED if short else LINKED)

    def graph() -> dict[str, list[float]]:
        with ui_measures.lab_on(root, top / "home-lineage") as lab:
            return ui_measures.graph(browser, lab, "space_0.d0000", boxes, rounds)

    def live() -> dict[str, Any]:
        busy = ui_projects.busy(top / "busy", FEW_STEPS if short else STEPS, CELLS)
        with ui_measures.lab_on(busy, top / "home-busy") as lab:
            return ui_measures.events(browser, lab, 60 if short else EVENTS)

    found.keep("start", lambda: ui_measures.start(browser, example, top / "start", 2 if short else max(rounds, STARTS)))
    for name, one in (("pages", pages), ("keys", keys), ("graph", graph), ("live", live)):
        found.keep(name, one)
    return found, (boxes, arrows)


def high(values: Sequence[float], part: float) -> float:
    """The value that so large a part of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def promises(told: Mapping[str, Any], many: int, size: tuple[int, int]) -> list[dict[str, Any]]:
    """What is promised, and what came of it; ``None`` where it was not measured."""
    pages, starts, graph, live = (told.get(name) for name in ("pages", "start", "graph", "live"))
    slowest = max(bench.medians(pages).values()) if pages else None
    key = round(high(told["keys"], 0.95), 3) if told.get("keys") else None
    delay = round(high(live["delays"], 0.95), 3) if live and live["delays"] else None
    shown = statistics.median(graph["seconds"]) if graph else None
    smooth = min(statistics.median(graph["far"]), statistics.median(graph["near"])) if graph else None
    stood = bench.medians(starts) if starts else {}
    more = round(stood["with"] - stood["without"], 3) if stood else None
    grown = live["grown"] if live else None
    heard = live["events"] if live else EVENTS
    at_most: list[tuple[str, float | None, float]] = [
        (f"each page is seen within {PAGE:g} s", slowest, PAGE),
        (f"a key finds among {many:,} datasets within {KEY:g} s, 95 of 100", key, KEY),
        (f"an event of a run is seen within {EVENT:g} s, 95 of 100", delay, EVENT),
        (f"{size[0]:,} boxes and {size[1]:,} arrows are seen within {GRAPH:g} s", shown, GRAPH),
        (f"Lab starts at most {START:g} s later", more, START),
        (f"{heard:,} events later there is at most {MEMORY:g} times the memory", grown, MEMORY),
    ]
    made = [bench.promise(text, value, value is not None and value <= most) for text, value, most in at_most]
    moved = bench.promise(f"and moved at {FRAMES:g} frames a second", smooth, smooth is not None and smooth >= FRAMES)
    return [*made[:4], moved, *made[4:]]


def main() -> None:
    """Measure, print, keep and draw."""
    given = bench.options(__doc__, "ui")
    with tempfile.TemporaryDirectory() as folder, ui_measures.chromium() as browser:
        found, size = measure(Path(folder), browser, given.rounds, short=given.short)
    pages = bench.medians(found.told.get("pages") or {})
    figures = {
        "title": "JupyterLab with Workbench",
        "rounds": given.rounds,
        **found.told,
        "median": {"pages": pages, "start": bench.medians(found.told.get("start") or {})},
        "absent": found.absent,
        "promises": promises(found.told, FEW if given.short else DATASETS, size),
    }
    if pages:
        figures["chart"] = {"unit": "s", "values": {f"{bench.OURS}, page {kind}": took for kind, took in pages.items()}}
    sys.exit(bench.conclude(figures, given.json, given.svg))


if __name__ == "__main__":
    main()
