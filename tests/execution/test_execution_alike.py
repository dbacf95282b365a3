"""A step shows the same on a kernel that was ready as on one that was started for it, whatever its cells do."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from execution_orders import Outcome, carry_out, order_of
from projects import lay_out

from workbench.config import load_config
from workbench.execution.executor import Demand
from workbench.execution.local import LocalExecutor
from workbench.model.events import Kind

pytestmark = pytest.mark.slow
NOTEBOOKS = Path(__file__).parent / "notebooks"
LIBRARIES = (
    "cloudpickle",
    "duckdb",
    "ipywidgets",
    "numpy",
    "pandas",
    "plotly.express",
    "polars",
    "pyarrow.parquet",
    "workbench",
)


def notebooks_of(name: str) -> dict[str, list[str]]:
    """The cells of the notebooks of a text, in which a line ``# %%`` with the name of its notebook begins each."""
    parts = re.split(r"^# %% (.*)\n", (NOTEBOOKS / name).read_text(), flags=re.MULTILINE)[1:]
    found: dict[str, list[str]] = {}
    for about, source in zip(parts[::2], parts[1::2], strict=True):
        found.setdefault(about, []).append(source.rstrip("\n"))
    return found


CORPUS = notebooks_of("alike.txt")
"""What notebooks do."""
ENDS = notebooks_of("ends.txt")
"""Notebooks that leave something to be done when the interpreter ends: a file ``left``."""


@pytest.fixture(scope="module")
def executors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, LocalExecutor]]:
    """One with kernels that are ready and have imported all that the corpus does, and one without."""
    made = {}
    for name, warm in (("warm", "true"), ("cold", "false")):
        root = tmp_path_factory.mktemp(name)
        made[name] = LocalExecutor(load_config(lay_out(root, files={"workbench.toml": f"[kernels]\nwarm = {warm}\n"})))
    made["warm"].warm_up(Demand(modules=LIBRARIES))
    yield made
    for executor in made.values():
        executor.close()


def both(executors: dict[str, LocalExecutor], folder: Path, *cells: str, **more: Any) -> dict[str, Outcome]:
    """The same cells, which may raise, on both, each from a folder of the same name."""
    outcomes = {}
    for name, executor in executors.items():
        place = folder / name / "step"
        order = order_of(place, *cells, environment={"PLOTLY_RENDERER": "plotly_mimetype"}, **more)
        source = json.loads(order.source.read_text())
        for cell in source["cells"]:
            cell["metadata"] = {"tags": ["raises-exception"]}
        order.source.write_text(json.dumps(source))
        outcomes[name] = carry_out(executor, order)
        ready = next(event.data for event in outcomes[name].events() if event.kind is Kind.KERNEL_READY)
        assert ready["warm"] is (name == "warm"), ready
    return outcomes


def shown(outcome: Outcome) -> list[Any]:
    """All outputs, without what differs between any two runs of one notebook: process ids, addresses, folders."""
    text = json.dumps([cell.get("outputs", []) for cell in outcome.notebook["cells"]])
    text = text.replace(outcome.order.folder, "FOLDER").replace(str(Path(outcome.order.folder).parent), "PARENT")
    for pattern, mask in MASKS.items():
        text = re.sub(pattern, mask, text)
    return json.loads(text)  # type: ignore[no-any-return]


MASKS = {
    r"ipykernel_\d+": "ipykernel_N",
    r"0x[0-9a-f]+": "0xN",
    r"\b[0-9a-f]{32}\b": "ID",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "ID",
    r"IPY_MODEL_ID": "MODEL",
    r"Thread-\d+": "Thread-N",
    r"ThreadPoolExecutor-\d+_\d+": "Pool",
}


@pytest.mark.parametrize("about", CORPUS)
def test_outputs_are_the_same(executors: dict[str, LocalExecutor], tmp_path: Path, about: str) -> None:
    cells = CORPUS[about]
    outcomes = both(executors, tmp_path, *cells)
    assert outcomes["warm"].end["error"] is outcomes["cold"].end["error"] is None
    compared = zip(cells, shown(outcomes["warm"]), shown(outcomes["cold"]), strict=True)
    assert {source: (warm, cold) for source, warm, cold in compared if warm != cold} == {}
    assert outcomes["warm"].notebook["metadata"].keys() == outcomes["cold"].notebook["metadata"].keys()


@pytest.mark.parametrize("what", ENDS)
def test_the_end_of_the_interpreter_is_the_same(executors: dict[str, LocalExecutor], tmp_path: Path, what: str) -> None:
    outcomes = both(executors, tmp_path, *ENDS[what])
    left = {name: (tmp_path / name / "step" / "left").read_text() for name in outcomes}
    assert left["warm"] == left["cold"] != ""


@pytest.mark.parametrize(
    "cell",
    [
        "import os; os._exit(3)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import sys; sys.exit(0)",
        "exit",
        "input('name? ')",
        "import getpass; getpass.getpass()",
    ],
)
def test_what_ends_a_notebook_is_told_alike(executors: dict[str, LocalExecutor], tmp_path: Path, cell: str) -> None:
    outcomes = both(executors, tmp_path, "print('before')", cell, "'after'")
    warm, cold = outcomes["warm"], outcomes["cold"]
    assert (warm.code, warm.cause, warm.states) == (cold.code, cold.cause, cold.states)
    assert shown(warm)[0] == shown(cold)[0]


def test_drawings_are_the_same(executors: dict[str, LocalExecutor], tmp_path: Path) -> None:
    importlib.import_module("matplotlib.font_manager")  # makes its list of fonts, of which the first user is told
    cells = ("import matplotlib.pyplot as plt", "plt.plot([1, 2])", "plt.plot([2, 1]); plt.show()", "plt.get_backend()")
    outcomes = both(executors, tmp_path, *cells)
    assert shown(outcomes["warm"]) == shown(outcomes["cold"])
