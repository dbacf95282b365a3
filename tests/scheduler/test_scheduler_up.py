"""``wb up`` as real processes: what it runs, how it ends, and what a kill -9 at any moment leaves behind."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest
from projects import MakeProject, notebook
from scheduler_bench import ONE, pipeline
from typist import type_command

from workbench.model.names import new_id
from workbench.model.run import Run, State
from workbench.model.schedule import Standing, Tick, TickState
from workbench.project import Project
from workbench.scheduler.leader import LEASE

pytestmark = pytest.mark.slow

CRON = {"cron": "0 * * * *", "timezone": "UTC"}
HOURLY = "{cron: 0 * * * *, catchup: all, overlap: queue}"
SLEEPER = {"one": notebook("import time\ntime.sleep(600)")}


class Typed:
    """A command that was typed, at work in a process of its own."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.files = [root / f"{new_id()}.{name}" for name in ("out", "err")]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
        with self.files[0].open("w") as out, self.files[1].open("w") as err:
            self.process = type_command(["--project", str(root), *arguments], root, clean, out.fileno(), err.fileno())
        self.pid = self.process.pid

    @property
    def err(self) -> str:
        return self.files[1].read_text()

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, seconds: float = 120) -> tuple[int, str, str]:
        """Its exit code and what it said, once it has ended."""
        code = self.process.wait(seconds)
        return code, self.files[0].read_text(), self.err


def wb(root: Path, *arguments: str) -> Typed:
    return Typed(root, *arguments)


def make_due(root: Path, hours: int, name: str = "hourly") -> None:
    """Let so many nominal times of an hourly schedule be due."""
    whole = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with Project.open(root) as project, project.store.writing() as transaction:
        since = (whole - timedelta(hours=hours)).isoformat()
        transaction.schedules.put(Standing(name, "schedule", since, facts=CRON))


def ticks_of(root: Path) -> list[Tick]:
    with Project.open(root) as project, project.store.reading() as transaction:
        return list(transaction.schedules.ticks(None))


def runs_of(root: Path) -> list[Run]:
    with Project.open(root) as project:
        return list(project.runs.list(1000))


