"""Nouns to draw, and a terminal to draw them on."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from workbench.model.pipeline import StepOptions
from workbench.model.plan import Action, Change, Fingerprint, Forecast, Past, Plan, PlannedStep, Reason
from workbench.model.run import Attempt, AttemptState, CellRun, CellState, Run, State, StepRun
from workbench.ui.cli.console import put

LONG = "a_very_long_name_that_goes_on_and_on_and_on_until_it_reaches"
START = "2026-01-01T10:00:00.000+00:00"


def planned(name: str, action: Action = Action.RUN, *, seconds: float | None = None, **more: Any) -> PlannedStep:
    codes = {Action.RUN: "changed", Action.SKIP: "unchanged", Action.DECIDE: "upstream"}
    fields: dict[str, Any] = {
        "name": name,
        "notebook": f"notebooks/{name}.ipynb",
        "action": action,
        "reason": Reason(codes[action], f"{name} says why"),
        "fingerprint": Fingerprint(),
        "parameters": {},
        "reads": (),
        "writes": (),
        "upstream": (),
        "kernel": "python3",
        "options": StepOptions(timeout=60.0),
        "source": "SOURCE OF THE NOTEBOOK",
        "past": Past("x", Fingerprint(), True, seconds) if seconds is not None else None,
        "forecast": Forecast(seconds, seconds, 1) if seconds is not None else None,
        "base": name.partition("[")[0],
    }
    return PlannedStep(**{**fields, **more})


def plan_of(*steps: PlannedStep, **more: Any) -> Plan:
    return Plan(**{"pipeline": "flights", "environment": "prod", "parameters": {}, "steps": steps, **more})


def step_of(name: str, state: State = State.SUCCEEDED, **more: Any) -> StepRun:
    timed = {"started_at": START, "ended_at": "2026-01-01T10:00:05.000+00:00"} if state is not State.SKIPPED else {}
    return StepRun(
        **{"id": f"S{name}", "run": "R", "step": name, "notebook": f"{name}.ipynb", "state": state, **timed, **more}
    )


def attempt_of(*cells: CellRun, state: AttemptState = AttemptState.COMMITTED) -> Attempt:
    return Attempt("A", "S", 1, state, 1, "runs/R/clean/a1", cells=cells)


def run_of(*steps: StepRun, state: State = State.SUCCEEDED, **more: Any) -> Run:
    fields: dict[str, Any] = {
        "id": "01J00000000000000000ABCDEF",
        "pipeline": "flights",
        "environment": "prod",
        "state": state,
        "created_at": START,
        "ended_at": "2026-01-01T10:03:10.000+00:00",
        "steps": steps,
    }
    return Run(**{**fields, **more})


CELLS = (
    CellRun(0, "a", CellState.SUCCEEDED, START, 1.25, 100_000_000),
    CellRun(1, "b", CellState.FAILED, START, 8.0, 441_000_000),
    CellRun(2, "c"),
)
CHANGES = (Change("code", "cell 3", "changed"), Change("parameters", "day", "2013-01-15 → 2013-01-16"))


def drawn(*parts: Any, width: int = 80) -> str:
    """What a terminal of that width would show."""
    console = Console(file=io.StringIO(), width=width, height=40, force_terminal=True, color_system=None, markup=False)
    for part in parts:
        put(console, part)
    return console.file.getvalue()  # type: ignore[attr-defined]
