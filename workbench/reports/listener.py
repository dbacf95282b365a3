"""Where reports are told of runs: a step that asks for one gets it, published together with its data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model.run import State
from workbench.plugins import hookimpl
from workbench.reports.publish import file, make_latest

if TYPE_CHECKING:
    from workbench.model.report import Report
    from workbench.model.run import Finished, StepResult
    from workbench.store.transaction import Store


class Listener:
    """Renders the reports of steps; ``state`` is the state folder, ``project`` the project's name."""

    def __init__(self, store: Store, state: Path, project: str) -> None:
        self.store = store
        self.state = state
        self.project = project

    @hookimpl
    def render(self, finished: Finished) -> Report | None:
        """The report of a step that asks for one, as a file that nothing refers to yet. Raises WB-REP-201 and 202."""
        if finished.step is None or finished.step.report is None or finished.run is None:
            return None
        from workbench.reports.proof import of_finished
        from workbench.reports.render import read_page, write_page

        spec = finished.step.report
        page = read_page(Path(finished.notebook), spec, spec.title, finished.step.name)
        proof = of_finished(finished, self.store, self.project)
        number = finished.attempt.number if finished.attempt is not None else 1
        mark = f"a{number}" if number > 1 else ""  # an attempt before may only have been paused, and write its own yet
        return file(write_page(page, spec, proof), page.title, proof, self.state, mark=mark)

    @hookimpl
    def publishing(self, transaction: Any, result: StepResult) -> None:
        """Keep the report with the step that it is of."""
        if result.report is not None and result.state is State.SUCCEEDED:
            transaction.reports.add(result.report)

    @hookimpl
    def step_finished(self, result: StepResult) -> None:
        """Make a published report the latest of its step."""
        if result.report is not None and result.state is State.SUCCEEDED:
            make_latest(result.report, self.state)
