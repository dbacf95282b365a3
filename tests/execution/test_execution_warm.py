"""Kernels that are forked before a step needs them: used, refused and replaced without anybody noticing."""

from __future__ import annotations

import ast
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from execution_orders import Outcome, carry_out, order_of
from projects import lay_out, notebook

from workbench.config import STATE, load_config
from workbench.execution.executor import Demand
from workbench.execution.local import LocalExecutor
from workbench.execution.seats.habits import remembered
from workbench.model.events import Kind


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[LocalExecutor]:
    """An executor with a template of its own, started when it is told what is in demand."""
    executor = LocalExecutor(load_config(lay_out(tmp_path)))
    yield executor
    executor.close()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Puts a source where a library of the environment lies, and gives its name."""

    def install(source: str) -> str:
        folder = tmp_path / "libraries"
        folder.mkdir()
        (folder / "antigravity.py").write_text(source)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
        return "antigravity"  # of the standard library, which nobody needs otherwise

    return install


def readiness(outcome: Outcome) -> dict[str, Any]:
    """What was told of the kernel."""
    return next(dict(event.data) for event in outcome.events() if event.kind is Kind.KERNEL_READY)


def test_a_step_gets_a_kernel_of_its_own_that_was_ready(local: LocalExecutor, tmp_path: Path) -> None:
    outcomes = [carry_out(local, order_of(tmp_path / name, "import os; os.getpid()")) for name in ("a", "b")]
    told = [readiness(outcome) for outcome in outcomes]
    assert [each["warm"] for each in told] == [True, True]
    assert [outcome.text_of(0) for outcome in outcomes] == [str(each["pid"]) for each in told]
    assert told[0]["pid"] != told[1]["pid"]


def test_what_steps_import_is_imported_ahead(executor: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "a1").mkdir()
    (tmp_path / "a1" / "ours.py").write_text("")
    executor.warm_up(Demand(modules=("wsgiref.util", "nowhere", "ours", "json.loads"), steps=1))
    outcome = carry_out(executor, order_of(tmp_path / "a1", "import sys; 'wsgiref.util' in sys.modules", "import ours"))
    assert (outcome.code, outcome.text_of(0)) == (None, "True")
    assert readiness(outcome)["warm"]


def test_a_module_that_prints_is_left_to_the_cells(executor: LocalExecutor, tmp_path: Path) -> None:
    executor.warm_up(Demand(modules=("this", "wsgiref.util")))
    outcome = carry_out(executor, order_of(tmp_path / "a1", "import this", "import sys; 'wsgiref.util' in sys.modules"))
    assert readiness(outcome)["warm"]
    assert "Beautiful is better than ugly" in outcome.text_of(0)
    assert outcome.text_of(1) == "True"
    assert remembered(tmp_path / STATE).avoid == {"this": "it prints when it is imported"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import os; os._exit(3)", "a process died of importing it, or it took too long"),
        ("1 / 0", "importing it raises ZeroDivisionError"),
        ("import warnings; warnings.warn('old', stacklevel=2)", "it warns when it is imported"),
        ("import threading, time; threading.Thread(target=time.sleep, args=(99,), daemon=True).start()", "threads"),
    ],
)
def test_a_library_that_does_not_stand_a_fork_is_left_to_the_cells(
    executor: LocalExecutor, library: Callable[[str], str], tmp_path: Path, source: str, why: str
) -> None:
    executor.warm_up(Demand(modules=(library(source), "wsgiref.util")))
    outcome = carry_out(
        executor, order_of(tmp_path / "a1", "import sys; sorted({'antigravity', 'wsgiref'} & {*sys.modules})")
    )
    assert (readiness(outcome)["warm"], outcome.text_of(0)) == (True, "['wsgiref']")
    assert why in remembered(tmp_path / STATE).avoid["antigravity"]


def test_a_library_that_keeps_a_standard_stream_has_that_of_the_kernel(
    executor: LocalExecutor, library: Callable[[str], str], tmp_path: Path
) -> None:
    source = "import logging, sys\nout = sys.stdout\nlogging.getLogger('own').addHandler(logging.StreamHandler())\n"
    executor.warm_up(Demand(modules=(library(source),)))
    cells = (
        "import antigravity, logging; print('kept', file=antigravity.out)",
        "logging.getLogger('own').error('told')",
    )
    outcome = carry_out(executor, order_of(tmp_path / "a1", *cells, "antigravity.out.encoding"))
    assert readiness(outcome)["warm"]
    assert [outcome.text_of(cell) for cell in range(3)] == ["kept\n", "told\n", "'UTF-8'"]
    assert [outcome.outputs(cell)[0]["name"] for cell in range(2)] == ["stdout", "stderr"]


@pytest.mark.slow
def test_any_number_of_libraries_may_be_left_to_the_cells(
    executor: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("antigravity", "this", "idlelib", "turtledemo", "lib2to3", "tkinter")  # of the standard library
    for name in names:
        (tmp_path / "libraries" / name).mkdir(parents=True)
        (tmp_path / "libraries" / name / "__init__.py").write_text("print('hello')")
        (tmp_path / "libraries" / name / "deep.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "libraries"), os.environ.get("PYTHONPATH", "")]))
    executor.warm_up(Demand(modules=tuple(f"{name}.deep" for name in names)))
    outcome = carry_out(executor, order_of(tmp_path / "a1", "import this.deep"))
    assert (outcome.code, outcome.text_of(0), readiness(outcome)["warm"]) == (None, "hello\n", True)
    assert set(remembered(tmp_path / STATE).avoid) == set(names)


def test_f16_generators_seeded_by_chance_give_each_kernel_numbers_of_its_own(
    executor: LocalExecutor, library: Callable[[str], str], tmp_path: Path
) -> None:
    source = "import numpy, random\nmade = numpy.random.default_rng()\nchosen = numpy.random.default_rng(7)\n"
    executor.warm_up(Demand(modules=(library(source),)))
    cells = ("import antigravity", "import numpy, random, uuid", "antigravity.chosen.random()")
    drawn = ("antigravity.made.random()", "numpy.random.random()", "random.random()", "uuid.uuid4()")
    outcomes = [carry_out(executor, order_of(tmp_path / name, *cells, *drawn)) for name in ("a", "b")]
    assert all(readiness(outcome)["warm"] for outcome in outcomes)
    assert outcomes[0].text_of(2) == outcomes[1].text_of(2)
    for cell in range(3, 7):
        assert outcomes[0].text_of(cell) != outcomes[1].text_of(cell)


def test_f16_each_kernel_has_keys_and_a_folder_of_its_own(executor: LocalExecutor, tmp_path: Path) -> None:
    ask = "kernel = get_ipython().kernel; (kernel.session.key, kernel.session.session, kernel.parent.ip)"
    outcomes = [carry_out(executor, order_of(tmp_path / name, ask, "kernel.parent.transport")) for name in ("a", "b")]
    assert all(readiness(outcome)["warm"] for outcome in outcomes)
    assert [outcome.text_of(1) for outcome in outcomes] == ["'ipc'"] * 2
    mine, other = (ast.literal_eval(outcome.text_of(0)) for outcome in outcomes)
    assert all(mine) and not set(mine) & set(other)


def test_a_long_name_of_the_folder_for_temporary_files_does_no_harm(
    executor: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    outcome = carry_out(executor, order_of(tmp_path / "step", "1 + 1", environment={"TMPDIR": str(folder)}))
    assert readiness(outcome)["warm"] and outcome.text_of(0) == "2"


def test_a_module_that_takes_the_place_of_a_library_keeps_it(local: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "a1").mkdir()
    (tmp_path / "a1" / "psutil.py").write_text("OURS = True\n")
    outcome = carry_out(local, order_of(tmp_path / "a1", "import psutil; psutil.OURS"))
    assert (outcome.code, outcome.text_of(0)) == (None, "True")
    assert readiness(outcome)["cold"].startswith("psutil in ")


def test_a_variable_that_counts_at_the_start_gets_a_kernel_that_heard_it(local: LocalExecutor, tmp_path: Path) -> None:
    order = order_of(tmp_path / "a1", "import sys; sys.flags.hash_randomization", environment={"PYTHONHASHSEED": "0"})
    outcome = carry_out(local, order)
    assert (outcome.text_of(0), readiness(outcome)["warm"]) == ("0", False)


def test_kernels_are_started_as_ever_where_that_is_wanted(tmp_path: Path) -> None:
    config = load_config(lay_out(tmp_path, files={"workbench.toml": "[kernels]\nwarm = false\n"}))
    with contextlib.closing(LocalExecutor(config)) as executor:
        executor.warm_up(Demand(modules=("wsgiref.util",), steps=1))
        outcome = carry_out(executor, order_of(tmp_path / "a1", "import sys; 'wsgiref' in sys.modules"))
    assert (outcome.text_of(0), readiness(outcome)["warm"]) == ("False", False)


@pytest.mark.parametrize("name", ["wb-kernel", "wb-supervisor", "wb-guardian", "wb-template"])
def test_what_dies_while_it_waits_is_replaced(executor: LocalExecutor, tmp_path: Path, name: str) -> None:
    others = psutil.Process().children(recursive=True)
    executor.warm_up(Demand(steps=2, seats=2))
    for process in waiting(name, 1 if name == "wb-template" else 2, {*others}):
        process.kill()
    for number in range(2):
        outcome = carry_out(executor, order_of(tmp_path / str(number), "1 + 1"))
        assert (outcome.code, outcome.text_of(0), readiness(outcome)["warm"]) == (None, "2", True)


def test_nothing_is_left_of_seats_that_nobody_took(tmp_path: Path) -> None:
    others = {*psutil.Process().children(recursive=True)}
    executor = LocalExecutor()
    executor.warm_up(Demand(steps=5, seats=2))
    kernels = waiting("wb-kernel", 2, others)
    executor.close()
    assert psutil.wait_procs(kernels, timeout=10)[1] == []
    assert {*psutil.Process().children(recursive=True)} <= others


@pytest.mark.parametrize(
    ("words", "status"), [(("run", "nothing"), 3), (("run", "a"), 0), (("run", "a", "--executor", "inline"), 0)]
)
def test_a_command_begins_with_its_template_and_leaves_nothing_of_it(
    tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    steps = "name: a\nsteps: {a: {notebook: notebooks/a.ipynb}}\n"
    root = lay_out(tmp_path / "project", {"a": steps}, {"a": notebook("1 + 1")})
    others = {*psutil.Process().children(recursive=True)}
    command = [sys.executable, "-m", "workbench", *words]
    with tempfile.TemporaryDirectory() as temporary:  # sockets lie in there, whose paths must be short
        environment = {**os.environ, "TMPDIR": temporary}
        done = subprocess.run(command, cwd=root, env=environment, check=False, timeout=120)
        assert done.returncode == status
        assert list(Path(temporary).iterdir()) == []
    assert {*psutil.Process().children(recursive=True)} <= others


def waiting(name: str, count: int, others: set[psutil.Process]) -> list[psutil.Process]:
    """The processes of that name below this one that are not among ``others``, once there are so many."""
    while True:
        found = []
        for process in {*psutil.Process().children(recursive=True)} - others:
            try:
                if process.name() == name:
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        if len(found) >= count:
            return found
        time.sleep(0.02)
