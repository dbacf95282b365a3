"""How well the workers of a Dask cluster are used: 64 steps that wait a second, on 1, 2, 4 and 8 workers of one thread.

Run with ``python benchmarks/dask.py``; ``--short`` to try it, ``--rounds 5`` for steadier medians. The figures are kept
in ``results/dask.json``. Plain Dask waits for the same seconds on the same workers, turn by turn. Efficiency is the
seconds that were asked for over those that the workers had: 1 when nothing is lost between two steps. Workers share
the processors of this machine, so what a step costs in processor time counts as lost, too, as soon as there is more of
it than they have.

Both are measured in a client that has reached the cluster and has run something there. ``workbench`` is the whole run
from then on, from its plan to its last state; ``steady`` is that from the first step that is claimed to the last that
is published, without planning before and settling after. The promise is about the whole run.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import bench

STEPS, SECONDS = 64, 1.0  # of one run, and of one step
SIZES = (1, 2, 4, 8)
PROMISED = {8: 0.9}
"""Workers → the least efficiency that keeps the promise."""
QUIET = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__MONITOR_INTERVAL": "1s",
}
"""Settings under which an idle worker of Dask takes half a hundredth of a processor, not four: here eight share two."""
AHEAD = 2
"""Steps handed to the cluster at once, for each worker: one that runs, and one that follows it."""

PLAIN = """
import sys, time
from distributed import Client
def main():
    with Client(sys.argv[1]) as client:
        client.gather(client.map(time.sleep, [0.0] * 8, pure=False))
        started = time.perf_counter()
        client.gather(client.map(time.sleep, [{seconds}] * {steps}, pure=False))
        print(time.perf_counter() - started)
main()
"""
WORKBENCH = """
import sys, time
from datetime import datetime
from workbench.project import Project
def main():
    with Project.open() as project:
        assert project.run("first", force=True, executor="dask", max_parallel=int(sys.argv[2])).state == "succeeded"
        started = time.perf_counter()
        done = project.run("bench", force=True, executor="dask", max_parallel=int(sys.argv[2]))
        whole = time.perf_counter() - started
        assert done.state == "succeeded", [(step.step, step.error) for step in done.steps if step.error]
        begun, ended = min(step.started_at for step in done.steps), max(step.ended_at for step in done.steps)
        print(whole, (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds())
main()
"""


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """The address of a scheduler with so many workers, each with a working directory of its own."""
    file = folder / "scheduler.json"
    with ExitStack() as stack:
        options = ["--scheduler-file", str(file), "--no-dashboard"]
        start(stack, folder / "scheduler", "dask_scheduler", "--host", "127.0.0.1", "--port", "0", *options)
        until(lambda: file.exists() and file.read_bytes().rstrip().endswith(b"}"))
        address = json.loads(file.read_text())["address"]
        for number in range(workers):
            place = folder / f"worker-{number}"
            told = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(place)]
            start(stack, place, "dask_worker", address, *told)
            until(lambda log=place / "log": b"Registered to" in log.read_bytes())
        yield address


def start(stack: ExitStack, place: Path, module: str, *arguments: str) -> None:
    """A process that ends with the stack."""
    place.mkdir(parents=True)
    command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log, env={**os.environ, **QUIET})
    stack.callback(process.wait)
    stack.callback(process.kill)


def until(there: Any) -> None:
    """Wait until something is there, a minute at most."""
    deadline = time.monotonic() + 60
    while not there():
        if time.monotonic() > deadline:
            raise SystemExit("the cluster did not start")
        time.sleep(0.05)


def lay_out(folder: Path, address: str, count: int) -> None:
    """A project of steps that wait, and of a few that only make the cluster warm."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("notebooks", "pipelines"):
        (folder / name).mkdir(parents=True)
    (folder / "workbench.toml").write_text(f'name = "bench"\n[executors.dask]\naddress = "{address}"\n')
    for pipeline, steps_of, wait in (("bench", count, SECONDS), ("first", 8, 0.0)):
        names = [f"{pipeline}_{number:02}" for number in range(steps_of)]
        steps = "".join(f"  {name}: notebooks/{name}.ipynb\n" for name in names)
        (folder / "pipelines" / f"{pipeline}.yaml").write_text(f"name: {pipeline}\nsteps:\n{steps}")
        for name in names:
            content = bench.notebook("import time", f"time.sleep({wait})")
            (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(content))


def seconds(program: str, folder: Path, *arguments: str) -> list[float]:
    """What a program in a process of its own says it took."""
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(told.stderr)
    return [float(word) for word in told.stdout.splitlines()[-1].split()]


def measure(workers: int, rounds: int, steps: int, folder: Path) -> dict[str, Any]:
    """Seconds and efficiency of both on so many workers, and how many times as long Workbench takes."""
    taken: dict[str, list[float]] = {"workbench": [], "steady": [], "dask": []}
    plain = PLAIN.format(seconds=SECONDS, steps=steps)
    with cluster(folder / f"cluster-{workers}", workers) as address:
        lay_out(folder / "project", address, steps)
        for _ in range(rounds):
            for names, program in ((("workbench", "steady"), WORKBENCH), (("dask",), plain)):
                for name, value in zip(
                    names, seconds(program, folder / "project", address, str(AHEAD * workers)), strict=True
                ):
                    taken[name].append(value)
    median = {name: statistics.median(values) for name, values in taken.items()}
    efficiency = {name: steps * SECONDS / (workers * value) for name, value in median.items()}
    ratio = statistics.median(a / b for a, b in zip(taken["workbench"], taken["dask"], strict=True))
    told = ", ".join(f"{name} {median[name]:.2f} s ({efficiency[name]:.0%})" for name in taken)
    print(f"{steps} steps of {SECONDS:g} s on {workers} workers: {told}, ratio {ratio:.2f}")
    return {
        "workers": workers,
        "seconds": {name: [round(value, 3) for value in values] for name, values in taken.items()},
        "median": {name: round(value, 2) for name, value in median.items()},
        "efficiency": {name: round(value, 3) for name, value in efficiency.items()},
        "workbench_over_dask": round(ratio, 3),
    }


def main() -> None:
    """Measure, print, and keep the figures."""
    given = bench.options(__doc__, "dask")
    steps, sizes = (8, (2,)) if given.short else (STEPS, SIZES)
    with tempfile.TemporaryDirectory() as folder:
        measured = [measure(workers, given.rounds, steps, Path(folder)) for workers in sizes]
    used = {each["workers"]: each["efficiency"]["workbench"] for each in measured}
    figures = {
        "title": f"How well workers of one thread are used by {steps} steps that wait {SECONDS:g} s",
        "rounds": given.rounds,
        "sizes": measured,
        "chart": {
            "unit": "%",
            "values": {
                f"{who}, {each['workers']} worker{'s' * (each['workers'] > 1)}": round(100 * each["efficiency"][key], 1)
                for each in measured
                for who, key in ((bench.OURS, "workbench"), ("plain Dask", "dask"))
            },
        },
        "promises": [
            bench.promise(f"{size} workers are used to at least {least:.0%}", value, (value or 0) >= least)
            for size, least in PROMISED.items()
            for value in [used.get(size)]
        ],
    }
    sys.exit(bench.conclude(figures, given.json, given.svg))


if __name__ == "__main__":
    main()
