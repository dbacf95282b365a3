"""From a planned step to the step run that waits for its turn."""

from __future__ import annotations

from workbench.model.names import new_id
from workbench.model.plan import PlannedStep
from workbench.model.run import State, StepRun


def step_run(run: str, step: PlannedStep, before: StepRun | None = None, skipped_at: str = "") -> StepRun:
    """A planned step as it stands in a run that has yet to come to it; ``before`` is how it stood before a repair.

    One that is skipped from the start, at a moment in ISO 8601, has its earlier success stand for it, its report too.
    """
    return StepRun(
        before.id if before else new_id(),
        run,
        step.name,
        step.notebook,
        State.SKIPPED if skipped_at else State.QUEUED,
        step.reason.text,
        step.fingerprint if skipped_at else None,
        step.parameters,
        ended_at=skipped_at,
        report=step.past.report if step.past and skipped_at else "",
        attempts=before.attempts if before else (),
        base=step.base,
        key=step.key,
        partition=step.partition,
        likeness=likeness(step),
        upstream=step.upstream,
        writes=step.writes,
        fence=before.fence if before else 0,
    )


def likeness(step: PlannedStep) -> str:
    """What is equal for steps that may stand for one another once their inputs agree."""
    return step.fingerprint.with_inputs({}).digest
