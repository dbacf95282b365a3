"""Views: what a noun looks like in a terminal, also a narrow one, with long names and many steps."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ui_nouns import CELLS, CHANGES, LONG, START, attempt_of, drawn, plan_of, planned, run_of, step_of

from workbench.model.catalog import CatalogEntry, SearchHit, Use
from workbench.model.dataset import Column, DataFile, Dataset, Mode, Schema, Snapshot
from workbench.model.doctor import Finding
from workbench.model.events import Event, Kind
from workbench.model.plan import NOT_SELECTED, Action, Forecast, Plan, Reason
from workbench.model.quality import Check, CheckResult, Outcome, Severity
from workbench.model.report import Report
from workbench.model.run import AttemptState, CellState, Run, State
from workbench.ui.cli import words
from workbench.ui.cli.console import make_console, put
from workbench.ui.cli.views import catalog, doctor, errors, logs, quality, report
from workbench.ui.cli.views import plan as plan_view
from workbench.ui.cli.views import run as run_view

ERROR = {
    "code": "WB-RUN-104",
    "what": "ValueError in cell 2 of clean.ipynb",
    "cause": "day is out of range",
    "kept": "Nothing of this step was published.",
    "next": "open output.ipynb",
    "detail": ["one", "two"],
}


def plan_text(plan: Plan, width: int = 80) -> str:
    return drawn(*plan_view.draw(plan, command="wb run flights", width=width), width=width)


def run_text(run: Run, width: int = 80, *, cells: bool = False, **facts: Any) -> str:
    return drawn(*run_view.draw(run, run_view.Facts(Path("/p"), **facts), width=width, cells=cells), width=width)


class TestPlan:
    def test_each_step_has_its_action_reason_changes_and_expected_time(self) -> None:
        changed = replace(
            planned("clean", seconds=61.0), reason=Reason("changed", "code changed: cell 3; and 1 more change", CHANGES)
        )
        steps = (changed, planned("daily", Action.SKIP), planned("mart", Action.DECIDE, seconds=2.0))
        text = plan_text(plan_of(*steps, forecast=Forecast(61.0, 61.0, 1)))
        lines = [line.rstrip() for line in text.splitlines()]
        assert lines[0] == "flights  prod"
        assert lines[1].endswith("~1 min 1 s")
        assert "code changed: cell 3; and 1 more" in lines[1]
        assert lines[2].startswith("–  daily") and lines[2].endswith("daily says why")
        assert lines[3].startswith("○  mart") and lines[3].endswith("~2.0 s")
        assert lines[4] == "1 of 3 steps runs, 1 is decided on the way, 1 is unchanged."
        assert lines[5] == "Up to 1 min 1 s; by 1 earlier run."
        assert lines[6] == "Next: wb run flights"

    def test_nothing_to_run_is_one_line(self) -> None:
        text = plan_text(plan_of(planned("a", Action.SKIP), planned("b", Action.SKIP)))
        assert "Nothing to run: all 2 steps unchanged." in text
        assert "wb run flights --force" in text

    @pytest.mark.parametrize(
        ("forecast", "says"),
        [
            (Forecast(40.0, 70.0, 23), "About 40.0 s, at most 1 min 10 s in 85 of 100 runs; by 23 earlier runs."),
            (Forecast(40.0, 40.0, 1), "About 40.0 s; by 1 earlier run."),
            (Forecast(40.0, 40.0, 1200), "About 40.0 s; by 1,200 earlier runs."),
        ],
    )
    def test_the_forecast_says_how_sure_it_is(self, forecast: Forecast, says: str) -> None:
        assert plan_view.expects(plan_of(planned("a", seconds=1.0), forecast=forecast)) == says

    @pytest.mark.parametrize(
        ("names", "says"),
        [
            ("a", "a"),
            ("ab", "a and b"),
            ("abc", "a, b and c"),
            ("abcde", "a, b and 3 others"),
        ],
    )
    def test_what_never_ran_is_named_where_nothing_can_be_forecast(self, names: str, says: str) -> None:
        steps = [planned(name) for name in names]
        known = planned("known", seconds=1.0)
        assert plan_view.expects(plan_of(known, *steps)) == f"How long is not known yet: {says} never ran."
        least = plan_of(known, *steps, forecast=Forecast(1.0, 2.0, 3))
        assert plan_view.expects(least) == f"More than 1.0 s: {says} never ran."
        assert plan_view.expects(plan_of(planned("a", Action.SKIP))) == ""

    def test_what_is_not_selected_is_counted(self) -> None:
        left = [replace(planned(name, Action.SKIP), reason=Reason("not_selected", "not selected")) for name in "abc"]
        text = plan_text(plan_of(*left, planned("clean")))
        assert "3 steps are not selected." in text
        assert "–  a" not in text
        assert "1 of 4 steps runs." in text

    def test_a_long_plan_counts_what_is_unchanged(self) -> None:
        steps = [planned(f"s{number}", Action.SKIP) for number in range(100)]
        steps = [replace(step, reason=Reason("unchanged", "unchanged")) for step in steps]
        text = plan_text(plan_of(*steps, planned("clean")))
        assert "100 steps are unchanged." in text
        assert len(text.splitlines()) == 6

    def test_many_instances_of_which_the_same_is_to_be_said_share_a_line(self) -> None:
        days = [f"2013-01-{day:02}" for day in range(1, 32)]
        steps = [replace(planned(f"clean[{day}]"), reason=Reason("first_run", "first run")) for day in days]
        steps[3] = replace(steps[3], reason=Reason("changed", "code changed"))
        text = plan_text(plan_of(*steps), 120)
        assert "clean[2013-01-05 … 2013-01-31] × 27" in text
        assert "clean[2013-01-03]" in text
        assert "clean[2013-01-04]" in text

    def test_parameters_are_shown_as_typed(self) -> None:
        text = plan_text(plan_of(planned("a"), parameters={"origins": ["EWR"], "day": "2013-01-15"}))
        assert 'origins=["EWR"], day=2013-01-15' in text

    @pytest.mark.parametrize("width", [40, 60, 80])
    def test_long_names_lose_their_middle_and_nothing_passes_the_edge(self, width: int) -> None:
        text = plan_text(plan_of(planned(LONG, seconds=3.0), planned("b"), pipeline=LONG), width)
        assert "…" in text
        assert max(map(len, text.splitlines())) <= width


class TestRun:
    def test_a_success_ends_with_the_result_and_the_next_command(self) -> None:
        run = run_of(step_of("clean"), step_of("daily", State.SKIPPED, reason="unchanged since run 4"))
        lines = [line.rstrip() for line in run_text(run, 120).splitlines()]
        assert lines[-2] == "✓ flights succeeded in 3 min 10 s: 1 succeeded, 1 unchanged"
        assert lines[-1] == "Next: wb catalog search"
        assert any(line.split() == ["–", "daily", "unchanged", "since", "run", "4"] for line in lines)

    def test_nothing_to_run_is_said(self) -> None:
        run = run_of(step_of("a", State.SKIPPED), step_of("b", State.SKIPPED))
        assert "nothing to run, 2 steps unchanged" in run_text(run)

    def test_what_a_run_was_told_to_leave_alone_is_not_called_unchanged(self) -> None:
        left = step_of("daily", State.SKIPPED, reason=NOT_SELECTED)
        text = run_text(run_of(step_of("clean", State.FAILED), left, state=State.FAILED))
        assert "1 failed, 1 not selected" in text
        assert any(line.split() == ["–", "daily", "not", "selected"] for line in text.splitlines())

    def test_a_failure_shows_the_error_the_traceback_and_the_notebook(self, tmp_path: Path) -> None:
        executed = tmp_path / "runs/R/clean/a1/output.ipynb"
        executed.parent.mkdir(parents=True)
        executed.touch()
        failed = step_of("clean", State.FAILED, error=ERROR, attempts=(attempt_of(*CELLS, state=AttemptState.FAILED),))
        after = step_of("daily", State.UPSTREAM_FAILED, reason="not run: clean failed")
        facts = run_view.Facts(tmp_path, tracebacks={"clean": ["ValueError: day is out of range"]})
        parts = run_view.draw(run_of(failed, after, state=State.FAILED), facts, width=200)
        text = drawn(*parts, width=200)
        assert "✗ clean  cell 2" in text
        assert "WB-RUN-104: ValueError in cell 2 of clean.ipynb - day is out of range." in text
        assert "Nothing of this step was published." in text
        assert "    ValueError: day is out of range" in text
        assert f"Executed notebook: {executed}" in text
        assert "not run: clean failed" in text
        assert text.rstrip().endswith("Next: wb runs logs ABCDEF clean")

    def test_outputs_values_and_reports_are_named(self) -> None:
        schema = Schema((Column("id", "long"),))
        file = DataFile("/x", 336776, 10, "d")
        snapshot = Snapshot(1, "clean.flights", 7, None, schema, (file,), Mode.OVERWRITE, START, "prod")
        page = Report("r", "R", "flights", "daily", "Delays", "reports/x.html", "d", START)
        step = step_of("clean", values={"dropped": 1700, "auc": 0.934567}, outputs={"clean.flights": 1, "a.same": 2})
        text = run_text(run_of(step), 100, outputs={"clean": [snapshot]}, reports=[page])
        assert "clean.flights version 7: 336,776 rows" in text
        assert "a.same came out as it was" in text
        assert "dropped = 1,700" in text and "auc = 0.9346" in text
        assert "Report: /p/reports/x.html" in text

    def test_a_withheld_output_says_so(self) -> None:
        snapshot = Snapshot(1, "a.b", 0, None, Schema(()), (), Mode.APPEND, START, "prod", withheld=True)
        run = run_of(step_of("clean", State.WITHHELD, error=ERROR), state=State.WITHHELD)
        text = run_text(run, 100, outputs={"clean": [snapshot]})
        assert "a.b withheld: 0 rows" in text
        assert "⊘ flights withheld" in text

    def test_the_slowest_cells_are_shown_when_asked_for(self) -> None:
        run = run_of(step_of("clean", attempts=(attempt_of(*CELLS),)))
        assert "cell 2: 8.0 s, peak 441 MB" in run_text(run, cells=True)
        assert "cell 2: 8.0 s" not in run_text(run)

    def test_one_step_shows_every_cell(self) -> None:
        step = step_of("clean", State.FAILED, error=ERROR, attempts=(attempt_of(*CELLS, state=AttemptState.FAILED),))
        text = drawn(*run_view.one_step(run_of(step), step, run_view.Facts(Path("/p"))))
        assert [line.split()[:3] for line in text.splitlines()[3:5]] == [["✓", "1", "succeeded"], ["✗", "2", "failed"]]
        assert "not run" not in text
        assert "1.2 s" in text and "441 MB" in text

    def test_an_error_of_the_run_itself_is_shown(self) -> None:
        run = run_of(step_of("clean", State.CANCELLED), state=State.CANCELLED, error={**ERROR, "code": "WB-RUN-190"})
        assert "WB-RUN-190" in run_text(run)
        assert run_text(run).rstrip().endswith("Next: wb run flights")

    def test_an_interrupted_run_says_what_it_kept(self) -> None:
        step = step_of("clean", State.CANCELLED, error=ERROR)
        kept = {**ERROR, "code": "WB-RUN-190", "kept": "Steps that had finished stay published."}
        text = run_text(run_of(step, state=State.CANCELLED, error=kept))
        assert "Steps that had finished stay published." in text

    @pytest.mark.parametrize("state", State)
    def test_every_state_has_a_result_line(self, state: State) -> None:
        assert "Next: wb " in run_text(run_of(step_of("a", state), state=state))

    def test_of_many_steps_with_long_names_those_that_tell_most_fit_60_columns(self) -> None:
        steps = [step_of(f"{LONG[:56]}_{number:03}") for number in range(1000)]
        steps[777] = step_of("bad", State.FAILED, error=ERROR)
        text = run_text(run_of(*steps), 60)
        lines = text.splitlines()
        assert max(map(len, lines)) <= 60
        assert len(lines) < 90
        assert any(line.startswith("✗  bad") for line in lines)
        assert "… and 940 more: succeeded" in text

    def test_instances_are_one_line_and_those_that_failed_another(self) -> None:
        steps = [step_of(f"delays[{name}]", base="delays") for name in ("EWR", "JFK")]
        steps.append(step_of("delays[LGA]", State.FAILED, base="delays"))
        lines = [line.rstrip() for line in run_text(run_of(*steps), 120).splitlines()]
        assert lines[1].startswith("✗  delays ×3      2 succeeded, 1 failed")
        assert lines[2].startswith("✗    delays[LGA]  failed")
        whole = run_view.draw(run_of(*steps), run_view.Facts(Path("/p")), width=120, sources={})
        assert "delays[EWR]" in drawn(*whole, width=120)

    def test_a_retry_its_cause_where_it_ran_and_what_is_kept_are_told(self) -> None:
        first = replace(attempt_of(state=AttemptState.FAILED), cause="kernel_died")
        second = replace(attempt_of(), number=2, worker="tcp://w1:8786", kept_until="2026-01-01T12:00:00+00:00")
        text = run_text(run_of(step_of("clean", attempts=(first, second))), 120)
        assert "attempt 1 failed: kernel_died" in text
        assert "attempt 2 succeeded" in text
        assert "on tcp://w1:8786" in text
        assert "its kernel is kept until" in text and "wb runs open R clean" in text


def result(outcome: Outcome, **more: Any) -> CheckResult:
    severity = more.pop("severity", Severity.ERROR)
    check = Check("not_null", "origin", severity=severity)
    return CheckResult(check, outcome, more.pop("observed", "0 nulls"), "no nulls", **more)


class TestQuality:
    def test_each_check_shows_outcome_failing_rows_and_cost(self) -> None:
        sample = ({"origin": None, "flight": 12},)
        failing = result(Outcome.FAIL, observed="23 nulls", failing=23, rows=1000, sample=sample, seconds=0.25)
        text = drawn(*quality.draw("clean.flights", [result(Outcome.PASS, rows=1000), failing], width=80))
        assert "✓  pass  not_null(origin)" in text
        assert "23 rows of 1,000 (2.3 %): 23 nulls, expected no nulls" in text
        assert "origin=null  flight=12" in text
        assert text.rstrip().endswith("✗ 2 checks: 1 pass, 1 fail")

    def test_a_warning_does_not_look_like_a_failure(self) -> None:
        warned = result(Outcome.FAIL, severity=Severity.WARN, failing=1, rows=2)
        text = drawn(*quality.draw("a.b", [warned], width=80))
        assert "▲  fail (warn)" in text
        assert "▲ 1 check: 1 fail" in text

    def test_a_check_that_could_not_be_evaluated_says_why(self) -> None:
        text = drawn(*quality.draw("a.b", [result(Outcome.ERROR, error="there is no column origin")], width=80))
        assert "there is no column origin" in text
        assert "✗ 1 check: 1 error" in text

    def test_no_checks_is_an_empty_state(self) -> None:
        assert "write contracts/a.b.odcs.yaml" in drawn(*quality.draw("a.b", [], width=80))


class TestCatalog:
    def test_hits_show_rows_version_and_meaning(self) -> None:
        hit = SearchHit(
            "clean.flights", "Departures", matched="column dep_delay", version=7, rows=336776, written_at=START
        )
        text = drawn(*catalog.draw_hits([hit, SearchHit("raw.x")], "delay"), width=120)
        assert "336,776" in text and "Departures" in text and "found by column dep_delay" in text
        assert text.rstrip().endswith("Next: wb catalog show clean.flights")

    def test_a_correction_is_told(self) -> None:
        assert 'shown is "delay"' in drawn(*catalog.draw_hits([SearchHit("a.b", corrected="delay")], "dealy"))

    def test_nothing_found_and_nothing_there_are_told_apart(self) -> None:
        assert 'Nothing matches "x"' in drawn(*catalog.draw_hits([], "x"))
        assert "Datasets would be here" in drawn(*catalog.draw_hits([], ""))

    def test_many_instances_that_write_a_dataset_share_a_line(self) -> None:
        days = [Use("flights", f"clean[2013-01-{day:02}]", "clean.ipynb", "R", START) for day in range(1, 32)]
        nothing: dict[str, Any] = dict.fromkeys(("snapshot", "contract", "run", "step"))
        nothing |= dict.fromkeys(("columns", "history", "results", "withheld", "inputs"), ())
        entry = CatalogEntry(
            Dataset("clean.flights", START), "prod", readers=tuple(days[:2]), writers=tuple(days), **nothing
        )
        text = drawn(*catalog.draw(entry, width=100), width=100)
        assert "flights.clean[2013-01-01 … 2013-01-31] × 31  clean.ipynb" in text
        assert text.count("flights.clean[2013-01-02]") == 1


class TestErrors:
    def test_on_a_terminal_the_parts_have_lines_of_their_own(self) -> None:
        assert drawn(*errors.draw(ERROR)).splitlines() == [
            "WB-RUN-104: ValueError in cell 2 of clean.ipynb - day is out of range.",
            "Nothing of this step was published.",
            "  one",
            "  two",
            "Next: open output.ipynb",
        ]

    def test_elsewhere_it_is_the_one_message(self) -> None:
        lines = drawn(*errors.draw(ERROR, terminal=False), width=300).splitlines()
        assert lines[0] == (
            "WB-RUN-104: ValueError in cell 2 of clean.ipynb - day is out of range. "
            "Nothing of this step was published. Next: open output.ipynb"
        )
        assert lines[1:] == ["one", "two"]


def output(**fields: Any) -> Event:
    return Event(1, START, Kind.OUTPUT, {"cell": 3, "output": fields})


class TestLogs:
    def test_streams_results_and_errors_are_text_under_their_cell(self) -> None:
        events = [
            Event(1, START, Kind.CELL_STARTED, {"cell": 3, "id": "d", "number": 4}),
            output(output_type="stream", name="stdout", text="10 %\r100 %\n\x1b[32mgreen\x1b[0m\a\n"),
            output(output_type="execute_result", data={"text/plain": ["3 ", "rows"], "text/html": "<b>"}),
            output(output_type="display_data", data={"image/png": "x"}),
            output(output_type="error", ename="ValueError", evalue="bad", traceback=["\x1b[31mValueError\x1b[0m: bad"]),
            Event(9, START, Kind.ATTEMPT_ENDED, {"error": ERROR}),
        ]
        assert [line.plain for line in logs.lines("clean", events)] == [
            "── clean, cell 4",
            "100 %\ngreen",
            "3 rows",
            "[image/png]",
            "ValueError: bad",
            "── clean: WB-RUN-104 ValueError in cell 2 of clean.ipynb",
        ]

    def test_output_cannot_steer_the_terminal(self) -> None:
        text = words.plain("\x1b]0;title\x07 \x1b[2J \x08 \x9b31m")
        assert "\x1b" not in text and "\x07" not in text and "\x9b" not in text


def test_a_miss_shows_its_mend() -> None:
    text = drawn(*doctor.draw([Finding("python", True, "3.11"), Finding("disk", False, "full", "free some space")]))
    assert "✗  disk    full" in text
    assert "Next: free some space" in text
    assert "1 miss to mend" in text
    assert "Everything a run needs is there" in drawn(*doctor.draw([Finding("python", True, "3.11", "unused")]))


def test_a_check_up_warns_with_the_mend_and_is_well_for_all_that() -> None:
    text = drawn(*doctor.draw([Finding("pages", True, "not installed", "pip install", warning=True)]))
    assert "▲  pages" in text and "Next: pip install" in text
    assert "Everything a run needs is there" in text


def test_a_list_of_reports_shows_where_the_files_are() -> None:
    page = Report("r", "01J00000000000000000ABCDEF", "flights", "daily", "Delays", "reports/x.html", "d", START)
    text = drawn(*report.draw([page], Path("/p/.workbench")), width=100)
    assert "Delays" in text and "/p/.workbench/reports/x.html" in text and "ABCDEF" in text


def test_a_cell_state_is_known() -> None:
    assert {cell.state for cell in CELLS} < set(CellState)


def test_what_was_typed_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    put(make_console(sys.stdout), 'Nothing matches "\x1b[31mred\x1b]0;title\x07".')
    assert capsys.readouterr().out == 'Nothing matches "red".\n'
    shown = errors.draw({"code": "WB-CFG-603", "what": "x", "next": "\x1b[2Jy", "kept": "\x1b[2Jz."}, terminal=False)
    assert shown[0].plain == "WB-CFG-603: x. z. Next: y"
