"""Tests of notebooks, run: made from a run, passing, failing, accepted, several at once, also by pytest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from projects import lay_out, notebook
from terminal import Said, type_wb

from workbench.model.errors import Conflict, NotFound, StepFailed
from workbench.project import Project
from workbench.testing.service import Tests
from workbench.testing.verdict import Result
from workbench.ui.cli.app import make_app
from workbench.ui.pytest_plugin import project_of

pytestmark = pytest.mark.slow

PIPELINE = """
name: shop
parameters: {most: 300}
steps:
  make: {notebook: notebooks/make.ipynb, parameters: {most: "${most}"}}
  clean: {notebook: notebooks/clean.ipynb, parameters: {least: 2.0}}
  other: notebooks/other.ipynb
"""
MAKE = (
    "import pandas as pd\nimport workbench as wb",
    'wb.write(pd.DataFrame({"order": range(most), "price": [1.5, 2.5, 3.5] * (most // 3)}), "raw.orders")',
)
CLEAN = (
    "import time\nimport workbench as wb",
    'orders = wb.read("raw.orders")\ndear = orders[orders.price > least]',
    'wb.metric("orders", len(dear))\nwb.record("now", time.time_ns())',
    'wb.write(dear, "clean.orders")',
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run, with a test that was made from the run."""
    notebooks = {
        "make": notebook(*MAKE, parameters="most = 3"),
        "clean": notebook(*CLEAN, parameters="least = 0.0"),
        "other": notebook("1"),
    }
    root = lay_out(tmp_path_factory.mktemp("tested") / "shop", {"shop": PIPELINE}, notebooks)
    with Project.open(root) as project:
        assert project.run("shop", executor="inline").state == "succeeded"
        with Tests.open(root, "inline") as tests:
            tests.freeze(project, "last", "clean", name="small", rows=30, with_content=True)
    return root


@pytest.fixture
def root(shop: Path, tmp_path: Path) -> Path:
    """A copy of the project, for a test to change."""
    return Path(shutil.copytree(shop, tmp_path / "shop"))


@pytest.fixture
def tests(root: Path) -> Iterator[Tests]:
    with Tests.open(root, "inline") as opened:
        yield opened


def change(root: Path, before: str, after: str) -> None:
    """Change the code of the step."""
    path = root / "notebooks" / "clean.ipynb"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def state_of(root: Path) -> dict[str, bytes]:
    """All that a project keeps, but for what tests leave for people to look at."""
    state = root / ".workbench"
    files = (path for path in state.rglob("*") if path.is_file() and path.relative_to(state).parts[0] != "tests")
    return {path.relative_to(state).as_posix(): path.read_bytes() for path in files}


class TestFreeze:
    def test_it_keeps_parameters_samples_values_schemas_and_rows(self, shop: Path) -> None:
        folder = shop / "tests" / "notebooks" / "clean" / "small"
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert files == {"case.yaml", "expected.yaml", "inputs/raw.orders.csv", "expected/clean.orders.csv"}
        case = (folder / "case.yaml").read_text()
        assert "pipeline: shop\nparameters:\n  least: 2.0\n" in case
        assert "30 of 300 rows, spread from the first to the last" in case
        assert "ignore: [now]" in case, "what differs from run to run is not compared"
        expected = (folder / "expected.yaml").read_text()
        assert "orders: " in expected and "now" not in expected
        assert "order: long\n      price: double" in expected
        assert len((folder / "inputs" / "raw.orders.csv").read_text().splitlines()) == 31

    def test_a_test_is_never_replaced(self, root: Path, tests: Tests) -> None:
        with Project.open(root) as project, pytest.raises(Conflict, match="clean::small already"):
            tests.freeze(project, "last", "clean", name="small")

    def test_a_step_that_fails_on_its_sample_leaves_nothing(self, root: Path, tests: Tests) -> None:
        change(root, "orders.price > least", "orders.prize > least")
        with Project.open(root) as project, pytest.raises(StepFailed, match="does not succeed on samples") as caught:
            tests.freeze(project, "last", "clean", name="broken")
        assert "AttributeError" in str(caught.value)
        assert [path.name for path in (root / "tests" / "notebooks" / "clean").iterdir()] == ["small"]

    def test_a_step_that_never_ran_has_nothing_to_freeze(self, root: Path, tests: Tests) -> None:
        with Project.open(root) as project:
            project.run("shop", executor="inline")
            with pytest.raises(NotFound, match=r'has no step "claen"'):
                tests.freeze(project, "last", "claen")


