"""What the API answers to who wants to look into a step: its notebook, on its kernel where that is kept."""

from __future__ import annotations

from workbench.model.errors import NotFound, UsageError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.names import short_id
from workbench.model.run import CellState, StepRun
from workbench.project import Project
from workbench.ui import page_shapes
from workbench.ui.server.host import Host
from workbench.ui.server.values import RunName, StepName, Text

WHICH = ("executed", "source")


@dataclass(frozen=True)
class OpenRequest:
    """Which notebook of a step: ``executed``, a copy of what ran to work in, or ``source``, the one that runs next."""

    which: Text = "executed"


def opened(project: Project, host: Host, run: RunName, step: StepName, body: OpenRequest) -> page_shapes.Opened:
    """Prepare the notebook of a step to be opened in JupyterLab; its kernel is attached to it where that is kept.

    A kernel stays for as long as a session of the server has it, and its time after that.
    """
    if body.which not in WHICH:
        cause = f"it is one of {', '.join(WHICH)}." + did_you_mean(body.which, WHICH)
        raise UsageError("WB-WEB-804", "which cannot be that", cause=cause)
    found = project.runs.get(run)
    one = project.runs.step(found, step)
    cell = _failed(one)
    if body.which == "source":
        file = project.root / one.notebook
        return _told(host.path(file), cell, f"jupyter lab {one.notebook}")
    if project.runs.notebook(one) is None:
        raise NotFound(
            "WB-REP-211", f"run {run} left no executed notebook of {step}", cause=one.reason or f"it is {one.state}"
        )
    kept = project.runs.kept.of(found, one.step)
    service = project.runs.kept
    copy = service.copy(found.id, project.config.state / one.attempts[-1].folder)
    path = host.path(copy)
    if kept and path is not None and service.notebook(kept[-1]) == copy:
        try:
            kernel = host.attach(service.connection(kept[-1]), path, service.using(kept[-1]))
        except FileNotFoundError:  # it ended just now
            kernel = None
        if kernel is not None:
            return _told(path, kept[-1].cell_id, "", kernel, kept[-1].until)
    command = f"wb runs open {short_id(found.id)} {one.step}" if kept else f"jupyter lab {copy}"
    return _told(path, cell, command)


def _failed(step: StepRun) -> str:
    """The id of the cell that failed, empty when none did."""
    cells = step.attempts[-1].cells if step.attempts else ()
    return next((cell.id for cell in cells if cell.state is CellState.FAILED), "")


def _told(
    path: str | None, cell: str, command: str, kernel: str | None = None, until: str | None = None
) -> page_shapes.Opened:
    return {
        "path": path,
        "cell": cell,
        "kernel": kernel,
        "until": until,
        "command": command if path is None else "",
    }
