"""A failed step keeps its kernel for a while: one can go on where it stopped, and nothing of it stays for longer."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from execution_orders import Outcome, carry_out, order_of
from jupyter_client.blocking.client import BlockingKernelClient

from workbench.execution.inline import InlineExecutor
from workbench.execution.kept.rack import Rack
from workbench.execution.local import LocalExecutor
from workbench.model.events import Kind
from workbench.model.kept import Kept
from workbench.model.limits import Limits

FAIL = ("x = 42", "1 / 0", "'never'")


@pytest.fixture
def rack(tmp_path: Path) -> Iterator[Rack]:
    made = Rack(tmp_path / "kept")
    yield made
    for kept in made.all():
        made.end(kept)


def fail(executor: Any, rack: Rack, folder: Path, *cells: str, **more: Any) -> Outcome:
    given: dict[str, Any] = {"keep": 600.0, "kept": str(rack.folder), **more}
    return carry_out(executor, order_of(folder, *(cells or FAIL), **given))


def processes(kept: Kept) -> list[psutil.Process]:
    guardian = psutil.Process(kept.pid)
    return [guardian, *guardian.children(recursive=True)]


def gone(family: list[psutil.Process]) -> bool:
    left = psutil.wait_procs(family, timeout=20)[1]
    return [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []


def evaluated(rack: Rack, kept: Kept, expression: str) -> str:
    """What an expression gives in a kept kernel."""
    client = BlockingKernelClient()
    client.load_connection_file(str(rack.connection(kept)))
    client.start_channels()
    try:
        client.wait_for_ready(timeout=30)
        reply = client.execute_interactive("", user_expressions={"it": expression}, silent=True, timeout=30)
        return str(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])
    finally:
        client.stop_channels()


def told(outcome: Outcome) -> dict[str, Any]:
    (event,) = [event for event in outcome.events() if event.kind is Kind.KEPT]
    return dict(event.data)


@pytest.mark.parametrize("warm", [True, False])
def test_a_kept_kernel_is_where_the_step_failed(local: LocalExecutor, rack: Rack, tmp_path: Path, warm: bool) -> None:
    environment = {} if warm else {"PYTHONHASHSEED": "7"}
    outcome = fail(local, rack, tmp_path / "a", "import os; x = 42", *FAIL[1:], environment=environment)
    assert (outcome.code, outcome.states) == ("WB-RUN-104", ["succeeded", "failed", "not_run"])
    (ready,) = [event.data for event in outcome.events() if event.kind is Kind.KERNEL_READY]
    assert ready["warm"] is warm, ready
    (kept,) = rack.all()
    assert (kept.step, kept.cell, kept.number, kept.until) == ("step", 1, 2, told(outcome)["until"])
    assert kept.cell_id == outcome.notebook["cells"][1]["id"]
    assert evaluated(rack, kept, "x") == "42"
    assert evaluated(rack, kept, "os.getcwd()") == repr(outcome.order.cwd)
    family = processes(kept)
    rack.end(kept)
    assert gone(family)
    assert rack.all() == ()
    assert not rack.place(kept).exists()


def test_it_stays_when_its_runner_is_gone(rack: Rack, tmp_path: Path) -> None:
    executor = LocalExecutor()
    fail(executor, rack, tmp_path / "a")
    executor.close()
    (kept,) = rack.all()
    assert evaluated(rack, kept, "x + 1") == "43"


def test_what_the_step_started_stays_and_goes_with_it(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    child = "import subprocess; child = subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    scratch = "import tempfile; file = tempfile.NamedTemporaryFile()"
    temporary = Path(tempfile.mkdtemp(prefix="workbench-"))  # short: sockets will lie below it
    fail(local, rack, tmp_path / "a", child, scratch, "1 / 0", environment={"TMPDIR": str(temporary)})
    (kept,) = rack.all()
    pid = int(evaluated(rack, kept, "child.pid"))
    assert (
        evaluated(rack, kept, "child.poll() is None and os.path.exists(file.name)".replace("os.", "__import__('os')."))
        == "True"
    )
    family = [*processes(kept), psutil.Process(pid)]
    rack.end(kept)
    assert gone(family)
    assert not temporary.exists()


def test_it_is_gone_when_its_time_is_up(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    fail(local, rack, tmp_path / "a", keep=3.0)
    (kept,) = rack.all()
    family = processes(kept)
    with rack.using(kept):
        pass
    assert gone(family)
    assert list(rack.folder.glob("*/kept.json")) == []


def test_it_stays_for_as_long_as_somebody_uses_it(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    fail(local, rack, tmp_path / "a", keep=0.1)
    (kept,) = rack.all()
    family = processes(kept)
    with rack.using(kept):
        assert psutil.wait_procs(family, timeout=3)[0] == []
        assert evaluated(rack, kept, "x") == "42"
    assert gone(family)


def test_the_first_goes_when_there_are_too_many(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    limits = Limits(kept=1)
    fail(local, rack, tmp_path / "a", limits=limits)
    (first,) = rack.all()
    family = processes(first)
    fail(local, rack, tmp_path / "b", limits=limits)
    (second,) = rack.all()
    assert second.folder == str(tmp_path / "b")
    assert gone(family)
    with rack.using(second):
        outcome = fail(local, rack, tmp_path / "c", limits=limits)
    assert told(outcome)["why_not"] == "1 may be kept, and are in use"
    assert rack.all() == (second,)
    assert "keeps none" in told(fail(local, rack, tmp_path / "d", limits=Limits(kept=0)))["why_not"]


@pytest.mark.parametrize(
    "cells",
    [("x = 1",), ("import os; os._exit(3)",), ("exit()", "2")],
    ids=["success", "death", "exit"],
)
def test_there_is_nothing_to_keep(local: LocalExecutor, rack: Rack, tmp_path: Path, cells: tuple[str, ...]) -> None:
    outcome = fail(local, rack, tmp_path / "a", *cells)
    assert [event for event in outcome.events() if event.kind is Kind.KEPT] == []
    assert rack.all() == ()


def test_a_cell_that_took_too_long_keeps_its_kernel(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    limits = Limits(cell_timeout=2.0)
    outcome = fail(local, rack, tmp_path / "a", "x = 42", "import time; time.sleep(1000)", limits=limits)
    assert outcome.code == "WB-RUN-111"
    (kept,) = rack.all()
    assert (kept.number, evaluated(rack, kept, "x")) == (2, "42")


def test_it_may_not_use_more_than_its_step(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    fail(local, rack, tmp_path / "a", limits=Limits(processes=80))
    (kept,) = rack.all()
    family = processes(kept)
    client = BlockingKernelClient()
    client.load_connection_file(str(rack.connection(kept)))
    client.start_channels()
    client.execute("import subprocess; many = [subprocess.Popen(['sleep', '1000']) for _ in range(100)]")
    assert gone(family)
    client.stop_channels()


def test_what_a_killed_guardian_leaves_is_swept(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    marked = {"WORKBENCH_CONTEXT": str(folder / "context.json")}
    child = "import subprocess; child = subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    fail(local, rack, folder, child, "1 / 0", environment={**os.environ, **marked})
    (kept,) = rack.all()
    family = processes(kept)
    family[0].kill()
    psutil.wait_procs(family[:1], timeout=20)
    assert rack.all() == ()
    rack.sweep()
    assert gone(family)
    assert not rack.place(kept).exists()


def test_it_goes_when_its_folder_is_removed(local: LocalExecutor, rack: Rack, tmp_path: Path) -> None:
    fail(local, rack, tmp_path / "a")
    family = processes(*rack.all())
    shutil.rmtree(rack.folder)
    assert gone(family)


def test_a_record_that_is_none_is_passed_over(rack: Rack) -> None:
    for name, text in (("torn", "{"), ("other", json.dumps({"id": "other"}))):
        (rack.folder / name).mkdir(parents=True)
        (rack.folder / name / "kept.json").write_text(text)
    assert rack.all() == ()
    rack.sweep()


def test_an_executor_that_cannot_keep_says_so(rack: Rack, tmp_path: Path) -> None:
    outcome = fail(InlineExecutor(), rack, tmp_path / "a")
    assert "only the executor local keeps kernels" in told(outcome)["why_not"]
    assert rack.all() == ()
