"""A pipeline as a DAG: what the file says, and what the real Airflow makes of it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook

from workbench.model.errors import NotFound, ParameterError, SpecError, UsageError
from workbench.project import Project
from workbench.scheduler.airflow import MARK, Call, Dag, export
from workbench.scheduler.nominal import parameters_for

AIRFLOW = Path(__file__).parents[2] / ".venv-airflow" / "bin" / "python"
WB = f"{sys.executable} -m workbench"
NIGHTLY = """
name: nightly
description: 'What is "sold" {{ today }}'
timeout: 1h
parameters:
  day: {type: date}
steps:
  ingest: {notebook: notebooks/ingest.ipynb, tags: [source]}
  each: {notebook: notebooks/each.ipynb, foreach: {name: "${ingest.names}"}, tags: [a]}
  last: {notebook: notebooks/last.ipynb, after: [each]}
schedule: {cron: 30 2 * * 5L, timezone: Europe/Berlin, parameters: {day: "${run.date - 1d}"}}
triggers:
  - {file: "landing/*.csv", parameters: {day: 2026-01-01}}
"""
NOTEBOOKS = {
    "ingest": notebook(
        """
        import datetime
        import pandas as pd
        import workbench as wb
        wb.write(pd.DataFrame({"day": [str(day)]}), "raw.sold")
        wb.record("names", ["x", "y"])
        """,
        parameters="import datetime\nday: datetime.date = datetime.date(2000, 1, 1)",
    ),
    "each": notebook('import workbench as wb\nwb.read("raw.sold")', parameters='name: str = ""'),
    "last": notebook('import workbench as wb\nwb.write(wb.read("raw.sold"), "marts.sold")'),
}
PLAIN = "name: plain\nsteps: {one: notebooks/one.ipynb}\n"
ONE = {"one": notebook("1")}
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def exported(root: Path, name: str, call: Call | None = None, now: datetime = NOW) -> Dag:
    with Project.open(root) as project:
        return export(project, name, call or Call("wb", "/srv/shop"), now)


class TestTheFile:
    def test_it_is_plain_python_that_imports_airflow_and_says_what_each_task_calls(
        self, make_project: MakeProject
    ) -> None:
        made = exported(make_project({"nightly": NIGHTLY}, NOTEBOOKS), "nightly")
        assert made.text.startswith(MARK)
        imported = [node.module for node in ast.walk(ast.parse(made.text)) if isinstance(node, ast.ImportFrom)]
        assert {str(module).partition(".")[0] for module in imported} == {"airflow", "datetime"}
        assert [(task.step, task.upstream) for task in made.tasks] == [
            ("ingest", ()),
            ("each", ("ingest",)),
            ("last", ("ingest", "each")),
        ]
        assert 'RUN = "wb run nightly --project /srv/shop --nominal-time \\"$NOMINAL_TIME\\""' in made.text
        assert 'CronTriggerTimetable("30 2 * * L5", timezone="Europe/Berlin")' in made.text
        assert "dagrun_timeout=timedelta(seconds=3600)" in made.text
        assert made.tags == ("workbench", "a", "source")

    def test_it_says_what_airflow_does_otherwise(self, make_project: MakeProject) -> None:
        notes = "\n".join(exported(make_project({"nightly": NIGHTLY}, NOTEBOOKS), "nightly").notes)
        assert "all instances of a step: each" in notes
        assert "wb schedule pause nightly" in notes
        assert "landing/*.csv" in notes

    def test_the_same_pipeline_gives_the_same_bytes_whenever(self, make_project: MakeProject) -> None:
        root = make_project({"nightly": NIGHTLY}, NOTEBOOKS)
        first = exported(root, "nightly")
        with Project.open(root) as project:
            assert project.run("nightly", {"day": "2026-03-01"}, executor="inline").state == "succeeded"
        assert exported(root, "nightly", now=datetime(2027, 1, 1, tzinfo=UTC)).text == first.text

    def test_values_that_are_given_hold_for_every_run_and_mean_nothing_to_shell_or_template(
        self, make_project: MakeProject
    ) -> None:
        text = "name: plain\nparameters: {text: {type: str}}\nsteps: {one: notebooks/one.ipynb}\n"
        root = make_project({"plain": text}, {"one": notebook("1", parameters="text: str = ''")})
        made = exported(root, "plain", Call("wb", "/srv/a b", {"text": "$(rm) {{ x }} ' \" \n"}, "prod"))
        (run,) = [node for node in ast.parse(made.text).body if isinstance(node, ast.Assign)]
        text = str(ast.literal_eval(run.value)).replace("{{ '{{' }}", "{{")
        told = subprocess.run(
            ["bash", "-c", f'wb() {{ printf "%s\\0" "$@"; }}; {text}'], capture_output=True, check=True
        )
        words = told.stdout.decode().split("\0")[:-1]
        assert words == ["run", "plain", "--project", "/srv/a b", "-p", "text=$(rm) {{ x }} ' \" \n", "--env", "prod"]
        assert "schedule=None" in made.text

    def test_force_of_the_schedule_is_kept(self, make_project: MakeProject) -> None:
        root = make_project({"plain": PLAIN + "schedule: {cron: 0 * * * *, force: true}\n"}, ONE)
        assert "--force" in exported(root, "plain").text


class TestWhatCannotBeExported:
    def test_a_pattern_that_airflow_does_not_know(self, make_project: MakeProject) -> None:
        root = make_project({"plain": PLAIN + "schedule: {cron: 0 0 LW * *}\n"}, ONE)
        with pytest.raises(SpecError, match="WB-SCH-857"):
            exported(root, "plain")

    def test_a_parameter_that_nothing_gives(self, make_project: MakeProject) -> None:
        text = "name: plain\nparameters: {day: {type: date}}\nsteps: {one: notebooks/one.ipynb}\n"
        root = make_project({"plain": text}, {"one": notebook("1", parameters="day = None")})
        with pytest.raises(ParameterError, match="day"):
            exported(root, "plain")
        assert "day=2026-01-01" in exported(root, "plain", Call("wb", "/srv", {"day": "2026-01-01"})).text

    def test_a_pipeline_that_is_not_there(self, make_project: MakeProject) -> None:
        root = make_project({"plain": PLAIN}, ONE)
        with pytest.raises(NotFound, match="WB-PIP-601"):
            exported(root, "plian")


class TestNominalTime:
    def test_it_gives_what_the_schedule_would(self, make_project: MakeProject) -> None:
        root = make_project({"nightly": NIGHTLY}, NOTEBOOKS)
        assert parameters_for(root, "nightly", "2026-03-02T02:30") == {"day": "2026-03-01"}
        assert parameters_for(root, "nightly", "2026-03-01T23:30+00:00") == {"day": "2026-03-01"}
        assert parameters_for(root, "nightly", "2026-03-01T22:30+00:00") == {"day": "2026-02-28"}

    @pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "0001-01-01T00:00+14:00"])
    def test_what_is_no_time_is_refused(self, make_project: MakeProject, text: str) -> None:
        root = make_project({"nightly": NIGHTLY}, NOTEBOOKS)
        with pytest.raises(UsageError, match="WB-SCH-856"):
            parameters_for(root, "nightly", text)

    def test_a_pipeline_without_a_schedule_has_none(self, make_project: MakeProject) -> None:
        with pytest.raises(NotFound, match="WB-SCH-852"):
            parameters_for(make_project({"plain": PLAIN}, ONE), "plain", "2026-03-02")


LOOK = """
import json, sys, warnings
warnings.simplefilter("error")
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
print("FOUND " + json.dumps({
    "errors": bag.import_errors,
    "dags": {dag.dag_id: {
        "cron": getattr(dag.timetable, "_expression", getattr(dag.timetable, "expression", None)),
        "zone": str(getattr(dag.timetable, "_timezone", getattr(dag.timetable, "timezone", None))),
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "active": dag.max_active_runs,
        "tasks": {task.task_id: [sorted(task.upstream_task_ids), task.retries] for task in dag.tasks},
    } for dag in bag.dags.values()},
}))
"""


@pytest.fixture
def airflow(tmp_path: Path) -> Any:
    """Runs the Python of Airflow with arguments, in a home of its own; gives what it says."""
    if not AIRFLOW.exists():
        if os.environ.get("WORKBENCH_REQUIRE_AIRFLOW") == "1":
            pytest.fail("Apache Airflow is not installed: make airflow")
        pytest.skip("Apache Airflow is not installed: make airflow")
    surroundings = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "dags"),
        "PATH": os.pathsep.join([str(AIRFLOW.parent), os.environ["PATH"]]),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(AIRFLOW), *arguments], env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_real_airflow_imports_the_file_and_runs_every_step(
    tmp_path: Path, make_project: MakeProject, airflow: Any
) -> None:
    root = make_project({"nightly": NIGHTLY, "plain": PLAIN}, {**NOTEBOOKS, **ONE})
    (tmp_path / "dags").mkdir()
    for name in ("nightly", "plain"):
        made = exported(root, name, Call(WB, str(root)))
        (tmp_path / "dags" / f"{name}.py").write_text(made.text, encoding="utf-8")
    (line,) = [line for line in airflow("-c", LOOK, str(tmp_path / "dags")).splitlines() if line.startswith("FOUND ")]
    found = json.loads(line.removeprefix("FOUND "))
    assert found["errors"] == {}
    assert found["dags"]["nightly"] == {
        "cron": "30 2 * * L5",
        "zone": "Europe/Berlin",
        "tags": ["a", "source", "workbench"],
        "catchup": False,
        "active": 1,
        "tasks": {"ingest": [[], 0], "each": [["ingest"], 0], "last": [["each", "ingest"], 0]},
    }
    assert found["dags"]["plain"]["cron"] is None
    airflow("-m", "airflow", "db", "migrate")
    airflow("-m", "airflow", "dags", "test", "nightly", "2026-03-27T02:30:00+01:00")
    with Project.open(root) as project:
        runs = [project.runs.get(run.id) for run in project.runs.list()]
    assert [run.state for run in runs] == ["succeeded"] * 3
    assert {str(run.parameters["day"]) for run in runs} == {"2026-03-26"}
    ran = [sorted(step.step for step in run.steps if step.state == "succeeded") for run in reversed(runs)]
    assert ran == [["ingest"], ["each[x]", "each[y]"], ["last"]]
