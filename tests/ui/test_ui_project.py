"""The command line on a project that has run: every command as text and as JSON, with its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import Said, Wb, running_wb, type_wb, wait_for

from workbench.ui.cli.commands import init

pytestmark = pytest.mark.slow

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: first.visits
version: 1.0.0
status: active
description: {purpose: Visitors per day}
schema:
  - name: visits
    physicalName: first.visits
    quality:
      - {metric: rowCount, mustBeBetween: [LOW, 1000], severity: error}
    properties:
      - {name: visitors, logicalType: integer, description: How many came, required: true}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a pipeline that succeeded and one that failed."""
    folder = tmp_path_factory.mktemp("projects") / "demo"
    init.make(folder)
    (folder / "contracts").mkdir()
    (folder / "contracts" / "first.visits.odcs.yaml").write_text(CONTRACT.replace("LOW", "1"))
    (folder / "strict.odcs.yaml").write_text(CONTRACT.replace("LOW", "500"))
    (folder / "pipelines" / "broken.yaml").write_text(
        "name: broken\nsteps:\n  breaks: notebooks/breaks.ipynb\n"
        "  after: {notebook: notebooks/after.ipynb, after: [breaks]}\n"
    )
    write_notebook(folder / "notebooks" / "breaks.ipynb", 'print("before")', 'raise ValueError("on purpose")')
    write_notebook(folder / "notebooks" / "after.ipynb", "1")
    assert type_wb("run", "first", cwd=folder).code == 0
    assert type_wb("run", "broken", "--executor", "inline", cwd=folder).code == 1
    return folder


def write_notebook(path: Path, *sources: str) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


@pytest.fixture
def say(project: Path, wb: Wb) -> Wb:
    """Types ``wb`` in the project."""

    def run(*arguments: str, **environment: str) -> Said:
        return wb(*arguments, cwd=project, **environment)

    return run


class TestPlanAndRun:
    def test_what_is_unchanged_does_not_run(self, say: Wb) -> None:
        planned = say("plan", "first")
        assert planned.code == 0
        assert "Nothing to run: 1 step unchanged." in planned.out
        said = say("run", "first")
        assert said.code == 0
        lines = said.out.splitlines()
        assert "nothing to run, 1 step unchanged" in lines[-2]
        assert lines[-1].startswith("Next: ")
        assert " first: unchanged since run " in said.err.splitlines()[0]

    def test_a_plan_as_json_says_what_and_why(self, say: Wb) -> None:
        said = say("plan", "first", "-p", "days=31", "--json")
        assert (said.code, said.err) == (0, "")
        (step,) = said.json["steps"]
        assert said.json["parameters"] == {"days": 31}
        assert step["action"] == "run"
        assert {"component": "parameters", "subject": "days", "detail": "30 → 31"} in step["reason"]["changes"]
        assert "source" not in step

    def test_the_next_command_repeats_what_was_asked_for(self, say: Wb) -> None:
        said = say("plan", "first", "-p", "days=31", "--env", "dev")
        assert said.out.splitlines()[-1] == "Next: wb run first -p days=31 --env dev"

    def test_a_run_as_json_is_one_document_and_the_log_is_on_stderr(self, say: Wb) -> None:
        said = say("run", "first", "--json", "--force", "--max-parallel", "1")
        assert said.code == 0
        assert said.json["state"] == "succeeded"
        (step,) = said.json["steps"]
        assert step["outputs"] == [] or step["outputs"][0]["dataset"] == "first.visits"
        assert any(cell["seconds"] for cell in step["attempts"][0]["cells"])
        assert Path(step["executed"]).exists()
        (report,) = said.json["reports"]
        assert Path(report["path"]).exists()
        running, succeeded = said.err.splitlines()
        assert "first: running (took " in running and "first: succeeded in " in succeeded

    def test_one_notebook_runs_by_its_path(self, say: Wb) -> None:
        said = say("run", "notebooks/after.ipynb", "--env", "dev", "--executor", "inline")
        assert said.code == 0, said.err

    def test_a_failure_shows_cell_traceback_and_notebook_and_is_1(self, say: Wb) -> None:
        said = say("run", "broken", "--executor", "inline")
        assert said.code == 1
        assert "✗ breaks  cell 2" in said.out
        assert "WB-RUN-104: ValueError in cell 2 of notebooks/breaks.ipynb - on purpose." in said.out
        assert "ValueError: on purpose" in said.out
        assert "output.ipynb" in said.out
        assert said.out.splitlines()[-1].startswith("Next: wb runs logs ")
        assert "after: upstream failed" in said.err
        document = say("run", "broken", "--executor", "inline", "--json")
        assert document.code == 1
        assert document.json["state"] == "failed"
        assert document.json["steps"][0]["error"]["code"] == "WB-RUN-104"

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (("plan", "frist"), 3, 'Did you mean "first"'),
            (("run", "first", "-p", "dys=3"), 2, 'Did you mean "days"'),
            (("run", "first", "-p", "days=many"), 2, "days"),
            (("run", "first", "-p", "days"), 2, "WB-CLI-802"),
            (("run", "first", "--env", "prd"), 3, 'Did you mean "prod"'),
            (("run", "first", "--executor", "locl"), 3, "locl"),
            (("run", "notebooks/none.ipynb"), 2, "none.ipynb"),
        ],
    )
    def test_what_cannot_be_is_refused_before_anything_starts(
        self, say: Wb, arguments: tuple[str, ...], code: int, said: str
    ) -> None:
        told = say(*arguments)
        assert told.code in (code, 3)
        assert told.out == ""
        assert said in told.err
        assert "Traceback" not in told.err
        document = say(*arguments, "--json")
        assert document.code == told.code
        assert list(document.json) == ["error"]


