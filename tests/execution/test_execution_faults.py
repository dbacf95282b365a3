"""Faults of kernels and of what runs in them; a test is named by the row of the list of faults that it holds to."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from execution_orders import Outcome, carry_out, order_of, wait

from workbench.execution.inline import InlineExecutor
from workbench.execution.local import LocalExecutor
from workbench.execution.processes import memory
from workbench.model.limits import Limits

Attempt = Callable[..., Outcome]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os; os._exit(3)", "exit status 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("import ctypes; ctypes.string_at(0)", "signal 11 (SIGSEGV)"),
    ],
)
def test_f1_a_kernel_that_dies_is_told_with_its_cell(attempt: Attempt, cell: str, said: str) -> None:
    heard = "import time\nwhile 'before' not in open('journal.jsonl').read(): time.sleep(0.01)"
    outcome = attempt("1", f"print('before', flush=True)\n{heard}\n{cell}", "2")
    assert (outcome.code, outcome.cause) == ("WB-RUN-101", "kernel_died")
    assert outcome.states == ["succeeded", "lost", "not_run"]
    assert said in outcome.text
    assert "in cell 2 of" in outcome.text
    assert outcome.text_of(1).startswith("before")


MEGABYTES = """
import time
kept = []
while True:
    kept.append(bytearray(b"x") * 10_000_000)
    time.sleep(0.01)
