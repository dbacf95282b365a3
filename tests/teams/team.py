"""A project of a team: runs on PostgreSQL, data in a bucket, steps on the workers of a cluster."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from projects import lay_out, notebook
from servers import Dask

from workbench.model.location import Location
from workbench.model.run import AttemptState, Run, State, StepRun
from workbench.project import Project

PIPELINE = """
    name: orders
    parameters: {{meeting: {{type: str, default: "{meeting}"}}}}
    defaults: {{retries: {{max: 3, on: [worker_lost], backoff: 1s}}}}
    steps:
      ingest: notebooks/ingest.ipynb
      double: notebooks/double.ipynb
      total: notebooks/total.ipynb
      show: {{notebook: notebooks/show.ipynb, report: true}}
"""
INGEST = notebook(
    """
    import os, sys
    import pandas as pd, workbench as wb
    from prices import PRICES
    from notes import NOTE
    wb.record("worker", os.environ["WORKER"])
    wb.record("seen", [os.getcwd(), *sys.path, os.environ["WORKBENCH_CONTEXT"], os.environ["TMPDIR"], NOTE])
    wb.write(pd.DataFrame({"id": range(len(PRICES)), "price": PRICES}), "raw.orders")
    """
)
DOUBLE = notebook(
    """
    import os, time
    from pathlib import Path
    import workbench as wb
    here = Path(meeting)
    (here / f"{os.environ['WORKER']}-{os.getpid()}").touch()
    while here.exists() and not (here / "go").exists():
        time.sleep(0.02)
    """,
    """
    frame = wb.read("raw.orders", where="price > 1")
    print("doubling", len(frame))
    wb.write(frame.assign(price=frame.price * 2), "clean.orders", mode="append")
    """,
    parameters='meeting: str = ""',
)
TOTAL = notebook(
    """
    import workbench as wb
    wb.check("clean.orders")
    wb.write(wb.sql("select sum(price) as total from clean.orders").df(), "marts.total")
    """
)
SHOW = notebook("#md # Totals", "import workbench as wb\nwb.read('marts.total')")
CONTRACT = """
    apiVersion: v3.0.2
    kind: DataContract
    id: clean-orders
    version: 1.0.0
    status: active
    schema:
      - name: clean.orders
        properties: [{name: id, required: true}]
"""


@dataclass
class Team:
    """The project at ``root``; ``meeting`` is a folder where the step ``double`` waits until it may go on."""

    root: Path
    meeting: Path
    cluster: Dask
    runs: list[Run] = field(default_factory=list)

    def run(self, pipeline: str = "orders", **options: Any) -> Run:
        with Project.open(self.root) as project:
            run = project.run(pipeline, executor="dask", max_parallel=4, **options)
            self.runs.append(project.runs.get(run.id))
        return self.runs[-1]

    def begin(self) -> threading.Thread:
        """A run in another thread, which waits in the middle of ``double``."""
        thread = threading.Thread(target=self.run)
        thread.start()
        return thread

    def command(self) -> subprocess.Popen[bytes]:
        """A run in a process of its own."""
        with (self.root.parent / "run.log").open("ab") as log:
            command = [sys.executable, "-m", "workbench", "run", "orders", "--executor", "dask"]
            return subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log)

    def met(self, others: tuple[str, ...] = ()) -> str:
        """The worker that carries out ``double``, another than those."""
        return until(lambda: next((name for name in self._names() if name not in others), ""))

    def go(self) -> None:
        """Let ``double`` go on."""
        (self.meeting / "go").touch()

    def _names(self) -> list[str]:
        return [path.name.rpartition("-")[0] for path in self.meeting.iterdir() if path.name != "go"]

    def step(self, name: str) -> StepRun:
        return next(step for step in self.runs[-1].steps if step.step == name)

    def committed_once(self) -> bool:
        """Whether each step of the last run ended in one committed attempt, and each dataset has one version."""
        with Project.open(self.root) as project, project.store.reading() as transaction:
            versions = [len(transaction.datasets.snapshots(name)) for name in transaction.datasets.names()]
        steps = self.runs[-1].steps
        committed = [[a.state for a in step.attempts].count(AttemptState.COMMITTED) for step in steps]
        return set(versions) == {1} and committed == [1] * len(steps) and self.runs[-1].state is State.SUCCEEDED


def lay_out_team(root: Path, cluster: Dask, warehouse: Location, store: str, **more: str) -> Team:
    """The files of the project, in which every place is another machine's as far as workers know."""
    meeting = root.parent / "meeting"
    meeting.mkdir()
    settings = f"""
        name = "team"
        [storage]
        store = "{store}"
        warehouse = "{warehouse}"
        endpoint = "{warehouse.endpoint}"
        region = "{warehouse.region}"
        [run]
        lease = "20s"
        [executors.dask]
        address = "{cluster.address}"
        files = ["lib/*.txt"]
        """ + "\n".join(f"{key} = {value}" for key, value in more.items())
    notebooks = {"ingest": INGEST, "double": DOUBLE, "total": TOTAL, "show": SHOW}
    files = {
        "workbench.toml": settings,
        "notebooks/prices.py": "PRICES = [1.0, 2.0, 3.0]\n",
        "notes.py": "from pathlib import Path\nNOTE = (Path(__file__).parent / 'lib' / 'note.txt').read_text()\n",
        "lib/note.txt": "brought along",
        "contracts/clean.orders.odcs.yaml": CONTRACT,
    }
    lay_out(root, {"orders": PIPELINE.format(meeting=meeting)}, notebooks, files)
    return Team(root, meeting, cluster)


def until(found: Callable[[], Any], seconds: float = 120.0) -> Any:
    """What ``found`` gives as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)
    return result


def below(worker: int) -> list[psutil.Process]:
    """All processes that a worker has started, and they."""
    return psutil.Process(worker).children(recursive=True)


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def at_work(folder: Path) -> list[int]:
    """Processes that work in the folder of an attempt below this one: kernels, and what they started."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            place = process.cwd()
            if place.startswith(str(folder)) and "/project" in place and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found
