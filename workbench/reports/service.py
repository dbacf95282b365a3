"""What others ask of reports: those there are, and one made again from a run or anew from a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.model.errors import NotFound, UsageError, did_you_mean
from workbench.model.pipeline import ReportSpec
from workbench.model.run import State
from workbench.reports.proof import digest
from workbench.reports.publish import file

if TYPE_CHECKING:
    from workbench.model.report import Proof, Report
    from workbench.model.run import Run, StepRun
    from workbench.store.transaction import Store

EXECUTED = "output.ipynb"
_BADGES = {State.SUCCEEDED: "genuine", State.WITHHELD: "withheld"}


class ReportService:
    """The reports of the project at ``root``; ``state`` is its state folder, ``project`` its name."""

    def __init__(self, store: Store, root: Path, state: Path, project: str) -> None:
        self.store = store
        self.root = root
        self.state = state
        self.project = project

    def list(self, limit: int | None = None) -> tuple[Report, ...]:
        """The published reports, newest first."""
        with self.store.reading() as transaction:
            return transaction.reports.list(limit)

    def get(self, identifier: str) -> Report:
        """A report by its id. Raises NotFound (WB-REP-215)."""
        with self.store.reading() as transaction:
            found = transaction.reports.get(identifier)
        if found is None:
            raise NotFound("WB-REP-215", f"there is no report {identifier}", next="wb report list")
        return found

    def genuine(self, report: Report) -> bool:
        """Whether the file of a report is still what was published."""
        try:
            return digest(self.state / report.path) == report.digest
        except OSError:
            return False

    def proof(self, report: Report) -> Proof:
        """Where a report comes from, gathered again from its run. Raises NotFound (WB-REP-211, 212, WB-RUN-401)."""
        from workbench.reports.proof import of_history

        with self.store.reading() as transaction:
            run = transaction.runs.get(report.run)
        step_run = _choose(run, report.step, set())
        return of_history(run, step_run, self._executed(run, step_run), self.store, self.project)

    def latest(self, pipeline: str, step: str) -> Report:
        """The newest report of a step. Raises NotFound (WB-REP-210)."""
        with self.store.reading() as transaction:
            found = transaction.reports.latest(pipeline, step)
        if found is None:
            raise NotFound("WB-REP-210", f"{pipeline} has no report of {step}", next=f"wb run {pipeline}")
        return found

    def build(self, target: str, step: str | None = None, spec: ReportSpec | None = None) -> Report:
        """Make the report of a notebook file, or make that of a step of an earlier run again.

        ``step`` says which, where the run has several; ``spec`` how. Raises NotFound (WB-REP-211 no notebook was
        executed, 212 no such step), UsageError (WB-REP-213 which step, WB-REP-201 too large), NotebookError
        (WB-REP-202).
        """
        from workbench.reports.proof import of_history, of_notebook
        from workbench.reports.render import read_page, write_page

        if target.endswith(".ipynb"):
            notebook = self._notebook(target)
            page = read_page(notebook, spec or ReportSpec(), spec.title if spec else "", notebook.stem)
            proof = of_notebook(notebook, self.project)
            html = write_page(page, spec or ReportSpec(), proof)
            return file(html, page.title, proof, self.state, notebook.stem)
        with self.store.reading() as transaction:
            run = transaction.runs.get(target)
            kept = {report.step: report for report in transaction.reports.of_run(run.id)}
        step_run = _choose(run, step, set(kept))
        notebook = self._executed(run, step_run)
        if spec is None:
            spec = ReportSpec(title=kept[step_run.step].title if step_run.step in kept else "")
        page = read_page(notebook, spec, spec.title, step_run.step)
        proof = of_history(run, step_run, notebook, self.store, self.project)
        html = write_page(page, spec, proof, _BADGES.get(step_run.state, "failed"))
        return file(html, page.title, proof, self.state, mark="again")

    def _notebook(self, target: str) -> Path:
        """A notebook named from where one stands, else from the root of the project."""
        path = Path(target)
        return path if path.is_file() or path.is_absolute() else self.root / target

    def _executed(self, run: Run, step_run: StepRun) -> Path:
        if step_run.attempts:
            notebook = self.state / step_run.attempts[-1].folder / EXECUTED
            if notebook.is_file():
                return notebook
        raise NotFound(
            "WB-REP-211",
            f"run {run.id} left no executed notebook of {step_run.step}",
            cause=step_run.reason or f"the step is {step_run.state}",
            next="name the run that executed it: wb runs list",
        )


def _choose(run: Run, step: str | None, with_report: set[str]) -> StepRun:
    """The step that is meant: the one named, else the only one with a report, else the only one there is."""
    steps = {step_run.step: step_run for step_run in run.steps}
    if step is not None:
        if step not in steps:
            raise NotFound(
                "WB-REP-212",
                f'run {run.id} has no step "{step}"',
                cause=f"it has {', '.join(steps)}." + did_you_mean(step, steps),
            )
        return steps[step]
    candidates = [name for name in steps if name in with_report] or list(steps)
    if len(candidates) != 1:
        raise UsageError(
            "WB-REP-213",
            f"run {run.id} has {len(candidates)} steps that could be meant",
            cause=", ".join(candidates),
            next="name one with --step",
        )
    return steps[candidates[0]]
