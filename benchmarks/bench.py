"""What the benchmarks of running notebooks share: projects, commands, environments of others, figures and charts."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
IMAGES = HERE.parent / "docs" / "images"
PEERS = HERE / "peers"
OURS = "Workbench"
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "DAGSTER_HOME")
"""Variables that would slow somebody down, or let them see what is not theirs."""


class Broken(Exception):
    """A command failed, or did not do all that it was to do."""


@dataclass
class Contest:
    """Who takes part, by name: what they do in a folder. ``absent`` are those who cannot, with the reason.

    ``once`` are those of whom nothing is promised: they take part in the first round only.
    """

    parties: dict[str, Callable[[Path], None]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    once: frozenset[str] = frozenset()

    def seconds(self, lay_out: Callable[[bool], Path], rounds: int) -> dict[str, list[float]]:
        """Wall seconds of each party, in rounds in which they take turns, each on a project of its own.

        Everybody runs once on a small project before that counts, for which ``lay_out`` gets true. Who fails is absent
        from then on.
        """
        told: dict[str, list[float]] = {name: [] for name in self.parties}
        for number in range(rounds + 1):
            names = [name for name in self.parties if name not in self.absent]
            names = [name for name in names if number < 2 or name not in self.once]
            for name in names[number % len(names) :] + names[: number % len(names)]:
                folder = lay_out(number == 0)
                started = time.perf_counter()
                try:
                    self.parties[name](folder)
                except (Broken, OSError) as error:
                    self.absent[name] = str(error)
                    continue
                taken = time.perf_counter() - started
                print(f"{'warm-up' if number == 0 else f'round {number}'}: {name} {taken:.2f} s", flush=True)
                if number:
                    told[name].append(round(taken, 3))
        return {name: taken for name, taken in told.items() if name not in self.absent}


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


def small(count: int) -> dict[str, dict[str, Any]]:
    """Notebooks of four short cells that import pandas."""
    return {
        f"step_{number:02}": notebook(
            "import pandas as pd",
            f"frame = pd.DataFrame({{'a': range({number}, {number} + 1000)}})",
            "frame['b'] = frame.a * 2\nframe.b.sum()",
            "frame.describe()",
        )
        for number in range(count)
    }


def lay_out(folder: Path, notebooks: Mapping[str, Mapping[str, Any]]) -> Path:
    """A new project of these notebooks, with a pipeline ``bench`` over all of them."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("notebooks", "pipelines", "executed"):
        (folder / name).mkdir(parents=True)
    (folder / "workbench.toml").write_text('name = "bench"\n')
    steps = "".join(f"  {name}: notebooks/{name}.ipynb\n" for name in notebooks)
    (folder / "pipelines" / "bench.yaml").write_text(f"name: bench\nsteps:\n{steps}")
    for name, content in notebooks.items():
        (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(content))
    return folder


def run(folder: Path, *commands: Sequence[str | Path], ours: bool = False) -> None:
    """Run commands at once, in whole processes. Raises Broken when one fails.

    ``ours`` is for commands of Workbench, which may lie in a folder of its own.
    """
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    if ours:
        environment["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")
    logs = [folder / f"said-{number}.txt" for number in range(len(commands))]
    processes = [
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log.open("wb"), stderr=subprocess.STDOUT)
        for command, log in zip(commands, logs, strict=True)
    ]
    for status, log in zip([process.wait() for process in processes], logs, strict=True):
        if status:
            said = log.read_text(errors="replace").strip().splitlines()
            raise Broken(f"exit {status}: {said[-1] if said else 'nothing was said'}")


def workbench(folder: Path, workers: int) -> None:
    """Everything that ``wb run`` does: plan, kernels, journal, store, publication."""
    run(folder, [sys.executable, "-m", "workbench", "run", "bench", "--max-parallel", str(workers)], ours=True)
    done = list((folder / ".workbench" / "runs").glob("*/*/*/output.ipynb"))
    expect(done, folder)


def expect(executed: Iterable[Path], folder: Path) -> None:
    """Raises Broken when not all notebooks of a project were executed, to the last cell."""
    least = {len(json.loads(file.read_text())["cells"]) for file in (folder / "notebooks").glob("*.ipynb")}
    whole = [file for file in executed if _executed(json.loads(file.read_text())["cells"]) >= max(least)]
    wanted = len(list((folder / "notebooks").glob("*.ipynb")))
    if len(whole) != wanted:
        raise Broken(f"{len(whole)} of {wanted} notebooks were executed")