"""


def test_f2_a_step_over_its_memory_is_told_with_peak_and_limit(attempt: Attempt) -> None:
    outcome = attempt("1", MEGABYTES, "2", limits=Limits(memory=400_000_000))
    assert (outcome.code, outcome.cause) == ("WB-RUN-102", "out_of_memory")
    assert outcome.states == ["succeeded", "lost", "not_run"]
    assert "in cell 2 of" in outcome.text
    used, allowed = re.search(r"used ([\d.]+) MB, where (400) MB are allowed", outcome.text).groups()  # type: ignore[union-attr]
    assert float(used) > float(allowed)
    assert "WB-RUN-102" in outcome.text_of(1)


def test_f2_the_memory_of_a_step_is_that_of_all_its_processes(attempt: Attempt) -> None:
    child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {MEGABYTES!r}], start_new_session=True)"
    outcome = attempt(child, limits=Limits(memory=400_000_000))
    assert (outcome.code, outcome.states) == ("WB-RUN-102", ["lost"])


def test_f2_memory_that_processes_share_counts_once(attempt: Attempt) -> None:
    share = """
    import os, time
    shared = bytearray(b"x") * 150_000_000
    for _ in range(4):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
    time.sleep(0.8)
    """
    assert attempt(share, limits=Limits(memory=400_000_000)).code is None


def test_f2_files_that_are_only_looked_at_do_not_count(attempt: Attempt) -> None:
    look = """
    import mmap, time
    with open("large", "wb") as file:
        file.truncate(300_000_000)
    with open("large", "rb") as file:
        seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        total = seen[::4096].count(b"x")
    time.sleep(0.5)
    seen.close()
    """
    assert attempt(look, limits=Limits(memory=250_000_000)).code is None


def test_f2_a_kernel_that_the_system_killed_for_memory_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = tmp_path / "vmstat"
    events.write_text("pgfault 7\noom_kill 3\n")
    monkeypatch.setattr(memory, "EVENTS", events)
    count = f"open({str(events)!r}, 'w').write('pgfault 9\\noom_kill 4\\n')"
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    outcome = carry_out(InlineExecutor(), order_of(tmp_path / "a1", "1", f"{count}; {kill}"))
    assert (outcome.code, outcome.cause, outcome.states) == ("WB-RUN-102", "out_of_memory", ["succeeded", "lost"])
    assert "the system killed the kernel" in outcome.text


def test_f2_the_system_would_rather_kill_a_kernel_than_its_runner(attempt_anywhere: Attempt) -> None:
    outcome = attempt_anywhere("print(open('/proc/self/oom_score_adj').read())")
    assert int(outcome.text_of(0)) > int(Path("/proc/self/oom_score_adj").read_text())


def test_f2_an_allocation_that_fails_has_its_cause(attempt: Attempt) -> None:
    outcome = attempt("x = bytearray(1 << 60)")
    assert (outcome.code, outcome.cause) == ("WB-RUN-104", "out_of_memory")


@pytest.mark.parametrize("cell", ["import sys; sys.exit(0)", "import sys; sys.exit()", "exit()", "quit()"])
def test_f3_a_notebook_that_leaves_has_failed(attempt: Attempt, cell: str) -> None:
    outcome = attempt("1", cell, "2")
    assert (outcome.code, outcome.states) == ("WB-RUN-103", ["succeeded", "failed", "not_run"])
    assert "early_exit: ok" in outcome.text


@pytest.mark.parametrize("cell", ["print('enough'); import sys; sys.exit(0)", "print('enough'); exit()"])
def test_f3_a_step_that_may_leave_early_succeeds_and_lists_what_it_skipped(attempt: Attempt, cell: str) -> None:
    outcome = attempt("1", cell, "2", "#md text", "3", early_exit=True)
    assert (outcome.code, outcome.states) == (None, ["succeeded", "succeeded", "skipped", "not_run", "skipped"])
    assert outcome.text_of(1).startswith("enough\nThe notebook ended here")
    assert outcome.notebook["metadata"]["workbench"]["state"] == "succeeded"
    assert [event.data["state"] for event in outcome.events() if event.kind == "cell_ended"] == [
        *["succeeded"] * 2,
        *["skipped"] * 2,
    ]


@pytest.mark.parametrize("value", ["1", "'no data'"])
def test_f3_leaving_with_a_complaint_is_a_failure_anywhere(attempt: Attempt, value: str) -> None:
    outcome = attempt(f"import sys; sys.exit({value})", early_exit=True)
    assert (outcome.code, outcome.states) == ("WB-RUN-103", ["failed"])


def test_f4_a_step_whose_time_is_up_is_interrupted(attempt_anywhere: Attempt) -> None:
    outcome = attempt_anywhere("1", "print('on', flush=True)\nwhile True: pass", "2", timeout=4.0)
    assert (outcome.code, outcome.cause) == ("WB-RUN-110", "timeout")
    assert outcome.states == ["succeeded", "failed", "not_run"]
    assert "time was up in cell 2 of" in outcome.text
    printed, error, told = outcome.outputs(1)
    assert (printed["text"], error["ename"]) == ("on\n", "KeyboardInterrupt")
    assert told["text"].startswith("WB-RUN-110")


def test_f4_a_cell_that_takes_too_long_is_named(attempt: Attempt) -> None:
    limits = Limits(cell_timeout=1.5, grace=2.0)
    outcome = attempt("import time", "time.sleep(0.1)", "time.sleep(60)", "2", limits=limits)
    assert (outcome.code, outcome.cause) == ("WB-RUN-111", "timeout")
    assert outcome.states == ["succeeded", "succeeded", "failed", "not_run"]
    assert "in cell 3 of" in outcome.text
    assert "1.5 s" in outcome.text


@pytest.mark.parametrize(
    "cell",
    [
        "import collections, itertools; collections.deque(itertools.count(), maxlen=0)  # holds the GIL",
        """
        import time
        while True:
            try: time.sleep(60)
            except KeyboardInterrupt: pass
        """,
    ],
)
def test_f5_what_heeds_no_interrupt_is_killed_after_the_grace(attempt_anywhere: Attempt, cell: str) -> None:
    outcome = attempt_anywhere("1", cell, "2", timeout=4.0, limits=Limits(grace=1.0))
    assert (outcome.code, outcome.cause) == ("WB-RUN-110", "timeout")
    assert outcome.states == ["succeeded", "lost", "not_run"]
    assert "WB-RUN-110" in outcome.text_of(1)


def test_f5_a_cell_that_ends_within_the_grace_is_still_out_of_time(attempt: Attempt) -> None:
    cell = """
    import time
    try: time.sleep(60)
    except KeyboardInterrupt: print("tidied up")
    """
    outcome = attempt(cell, "2", limits=Limits(cell_timeout=1.5, grace=5.0))
    assert (outcome.code, outcome.states) == ("WB-RUN-111", ["failed", "not_run"])
    assert outcome.text_of(0).startswith("tidied up\n")


LEAVING = {
    "in the same group": "child = subprocess.Popen(['sleep', '600'])",
    "in a session of its own": "child = subprocess.Popen(['setsid', '-w', 'sleep', '600'])",
    "twice forked, with an empty environment": """
    subprocess.run(['env', '-i', 'setsid', 'sh', '-c', 'sleep 600 & echo $! > pid'])
    """,
}


@pytest.mark.parametrize("how", LEAVING)
@pytest.mark.parametrize("end", ["1", "1 / 0", "import os; os._exit(1)"])
def test_f8_nothing_that_a_step_started_survives_it(attempt: Attempt, tmp_path: Path, how: str, end: str) -> None:
    from textwrap import dedent

    body = dedent(LEAVING[how]).strip()
    keep = "" if "pid" in body else "\nopen('pid', 'w').write(str(child.pid))"
    attempt("import subprocess", body + keep, end)
    pid = int((tmp_path / "a1" / "pid").read_text())
    assert not psutil.pid_exists(pid)


BOMB = """
import os, time
born = time.monotonic()
while time.monotonic() - born < 20:
    os.fork()