class TestRun:
    def test_a_test_passes_and_touches_nothing_of_the_project(self, root: Path, tests: Tests) -> None:
        before = state_of(root)
        (result,) = tests.run(tests.list())
        assert result.passed, (result.differences, result.error)
        assert state_of(root) == before
        with Project.open(root) as project:
            assert len(project.runs.list()) == 1

    def test_what_comes_out_otherwise_fails_and_can_be_accepted(self, root: Path, tests: Tests) -> None:
        change(root, "orders.price > least", "orders.price > 3")
        (result,) = tests.run(tests.list(["clean"]))
        told = [str(difference) for difference in result.differences]
        assert [line.partition(":")[0] for line in told] == [
            "value orders", "output clean.orders, rows", "output clean.orders, content",
        ]  # fmt: skip
        assert result.executed and json.loads(result.executed.read_text())["cells"]
        (accepted,) = tests.run(tests.list(["clean"]), update=True)
        assert accepted.passed and accepted.updated
        (again,) = tests.run(tests.list(["clean"]))
        assert again.passed and not again.updated

    def test_an_error_of_the_notebook_is_shown_with_its_traceback(self, root: Path, tests: Tests) -> None:
        change(root, "orders.price > least", "orders.prize > least")
        (result,) = tests.run(tests.list())
        assert not result.passed and result.error
        assert result.error["code"] == "WB-RUN-104"
        assert "AttributeError" in "\n".join(result.traceback)
        (still,) = tests.run(tests.list(), update=True)
        assert not still.passed, "an error is nothing that can be accepted"

    def test_an_error_can_be_expected(self, root: Path, tests: Tests) -> None:
        change(root, "dear = orders", "raise ValueError(1)\\ndear = orders")
        expected = root / "tests" / "notebooks" / "clean" / "small" / "expected.yaml"
        expected.write_text("fails: ValueError\n")
        (result,) = tests.run(tests.list())
        assert result.passed

    def test_a_test_written_by_hand_needs_only_its_inputs(self, root: Path, tests: Tests) -> None:
        folder = root / "tests" / "notebooks" / "clean" / "by_hand"
        (folder / "inputs").mkdir(parents=True)
        (folder / "case.yaml").write_text("pipeline: shop\nparameters: {least: 2}\nignore: [now]\n")
        (result,) = tests.run(tests.list(["clean::by_hand"]))
        assert result.error and result.error["code"] == "WB-TST-602"
        assert "tests/notebooks/clean/by_hand/inputs/raw.orders.csv" in result.error["next"]
        (folder / "inputs" / "raw.orders.csv").write_text("order,price\n1,1.0\n2,9.5\n")
        (result,) = tests.run(tests.list(["clean::by_hand"]), update=True)
        assert result.updated and "rows: 1" in (folder / "expected.yaml").read_text()

    def test_a_step_that_is_gone_is_said(self, root: Path, tests: Tests) -> None:
        folder = root / "tests" / "notebooks"
        (folder / "clean").rename(folder / "cleanse")
        (result,) = tests.run(tests.list())
        assert result.error and 'Did you mean "clean"' in result.error["cause"]


class TestSeveral:
    def test_tests_run_at_once_in_processes_of_their_own(self, root: Path) -> None:
        small = root / "tests" / "notebooks" / "clean" / "small"
        shutil.copytree(small, small.with_name("same"))
        other = shutil.copytree(small, small.with_name("other"))
        (other / "expected.yaml").write_text("values: {orders: 7}\n")
        told: list[str] = []
        with Tests.open(root) as tests:
            results = tests.run(tests.list(), parallel=2, tell=lambda result: told.append(result.case.id))
        assert [(result.case.name, result.passed) for result in results] == [
            ("other", False), ("same", True), ("small", True),
        ]  # fmt: skip
        assert sorted(told) == ["clean::other", "clean::same", "clean::small"]

    def test_an_interrupt_ends_what_runs_and_leaves_nothing(self, root: Path) -> None:
        change(root, "import time\\n", "import time\\nif least > 5: time.sleep(300)\\n")
        small = root / "tests" / "notebooks" / "clean" / "small"
        slow = shutil.copytree(small, small.with_name("slow"))
        (slow / "case.yaml").write_text("pipeline: shop\nparameters: {least: 9.0}\n")

        def interrupt(result: Result) -> None:
            raise KeyboardInterrupt

        with Tests.open(root) as tests, pytest.raises(KeyboardInterrupt):
            tests.run(tests.list(), parallel=2, tell=interrupt)