class TestRuns:
    def test_the_list_is_newest_first_and_can_be_narrowed(self, say: Wb) -> None:
        runs = say("runs", "list", "--json").json["runs"]
        assert [run["created_at"] for run in runs] == sorted((run["created_at"] for run in runs), reverse=True)
        failed = say("runs", "list", "--state", "failed", "--pipeline", "broken", "-n", "1", "--json").json["runs"]
        assert [run["state"] for run in failed] == ["failed"]
        assert failed[0]["id"][-6:] in say("runs", "list").out

    def test_without_a_name_the_last_run_is_meant(self, say: Wb) -> None:
        assert say("runs", "show", "--json").json["id"] == say("runs", "list", "--json").json["runs"][0]["id"]
        assert say("runs", "logs").code == 0

    def test_the_list_shortens_parameters_first(self, say: Wb) -> None:
        head = say("runs", "list").out.splitlines()[0]
        assert "pipeline" in head and "state" in head

    def test_no_such_runs_are_an_empty_state(self, say: Wb) -> None:
        said = say("runs", "list", "--pipeline", "first", "--state", "withheld")
        assert (said.code, said.out) == (0, "No run is like that. Next: wb runs list\n")
        assert say("runs", "list", "--state", "withheld", "--json").json == {"runs": []}

    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (("list", "--pipeline", "brokn"), 3, 'Did you mean "broken"'),
            (("list", "--trigger", "scedule"), 2, 'Did you mean "schedule"'),
            (("show", "brokn@last"), 3, 'Did you mean "broken"'),
            (("show", "broken@last-faild"), 2, 'Did you mean "last-failed"'),
            (("logs", "broken@last", "breaks", "--attempt", "7"), 3, "breaks had no attempt 7 - it had 1"),
        ],
    )
    def test_a_name_that_is_none_says_which_was_meant(
        self, say: Wb, arguments: tuple[str, ...], code: int, told: str
    ) -> None:
        said = say("runs", *arguments)
        assert (said.code, said.out) == (code, "")
        assert told in said.err

    def test_a_run_is_shown_over_time_with_its_critical_path(self, say: Wb) -> None:
        said = say("runs", "show", "broken@last")
        assert said.code == 0
        assert "◆ breaks" in said.out and "Critical path: breaks: " in said.out
        document = say("runs", "show", "broken@last", "--json").json
        assert document["timeline"]["path"]["steps"] == ["breaks"]
        assert [lane["name"] for lane in document["timeline"]["lanes"]] == ["breaks", "after"]
        assert document["steps"][1]["upstream"] == ["breaks"]
        assert "◆" not in say("runs", "show", "broken@last", WORKBENCH_ASCII="1").out

    def test_every_cell_is_shown_when_asked_for(self, say: Wb) -> None:
        said = say("runs", "show", "broken@last", "--cells", COLUMNS="120")
        assert 'print("before")' in said.out and 'raise ValueError("on purpose")' in said.out

    def test_a_run_becomes_a_page(self, say: Wb, project: Path) -> None:
        said = say("runs", "show", "broken@last", "--html", "run.html")
        assert (said.code, said.out) == (0, "Wrote run.html.\n")
        page = (project / "run.html").read_text()
        assert page.startswith("<!doctype html>") and "WB-RUN-104" in page and "<svg" in page
        assert say("runs", "show", "last", "--html", "no/such/folder.html").code == 0

    def test_a_run_that_is_over_is_followed_to_its_end_at_once(self, say: Wb) -> None:
        said = say("runs", "logs", "broken@last", "--follow")
        assert said.code == 1
        assert said.out.startswith("── breaks, cell 1\nbefore\n── breaks, cell 2\n")
        assert "✗ broken failed" in said.out

    def test_a_run_that_goes_on_is_followed_as_it_goes(self, project: Path, say: Wb) -> None:
        write_notebook(
            project / "notebooks" / "slow.ipynb",
            'from pathlib import Path\nprint("begun", flush=True)',
            'import time\nwhile not Path("../go.txt").exists():\n    time.sleep(0.05)\nprint("gone on")',
        )
        (project / "go.txt").unlink(missing_ok=True)
        told: list[str] = []
        with running_wb("run", "notebooks/slow.ipynb", cwd=project) as run:
            wait_for(lambda: "running" in run.errors())
            with running_wb("runs", "logs", "slow@last", "--follow", cwd=project) as logs:
                wait_for(lambda: "begun" in logs.output())
                told.append(logs.output())
                (project / "go.txt").touch()
                assert logs.wait() == 0
                told.append(logs.output())
            assert run.wait() == 0
        assert "gone on" not in told[0] and "gone on" in told[1]
        assert "✓ slow succeeded" in told[1]

    def test_an_unknown_state_is_refused(self, say: Wb) -> None:
        said = say("runs", "list", "--state", "faild")
        assert said.code == 2
        assert 'Did you mean "failed"' in said.err

    def test_a_run_is_shown_by_id_suffix_or_last(self, say: Wb) -> None:
        run = say("runs", "list", "--pipeline", "broken", "--json").json["runs"][0]["id"]
        for name in (run, run[-6:], run[-6:].lower()):
            assert say("runs", "show", name, "--json").json["id"] == run
        assert say("runs", "show", "last", "--json").code == 0
        assert "WB-RUN-104" in say("runs", "show", run).out
        one = say("runs", "show", run, "breaks")
        assert "✗     2  failed" in one.out
        assert say("runs", "show", run, "breaks", "--json").json["step"] == "breaks"

    def test_what_is_not_there_is_3(self, say: Wb) -> None:
        assert say("runs", "show", "000000").code == 3
        assert say("runs", "show", "last", "nothing").code == 3

    def test_logs_are_what_the_cells_put_out(self, say: Wb) -> None:
        run = say("runs", "list", "--pipeline", "broken", "--json").json["runs"][0]["id"]
        text = say("runs", "logs", run).out
        assert "── breaks, cell 1\nbefore\n── breaks, cell 2\n" in text
        assert "ValueError: on purpose" in text and "\x1b" not in text
        (step,) = say("runs", "logs", run, "breaks", "--json").json["steps"]
        assert {"output", "cell_ended", "attempt_ended"} <= {event["kind"] for event in step["events"]}
        assert "Nothing was put out." in say("runs", "logs", run, "after").out


