"""What a run's end means for the exit code of a command."""

from __future__ import annotations

from workbench.model.run import Run, State

INTERRUPTED = ("WB-RUN-190", "WB-RUN-191")


def exit_code(run: Run) -> int:
    """0 when it did its work, 130 when it was interrupted, else 1."""
    if run.state is State.SUCCEEDED:
        return 0
    return 130 if (run.error or {}).get("code") in INTERRUPTED else 1
