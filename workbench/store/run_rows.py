"""Between rows and nouns of runs, steps and attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from workbench.model.errors import Conflict
from workbench.model.names import short_id
from workbench.model.plain import from_plain
from workbench.model.run import Attempt, AttemptState, Run, State, StepRun
from workbench.store.owner import Owner


def run_row(run: Run) -> dict[str, Any]:
    """The row of a run, but for its owner."""
    row = {key: value for key, value in vars(run).items() if key not in ("commit", "steps")}
    return {**row, "state": run.state.value, "git_commit": run.commit}


def step_row(position: int, step: StepRun) -> dict[str, Any]:
    """The row of a step run at a position of its run."""
    row = {key: value for key, value in vars(step).items() if key not in ("attempts", "values")}
    return {**row, "state": step.state.value, "position": position, "recorded": step.values}


def run_noun(row: Mapping[Any, Any], steps: tuple[StepRun, ...]) -> Run:
    """A run from its row."""
    return from_plain(Run, {**row, "commit": row["git_commit"], "steps": steps})


def step_noun(row: Mapping[Any, Any], attempts: tuple[Attempt, ...]) -> StepRun:
    """A step run from its row."""
    return from_plain(StepRun, {**row, "values": row["recorded"], "attempts": attempts})


def attempt_noun(row: Mapping[Any, Any]) -> Attempt:
    """An attempt from its row."""
    return from_plain(Attempt, dict(row))


def owner_noun(row: Mapping[Any, Any]) -> Owner:
    """An owner from its row."""
    return Owner(**{item.name: row[item.name] for item in fields(Owner)})


def taken(what: str, identifier: str, state: State | AttemptState | None) -> Conflict:
    """The error for whoever acts on what it no longer holds."""
    return Conflict(
        "WB-RUN-120",
        f"{what} {short_id(identifier)} is no longer ours",
        cause=f"it is {state} by now" if state else "it is gone",
        kept="Nothing of this was published.",
        next="wb runs list",
    )