class TestPytest:
    def run(self, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        known = any(point.value == "workbench.ui.pytest_plugin" for point in entry_points(group="pytest11"))
        plugin = [] if known else ["-p", "workbench.ui.pytest_plugin"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "--strict-markers", *arguments],
            cwd=root,
            env={**os.environ, "PYTEST_ADDOPTS": "", "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=240,
        )

    def test_pytest_runs_them_by_name_and_shows_no_traceback_of_ours(self, root: Path) -> None:
        (root / "tests" / "test_more.py").write_text("def test_more():\n    pass\n")
        small = root / "tests" / "notebooks" / "clean" / "small"
        shutil.copytree(small, small.with_name("other"))
        (small.with_name("other") / "expected.yaml").write_text("values: {orders: 7}\n")
        done = self.run(root, "-v", "tests")
        assert "tests/notebooks/clean/small/case.yaml::clean::small PASSED" in done.stdout
        assert "tests/notebooks/clean/other/case.yaml::clean::other FAILED" in done.stdout
        assert "test_more PASSED" in done.stdout
        assert "value orders: expected 7, came out as" in done.stdout
        assert "Accept it: wb test clean::other --update" in done.stdout
        assert "Traceback" not in done.stdout and "workbench/testing" not in done.stdout
        assert done.returncode == 1

    def test_a_test_that_is_wrong_is_said_in_a_line(self, root: Path) -> None:
        (root / "tests" / "notebooks" / "clean" / "small" / "case.yaml").write_text("pipline: shop\n")
        done = self.run(root, "tests/notebooks")
        assert "WB-CFG-624: tests/notebooks/clean/small/case.yaml:1:1: unknown key" in done.stdout
        assert "Traceback" not in done.stdout

    def test_without_a_project_the_plugin_loads_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "tests" / "notebooks" / "a" / "b").mkdir(parents=True)
        (tmp_path / "tests" / "notebooks" / "a" / "b" / "case.yaml").write_text("pipeline: x\n")
        (tmp_path / "tests" / "test_loaded.py").write_text(
            "import sys\n\ndef test_loaded():\n"
            "    heavy = {'pandas', 'pyarrow', 'sqlalchemy', 'duckdb', 'papermill', 'rich', 'typer', 'yaml'}\n"
            "    assert not heavy & {name.partition('.')[0] for name in sys.modules}\n"
            "    assert not any(name.startswith('workbench.testing') for name in sys.modules)\n"
        )
        done = self.run(tmp_path, "tests")
        assert "1 passed" in done.stdout, done.stdout
        assert project_of(tmp_path / "tests" / "notebooks" / "a" / "b" / "case.yaml") is None


class TestCommand:
    def wb(self, root: Path, *arguments: str) -> Said:
        return type_wb("test", *arguments, "--project", str(root), cwd=root.parent, COLUMNS="100")

    def test_passing_is_0_and_failing_is_1_with_the_command_that_accepts_it(self, root: Path) -> None:
        done = self.wb(root, "--executor", "inline")
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[-1] == "✓ 1 test: 1 passed"
        (root / "tests" / "notebooks" / "clean" / "small" / "expected.yaml").write_text("values: {orders: 7}\n")
        done = self.wb(root, "clean", "--executor", "inline", "--json")
        document = done.json
        assert done.code == 1 and document["passed"] is False
        assert document["tests"][0]["differences"][0]["where"] == "value orders"
        done = self.wb(root, "clean", "--executor", "inline")
        assert done.out.splitlines()[-1] == "Next: wb test clean::small --update"

    def test_a_test_is_made_from_a_run_by_its_name(self, root: Path) -> None:
        done = self.wb(root, "--freeze", "shop@last", "clean", "--rows", "9", "--case", "nine", "--executor", "inline")
        assert done.code == 0, done.err
        assert "raw.orders: 9 of 300 rows" in done.out
        assert done.out.splitlines()[-1] == "Next: wb test clean::nine"

    def test_an_unknown_name_is_3_and_an_empty_project_says_how_to_begin(self, root: Path, tmp_path: Path) -> None:
        done = self.wb(root, "claen")
        assert done.code == 3 and 'Did you mean "clean"' in done.err
        assert self.wb(root, "clean", "--freeze", "last", "clean").code == 2
        empty = lay_out(tmp_path / "empty")
        done = self.wb(empty)
        assert (done.code, done.out) == (
            0, "Tests would be here. Next: wb test --freeze last STEP makes one from a run\n",
        )  # fmt: skip


def test_the_command_is_known() -> None:
    assert any(command.name == "test" for command in make_app().registered_commands)
