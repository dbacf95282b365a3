"""Why a whole run ends before its steps are done."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.model.errors import Interrupted, WorkbenchError
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


def _again(run: Run) -> str:
    return f"wb run {run.pipeline}"
