"""How an attempt ends is told exactly, whatever its notebook does; nothing of it survives."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from workbench.execution import journal
from workbench.execution.inline import InlineExecutor
from workbench.execution.local import Handle, LocalExecutor
from workbench.execution.order import Order
from workbench.model.events import Kind

NOTEBOOKS = Path(__file__).parent / "notebooks"

Finish = Callable[..., tuple[Order, dict[str, Any]]]


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    executor = LocalExecutor()
    yield executor
    executor.close()


def order_for(name: str, folder: Path, timeout: float = 120.0) -> Order:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder / "source.ipynb")
    return Order(name, f"notebooks/{name}.ipynb", str(folder), "python3", str(folder), timeout, {}, {"run": "R"})


def wait(handle: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    while not handle.finished:
        select.select([handle], [], [])
        handle.receive(messages.append)
    handle.close()
    return messages


@pytest.fixture(params=["local", "inline"])
def finish(request: pytest.FixtureRequest, executor: LocalExecutor, tmp_path: Path) -> Finish:
    chosen = executor if request.param == "local" else InlineExecutor()

    def run(name: str, timeout: float = 120.0) -> tuple[Order, dict[str, Any]]:
        order = order_for(name, tmp_path / name, timeout)
        messages = wait(chosen.start(order))
        assert messages[-1]["kind"] == "attempt_ended"
        return order, messages[-1]["data"]

    return run


def states(end: dict[str, Any]) -> list[str]:
    return [cell["state"] for cell in end["cells"]]


def executed(order: Order) -> dict[str, Any]:
    return json.loads(order.output.read_text())  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "code", "cells"),
    [
        ("raises", "WB-RUN-104", ["succeeded", "failed", "not_run"]),
        ("kernel_dies", "WB-RUN-101", ["succeeded", "lost", "not_run"]),
        ("exits_hard", "WB-RUN-101", ["lost"]),
        ("leaves_with_zero", "WB-RUN-103", ["failed", "not_run"]),
        ("asks_for_input", "WB-RUN-140", ["failed"]),
    ],
)
def test_a_failure_names_its_cell_and_keeps_the_notebook(
    finish: Finish, name: str, code: str, cells: list[str]
) -> None:
    order, end = finish(name)
    assert (end["error"]["code"], states(end)) == (code, cells)
    bad = next(index for index, state in enumerate(cells) if state in ("failed", "lost"))
    assert f"cell {bad + 1} of notebooks/{name}.ipynb" in end["error"]["what"]
    notebook = executed(order)
    assert notebook["metadata"]["workbench"]["state"] == "failed"
    assert "failed" in notebook["cells"][bad]["metadata"]["tags"]
    assert code in notebook["cells"][bad]["outputs"][-1]["text"]
    assert len(notebook["cells"]) == len(cells)


def test_success_is_journaled_as_it_happens_and_written_once(finish: Finish) -> None:
    order, end = finish("succeeds")
    assert end["error"] is None
    assert states(end) == ["not_run", "succeeded", "succeeded"]
    kinds = [event.kind for event in journal.read(order.journal)]
    cell = [Kind.CELL_STARTED, Kind.OUTPUT, Kind.CELL_ENDED]
    assert kinds == [Kind.ATTEMPT_STARTED, Kind.KERNEL_READY, *cell, *cell, Kind.ATTEMPT_ENDED]
    for run in end["cells"][1:]:
        assert run["seconds"] >= 0
        assert run["peak_bytes"] > 1_000_000
    notebook = executed(order)
    assert notebook["cells"][2]["outputs"][0]["data"]["text/plain"] == "2"
    assert "papermill" not in notebook["metadata"]
    assert json.loads(order.source.read_text())["cells"][1]["outputs"] == []


def test_tags_that_papermill_gets_wrong(finish: Finish) -> None:
    _, end = finish("error_is_allowed")
    assert (end["error"], states(end)) == (None, ["succeeded", "succeeded"])
    _, end = finish("skips_a_cell")
    assert (end["error"], states(end)) == (None, ["skipped", "succeeded"])


def test_printed_lines_become_one_output(finish: Finish) -> None:
    order, end = finish("prints_a_lot")
    assert end["error"] is None
    (output,) = executed(order)["cells"][0]["outputs"]
    assert output["text"].count("\n") == 20000


def test_long_lines_are_no_trouble_and_progress_bars_leave_their_end(finish: Finish) -> None:
    order, end = finish("prints_long_lines")
    assert end["error"] is None
    long, progress = executed(order)["cells"]
    assert long["outputs"][0]["text"] == "x" * 200_000 + "\n"
    assert [output["text"] for output in progress["outputs"]] == ["100 %\n"]


def test_what_a_step_leaves_running_is_ended(executor: LocalExecutor, tmp_path: Path) -> None:
    order = order_for("leaves_processes", tmp_path)
    wait(executor.start(order))
    executor.settle()
    pid = int(executed(order)["cells"][0]["outputs"][0]["text"])
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("inline", [False, True])
def test_cancelling_at_the_very_start_is_heard(executor: LocalExecutor, tmp_path: Path, inline: bool) -> None:
    handle = (InlineExecutor() if inline else executor).start(order_for("sleeps", tmp_path / "step"))
    handle.cancel()
    ended = next(message["data"] for message in wait(handle) if message.get("kind") == "attempt_ended")
    assert ended["error"]["code"] == "WB-RUN-190"


def test_cancelling_writes_the_notebook_and_ends_the_kernel(executor: LocalExecutor, tmp_path: Path) -> None:
    order = order_for("sleeps", tmp_path)
    handle = executor.start(order)
    kernel = wait_for_cell(order)
    handle.cancel()
    end = wait(handle)[-1]["data"]
    assert (end["error"]["code"], states(end)) == ("WB-RUN-190", ["failed", "not_run"])
    assert executed(order)["metadata"]["workbench"]["state"] == "failed"
    executor.settle()
    assert not psutil.pid_exists(kernel)


@pytest.mark.parametrize("name", ["sleeps", "holds_the_gil"])
def test_nothing_outlives_a_runner_that_goes_away(executor: LocalExecutor, tmp_path: Path, name: str) -> None:
    order = order_for(name, tmp_path)
    handle = executor.start(order)
    kernel = wait_for_cell(order)
    handle.close()
    assert gone(kernel)


def test_a_killed_supervisor_leaves_no_kernel_and_no_end(executor: LocalExecutor, tmp_path: Path) -> None:
    order = order_for("holds_the_gil", tmp_path)
    handle: Handle = executor.start(order)
    kernel = wait_for_cell(order)
    os.kill(psutil.Process(kernel).ppid(), signal.SIGKILL)
    wait(handle)
    assert gone(kernel)
    assert Kind.ATTEMPT_ENDED not in [event.kind for event in journal.read(order.journal)]


def test_a_torn_last_line_of_a_journal_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writer = journal.Journal(path, lambda event: None)
    writer.append(Kind.METRIC, {"name": "rows", "value": 3})
    writer.close()
    path.write_text(path.read_text() + '{"seq": 2, "at": "2013')
    assert [event.data["name"] for event in journal.read(path)] == ["rows"]


def wait_for_cell(order: Order) -> int:
    """Wait until a cell runs; the kernel's process id."""
    pid = 0
    while True:
        for event in journal.read(order.journal):
            if event.kind is Kind.KERNEL_READY:
                pid = event.data["pid"]
            if event.kind is Kind.CELL_STARTED:
                return pid
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process ends soon."""
    for _ in range(250):
        if not psutil.pid_exists(pid):
            return True
        time.sleep(0.02)
    return False
