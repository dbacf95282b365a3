"""What messages say: the fault with its code, what is kept of the data, and what to do now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from workbench.model.names import short_id
from workbench.model.notification import Message, Occasion
from workbench.model.run import Run, State, StepRun
from workbench.model.schedule import Tick

_TITLES = {
    Occasion.FAILURE: "✗ {name} failed",
    Occasion.WITHHELD: "⊘ {name} was withheld",
    Occasion.RECOVERY: "✓ {name} succeeded again",
    Occasion.LATE: "▲ {name} is late",
}
_STEPS = 5
"""Faulty steps that are told one by one."""


def of_run(occasion: Occasion, run: Run, project: str) -> Message:
    """The message of a run that is over."""
    lines = [*_what(occasion, run), "", *_about(run, project)]
    return Message(_TITLES[occasion].format(name=run.pipeline), "\n".join(lines))


def of_late(tick: Tick, run: Run | None, since: str, project: str) -> Message:
    """The message of a run that should be over; ``since`` says what it is measured by."""
    if run is None:
        said = f"Its run has not begun: {tick.reason}." if tick.reason else "Its run has not begun."
        after = "Next: wb schedule ticks " + tick.pipeline
    else:
        at_work = [step.step for step in run.steps if step.state in (State.RUNNING, State.STAGED)]
        said = f"At work: {', '.join(at_work)}." if at_work else f"It is {run.state}."
        after = f"Next: wb runs show {short_id(run.id)}"
    lines = [f"{since}. {said}", after, "", *_where(tick.environment, project), _for(tick.kind, tick.nominal_at)]
    return Message(_TITLES[Occasion.LATE].format(name=tick.pipeline), "\n".join(lines))


def of_refused(tick: Tick, reason: str, project: str) -> Message:
    """The message of a tick whose run could not begin."""
    lines = [
        f"Its run could not begin: {reason}.",
        "Kept: nothing was started, no data was touched.",
        f"Next: wb run {tick.pipeline}",
        "",
        *_where(tick.environment, project),
        _for(tick.kind, tick.nominal_at),
    ]
    return Message(_TITLES[Occasion.FAILURE].format(name=tick.pipeline), "\n".join(lines))


def of_test(receiver: str, project: str) -> Message:
    """The message that only shows that messages arrive."""
    body = f"This is what {receiver} gets when a run fails, recovers, is withheld or late.\nProject {project}."
    return Message("✓ Messages of Workbench arrive", body)


def duration(seconds: float) -> str:
    """``12 s``, ``3 min 10 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def _what(occasion: Occasion, run: Run) -> Iterator[str]:
    if occasion is Occasion.RECOVERY:
        yield "It is well: every step succeeded or had no need to run."
        yield f"Next: wb runs show {short_id(run.id)}"
        return
    bad = [step for step in run.steps if step.error and step.state is not State.UPSTREAM_FAILED]
    for step in bad[:_STEPS]:
        yield from _fault(step.step, step.error or {})
    if len(bad) > _STEPS:
        yield f"… and {len(bad) - _STEPS} more steps."
    if not bad and run.error:
        yield from _fault("", run.error)
    left = sum(step.state is State.UPSTREAM_FAILED for step in run.steps)
    if left:
        yield f"Not run because of that: {left} {'step' if left == 1 else 'steps'}."
    yield f"Next: {_next(run, bad)}"


def _fault(step: str, error: Mapping[str, Any]) -> Iterator[str]:
    told = f"{error.get('code', '')}: {error.get('what', '')}"
    yield f"Step {step}: {told}" if step else told
    if error.get("cause"):
        yield f"Cause: {error['cause']}"
    if error.get("kept"):
        yield f"Kept: {error['kept']}"


def _next(run: Run, bad: list[StepRun]) -> str:
    """A command to copy: what an error says to do may name files of a machine that the reader does not sit at."""
    short = short_id(run.id)
    if bad and run.state in (State.FAILED, State.LOST):
        return f"wb runs logs {short} {bad[0].step}"
    return f"wb runs show {short}"


def _about(run: Run, project: str) -> Iterator[str]:
    yield from _where(run.environment, project, run.id)
    yield _for(run.trigger, run.nominal_at) if run.trigger != "manual" else f"Started by {run.actor or 'somebody'}"
    if run.seconds is not None:
        yield f"It took {duration(run.seconds)}."


def _where(environment: str, project: str, run: str = "") -> Iterator[str]:
    yield f"Project {project}, environment {environment}" + (f", run {run}" if run else "")


def _for(kind: str, at: str) -> str:
    moment = f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC" if at else ""
    return f"Started by {kind}" + (f" for {moment}" if kind == "schedule" and moment else "")