class TestData:
    def test_a_search_finds_what_a_run_wrote(self, say: Wb) -> None:
        assert "first.visits" in say("catalog", "search", "visit").out
        (hit,) = say("catalog", "search", "--json").json["hits"]
        assert hit["dataset"] == "first.visits" and hit["rows"] == 30
        assert 'Nothing matches "zebra"' in say("catalog", "search", "zebra").out

    def test_a_dataset_shows_schema_checks_versions_and_how_to_read_it(self, say: Wb) -> None:
        text = say("catalog", "show", "first.visits").out
        for part in ("30 rows", "visitors", "Visitors per day", "checks", "first.first", 'wb.read("first.visits")'):
            assert part in text
        entry = say("catalog", "show", "first.visits", "--json").json
        assert entry["name"] == "first.visits"
        assert {column["name"] for column in entry["columns"]} == {"day", "visitors"}
        assert entry["columns"][0]["nulls"] == 0 and entry["columns"][0]["minimum"] == "2026-01-01"
        assert all(result["outcome"] == "pass" for result in entry["results"])
        assert entry["writers"][0]["step"] == "first"

    def test_lineage_is_a_tree_mermaid_or_json(self, say: Wb) -> None:
        assert say("lineage", "show", "first.visits").out.startswith("first.visits")
        assert say("lineage", "show", "first.visits", WORKBENCH_ASCII="1").out.isascii()
        assert say("lineage", "show", "first.visits", "--format", "mermaid").out.startswith("flowchart LR")
        for arguments in (("--format", "json"), ("--json",)):
            graph = say("lineage", "show", "first.visits", *arguments).json
            assert graph["focus"] == "first.visits"
            assert list(graph) == ["focus", "nodes", "arrows", "truncated"]

    @pytest.mark.parametrize(
        "arguments",
        [("catalog", "show"), ("lineage", "show"), ("quality", "check")],
    )
    def test_an_unknown_dataset_is_3_with_did_you_mean(self, say: Wb, arguments: tuple[str, ...]) -> None:
        said = say(*arguments, "first.visit")
        assert said.code == 3
        assert "first.visits" in said.err

    @pytest.mark.parametrize("name", ["first", "../etc/passwd", "First.Visits", "first.visits; drop"])
    def test_what_is_no_name_is_refused(self, say: Wb, name: str) -> None:
        said = say("quality", "check", name)
        assert said.code == 2
        assert said.err.startswith("WB-NAM-")

    def test_a_contract_that_holds_is_0_and_one_that_does_not_is_1(self, say: Wb) -> None:
        holds = say("quality", "check", "first.visits")
        assert holds.code == 0
        assert holds.out.splitlines()[-1].startswith("✓ ")
        broken = say("quality", "check", "first.visits", "--contract", "strict.odcs.yaml", "--json")
        assert broken.code == 1
        assert broken.json["passed"] is False
        assert {"pass", "fail"} == {result["outcome"] for result in broken.json["results"]}
        assert say("quality", "check", "first.visits", "--contract", "strict.odcs.yaml").code == 1


