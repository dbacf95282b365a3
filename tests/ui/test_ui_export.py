"""``wb export`` and ``wb run --nominal-time`` as they are typed."""

from __future__ import annotations

from projects import MakeProject, notebook
from terminal import Wb

NIGHTLY = """
name: nightly
parameters:
  day: {type: str}
steps: {one: notebooks/one.ipynb}
schedule: {cron: 30 2 * * *, timezone: Europe/Berlin, parameters: {day: "${run.date - 1d}"}}
"""
ONE = {"one": notebook("print(day)", parameters='day: str = ""')}


def test_a_dag_is_printed_or_written_and_takes_the_place_only_of_an_older_one(
    make_project: MakeProject, wb: Wb
) -> None:
    root = make_project({"nightly": NIGHTLY}, ONE)
    printed = wb("export", "airflow", "nightly", "--folder", "/srv/shop", "--command", "uv run wb", cwd=root)
    assert printed.code == 0
    assert 'RUN = "uv run wb run nightly --project /srv/shop --nominal-time' in printed.out
    (root / "dags").mkdir()
    said = wb("export", "airflow", "nightly", "--output", "dags", cwd=root)
    assert said.code == 0
    assert said.out.splitlines()[0] == "dags/nightly.py"
    assert "wb schedule pause nightly" in said.out
    found = wb("export", "airflow", "nightly", "-o", "dags", "--json", cwd=root).json
    assert found["tasks"] == [{"step": "one", "upstream": [], "about": "notebooks/one.ipynb"}]
    assert (found["path"], found["cron"], found["timezone"]) == ("dags/nightly.py", "30 2 * * *", "Europe/Berlin")
    assert (root / "dags" / "nightly.py").read_text() == found["text"]
    (root / "mine.py").write_text("mine")
    refused = wb("export", "airflow", "nightly", "-o", "mine.py", cwd=root)
    assert refused.code == 2
    assert "WB-CLI-818" in refused.err
    assert (root / "mine.py").read_text() == "mine"


def test_a_run_takes_the_parameters_that_its_schedule_gives_for_a_time(make_project: MakeProject, wb: Wb) -> None:
    root = make_project({"nightly": NIGHTLY}, ONE)
    plan = wb("plan", "nightly", "--nominal-time", "2026-03-02T02:30", cwd=root)
    assert "wb run nightly --nominal-time 2026-03-02T02:30" in plan.out
    found = wb("plan", "nightly", "--nominal-time", "2026-03-02T02:30", "--json", cwd=root).json
    assert found["parameters"] == {"day": "2026-03-01"}
    typed = wb("plan", "nightly", "--nominal-time", "2026-03-02T02:30", "-p", "day=x", "--json", cwd=root).json
    assert typed["parameters"] == {"day": "x"}
    assert wb("plan", "nightly", "--nominal-time", "soon", cwd=root).code == 2
