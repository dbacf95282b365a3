"""JupyterLab with the extension: how soon a page, a search, a run and a large graph are seen, and what Lab pays for it.

Run with ``python benchmarks/ui.py``; ``--short`` takes small projects and one round. Everything is measured in a real
JupyterLab, in one headless Chromium without a GPU, by the clock of the page, from what people do to the second frame
after the page has drawn it. Pages that this build of the extension does not have are left out, and named.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bench
import ui_projects

sys.path.insert(0, str(bench.HERE.parent / "tests"))
sys.path.insert(0, str(bench.HERE.parent / "tests" / "lab"))
from browsers import ARGUMENTS, CHROMIUM
from lab_server import EXTENSION, TOKEN, Lab, Tab, lab_on

PAGE, KEY, EVENT, GRAPH, FRAMES, START, MEMORY = 1.0, 0.1, 0.3, 1.5, 50.0, 0.15, 1.1
"""What is promised: seconds, frames a second, and how many times the memory."""
EVENTS = 1000
NEARER = 3
"""Steps of zooming out after which a graph has the most boxes that are drawn one by one, with their names."""

FRAME = "const frames = n => new Promise(done => { const go = () => n-- ? requestAnimationFrame(go) : done(); go(); });"
OPEN = """async ([kind, subject]) => {
    FRAMES
    const began = performance.now();
    const tab = await window.jupyterapp.commands.execute('workbench:open', {kind, subject});
    const told = () => tab.node.querySelector('h1, [role=alert], svg.wb-Graph, .wb-State:not([aria-busy])');
    while (!told() && performance.now() - began < 30000) await frames(1);
    const text = tab.node.innerText;
    await frames(2);
    const code = tab.node.querySelector('[role=alert] .wb-State-code');
    const failed = tab.node.querySelector('[role=alert]') ? code?.innerText ?? 'an error' : '';
    return {seconds: (performance.now() - began) / 1000, absent: text.includes('There is no such page here'),
        failed: told() ? failed : 'nothing is seen'};
}""".replace("FRAMES", FRAME)
"""Opens a page and tells how long it took to be drawn."""

KEYS = """(() => {
    FRAMES
    const own = window.fetch.bind(window);
    let pressed = 0;
    window.__keys = [];
    document.addEventListener('input', () => { pressed = performance.now(); }, true);
    window.fetch = async (input, init) => {
        const at = pressed, url = String(input.url || input);
        const answer = await own(input, init);
        if (at && url.includes('/workbench/api/catalog') && answer.ok) {
            void answer.clone().text().then(() => frames(2)).then(() => {
                const query = new URL(url).searchParams;
                if (query.get('facets') === 'false') window.__keys.push([query.get('query'), performance.now() - at]);
            });
        }
        return answer;
    };
})()""".replace("FRAMES", FRAME)
"""Before Lab loads: notes how long each key takes until what was found is drawn."""

UNFOLD = """async boxes => {
    FRAMES
    const page = window.jupyterapp.shell.currentWidget.node;
    const began = performance.now();
    page.querySelector('button[title="Open all groups"]').click();
    const shown = () => (page.querySelector('.wb-GraphView-map path').getAttribute('d') || '').split('M').length - 1;
    while (shown() < boxes && performance.now() - began < 60000) await frames(1);
    await frames(2);
    return {seconds: (performance.now() - began) / 1000, boxes: shown()};
}""".replace("FRAMES", FRAME)

RECORD = """() => {
    window.__frames = [];
    let last = performance.now();
    window.__recording = true;
    const go = now => {
        window.__frames.push(now - last);
        last = now;
        if (window.__recording) requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
}"""

WATCH = """() => {
    window.__seen = [];
    const look = node => {
        const box = node.closest && node.closest('g.wb-Node');
        const state = box && /wb-is-(running|succeeded)/.exec(box.getAttribute('class'));
        if (state) window.__seen.push([box.dataset.id, state[1], Date.now()]);
    };
    new MutationObserver(all => requestAnimationFrame(() => all.forEach(one => look(one.target))))
        .observe(document.body, {subtree: true, attributes: true, attributeFilter: ['class']});
}"""
"""Notes when a step is seen in another state."""


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
    if script:
        tab.page.add_init_script(script)
    tab.open()
    yield tab
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


def pages(browser: Any, lab: Lab, rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Seconds from opening each kind of page until it is seen, its code not loaded yet; and what is absent, and why.

    The first round warms the server up and does not count.
    """
    run = ask(lab, "runs?limit=1")["runs"][0]["id"]
    dataset = ask(lab, "catalog?limit=1&facets=false")["hits"][0]["dataset"]
    pipeline = ask(lab, "pipelines")["pipelines"][0]["name"]
    kinds = {
        "start": "",
        "dataset": dataset,
        "lineage": dataset,
        "run": run,
        "pipelines": "",
        "pipeline": pipeline,
        "quality": "",
        "reports": "",
    }
    told: dict[str, list[float]] = {}
    absent: dict[str, str] = {}
    for number in range(rounds + 1):
        for kind, subject in kinds.items():
            if kind in absent:
                continue
            with tab_on(browser, lab) as tab:
                found = tab.page.evaluate(OPEN, [kind, subject])
            if found["absent"] or found["failed"]:
                absent[kind] = found["failed"] or "this build has no such page"
            elif number:
                told.setdefault(kind, []).append(round(found["seconds"], 3))
    return {kind: taken for kind, taken in told.items() if kind not in absent}, absent


def keys(browser: Any, lab: Lab, rounds: int) -> list[float]:
    """Seconds from each key to what it found being seen."""
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
                raise bench.Broken(opened["failed"] or "this build has no page of lineage")
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
    """Seconds until JupyterLab stands, with the extension and with it switched off, in turns."""
    bare = home / "without" / "config" / "labconfig"
    bare.mkdir(parents=True)
    off = {"disabledExtensions": {"dataops-workbench-lab": True}}
    (bare / "page_config.json").write_text(json.dumps(off))
    told: dict[str, list[float]] = {"with": [], "without": []}
    with lab_on(root, home / "with") as one, lab_on(root, home / "without") as other:
        for number in range(rounds + 1):
            for name, lab in (("with", one), ("without", other)) if number % 2 else (("without", other), ("with", one)):
                context = browser.new_context(viewport={"width": 1280, "height": 800})
                page = context.new_page()
                page.goto(f"{lab.address}&reset")
                page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored", timeout=60_000)
                taken = page.evaluate("() => window.jupyterapp.restored.then(() => performance.now() / 1000)")
                known = page.evaluate("() => window.jupyterapp.commands.hasCommand('workbench:search')")
                context.close()
                if known != (name == "with"):
                    raise bench.Broken(f"JupyterLab {name} the extension could not be had")
                if number:
                    told[name].append(round(taken, 3))
    return told


def events(browser: Any, lab: Lab, steps: int, wanted: int) -> dict[str, Any]:
    """Seconds from each change of a step to its being seen on the page of the run, and the memory meanwhile."""
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
            run = ask(lab, "runs", {"target": "bench", "force": True})["run"]
            opened = tab.page.evaluate(OPEN, ["run", run])
            if opened["absent"]:
                return {"absent": "this build has no page of a run"}
            tab.page.locator("svg.wb-Graph >> visible=true").wait_for()
            since = time.time()
            done = ended(lab, run, tab)
            times = {step["step"]: (step["started_at"], step["ended_at"]) for step in done["steps"]}
            delays += delayed(tab.page.evaluate("() => window.__seen.splice(0)"), times, since)
            if heard[0] == before:
                return {"absent": "no event came"}
            tab.command("application:close-all")
            probe.send("HeapProfiler.collectGarbage")
            memory.append(float(probe.send("Runtime.getHeapUsage")["usedSize"]))
            print(f"{heard[0]} events, {memory[-1] / 1e6:.1f} MB", flush=True)
    return {"delays": sorted(delays), "memory": memory, "events": heard[0], "steps": steps}


def delayed(seen: list[list[Any]], times: dict[str, tuple[str, str]], since: float) -> list[float]:
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
    from datetime import datetime

    return datetime.fromisoformat(stamp).timestamp()


def flights(folder: Path) -> Path:
    """The example, after a run."""
    for words in (("init", str(folder), "--example", "flights"), ("run", "flights", "--project", str(folder))):
        subprocess.run([sys.executable, "-m", "workbench", *words], check=True, stdout=subprocess.DEVNULL)
    return folder


def high(values: list[float], part: float) -> float:
    """The value that so large a part of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def measured(what: Callable[[], Any], name: str, absent: dict[str, str]) -> Any:
    """What came of it; None where it could not be measured, which ``absent`` tells of."""
    try:
        return what()
    except bench.Broken as error:
        absent[name] = str(error)
        return None


def main() -> None:
    """Measure, print, and keep the figures when asked to."""
    given = bench.options(__doc__, "ui")
    short = given.short
    absent: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        top = Path(folder)
        example = flights(top / "flights")
        with lab_on(example, top / "home-flights") as lab:
            seen, missing = pages(browser, lab, given.rounds)
        absent |= {f"page {kind}": why for kind, why in missing.items()}
        starts = measured(lambda: start(browser, example, top / "start", max(given.rounds, 2)), "start", absent)
        many = 1000 if short else 20_000
        with lab_on(ui_projects.catalog(top / "catalog", many), top / "home-catalog") as lab:
            pressed = keys(browser, lab, given.rounds)
        root, boxes, arrows = ui_projects.lineage(top / "lineage", 202 if short else 1024)
        with lab_on(root, top / "home-lineage") as lab:
            large = measured(lambda: graph(browser, lab, "space_0.d0000", boxes, given.rounds), "graph", absent)
        steps = 3 if short else 10
        with lab_on(ui_projects.busy(top / "busy", steps, 10), top / "home-busy") as lab:
            live = measured(lambda: events(browser, lab, steps, 60 if short else EVENTS), "events", absent) or {}
    if "absent" in live:
        absent["events"] = live.pop("absent")
    told = figures(seen, starts, pressed, large, live, many, (boxes, arrows), absent)
    sys.exit(bench.conclude(told, given.json, given.svg))


def figures(
    seen: dict[str, list[float]],
    starts: dict[str, list[float]] | None,
    pressed: list[float],
    large: dict[str, list[float]] | None,
    live: dict[str, Any],
    many: int,
    size: tuple[int, int],
    absent: dict[str, str],
) -> dict[str, Any]:
    """What was measured, with what is promised of it."""
    median = bench.medians(seen)
    slowest = max(median.values(), default=None)
    key = round(high(pressed, 0.95), 3) if pressed else None
    delay = round(high(live["delays"], 0.95), 3) if live.get("delays") else None
    shown = statistics.median(large["seconds"]) if large else None
    smooth = min(statistics.median(large["far"]), statistics.median(large["near"])) if large else None
    pairs = zip(starts["with"], starts["without"], strict=True) if starts else ()
    more = round(statistics.median(a - b for a, b in pairs), 3) if starts else None
    memory = live.get("memory", [])
    grown = round(memory[-1] / memory[0], 3) if len(memory) > 1 else None
    told = (
        (f"each page is seen within {PAGE:g} s", slowest, lambda value: value <= PAGE),
        (f"a key finds among {many:,} datasets within {KEY:g} s, 95 of 100", key, lambda value: value <= KEY),
        (f"an event of a run is seen within {EVENT:g} s, 95 of 100", delay, lambda value: value <= EVENT),
        (f"{size[0]:,} boxes and {size[1]:,} arrows are seen within {GRAPH:g} s", shown, lambda value: value <= GRAPH),
        (f"and moved at {FRAMES:g} frames a second", smooth, lambda value: value >= FRAMES),
        (f"Lab starts at most {START:g} s later", more, lambda value: value <= START),
        (f"{EVENTS:,} events later there is at most {MEMORY:g} times the memory", grown, lambda value: value <= MEMORY),
    )
    return {
        "title": "JupyterLab with Workbench",
        "absent": absent,
        "pages": seen,
        "keys": pressed,
        "graph": large,
        "start": starts,
        "live": live,
        "chart": {
            "unit": "s",
            "values": {f"{bench.OURS}, page {kind}": value for kind, value in median.items()},
        }
        if median
        else None,
        "promises": [bench.promise(text, value, value is not None and keeps(value)) for text, value, keeps in told],
    }


if __name__ == "__main__":
    main()