def _executed(cells: Sequence[Mapping[str, Any]]) -> int:
    """How many cells have run, none when one of them failed."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    failed = any(output["output_type"] == "error" for cell in code for output in cell["outputs"])
    return 0 if failed else sum(cell["execution_count"] is not None for cell in code)


def environment(requirements: str, folder: Path) -> Path:
    """The Python of a new environment with exactly these requirements, a file of ``peers``. Raises Broken."""
    python = folder / Path(requirements).stem / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    run(folder, [*uv, "venv", "--quiet", "--python", sys.executable, str(python.parent.parent)])
    install = ["pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", PEERS / requirements]
    run(folder, [*uv, *install])
    return python


def options(description: str | None, name: str) -> argparse.Namespace:
    """``short``, ``rounds``, and where figures and chart go; a short run keeps them only where that is said."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="few notebooks, one round")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", type=Path, help=f"default: benchmarks/results/{name}.json")
    parser.add_argument("--svg", type=Path, help=f"default: docs/images/{name}.svg")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.short else 3)
    if not given.short:
        given.json = given.json or RESULTS / f"{name}.json"
        given.svg = given.svg or IMAGES / f"{name}.svg"
    return given


def ratios(seconds: Mapping[str, Sequence[float]], ours: str) -> dict[str, float]:
    """How many times as long as ``ours`` the others took: medians of the ratios in each round they took part in."""
    return {
        name: round(statistics.median(b / a for a, b in zip(seconds[ours], taken, strict=False)), 2)
        for name, taken in seconds.items()
        if name != ours
    }


def medians(seconds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: round(statistics.median(taken), 3) for name, taken in seconds.items()}


def promise(text: str, value: float | None, kept: bool) -> dict[str, Any]:
    """A promise and what came of it; a ``value`` of None was not measured."""
    return {"promise": text, "value": value, "kept": kept if value is not None else None}


def conclude(figures: Mapping[str, Any], where: Path | None, svg: Path | None = None) -> int:
    """Print promises and who was absent, keep figures and machine, draw ``chart``; 1 when a promise is broken.

    ``figures`` has a ``title``, the ``promises``, and for a ``chart`` its ``unit``, ``values`` by name and what is
    said ``beside`` them.
    """
    for name, why in figures.get("absent", {}).items():
        print(f"absent: {name} ({why})")
    for each in figures["promises"]:
        word = {True: "kept", False: "BROKEN", None: "not measured"}[each["kept"]]
        print(f"{word}: {each['promise']}: {each['value']}")
    if svg is not None and (chart := figures.get("chart")):
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(bars(figures["title"], chart["unit"], chart["values"], OURS, chart.get("beside", {})))
    if where is not None:
        machine = {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "libraries": {name: version(name) for name in ("papermill", "ipykernel", "jupyter-client", "pandas")},
        }
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(json.dumps({"machine": machine, **figures}, indent=1) + "\n")
    return 1 if any(each["kept"] is False for each in figures["promises"]) else 0


# -- the chart -------------------------------------------------------------------------------------------------------

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.soft { fill: #57606a } .ours { fill: #0072b2 } .others { fill: #8c959f } .own { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .soft { fill: #9198a1 } .ours { fill: #56b4e9 } .others { fill: #6e7681 }
}
"""
WIDTH, LABELS, ROW = 720, 210, 30


def bars(title: str, unit: str, values: Mapping[str, float], ours: str, beside: Mapping[str, str]) -> str:
    """A bar chart as SVG, from zero, on light and on dark pages; names that begin with ``ours`` stand out.

    ``beside`` is said behind a value.
    """
    most = max(values.values())
    rows = []
    for number, (name, value) in enumerate(values.items()):
        middle = 46 + number * ROW
        length = (WIDTH - LABELS - 150) * value / most
        own = name.startswith(ours)
        text = f"{value:.3g} {unit}"
        more = f' <tspan class="soft">{escape(beside[name])}</tspan>' if name in beside else ""
        kind, weight = ("ours", ' class="own"') if own else ("others", "")
        rows.append(
            f'<text x="{LABELS - 12}" y="{middle + 14}" text-anchor="end"{weight}>{escape(name)}</text>'
            f'<rect class="{kind}" x="{LABELS}" y="{middle}" width="{max(length, 1):.1f}" height="20" rx="2"/>'
            f'<text x="{LABELS + length + 8:.1f}" y="{middle + 14}">{escape(text)}{more}</text>'
        )
    height = 46 + len(rows) * ROW + 6
    label = "; ".join(f"{name} {value:.3g} {unit}" for name, value in values.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(title)}: {escape(label)}"><style>{STYLE}</style>'
        f'<text x="0" y="20" class="own">{escape(title)}</text>\n' + "\n".join(rows) + "\n</svg>\n"
    )
