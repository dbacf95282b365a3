"""The command line without a project, or with one just made: usage, errors, exit codes, init, doctor."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from projects import MakeProject, notebook
from pytest import MonkeyPatch
from terminal import Wb, start_wb

from workbench.model.errors import Conflict, NotFound, UsageError
from workbench.project import Project
from workbench.ui.cli import checkup
from workbench.ui.cli.commands import init
from workbench.ui.cli.options import parse_parameters

FIRST_FILES = {".gitignore", "workbench.toml", "notebooks/first.ipynb", "pipelines/first.yaml"}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


class TestUsage:
    @pytest.mark.parametrize("arguments", [(), ("--help",), ("runs",), ("run", "--help"), ("-h",)])
    def test_help_is_told_on_stdout(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        said = start_wb(*arguments, cwd=tmp_path)
        assert said.code == 0
        assert said.out.startswith("Usage: wb")
        assert said.err == ""

    @pytest.mark.parametrize(
        ("arguments", "what"),
        [
            (("pln",), 'no such command "pln" - Did you mean "plan"?'),
            (("plan",), "missing argument"),
            (("logs",), 'no such command "logs". Next: wb runs logs'),
            (("plan", "x", "--forse"), "no such option: --forse - close to it: --force"),
            (("run", "x", "--max-parallel", "none"), "--max-parallel"),
        ],
    )
    def test_wrong_usage_is_one_line_and_2(self, wb: Wb, arguments: tuple[str, ...], what: str) -> None:
        said = wb(*arguments)
        assert said.code == 2
        assert said.out == ""
        assert said.err.startswith("WB-CLI-801: ") and what in said.err and said.err.count("\n") == 1

    def test_the_version_is_told(self, wb: Wb) -> None:
        version = metadata.version("dataops-workbench")
        assert wb("--version").out == f"wb {version}\n"
        assert wb("--version", "--json").json == {"version": version}

    def test_options_alone_are_no_command(self, wb: Wb) -> None:
        assert wb("--json").json["error"]["what"] == "missing command"

    def test_who_names_no_pipeline_is_told_those_there_are(self, wb: Wb, make_project: MakeProject) -> None:
        root = make_project({"first": "name: first\nsteps: {}\n"})
        assert "pipelines here: first. Next: wb run first" in wb("run", cwd=root).err
        assert "pipelines here: first. Next: wb plan first" in wb("--project", str(root), "plan").err

    def test_with_json_an_error_is_the_one_document_on_stdout(self, wb: Wb) -> None:
        for arguments in (("--json", "pln"), ("plan", "x", "--json"), ("runs", "--json", "show", "x")):
            said = wb(*arguments)
            assert said.code in (2, 3)
            assert said.err == ""
            assert list(said.json) == ["error"]
            assert list(said.json["error"]) == ["code", "what", "cause", "kept", "next", "detail"]

    @pytest.mark.parametrize(
        "arguments",
        [
            ("plan", "x"), ("run", "x"), ("runs", "list"), ("runs", "show", "last"), ("runs", "logs", "last"),
            ("catalog", "search"), ("catalog", "show", "a.b"), ("lineage", "show", "a.b"), ("quality", "check", "a.b"),
            ("report", "list"), ("report", "build", "last"),
        ],
    )  # fmt: skip
    def test_without_a_project_every_command_says_how_to_make_one(self, wb: Wb, arguments: tuple[str, ...]) -> None:
        said = wb(*arguments)
        assert said.code == 3
        assert said.out == ""
        assert said.err.startswith("WB-CFG-601: no project at ")
        assert "Next: wb init" in said.err
        elsewhere = wb("--project", "/nowhere/at/all", *arguments, "--json")
        assert elsewhere.code == 3
        assert elsewhere.json["error"]["what"] == "no project at /nowhere/at/all"

    def test_options_are_understood_before_and_after_the_command(self, wb: Wb, tmp_path: Path) -> None:
        assert wb("init", "demo").code == 0
        for arguments in (
            ("--project", "demo", "--json", "doctor"),
            ("doctor", "--project", "demo", "--json"),
            ("--json", "doctor", "--project", "demo"),
        ):
            said = wb(*arguments)
            found = {each["subject"]: each["detail"] for each in said.json["findings"]}
            assert found["project"] == f"demo at {tmp_path / 'demo'}"


class TestFaults:
    def fault(
        self, tmp_path: Path, raised: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        program = f"""
import sys
from workbench.ui.cli import app, checkup
def broken(folder):
    raise {raised}
