"""Plans: what runs, what is skipped, what is decided later, and the sentence that says why."""

import json
import subprocess
import sys
from datetime import date

import pytest
from notebook_files import cell, markdown, write

from workbench.model.errors import GraphError, InvalidName, NotebookError, NotFound, ParameterError, SpecError
from workbench.model.plan import Action, Past
from workbench.pipeline import planner
from workbench.pipeline.deciding import Standing
from workbench.pipeline.reader import Reader
from workbench.pipeline.spec import load_pipeline, single

SPEC = """\
name: flights
parameters:
  day: {type: date, default: 2013-01-15, help: local day}
  limit: 5
steps:
  ingest: {notebook: ingest.ipynb, timeout: 90s}
  clean: {notebook: clean.ipynb, parameters: {label: "flights of ${day}"}, tags: [slow]}
  daily: {notebook: daily.ipynb, report: {title: "Delays on ${day}"}}
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "flights.yaml").write_text(SPEC)
    write(tmp_path / "ingest.ipynb", "import workbench as wb", "wb.write(x, 'raw.flights')")
    write(
        tmp_path / "clean.ipynb",
        "import workbench as wb\nfrom datetime import date",
        cell("day: date = date(2013, 1, 1)\nlabel: str = ''\nlimit: int = 1\nown: float = 0.5", "parameters"),
        "df = wb.read('raw.flights')",
        "wb.write(df, 'clean.flights')",
    )
    write(tmp_path / "daily.ipynb", markdown("# Delays"), "import workbench as wb", "wb.sql('from clean.flights')")
    return tmp_path


def plan(root, given=None, *, current=None, past=None, force=False, target="flights", select=()):
    pipeline = load_pipeline(root, target) if target == "flights" else single(root, target)
    request = planner.Request(given or {}, select=select, force=force)
    known = past or {}

    def history(lookups):
        return {lookup.name: known[lookup.name] for lookup in lookups if lookup.name in known}

    return planner.plan(
        planner.read(root, pipeline, Reader(root)), request, Standing("prod", current or {}, history, lambda names: {})
    )


CURRENT = {"raw.flights": 11, "clean.flights": 22}


def lived(made, *, live=True):
    """The history after ``made`` ran: every step succeeded, with the current snapshots as its inputs."""
    return {
        step.name: Past(
            f"run of {step.name}",
            step.fingerprint.with_inputs({name: CURRENT[name] for name in step.reads}),
            live,
            run="01ARZ3NDEKTSV4RRFFQ69G5FAV",
        )
        for step in made.steps
    }


def reasons(made):
    return {step.name: (step.action.value, step.reason.code, step.reason.text) for step in made.steps}


def test_a_first_plan(project):
    made = plan(project)
    assert (made.pipeline, made.environment, made.parameters) == (
        "flights",
        "prod",
        {"day": date(2013, 1, 15), "limit": 5},
    )
    assert {item[1] for item in reasons(made).values()} == {"first_run"}
    ingest, clean, daily = made.steps
    assert (ingest.timeout, ingest.kernel, ingest.writes, ingest.upstream) == (90, "python3", ("raw.flights",), ())
    assert (clean.reads, clean.writes, clean.upstream, clean.tags) == (
        ("raw.flights",),
        ("clean.flights",),
        ("ingest",),
        ("slow",),
    )
    assert clean.parameters == {"day": date(2013, 1, 15), "label": "flights of 2013-01-15", "limit": 5, "own": 0.5}
    assert daily.report.title == "Delays on 2013-01-15"
    injected = [
        item for item in json.loads(clean.source)["cells"] if "injected-parameters" in item["metadata"].get("tags", [])
    ]
    assert injected[0]["source"].splitlines()[2:] == [
        "day = _wb_datetime.date.fromisoformat('2013-01-15')",
        "limit = 5",
        "label = 'flights of 2013-01-15'",
    ]
    assert "injected" not in ingest.source
    assert made.created_at.endswith("+00:00")


def test_nothing_changed(project):
    made = plan(project, current=CURRENT, past=lived(plan(project)))
    assert set(reasons(made).values()) == {("skip", "unchanged", "unchanged since run 9G5FAV")}
    assert made.step("clean").fingerprint.inputs == {"raw.flights": "11"}


def test_markdown_reruns_nothing_but_reports(project):
    past = lived(plan(project))
    write(project / "daily.ipynb", markdown("# Late"), "import workbench as wb", "wb.sql('from clean.flights')")
    write(
        project / "ingest.ipynb",
        cell("import workbench as wb", identifier="c0"),
        cell("wb.write(x, 'raw.flights')", identifier="c1"),
        markdown("a note", "n"),
    )
    found = reasons(plan(project, current=CURRENT, past=past))
    assert [found[name][0] for name in ("ingest", "clean", "daily")] == ["skip", "skip", "run"]
    assert found["daily"][1:] == ("changed", "the text of the report changed")


def test_an_edited_cell_reruns_its_step_and_what_follows_is_decided_later(project):
    past = lived(plan(project))
    write(project / "ingest.ipynb", "import workbench as wb", "\n# more rows\nwb.write(x + 1, 'raw.flights')")
    made = plan(project, current=CURRENT, past=past)
    assert reasons(made) == {
        "ingest": ("run", "changed", "code changed: cell 2 (`wb.write(x + 1, 'raw.flights')`)"),
        "clean": ("decide", "waits", "waits for ingest; reruns only if raw.flights changes"),
        "daily": ("decide", "waits", "waits for clean; reruns only if clean.flights changes"),
    }
    clean = made.step("clean")
    assert clean.past.fingerprint.digest == clean.fingerprint.with_inputs({"raw.flights": 11}).digest
    assert clean.past.fingerprint.digest != clean.fingerprint.with_inputs({"raw.flights": 12}).digest


def test_a_parameter_reruns_the_steps_that_take_it(project):
    past = lived(plan(project))
    found = reasons(plan(project, {"day": "2013-01-16"}, current=CURRENT, past=past))
    assert found["ingest"][0] == "skip"
    assert found["clean"][2] == (
        "parameter day: 2013-01-15 → 2013-01-16; parameter label: 'flights of 2013-01-15' → 'flights of 2013-01-16'"
    )
    assert found["daily"][2] == "the title of the report changed"


def test_a_new_input_a_lost_output_and_force(project):
    past = lived(plan(project))
    found = reasons(plan(project, current={**CURRENT, "clean.flights": 23}, past=past))
    assert found["daily"] == ("run", "input_changed", "input clean.flights is new")
    found = reasons(plan(project, current=CURRENT, past={**past, "clean": lived(plan(project), live=False)["clean"]}))
    assert found["clean"] == ("run", "outputs_gone", "its output clean.flights is gone or was replaced")
    assert found["daily"][0] == "decide"
    found = reasons(plan(project, current=CURRENT, past=lived(plan(project), live=False)))
    assert found["daily"][:2] == ("run", "outputs_gone") or found["daily"][0] == "run"
    assert set(reasons(plan(project, current=CURRENT, past=past, force=True)).values()) == {("run", "forced", "forced")}


def test_a_step_with_changes_of_its_own_runs_even_behind_one_that_runs(project):
    past = lived(plan(project))
    write(project / "ingest.ipynb", "import workbench as wb", "wb.write(x + 1, 'raw.flights')")
    found = reasons(plan(project, {"limit": 6}, current=CURRENT, past=past))
    assert [found[name][0] for name in ("ingest", "clean", "daily")] == ["run", "run", "decide"]


def test_many_changes_are_summed_up(project):
    past = lived(plan(project))
    write(
        project / "clean.ipynb",
        "import workbench as wb\nimport helpers",
        cell("day: str = ''\nlabel: str = ''\nlimit: int = 1", "parameters"),
        "df = wb.read('raw.flights')\n" + "x" * 100,
        "wb.write(df, 'clean.flights')",
        cell("y = 1", identifier="new"),
    )
    (project / "pipelines" / "flights.yaml").write_text(SPEC.replace("type: date", "type: str"))
    (project / "helpers.py").write_text("")
    text = reasons(plan(project, current=CURRENT, past=past))["clean"][2]
    assert text.startswith("code changed: cell 1 (`import workbench as wb`); code changed: cell 2 (`day: str = ''`); ")
    assert text.endswith("more changes")


def test_removed_and_reordered_cells_and_modules(project):
    (project / "helpers.py").write_text("a = 1")
    write(project / "ingest.ipynb", "import workbench as wb, helpers", "x = 1", "wb.write(x, 'raw.flights')")
    past = lived(plan(project))
    (project / "helpers.py").write_text("a = 22")
    assert reasons(plan(project, current=CURRENT, past=past))["ingest"][2] == "module helpers.py changed"
    (project / "helpers.py").unlink()
    assert reasons(plan(project, current=CURRENT, past=past))["ingest"][2] == "module helpers.py is no longer imported"
    (project / "helpers.py").write_text("a = 1")
    write(
        project / "ingest.ipynb",
        cell("import workbench as wb, helpers", identifier="c0"),
        cell("wb.write(x, 'raw.flights')", identifier="c2"),
    )
    assert reasons(plan(project, current=CURRENT, past=past))["ingest"][2] == "code changed: a cell was removed"


def test_a_notebook_alone_takes_its_own_parameters(project):
    made = plan(project, {"day": "2013-02-01", "own": "2"}, current=CURRENT, target="clean.ipynb")
    (step,) = made.steps
    assert made.parameters == {"day": date(2013, 2, 1), "label": "", "limit": 1, "own": 2.0}
    assert "limit" not in [item["source"] for item in json.loads(step.source)["cells"]][2]
    with pytest.raises(ParameterError, match=r'clean\.ipynb: unknown parameter "dya".*Did you mean "day"'):
        plan(project, {"dya": "x"}, current=CURRENT, target="clean.ipynb")
    with pytest.raises(NotFound, match=r"WB-NB-600: none\.ipynb"):
        plan(project, target="none.ipynb")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"dya": "2013-01-15"}, 'unknown parameter "dya". Did you mean "day"?'),
        ({"day": "yesterday"}, "expected date, got the text 'yesterday'"),
        ({"limit": True}, "expected int, got True"),
        ({"own": 1}, 'unknown parameter "own"; step clean takes it, but the pipeline does not pass it on'),
        ({"x=1; import os": 1}, "it is not an identifier"),
    ],
)
def test_parameters_are_refused_before_anything_starts(project, given, says):
    with pytest.raises(ParameterError) as caught:
        plan(project, given)
    assert says in str(caught.value)
    assert "pipelines/flights.yaml takes:" in caught.value.detail
    assert caught.value.kept == "Nothing was started."


@pytest.mark.parametrize(
    ("before", "after", "error", "says"),
    [
        ("limit: 5", "limit: 5\n  spare: 1", SpecError, 'WB-CFG-631: .*no step takes the parameter "spare"'),
        ("limit: 5", "limt: 5", SpecError, 'Did you mean "limit"'),
        (
            "label:",
            "lable:",
            ParameterError,
            r'step clean \(clean.ipynb\): unknown parameter "lable". Did you mean "label"',
        ),
        ('"flights of ${day}"', "${limit}", ParameterError, "expected str, got the number 5"),
        ("clean.ipynb", "cleen.ipynb", NotebookError, "WB-NB-600: step clean: cleen.ipynb"),
        ("clean.ipynb", "../clean.ipynb", NotebookError, "WB-NB-606: step clean: "),
        ("notebook: daily.ipynb", "notebook: clean.ipynb", GraphError, "WB-PIP-631"),
    ],
)
def test_mistakes_in_the_file_name_the_step(project, before, after, error, says):
    (project / "pipelines" / "flights.yaml").write_text(SPEC.replace(before, after))
    with pytest.raises(error, match=says):
        plan(project)


def test_a_required_parameter_that_nobody_gives(project):
    write(project / "ingest.ipynb", cell("must: int  # rows", "parameters"))
    with pytest.raises(
        ParameterError, match=r'step ingest \(ingest.ipynb\): parameter "must" is required \(int\)'
    ) as caught:
        plan(project, current=CURRENT)
    assert caught.value.detail == ("step ingest (ingest.ipynb) takes:", "  must  int  required  rows")


def test_faults_inside_a_notebook_name_step_file_and_cell(project):
    write(project / "clean.ipynb", "x = (")
    with pytest.raises(NotebookError, match=r"WB-NB-605: step clean: clean.ipynb: syntax error in cell 1, line 1"):
        plan(project)
    write(project / "clean.ipynb", "import workbench as wb\nwb.read('nope')")
    with pytest.raises(InvalidName, match=r"step clean: clean\.ipynb: cell 1, line 2"):
        plan(project)


def test_a_step_that_extends_its_own_dataset_is_not_its_own_input(project):
    write(project / "ingest.ipynb", "import workbench as wb", "wb.write(wb.read('raw.flights'), 'raw.flights')")
    made = plan(project, current=CURRENT)
    assert made.step("ingest").reads == ("raw.flights",)
    assert made.step("ingest").fingerprint.inputs == {}


def test_planning_writes_nothing_and_loads_nothing_heavy(project):
    before = sorted(path.name for path in project.rglob("*"))
    code = (
        "import sys; from pathlib import Path; from workbench.pipeline import deciding, planner, reader, spec\n"
        "root = Path(sys.argv[1]); pipeline = spec.load_pipeline(root, 'flights')\n"
        "standing = deciding.Standing('prod', {}, lambda lookups: {}, lambda names: {})\n"
        "planner.plan(planner.read(root, pipeline, reader.Reader(root)), planner.Request(), standing)\n"
        "print(*{'pandas', 'pyarrow', 'papermill', 'nbformat', 'sqlalchemy', 'IPython'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(project)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
    assert sorted(path.name for path in project.rglob("*")) == before


def test_actions_are_frozen_in_the_plan(project):
    step = plan(project).steps[0]
    with pytest.raises(AttributeError):
        step.action = Action.SKIP
