"""A picture of every page in JupyterLab, light and dark, on the example: ``python tests/lab/pictures.py [DIR]``.

All of them go to ``DIR``, or else to a new folder, which is printed. Those that README and docs show go to
``docs/images`` as well.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from browsers import CHROMIUM, chromium
from lab_server import EXTENSION, ROOT, Tab, lab_on
from projects import notebook

from workbench.project import Project

THEMES = ("light", "dark")
IMAGES = ROOT / "docs/images"
KEPT = {
    "run-light": "jupyterlab-run.png",
    "start-light": "jupyterlab-start.png",
    "lineage-dark": "jupyterlab-lineage.png",
}
"""The pictures that README and docs show, and what they are called there."""
PAGES = ROOT / "extensions/jupyterlab/src/pages/index.ts"
DAY = "2013-02-08"
EXPLORED = "notebooks/explored.ipynb"
SETTLED = 1500
"""Milliseconds in which what has come is drawn: figures, minimaps."""
QUIET = "() => ![...document.querySelectorAll('.wb-Page')].some(page => page.querySelector('[aria-busy=true]'))"
ASIDE = "wide => wide ? window.jupyterapp.shell.collapseLeft() : window.jupyterapp.shell.expandLeft()"
UNSAVED = """() => {
    for (const { context } of window.jupyterapp.shell.widgets('main')) {
        if (context?.model) context.model.dirty = false;
    }
}"""
"""Nothing asks to be saved when it is closed."""


@dataclass(frozen=True)
class Shot:
    """What a command of JupyterLab shows, once something matches ``shown``; texts name runs as ``{run}``.

    What is ``wide`` is without the catalog at its left; ``depth`` is how far its lineage is drawn.
    """

    name: str
    command: str
    arguments: Mapping[str, Any]
    shown: str
    wide: bool = False
    depth: int = 0


def page(kind: str, subject: str, shown: str, **looks: Any) -> Shot:
    return Shot(kind, "workbench:open", {"kind": kind, "subject": subject}, f".wb-Page {shown}", **looks)


def document(name: str, path: str, shown: str, **looks: Any) -> Shot:
    kernel = {"shouldStart": False, "canStart": False}
    return Shot(name, "docmanager:open", {"path": path, "kernel": kernel}, shown, **looks)


SHOTS = (
    page("start", "", "[data-next]"),
    page("dataset", "clean.flights", ".wb-Spread"),
    page("lineage", "features.flight_weather", "[role=treeitem]", wide=True, depth=1),
    page("pipelines", "", "[role=row]"),
    page("pipeline", "flights", "[role=treeitem]"),
    page("run", "{run}", ".wb-Timeline-row"),
    page("comparison", "{run}..{other}", "h1"),
    page("notebook", "notebooks/delays.ipynb", "h1"),
    page("promotion", EXPLORED, "h1"),
    page("quality", "", "h1"),
    page("reports", "", "h2"),
    page("report", "{report}", "iframe"),
    document("pipeline-file", "pipelines/flights.yaml", ".wb-PipelineGraph [role=treeitem]", wide=True),
    document("open-notebook", "notebooks/delays.ipynb", ".wb-StepChip-button"),
    Shot("catalog", "workbench:search", {}, ".wb-Catalog-name"),
    Shot("tour", "workbench:tour", {}, ".wb-Tour-card"),
)
BEGIN = Shot("begin", "workbench:open", {"kind": "start", "subject": ""}, ".wb-StartPage-card")
"""In a folder without a project."""


def kinds() -> set[str]:
    """The kinds of pages that the extension has."""
    return set(re.findall(r"^ +kind: '(\w+)'", PAGES.read_text(encoding="utf-8"), re.MULTILINE))


def flights(root: Path) -> dict[str, str]:
    """The example after two runs, with a notebook that is no step; the ids of both runs and of a report."""
    for words in (
        ("init", str(root), "--example", "flights"),
        ("run", "flights", "--project", str(root)),
        ("run", "flights", "-p", f"day={DAY}", "--force", "--project", str(root)),
    ):
        subprocess.run([sys.executable, "-m", "workbench", *words], check=True, stdout=subprocess.DEVNULL)
    explored = notebook(
        "import workbench as wb", "late_after = 15", 'flights = wb.read("clean.flights")',
        "(flights.dep_delay > late_after).mean()",
    )  # fmt: skip
    (root / EXPLORED).write_text(json.dumps(explored), encoding="utf-8")
    with Project.open(root) as project:
        other, run = project.runs.list(2, pipeline="flights")
        return {"run": run.id, "other": other.id, "report": project.reports.latest("flights", "daily").id}


def take(tab: Tab, shot: Shot, facts: Mapping[str, str], folder: Path) -> None:
    """The pictures of one shot, in each theme."""
    texts = {name: value.format_map(facts) for name, value in shot.arguments.items() if isinstance(value, str)}
    for theme in THEMES:
        tab.dressed(theme)
        tab.page.evaluate(ASIDE, shot.wide)
        tab.command(shot.command, **{**shot.arguments, **texts})
        tab.page.locator(f"{shot.shown} >> visible=true").first.wait_for()
        if shot.depth:
            tab.page.get_by_label("Depth").select_option(str(shot.depth))
        tab.page.wait_for_function(QUIET)
        tab.page.wait_for_timeout(SETTLED)
        name = f"{shot.name}-{theme}"
        tab.page.screenshot(path=folder / f"{name}.png")
        print(f"{name}.png", flush=True)
        if name in KEPT:
            shutil.copyfile(folder / f"{name}.png", IMAGES / KEPT[name])
        tab.page.keyboard.press("Escape")
        tab.page.evaluate(UNSAVED)
        tab.command("application:close-all")


def main() -> None:
    """Take all of them, and say where they are."""
    if CHROMIUM is None or not (EXTENSION / "package.json").is_file():
        sys.exit("this needs a Chromium, and the extension built (make demo builds it)")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="wb-pictures-"))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wb-lab-") as name, chromium() as browser:
        place = Path(name)
        bare = place / "notebooks-of-mine"
        bare.mkdir()
        facts = flights(place / "flights")
        for root, home, shots in ((place / "flights", "one", SHOTS), (bare, "two", (BEGIN,))):
            with lab_on(root, place / home) as lab:
                tab = Tab(browser, lab)
                tab.open()
                for shot in shots:
                    take(tab, shot, facts, folder)
                tab.close()
                if tab.problems:
                    sys.exit("\n".join(tab.problems))
    print(folder)


if __name__ == "__main__":
    main()
