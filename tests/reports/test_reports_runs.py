"""How reports are made in a run, kept, and made again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attempts import LEASE, begun
from report_pages import markdown, write

from workbench.model.dataset import Column, DataFile, Mode, Read, Schema, Snapshot
from workbench.model.errors import NotebookError, NotFound, UsageError
from workbench.model.pipeline import ReportSpec, StepOptions
from workbench.model.plan import Action, Fingerprint, PlannedStep, Reason
from workbench.model.quality import Check, CheckResult, Outcome
from workbench.model.run import Attempt, AttemptState, Finished, Run, State, StepResult, StepRun
from workbench.reports.listener import Listener
from workbench.reports.publish import latest_path
from workbench.reports.service import ReportService
from workbench.store.owner import this_process
from workbench.store.transaction import Store

RUN = "01JH5QZ8X4R6W2T0N9B3KF7MVC"
AT = "2013-01-16T06:00:00.000+00:00"
SPEC = ReportSpec("Delays on 2013-01-15")


@pytest.fixture
def store(sqlite_store: str) -> Iterator[Store]:
    with Store.open(sqlite_store) as opened:
        schema = Schema((Column("n", "long"),))
        file = DataFile("/a.parquet", 3, 1, "d")
        with opened.writing() as transaction:
            transaction.datasets.add_snapshot(
                Snapshot(7, "clean.flights", 1, None, schema, (file,), Mode.OVERWRITE, AT, "prod")
            )
            results = [CheckResult(Check("not_null", "n"), outcome, "", "") for outcome in (Outcome.PASS, Outcome.FAIL)]
            transaction.quality.add(7, results)
        yield opened


def finished(notebook: Path, report: ReportSpec | None = SPEC) -> Finished:
    step = PlannedStep(
        "daily", "notebooks/daily.ipynb", Action.RUN, Reason("first_run", ""), Fingerprint(), {"day": "2013-01-15"},
        ("clean.flights",), (), (), "python3", "", StepOptions(timeout=60.0), report,
    )  # fmt: skip
    run = Run(RUN, "flights", "prod", State.RUNNING, actor="kim", commit="abc", created_at=AT)
    attempt = Attempt("A", "S", 1, AttemptState.STAGED, 1, "runs/x", AT, AT)
    return Finished(
        "prod", "kim", (), (Read("clean.flights", 7),), {}, run, step, StepRun("S", RUN, "daily", "n", State.RUNNING),
        attempt, str(notebook),
    )  # fmt: skip


def test_a_report_is_rendered_and_becomes_the_latest_once_published(store: Store, tmp_path: Path) -> None:
    state = tmp_path / "state"
    listener = Listener(store, state, "demo")
    done = finished(write(tmp_path, markdown("# Daily\n\nText.")))
    report = listener.render(done)
    assert report is not None
    assert (report.run, report.pipeline, report.step, report.title) == (RUN, "flights", "daily", SPEC.title)
    assert report.path == f"reports/flights/daily/{RUN}.html"
    html = (state / report.path).read_text()
    for words in ("demo", "abc", "kim", "clean.flights", "1 failed", "1 passed", "2013-01-15", RUN):
        assert words in html
    latest = latest_path("flights", "daily", state)
    assert not latest.exists()

    listener.step_finished(StepResult(done, State.WITHHELD, report=report))
    assert not latest.exists()
    listener.step_finished(StepResult(done, State.SUCCEEDED, report=report))
    assert latest.read_text() == html


class _Reports:
    """Accepts one report, as the store's transaction does."""

    def __init__(self) -> None:
        self.reports = self
        self.kept: list[object] = []

    def add(self, report: object) -> None:
        self.kept.append(report)


def test_the_report_is_kept_only_when_published(store: Store, tmp_path: Path) -> None:
    listener = Listener(store, tmp_path / "state", "demo")
    done = finished(write(tmp_path, markdown("Text.")))
    report = listener.render(done)
    for state, kept in ((State.WITHHELD, 0), (State.SUCCEEDED, 1)):
        transaction = _Reports()
        listener.publishing(transaction, StepResult(done, state, report=report))
        assert len(transaction.kept) == kept


def test_a_step_without_a_report_gets_none(store: Store, tmp_path: Path) -> None:
    listener = Listener(store, tmp_path / "state", "demo")
    done = finished(write(tmp_path, markdown("Text.")), None)
    assert listener.render(done) is None
    listener.publishing(_Reports(), StepResult(done, State.SUCCEEDED))
    listener.step_finished(StepResult(done, State.SUCCEEDED))
    assert not (tmp_path / "state").exists()


def test_a_notebook_alone_becomes_a_report(store: Store, tmp_path: Path) -> None:
    service = ReportService(store, tmp_path, tmp_path / "state", "demo")
    write(tmp_path, markdown("# Daily\n\nText."))
    for target in ("daily.ipynb", str(tmp_path / "daily.ipynb")):
        report = service.build(target)
        assert (report.run, report.title, report.path) == ("", "Daily", "reports/_notebooks/daily.html")
        assert "by no run" in (tmp_path / "state" / report.path).read_text()
    with pytest.raises(NotebookError, match="WB-REP-202"):
        service.build("none.ipynb")
    assert service.list() == ()
    with pytest.raises(NotFound, match="WB-REP-210"):
        service.latest("flights", "daily")
    with pytest.raises(NotFound):
        service.build("ABCDEF")


def kept_run(store: Store, state: Path, *steps: str) -> None:
    owner = this_process()
    step_runs = [StepRun(f"S-{name}", RUN, name, f"notebooks/{name}.ipynb", State.QUEUED) for name in steps]
    with store.writing() as transaction:
        run = Run(RUN, "flights", "prod", State.QUEUED, actor="kim", commit="abc", created_at=AT)
        transaction.runs.create(run, step_runs, owner, LEASE)
        transaction.runs.move_run(RUN, State.RUNNING)
        for name in steps:
            attempt = begun(transaction, f"S-{name}", f"runs/{name}", owner)
            transaction.datasets.add_reads(attempt.id, [Read("clean.flights", 7)])
            folder = state / attempt.folder
            folder.mkdir(parents=True)
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.FAILED)
            transaction.runs.move_step(f"S-{name}", State.FAILED)
            write(folder, markdown(f"# About {name}")).rename(folder / "output.ipynb")


def test_a_run_is_made_into_a_report_again(store: Store, tmp_path: Path) -> None:
    state = tmp_path / "state"
    service = ReportService(store, tmp_path, state, "demo")
    kept_run(store, state, "clean", "daily")
    with pytest.raises(UsageError, match=r"WB-REP-213.*clean, daily"):
        service.build(RUN)
    with pytest.raises(NotFound, match=r'WB-REP-212.*Did you mean "daily"\?'):
        service.build(RUN, "dayly")
    report = service.build(RUN, "daily")
    assert (report.run, report.step, report.title) == (RUN, "daily", "About daily")
    assert report.path == f"reports/flights/daily/{RUN}.again.html"
    html = (state / report.path).read_text()
    assert "clean.flights" in html and "1 failed" in html and 'class="badge failed"' in html
    (state / "runs" / "clean" / "a1" / "output.ipynb").unlink()
    with pytest.raises(NotFound, match="WB-REP-211"):
        service.build(RUN, "clean")