def wait_for(true: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    return found


def holder(root: Path) -> int:
    with Project.open(root) as project, project.store.reading() as transaction:
        held = transaction.schedules.lease("up")
    return held.pid if held else 0


def running(root: Path) -> list[Run]:
    return [run for run in runs_of(root) if run.state is State.RUNNING]


class TestOnce:
    def test_what_is_due_runs_and_says_what_it_is_for(self, make_project: MakeProject) -> None:
        schedule = '{cron: 0 * * * *, timezone: UTC, parameters: {at: "${run.nominal_time}"}}'
        text = pipeline("hourly", schedule, "parameters: {at: {type: datetime}}")
        cells = notebook("at", parameters="from datetime import datetime\nat: datetime")
        root = make_project({"hourly": text}, {"one": cells})
        make_due(root, 3)
        code, out, err = wb(root, "up", "--once", "--json").end()
        assert code == 0, err
        told = json.loads(out)
        assert [tick["state"] for tick in told["ticks"]] == ["skipped", "skipped", "started"]
        (run,) = runs_of(root)
        (tick,) = [tick for tick in ticks_of(root) if tick.state is TickState.STARTED]
        assert (run.id, run.trigger, run.nominal_at) == (tick.run, "schedule", tick.nominal_at)
        assert run.parameters["at"] == datetime.fromisoformat(tick.nominal_at)
        assert run.state is State.SUCCEEDED
        assert "hourly: started for" in err
        assert "hourly: succeeded in" in err
        code, out, err = wb(root, "up", "--once").end()
        assert (code, out.startswith("Nothing was due.")) == (0, True), err
        assert len(runs_of(root)) == 1

    def test_a_run_that_fails_is_told_by_the_exit_code(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": pipeline("hourly", HOURLY)}, {"one": notebook("1 / 0")})
        make_due(root, 1)
        code, out, _ = wb(root, "up", "--once").end()
        assert (code, "1 failed" in out) == (1, True)

    def test_a_pipeline_that_cannot_be_planned_skips_its_tick_with_the_reason(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": pipeline("hourly", HOURLY)}, {"other": notebook("1")})
        make_due(root, 1)
        code, _, err = wb(root, "up", "--once").end()
        assert code == 1, err
        (tick,) = ticks_of(root)
        assert tick.state is TickState.SKIPPED
        assert tick.reason.startswith("WB-NB-600: step one: notebooks/one.ipynb")
        assert runs_of(root) == []

    def test_a_file_starts_a_run_and_its_data_starts_the_next(self, make_project: MakeProject) -> None:
        takes = notebook(
            "import pandas as pd, workbench as wb\nwb.write(pd.read_csv(path), 'raw.orders', mode='append')",
            parameters="path: str",
        )
        counts = notebook(
            "import pandas as pd, workbench as wb\norders = wb.read('raw.orders')\n"
            "wb.write(pd.DataFrame({'orders': [len(orders)]}), 'clean.counts', mode='overwrite')"
        )
        root = make_project(
            {
                "intake": "name: intake\nparameters: {path: {type: str}}\nsteps: {takes: notebooks/takes.ipynb}\n"
                "triggers: [{file: landing/*.csv, stable: 1s, parameters: {path: ${file}}}]\n",
                "counting": "name: counting\nsteps: {counts: notebooks/counts.ipynb}\n"
                "triggers: [{dataset: raw.orders}]\n",
            },
            {"takes": takes, "counts": counts},
            {"landing/a.csv": "n\n1\n2\n", "landing/b.csv": "n\n3\n"},
        )
        code, _, err = wb(root, "up", "--once").end(240)
        assert code == 0, err
        runs = sorted((run.pipeline, run.trigger, run.state) for run in runs_of(root))
        assert runs.count(("intake", "file", State.SUCCEEDED)) == 2
        assert ("counting", "dataset", State.SUCCEEDED) in runs
        with Project.open(root) as project:
            (file,) = project.resolve("prod", ["clean.counts"])["clean.counts"].files
            assert pq.read_table(file.path).column("orders").to_pylist() == [3]
        code, out, err = wb(root, "up", "--once").end()
        assert (code, out.startswith("Nothing was due.")) == (0, True), err

    def test_without_anything_that_runs_by_itself_it_says_how(self, make_project: MakeProject) -> None:
        root = make_project({}, ONE)
        code, out, _ = wb(root, "up", "--once").end()
        assert (code, out.startswith("Schedules would be here.")) == (0, True)


class TestTwo:
    def test_f46_the_second_stands_by_and_takes_over_from_a_killed_one(self, make_project: MakeProject) -> None:
        root = make_project({}, ONE)
        first = wb(root, "up")
        try:
            wait_for(lambda: holder(root) == first.pid)
            second = wb(root, "up")
            try:
                code, _, err = wb(root, "up", "--once").end()
                assert (code, "WB-SCH-851" in err) == (5, True)
                assert holder(root) == first.pid
                first.kill()
                wait_for(lambda: holder(root) == second.pid, 10)
                second.send(signal.SIGTERM)
                assert second.end()[0] == 0
                assert holder(root) == 0
            finally:
                second.kill()
        finally:
            first.kill()

    def test_f46_one_that_is_stopped_for_too_long_starts_nothing_when_it_goes_on(
        self, make_project: MakeProject
    ) -> None:
        root = make_project({}, ONE)
        first = wb(root, "up")
        second = None
        try:
            wait_for(lambda: holder(root) == first.pid)
            first.send(signal.SIGSTOP)
            second = wb(root, "up")
            wait_for(lambda: holder(root) == second.pid, LEASE + 20)
            first.send(signal.SIGCONT)
            wait_for(lambda: "another wb up has taken over" in first.err)
            assert holder(root) == second.pid
        finally:
            for process in filter(None, (first, second)):
                process.kill()


class TestTheEnd:
    @pytest.mark.parametrize("drain", [False, True])
    def test_f07_runs_are_cancelled_or_come_to_their_end(self, make_project: MakeProject, drain: bool) -> None:
        seconds = 6 if drain else 600
        root = make_project(
            {"hourly": pipeline("hourly", HOURLY)}, {"one": notebook(f"import time\ntime.sleep({seconds})")}
        )
        make_due(root, 1)
        process = wb(root, "up", *(["--drain"] if drain else []))
        wait_for(lambda: running(root))
        process.send(signal.SIGTERM)
        code, _, err = process.end()
        assert code == 0
        (run,) = runs_of(root)
        assert run.state is (State.SUCCEEDED if drain else State.CANCELLED), err
        assert ("waits for" if drain else "cancels") in err

    def test_a_second_signal_ends_at_once_and_leaves_nothing(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": pipeline("hourly", HOURLY)}, SLEEPER)
        make_due(root, 1)
        process = wb(root, "up", "--drain")
        wait_for(lambda: running(root))
        process.send(signal.SIGINT)
        time.sleep(0.5)
        process.send(signal.SIGINT)
        code, _, _ = process.end(30)
        assert code == 130
        wait_for(lambda: not of_project(root), 15)
        (run,) = runs_of(root)
        assert run.state is State.LOST

    def test_until_a_time(self, make_project: MakeProject) -> None:
        root = make_project({}, ONE)
        code, _, err = wb(root, "up", "--until", "2s").end(60)
        assert code == 0, err
        code, _, err = wb(root, "up", "--until", "soon").end()
        assert (code, "WB-CLI-809" in err) == (2, True)


class TestKilled:
    @pytest.mark.timeout(600)
    def test_f46_whatever_is_killed_each_nominal_time_has_one_run(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": pipeline("hourly", HOURLY)}, ONE)
        make_due(root, 5)
        seed = random.SystemRandom().randrange(1 << 32)
        rng = random.Random(seed)
        for _ in range(8):
            pair = [wb(root, "up"), wb(root, "up")]
            time.sleep(rng.uniform(0.1, 4.5))
            for process in pair:
                process.kill()
        code, _, err = wb(root, "up", "--once").end(300)
        assert code == 0, f"seed {seed}\n{err}"
        ticks = ticks_of(root)
        assert len(ticks) in (5, 6), f"seed {seed}"  # an hour may have begun
        assert {tick.state for tick in ticks} == {TickState.STARTED}, f"seed {seed}"
        counted = Counter(run.nominal_at for run in runs_of(root))
        assert counted == Counter(tick.nominal_at for tick in ticks), f"seed {seed}"
        assert {run.state for run in runs_of(root)} == {State.SUCCEEDED}, f"seed {seed}"

    def test_f46_a_tick_that_two_try_at_once_has_one_run(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": pipeline("hourly", HOURLY)}, ONE)
        at = "2026-03-02T12:00:00+00:00"
        tick = Tick(new_id(), "hourly", "schedule", "schedule", at, at, "prod", new_id())
        with Project.open(root) as project, project.store.writing() as transaction:
            transaction.schedules.add(tick)
        both = [wb(root, "schedule", "fire", tick.id) for _ in range(2)]
        ends = sorted(process.end() for process in both)
        assert [code for code, _, _ in ends] == [0, 5], ends
        assert "WB-RUN-129" in ends[1][2]
        assert [run.id for run in runs_of(root)] == [tick.run]

    def test_a_run_survives_the_scheduler(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": pipeline("hourly", HOURLY)}, {"one": notebook("import time\ntime.sleep(5)")})
        make_due(root, 1)
        process = wb(root, "up")
        wait_for(lambda: running(root))
        process.kill()
        code, out, err = wb(root, "up", "--once").end()
        assert (code, "1 succeeded" in out) == (0, True), err
        assert [run.state for run in runs_of(root)] == [State.SUCCEEDED]


def of_project(root: Path) -> list[int]:
    """The processes that work in this project."""
    return [process.pid for process in psutil.process_iter() if process.pid != os.getpid() and belongs(process, root)]


def belongs(process: psutil.Process, root: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.cwd().startswith(str(root)) or str(root) in process.environ().get("WORKBENCH_CONTEXT", "")
    except psutil.Error:
        return False