checkup.examine = broken
app.main(["doctor", *sys.argv[1:]])
"""
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(tmp_path), **environment},
        )

    def test_a_fault_of_ours_writes_a_log_and_shows_no_traceback(self, tmp_path: Path) -> None:
        done = self.fault(tmp_path, "ZeroDivisionError('boom')")
        assert done.returncode == 1
        assert done.stderr.startswith("WB-INT-999: ")
        assert "Traceback" not in done.stderr
        (log,) = tmp_path.glob("workbench-*.log")
        assert str(log) in done.stderr
        assert "Traceback" in log.read_text() and "boom" in log.read_text()

    def test_in_a_project_the_log_lies_in_its_state(self, tmp_path: Path) -> None:
        (tmp_path / "workbench.toml").touch()
        self.fault(tmp_path, "ZeroDivisionError('boom')", "--json")
        assert len(list((tmp_path / ".workbench" / "logs").glob("*.log"))) == 1

    def test_for_debugging_the_traceback_is_shown(self, tmp_path: Path) -> None:
        done = self.fault(tmp_path, "ZeroDivisionError('boom')", WORKBENCH_DEBUG="1")
        assert "Traceback" in done.stderr

    def test_an_interrupt_is_130(self, tmp_path: Path) -> None:
        done = self.fault(tmp_path, "KeyboardInterrupt")
        assert done.returncode == 130
        assert done.stderr.startswith("WB-RUN-190: ")
        assert "Traceback" not in done.stderr

    def test_a_reader_that_went_away_is_no_fault(self, tmp_path: Path) -> None:
        done = self.fault(tmp_path, "BrokenPipeError")
        assert (done.stdout, done.stderr) == ("", "")


class TestInit:
    def test_a_new_project_is_whole(self, wb: Wb, tmp_path: Path) -> None:
        said = wb("init", "My Demo")
        assert said.code == 0
        assert files(tmp_path / "My Demo") == FIRST_FILES
        assert 'name = "my_demo"' in (tmp_path / "My Demo" / "workbench.toml").read_text()
        assert said.out.splitlines()[-1] == "Next: cd 'My Demo' && wb run first"
        assert list(tmp_path.iterdir()) == [tmp_path / "My Demo"]

    def test_its_settings_show_every_default(self, tmp_path: Path) -> None:
        from workbench.config import load_config

        init.make(tmp_path / "demo")
        settings = tmp_path / "demo" / "workbench.toml"
        before = load_config(tmp_path / "demo")
        shown = "\n".join(
            line.removeprefix("# ") for line in settings.read_text().splitlines() if " = " in line or "[" in line
        )
        settings.write_text(shown.replace("max_parallel = 4", f"max_parallel = {before.max_parallel}"))
        after = load_config(tmp_path / "demo")
        assert {environment.name for environment in after.environments} == {"prod", "dev", "dev_anna"}
        assert [getattr(after, name) for name in ("name", "store", "warehouse", "timeout", "disk_floor_mb")] == [
            getattr(before, name) for name in ("name", "store", "warehouse", "timeout", "disk_floor_mb")
        ]

    def test_here_when_the_folder_is_empty(self, wb: Wb, tmp_path: Path) -> None:
        said = wb("init")
        assert said.code == 0
        assert files(tmp_path) == FIRST_FILES
        assert said.out.splitlines()[-1] == "Next: wb run first"

    def test_an_example_is_copied_without_its_state(self, wb: Wb, tmp_path: Path) -> None:
        said = wb("init", "demo", "--example", "flights", "--json")
        assert said.code == 0
        assert said.json["next"] == ["cd demo", "wb run flights"]
        found = files(tmp_path / "demo")
        assert {"workbench.toml", "pipelines/flights.yaml", "notebooks/ingest.ipynb", "README.md"} <= found
        assert not any(name.startswith(".workbench") or "__pycache__" in name for name in found)

    def test_a_folder_that_holds_something_is_refused(self, wb: Wb, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").touch()
        said = wb("init")
        assert said.code == 5
        assert "WB-CLI-811" in said.err and "notes.txt" in said.err and "Nothing was written." in said.err
        assert files(tmp_path) == {"notes.txt"}
        assert wb("init", "--force").code == 0
        assert files(tmp_path) == {"notes.txt", *FIRST_FILES}

    def test_force_replaces_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "workbench.toml").write_text("mine")
        with pytest.raises(Conflict, match="would be replaced"):
            init.make(tmp_path, force=True)
        assert files(tmp_path) == {"workbench.toml"}
        assert (tmp_path / "workbench.toml").read_text() == "mine"

    def test_a_gitignore_that_is_there_stays_and_the_state_is_ignored_all_the_same(self, tmp_path: Path) -> None:
        (tmp_path / ".gitignore").write_text("mine")
        init.make(tmp_path, force=True)
        assert files(tmp_path) == {*FIRST_FILES, ".workbench/.gitignore"}
        assert (tmp_path / ".gitignore").read_text() == "mine"
        assert (tmp_path / ".workbench/.gitignore").read_text() == "*\n"

    def test_an_unknown_example_and_a_file_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match='Did you mean "flights"'):
            init.make(tmp_path / "demo", "fligths")
        (tmp_path / "file").touch()
        with pytest.raises(UsageError, match="is a file"):
            init.make(tmp_path / "file")
        assert files(tmp_path) == {"file"}

    def test_a_failure_on_the_way_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(init.shutil, "copyfile", full)
        with pytest.raises(Exception, match="the disk is full"):
            init.make(tmp_path / "deep" / "demo")
        assert list(tmp_path.iterdir()) == []


class TestDoctor:
    def test_a_new_project_is_healthy(self, wb: Wb) -> None:
        wb("init", "demo")
        said = wb("doctor", "--project", "demo")
        assert said.code == 0, said.out
        assert "Everything a run needs is there" in said.out

    def test_it_says_which_kernels_are_ready_ahead_and_why_others_are_not(self, wb: Wb, tmp_path: Path) -> None:
        wb("init", "demo")
        assert "python3 (ready ahead of the steps)" in " ".join(wb("doctor", "--project", "demo").out.split())
        settings = tmp_path / "demo" / "workbench.toml"
        settings.write_text(settings.read_text() + "\n[kernels]\nwarm = false\n")
        findings = wb("doctor", "--project", "demo", "--json").json["findings"]
        (kernels,) = [finding["detail"] for finding in findings if finding["subject"] == "kernels"]
        assert kernels == "python3 (started for each step: switched off in the settings)"

    def test_f8_it_lists_what_a_step_left_running(self, make_project: MakeProject, monkeypatch: MonkeyPatch) -> None:
        root = make_project(notebooks={"one": notebook("1")})
        with Project.open(root) as project:
            run = project.runs.get(project.run("notebooks/one.ipynb", executor="inline").id)
        context = root / ".workbench" / run.steps[0].attempts[0].folder / "context.json"
        monkeypatch.setattr(checkup, "LEAVING", -60.0)
        left = subprocess.Popen(["sleep", "600"], env={**os.environ, "WORKBENCH_CONTEXT": str(context)})
        try:
            (found,) = [finding for finding in checkup.examine(root) if finding.subject == "processes"]
            assert (found.ok, found.mend) == (False, f"kill -9 {left.pid}")
        finally:
            left.kill()
            left.wait()
        (found,) = [finding for finding in checkup.examine(root) if finding.subject == "processes"]
        assert (found.ok, found.detail) == (True, "none is left by steps that are over")

    def test_every_miss_is_shown_with_its_mend(self, wb: Wb, tmp_path: Path) -> None:
        wb("init", "demo")
        (tmp_path / "demo" / "pipelines" / "broken.yaml").write_text("name: [")
        settings = tmp_path / "demo" / "workbench.toml"
        settings.write_text(settings.read_text() + "\n[run]\ndisk_floor_mb = 999999999\n")
        said = wb("doctor", "--project", "demo", "--json")
        assert said.code == 1
        assert said.json["ok"] is False
        missed = {finding["subject"]: finding for finding in said.json["findings"] if not finding["ok"]}
        assert set(missed) == {"pipelines", "disk"}
        assert "broken.yaml:1:" in missed["pipelines"]["detail"]
        assert "disk_floor_mb" in missed["disk"]["mend"]

    def test_a_store_that_is_no_database_is_a_miss(self, wb: Wb, tmp_path: Path) -> None:
        wb("init", "demo")
        (tmp_path / "demo" / ".workbench").mkdir()
        (tmp_path / "demo" / ".workbench" / "store.db").write_bytes(b"not a database" * 100)
        said = wb("doctor", "--project", "demo", "--json")
        assert [finding["subject"] for finding in said.json["findings"] if not finding["ok"]] == ["store"]


class TestTerminal:
    def test_ascii_is_written_where_asked_for_or_nothing_else_can_be(self, wb: Wb) -> None:
        for environment in ({"WORKBENCH_ASCII": "1"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}):
            said = wb("doctor", **environment)
            assert said.out.isascii()
            assert "\nx " in said.out

    def test_without_a_terminal_there_are_no_colours(self, wb: Wb) -> None:
        assert "\x1b" not in wb("doctor").out


def test_parameters_are_split_at_the_first_equals_sign() -> None:
    assert parse_parameters(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    assert parse_parameters(None) == {}


@pytest.mark.parametrize("given", [["a"], ["=1"], ["a=1", "a=2"], [""]])
def test_what_is_no_parameter_is_refused(given: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_parameters(given)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_answer_that_cannot_be_written_is_no_traceback(tmp_path: Path, more: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "workbench", "doctor", *more],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr.splitlines()[-1][:11]) == (1, "WB-DSK-302:")
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_gone_is_no_place_to_work_from(tmp_path: Path) -> None:
    program = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"
    program += "; from workbench.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program, "runs", "list"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr[:11]) == (3, "WB-CFG-601:")