class TestReports:
    def test_reports_are_listed_with_their_files(self, say: Wb) -> None:
        reports = say("report", "list", "--json").json["reports"]
        assert reports and all(Path(report["path"]).exists() for report in reports)
        assert reports[0]["path"] in say("report", "list").out

    def test_a_report_can_be_made_again_and_its_path_is_printed(self, say: Wb) -> None:
        run = say("report", "list", "--json").json["reports"][0]["run"]
        said = say("report", "build", run)
        assert said.code == 0, said.err
        assert Path(said.out.strip()).read_text().startswith("<!")
        assert said.out.count("\n") == 1

    def test_a_notebook_as_it_stands_becomes_a_page(self, say: Wb) -> None:
        said = say("report", "build", "notebooks/first.ipynb", "--json")
        assert said.code == 0
        assert Path(said.json["path"]).exists()


def test_a_new_project_has_empty_states(tmp_path: Path, wb: Wb) -> None:
    init.make(tmp_path / "new")
    for arguments, told in (
        (("runs", "list"), "Runs would be here. Next: wb run PIPELINE\n"),
        (("catalog", "search"), "Datasets would be here. Next: wb run PIPELINE\n"),
        (("report", "list"), "Reports would be here. Next: add report: to a step, then wb run PIPELINE\n"),
    ):
        said = wb(*arguments, cwd=tmp_path / "new")
        assert (said.code, said.out, said.err) == (0, told, "")
    assert wb("runs", "show", "last", cwd=tmp_path / "new").code == 3


def test_names_are_completed(project: Path, wb: Wb) -> None:
    def offered(line: str) -> list[str]:
        words = len(line.split()) - (not line.endswith(" "))
        said = wb(cwd=project, _WB_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(words))
        return said.out.split()

    assert offered("wb run f") == ["first"]
    assert "first.visits" in offered("wb catalog show ")
    assert "last" in offered("wb runs show ")
    assert set(offered("wb runs logs last ")) == {"after", "breaks", "first"}
    assert offered("wb run first -p ") == ["days="]
    assert set(offered("wb run first --env ")) == {"prod", "dev"}
    assert "failed" in offered("wb runs list --state ")
    assert "notebooks/after.ipynb" in offered("wb run notebooks/a")


def test_partitions_and_triggers_are_completed_for_the_pipeline_that_is_named(tmp_path: Path, wb: Wb) -> None:
    init.make(tmp_path / "new")
    (tmp_path / "new" / "pipelines" / "daily.yaml").write_text(
        "name: daily\npartitions:\n  day: {every: day, start: 2013-01-01}\n"
        'steps:\n  first: notebooks/first.ipynb\nschedule: {cron: "0 6 * * *"}\n'
        'triggers:\n  - {file: "incoming/*.csv", name: csvs}\n'
    )
    for line, offered in (
        ("wb backfill daily --over ", ["day="]),
        ("wb schedule pause daily --trigger ", ["schedule", "csvs"]),
        ("wb schedule pause first --trigger ", []),
    ):
        words = str(len(line.split()))
        said = wb(cwd=tmp_path / "new", _WB_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=words)
        assert said.out.split() == offered
