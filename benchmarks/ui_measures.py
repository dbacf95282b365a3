"""The six things that ``ui.py`` measures in a real JupyterLab, each with a browser of its own page."""

from __future__ import annotations

import json
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import bench
from ui_scripts import KEYS, OPEN, RECORD, SIDEBAR, STOOD, UNFOLD, WATCH

sys.path.insert(0, str(bench.HERE.parent / "tests"))
sys.path.insert(0, str(bench.HERE.parent / "tests" / "lab"))
from browsers import ARGUMENTS, CHROMIUM
from lab_server import EXTENSION, TOKEN, Lab, Tab, lab_on

NEARER = 3
"""Steps of zooming out after which a graph has the most boxes that are drawn one by one, with their names."""
ABSENT = "this build has no such page"
OURS = "dataops-workbench-lab"
"""The folder of the extension among those of JupyterLab."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser for the block. Raises Broken where there is none, or the extension was not built."""
    if CHROMIUM is None or not (EXTENSION / "package.json").is_file():
        raise bench.Broken("this needs a Chromium, and the extension built (make demo builds it)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--enable-precise-memory-info"])
        yield opened
        opened.close()


@contextmanager
def tab_on(browser: Any, lab: Lab, script: str = "") -> Iterator[Tab]:
    """JupyterLab in a new window of its own, loaded."""
    tab = Tab(browser, lab)
    try:
        if script:
            tab.page.add_init_script(script)
        tab.open()
        yield tab
    finally:
        tab.close()