"""
"""Every process forks as long as it lives, which is not for ever."""


def test_f10_a_fork_bomb_is_ended_and_another_step_goes_on(local: LocalExecutor, tmp_path: Path) -> None:
    other = local.start(order_of(tmp_path / "other", "import time; time.sleep(4); print('fine')"))
    outcome = carry_out(local, order_of(tmp_path / "a1", "1", BOMB, "2", limits=Limits(processes=200)))
    assert (outcome.code, outcome.cause) == ("WB-RUN-130", "limit")
    assert outcome.states == ["succeeded", "lost", "not_run"]
    assert re.search(r"\d+ processes and threads, where 200 are allowed", outcome.text)
    assert wait(other)[-1]["data"]["error"] is None


def test_f10_threads_count_like_processes(attempt: Attempt) -> None:
    storm = """
    import threading, time
    for _ in range(300):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    time.sleep(20)
    """
    outcome = attempt(storm, limits=Limits(processes=250))
    assert (outcome.code, outcome.states) == ("WB-RUN-130", ["lost"])


def test_f13_input_is_refused_with_the_mend(attempt_anywhere: Attempt) -> None:
    outcome = attempt_anywhere("1", "name = input('Your name? ')", "2")
    assert (outcome.code, outcome.states) == ("WB-RUN-140", ["succeeded", "failed", "not_run"])
    assert "parameter" in outcome.text


def test_f14_a_kernel_that_is_gone_by_now_marks_no_cell_completed(attempt: Attempt) -> None:
    outcome = attempt("1", "2", kernel="no-such-kernel")
    assert (outcome.code, outcome.cause) == ("WB-RUN-142", "start_failed")
    assert outcome.states == ["not_run", "not_run"]


@pytest.fixture
def mute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel that starts, counts its starts in the file given back, and never answers."""
    starts = tmp_path / "starts"
    code = f"import time; open({str(starts)!r}, 'a').write('x'); time.sleep(600)"
    folder = tmp_path / "jupyter" / "kernels" / "mute"
    folder.mkdir(parents=True)
    spec = {"argv": [sys.executable, "-c", code, "{connection_file}"], "display_name": "Mute", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return starts


def test_f15_a_kernel_that_never_answers_is_tried_once_more(mute: Path, tmp_path: Path) -> None:
    executor = LocalExecutor()
    try:
        outcome = carry_out(executor, order_of(tmp_path / "a1", "1", kernel="mute", limits=Limits(start_timeout=1.0)))
    finally:
        executor.close()
    assert (outcome.code, outcome.cause) == ("WB-RUN-142", "start_failed")
    assert outcome.states == ["not_run"]
    assert mute.read_text() == "xx"
