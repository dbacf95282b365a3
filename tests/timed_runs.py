"""Runs with times, as the store would give them: seconds count from the beginning of the run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from workbench.model.run import Attempt, AttemptState, CellRun, CellState, Run, State, StepRun

START = "2026-01-01T10:00:00.000+00:00"


def at(seconds: float) -> str:
    """A moment of the run as ISO 8601."""
    return (datetime.fromisoformat(START) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def tried(
    number: int,
    start: float,
    end: float | None,
    state: AttemptState = AttemptState.COMMITTED,
    *,
    publishing: float = 1.0,
    not_before: float | None = None,
    **more: Any,
) -> Attempt:
    """An attempt with one cell; of what was committed, the last ``publishing`` seconds are publication."""
    seconds = None if end is None else end - start - (publishing if state is AttemptState.COMMITTED else 0)
    fields: dict[str, Any] = {
        "id": f"A{number}",
        "step_run": "S",
        "number": number,
        "state": state,
        "fence": number,
        "folder": f"runs/R/s/a{number}",
        "started_at": at(start),
        "ended_at": "" if end is None else at(end),
        "cells": (CellRun(0, "one", CellState.SUCCEEDED, at(start), seconds, 100_000_000),),
        "not_before": "" if not_before is None else at(not_before),
    }
    return Attempt(**{**fields, **more})


def ran(name: str, *attempts: Attempt, after: tuple[str, ...] = (), **more: Any) -> StepRun:
    """A step with these attempts."""
    fields: dict[str, Any] = {
        "id": f"S{name}",
        "run": "01J00000000000000000ABCDEF",
        "step": name,
        "notebook": f"notebooks/{name}.ipynb",
        "state": State.SUCCEEDED,
        "attempts": attempts,
        "upstream": after,
        "base": name.partition("[")[0],
        "started_at": attempts[0].started_at if attempts else "",
        "ended_at": attempts[-1].ended_at if attempts else at(0),
    }
    return StepRun(**{**fields, **more})


def timed_run(*steps: StepRun, seconds: float | None = 190.0, **more: Any) -> Run:
    """A run of these steps that took so many seconds, or still goes on."""
    fields: dict[str, Any] = {
        "id": "01J00000000000000000ABCDEF",
        "pipeline": "flights",
        "environment": "prod",
        "state": State.SUCCEEDED if seconds is not None else State.RUNNING,
        "created_at": START,
        "ended_at": "" if seconds is None else at(seconds),
        "steps": steps,
    }
    return Run(**{**fields, **more})


def flights() -> Run:
    """A run with a retry and a step that fanned out in three."""
    again = tried(1, 62, 100, AttemptState.FAILED, cause="kernel_died"), tried(2, 115, 150, not_before=112)
    delays = (
        ran(f"delays[{origin}]", tried(1, 150 + 4 * index, 165 + 4 * index), after=("clean",))
        for index, origin in enumerate(("EWR", "JFK", "LGA"))
    )
    return timed_run(
        ran("ingest", tried(1, 0.5, 58)),
        ran("clean", *again, after=("ingest",)),
        *delays,
        ran("daily", tried(1, 175, 190), after=("delays",)),
        ran("old", state=State.SKIPPED),
    )


def crowd(count: int) -> Run:
    """A run of many steps in chains of nine, one of which failed."""
    steps = []
    for index in range(count):
        failed = index == count // 2
        state = AttemptState.FAILED if failed else AttemptState.COMMITTED
        begin = 3.0 * (index % 9) + index / count
        after = (f"s{index - 1:04}",) if index % 9 else ()
        one = ran(f"s{index:04}", tried(1, begin, begin + 2.5, state), after=after)
        steps.append(StepRun(**{**vars(one), "state": State.FAILED}) if failed else one)
    return timed_run(*steps, seconds=30.0, state=State.FAILED)