def ask(lab: Lab, path: str, document: Any = None) -> Any:
    """What the API answers."""
    request = urllib.request.Request(
        f"{lab.url}workbench/api/{path}",
        data=None if document is None else json.dumps(document).encode(),
        headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.loads(answer.read())


def subjects(lab: Lab) -> dict[str, str | None]:
    """Each kind of page with something to open it on, ``None`` where the project has nothing for it."""
    runs = [run["id"] for run in ask(lab, "runs?limit=2")["runs"]]
    dataset = first(hit["dataset"] for hit in ask(lab, "catalog?limit=1&facets=false")["hits"])
    notebook = first(file.relative_to(lab.root).as_posix() for file in sorted(lab.root.glob("notebooks/**/*.ipynb")))
    return {
        "dataset": dataset,
        "lineage": dataset,
        "run": first(runs),
        "comparison": f"{runs[1]}..{runs[0]}" if len(runs) > 1 else None,
        "pipelines": "",
        "pipeline": first(pipeline["name"] for pipeline in ask(lab, "pipelines")["pipelines"]),
        "notebook": notebook,
        "promotion": notebook,
        "quality": "",
        "start": "",
        "reports": "",
        "report": first(report["id"] for report in ask(lab, "reports?limit=1")["reports"]),
    }


def first(values: Iterable[str]) -> str | None:
    return next(iter(values), None)


def pages(browser: Any, lab: Lab, rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Seconds from opening each kind of page until it is seen, its code not loaded yet; and what is absent, and why.

    The catalog in the sidebar is one of them. The first round warms the server up and does not count.
    """
    told: dict[str, list[float]] = {}
    known = {"catalog": "", **subjects(lab)}
    absent = {kind: "the project has nothing for it" for kind, subject in known.items() if subject is None}
    for number in range(rounds + 1):
        for kind, subject in known.items():
            if kind in absent or subject is None:
                continue
            found = sidebar(browser, lab) if kind == "catalog" else page(browser, lab, kind, subject)
            if found["absent"] or found["failed"]:
                absent[kind] = found["failed"] or ABSENT
            elif number:
                told.setdefault(kind, []).append(round(found["seconds"], 3))
        print(f"{'warm-up' if number == 0 else f'round {number}'}: pages", flush=True)
    return {kind: taken for kind, taken in told.items() if kind not in absent}, absent


def page(browser: Any, lab: Lab, kind: str, subject: str) -> Any:
    with tab_on(browser, lab) as tab:
        return tab.page.evaluate(OPEN, [kind, subject])


def sidebar(browser: Any, lab: Lab) -> Any:
    """What ``SIDEBAR`` tells of a JupyterLab in which the catalog was never shown."""
    with window_on(browser, lab) as opened:
        return opened.evaluate(SIDEBAR)


@contextmanager
def window_on(browser: Any, lab: Lab) -> Iterator[Any]:
    """The page of a new window in which JupyterLab stands, with a layout as nobody has changed it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        opened = context.new_page()
        opened.set_default_timeout(60_000)
        opened.add_init_script(STOOD)
        opened.goto(f"{lab.address}&reset")
        opened.wait_for_function("() => window.__stood > 0")
        yield opened
    finally:
        context.close()


def keys(browser: Any, lab: Lab, rounds: int) -> list[float]:
    """Seconds from each key to what it found being seen; one of the words is misspelt."""
    words = ["table_00012", "wide", "table 17", "e_19", "tabel_00400"][: 2 + rounds]
    taken: list[float] = []
    with tab_on(browser, lab, KEYS) as tab:
        field = tab.page.get_by_role("combobox", name="Search the catalog")
        for number, word in enumerate(["warm", *words]):
            field.fill("")
            tab.page.wait_for_timeout(500)
            tab.page.evaluate("() => { window.__keys = []; }")
            for letter in word:
                field.press_sequentially(letter)
                tab.page.wait_for_timeout(300)
            found = dict(tab.page.evaluate("() => window.__keys"))
            if number:
                taken += [milliseconds / 1000 for query, milliseconds in found.items() if query]
    return [round(seconds, 4) for seconds in taken]


def graph(browser: Any, lab: Lab, subject: str, boxes: int, rounds: int) -> dict[str, list[float]]:
    """Seconds until a graph is seen with all its boxes, and frames a second while it is pulled about, far and near."""
    told: dict[str, list[float]] = {"seconds": [], "far": [], "near": [], "worst frame": []}
    for number in range(rounds + 1):
        with tab_on(browser, lab) as tab:
            opened = tab.page.evaluate(OPEN, ["lineage", subject])
            if opened["absent"] or opened["failed"]:
                raise bench.Broken(opened["failed"] or ABSENT)
            tab.page.locator(".wb-GraphView-map").wait_for(state="attached")
            found = tab.page.evaluate(UNFOLD, boxes)
            if found["boxes"] < boxes:
                raise bench.Broken(f"{found['boxes']} of {boxes} boxes are shown")
            for _ in range(NEARER):
                tab.page.get_by_role("button", name="Zoom out").click()
            near = pulled(tab)
            tab.page.get_by_role("button", name="Show the whole graph").click()
            tab.page.wait_for_timeout(500)
            far = pulled(tab)
        if number:
            told["seconds"].append(round(found["seconds"], 3))
            for name, times in (("far", far), ("near", near)):
                told[name].append(round(1000 * len(times) / sum(times), 1))
            told["worst frame"].append(round(max(*far, *near) / 1000, 3))
    return told


def pulled(tab: Tab) -> list[float]:
    """The milliseconds of each frame while the graph is pulled to and fro."""
    edge = tab.page.locator(".wb-GraphView-canvas >> visible=true").bounding_box()
    x, y = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 12, y, steps=3)
    tab.page.evaluate(RECORD)
    for way in (-1, 1, -1, 1):
        tab.page.mouse.move(x + way * 200, y + way * 150, steps=60)
    times = tab.page.evaluate("() => { window.__recording = false; return window.__frames; }")
    tab.page.mouse.up()
    return [float(each) for each in times[1:]]


def start(browser: Any, root: Path, home: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds until JupyterLab stands, with the extension and without it, in turns; all else is alike."""
    told: dict[str, list[float]] = {"with": [], "without": []}
    more = {name: f"--LabApp.labextensions_path={installed(home / name, ours=name == 'with')}" for name in told}
    with (
        lab_on(root, home / "lab-with", more=(more["with"],)) as one,
        lab_on(root, home / "lab-without", more=(more["without"],)) as other,
    ):
        for number in range(rounds + 1):
            for name, lab in (("with", one), ("without", other)) if number % 2 else (("without", other), ("with", one)):
                taken, known = stood(browser, lab)
                if known != (name == "with"):
                    raise bench.Broken(f"JupyterLab {name} the extension could not be had")
                if number:
                    told[name].append(round(taken, 3))
            print(f"{'warm-up' if number == 0 else f'round {number}'}: start", flush=True)
    return told


def stood(browser: Any, lab: Lab) -> tuple[float, bool]:
    """Seconds from asking for JupyterLab until it stands, and whether the extension is at work in it."""
    with window_on(browser, lab) as opened:
        known = opened.evaluate("() => window.jupyterapp.commands.hasCommand('workbench:search')")
        return float(opened.evaluate("() => window.__stood")), bool(known)


def installed(folder: Path, *, ours: bool) -> Path:
    """A folder with links to all extensions that JupyterLab finds here, and to that of this checkout if it is to be."""
    from jupyter_core.paths import jupyter_path

    folder.mkdir(parents=True)
    for place in map(Path, jupyter_path("labextensions")):
        for found in place.iterdir() if place.is_dir() else ():
            link = folder / found.name
            if found.name != OURS and not link.is_symlink():
                link.symlink_to(found)
    if ours:
        (folder / OURS).symlink_to(EXTENSION)
    return folder


def events(browser: Any, lab: Lab, wanted: int) -> dict[str, Any]:
    """Seconds from each change of a step to its being seen on the page of the run, and the memory meanwhile.

    Runs follow one another until so many events were heard; memory in bytes is what is used after each of them.
    """
    delays: list[float] = []
    heard = [0]

    def hear(socket: Any) -> None:
        socket.on("framereceived", lambda frame: heard.__setitem__(0, heard[0] + ("urn:workbench:run" in str(frame))))

    memory: list[float] = []
    with tab_on(browser, lab) as tab:
        tab.page.on("websocket", hear)
        tab.open()  # again, so that its sockets are heard
        tab.page.evaluate(WATCH)
        probe = tab.context.new_cdp_session(tab.page)
        while heard[0] < wanted:
            before = heard[0]
            delays += followed(tab, lab)
            if heard[0] == before:
                raise bench.Broken("no event came")
            tab.command("application:close-all")
            probe.send("HeapProfiler.collectGarbage")
            memory.append(float(probe.send("Runtime.getHeapUsage")["usedSize"]))
            print(f"{heard[0]} events, {memory[-1] / 1e6:.1f} MB", flush=True)
    return {"delays": sorted(delays), "memory": memory, "events": heard[0], "grown": grown(memory)}


def followed(tab: Tab, lab: Lab) -> list[float]:
    """Begin a run, open its page, and wait for its end: the seconds that each change took to be seen."""
    run = ask(lab, "runs", {"target": "bench", "force": True})["run"]
    opened = tab.page.evaluate(OPEN, ["run", run])
    if opened["absent"] or opened["failed"]:
        raise bench.Broken(opened["failed"] or ABSENT)
    tab.page.locator("svg.wb-Graph >> visible=true").wait_for()
    since = time.time()
    done = ended(lab, run, tab)
    times = {step["step"]: (step["started_at"], step["ended_at"]) for step in done["steps"]}
    return delayed(tab.page.evaluate("() => window.__seen.splice(0)"), times, since)


def grown(memory: list[float]) -> float | None:
    """How many times as much memory is used at the end as at the beginning: medians of three looks where there are."""
    if len(memory) < 2:
        return None
    several = min(3, len(memory) // 2)
    return round(statistics.median(memory[-several:]) / statistics.median(memory[:several]), 3)


def delayed(seen: list[list[Any]], times: Mapping[str, tuple[str, str]], since: float) -> list[float]:
    """Seconds from each change of a step after ``since`` (of the epoch) to its being seen for the first time.

    ``seen`` is step, state and milliseconds of the epoch, in their order; ``times`` when each began and ended.
    """
    first: dict[tuple[str, str], float] = {}
    for name, state, at in seen:
        first.setdefault((name, state), at / 1000)
    stamps = {
        (name, state): seconds_of(stamp)
        for name, both in times.items()
        for state, stamp in zip(("running", "succeeded"), both, strict=True)
        if stamp
    }
    return [round(at - stamps[key], 3) for key, at in first.items() if stamps.get(key, 0.0) > since]


def ended(lab: Lab, run: str, tab: Tab) -> Any:
    """The run once it is over; the page goes on meanwhile."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        found = ask(lab, f"runs/{run}")
        if found["state"] not in ("queued", "running"):
            tab.page.wait_for_timeout(1000)
            return found
        tab.page.wait_for_timeout(500)
    raise bench.Broken(f"run {run} did not end")


def seconds_of(stamp: str) -> float:
    """The seconds of the epoch that a time stands for."""
    return datetime.fromisoformat(stamp).timestamp()
