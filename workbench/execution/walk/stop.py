"""Why a whole run ends before its steps are done."""

from __future__ import annotations

from workbench.model.errors import Interrupted, StepFailed, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.names import short_id
from workbench.model.run import Cause, Run, State

CANCELLED = frozenset({"WB-RUN-190", "WB-RUN-191"})
"""The codes of attempts and runs that were told to end."""
KEPT = "Steps that had finished stay published; nothing of the others was."


@dataclass(frozen=True)
class Stop:
    """What the run and its steps are told: ``state`` is what becomes of the run; its steps are cancelled."""

    error: WorkbenchError
    state: State
    cause: Cause


def interrupted(run: Run) -> Stop:
    """By a signal: Ctrl-C, or SIGTERM."""
    error = Interrupted("WB-RUN-190", f"run {run.id} was interrupted", kept=KEPT, next=_again(run))
    return Stop(error, State.CANCELLED, Cause.CANCELLED)


def asked(run: Run, who: str) -> Stop:
    """By somebody who asked for it, from wherever."""
    error = Interrupted(
        "WB-RUN-191", f"run {run.id} was cancelled", cause=f"{who} asked for it", kept=KEPT, next=_again(run)
    )
    return Stop(error, State.CANCELLED, Cause.CANCELLED)


def time_up(run: Run, seconds: float) -> Stop:
    """Its pipeline lets a run take no longer."""
    error = StepFailed(
        "WB-RUN-113",
        f"the time of run {run.id} was up",
        cause=f"a run of {run.pipeline} may take {seconds:g} s",
        kept=KEPT,
        next=f"raise `timeout:` of the pipeline, then {_again(run)}",
    )
    return Stop(error, State.FAILED, Cause.TIMEOUT)


def _again(run: Run) -> str:
    return f"wb runs repair {short_id(run.id)}, or wb run {run.pipeline}"
