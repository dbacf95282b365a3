"""Taking up a run again: what failed in it, and what follows that, gets new attempts with the code of today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workbench.execution.walk.step_runs import likeness, step_run
from workbench.model.errors import Conflict, UsageError
from workbench.model.frozen import dataclass
from workbench.model.names import short_id
from workbench.model.plan import Action, Plan, PlannedStep, Reason
from workbench.model.run import REOPENED, Run, State, StepRun

Expand = Callable[[Plan, PlannedStep, Mapping[str, Mapping[str, Any]]], tuple[PlannedStep, ...]]
"""``(plan, step, what the steps before it recorded) → its instances``."""


@dataclass(frozen=True)
class Repair:
    """What repairing a run would do: ``plan`` holds its steps as they are planned today.

    ``stands`` are the step runs that stay as they are, by name; ``changed`` those among them whose code or parameters
    are others by now. All other steps of the plan run, are skipped or decided as a plan says it.
    """

    run: Run
    plan: Plan
    stands: Mapping[str, StepRun]
    changed: tuple[str, ...]

    @property
    def gone(self) -> tuple[str, ...]:
        """The ids of step runs that did not end well, and that the pipeline has no step for any more."""
        names = {step.name for step in self.plan.steps}
        return tuple(step.id for step in self.run.steps if step.step not in names and step.state in REOPENED)

    def again(self) -> Mapping[int, StepRun]:
        """The step runs that are queued again, or for the first time, by their position in the run."""
        known = {step.step: step for step in self.run.steps}
        return {
            position: step_run(self.run.id, step, known.get(step.name))
            for position, step in enumerate(self.plan.steps)
            if step.name not in self.stands
        }


def check_repairable(run: Run) -> None:
    """Raise Conflict (WB-RUN-123) while a run goes on, UsageError (WB-RUN-124) when it has succeeded."""
    if not run.state.final:
        raise Conflict(
            "WB-RUN-123",
            f"run {run.id} cannot be repaired now",
            cause=f"it is {run.state}",
            next=f"wait for its end, or wb runs cancel {short_id(run.id)}",
        )
    if run.state not in REOPENED:
        raise UsageError("WB-RUN-124", f"run {run.id} needs no repair", cause="it has succeeded")


def over(run: Run) -> dict[str, tuple[str, ...]]:
    """The values of partitions that a run was spread over, by the name of the partition, in their order.

    Steps of such a run bear them in their names, before the values of ``foreach:``; a run for one day does not.
    """
    found: dict[str, dict[str, None]] = {}
    for step in run.steps:
        labels = step.step.partition("[")[2].removesuffix("]").split(",")
        spread = labels[: len(labels) - len(step.key)]
        for name, value in step.partition.items():
            if value in spread:
                found.setdefault(name, {})[value] = None
    return {name: tuple(values) for name, values in found.items()}


def fanned_out(plan: Plan, run: Run, expand: Expand) -> Plan:
    """``plan`` with the instances of steps in place of those whose fans are open, where ``run`` recorded the values."""
    known = {step.step: step for step in run.steps if step.state in (State.SUCCEEDED, State.SKIPPED)}
    planned = {step.name: step for step in plan.steps}
    steps: list[PlannedStep] = []
    for step in plan.steps:
        before = {name: planned[name].past for name in step.upstream if name in known and name in planned}
        if step.fan is None or set(before) != set(step.upstream):
            steps.append(step)
            continue
        values = {name: known[name].values or (past.values if past else {}) for name, past in before.items()}
        steps += expand(plan, step, values)
    return replace(plan, steps=tuple(steps))


def repair_of(run: Run, today: Plan, forced: Plan) -> Repair:
    """What repairing ``run`` would do, when its pipeline is planned as ``today``, and as ``forced`` if all had to run.

    A step that was tried runs again whatever the plan says; the others do as planned. A run gets no steps that it did
    not have, but for further instances of those it had.
    """
    known = {step.step: step for step in run.steps}
    bases = {step.base or step.step for step in run.steps}
    whole = {step.name: step for step in forced.steps}
    steps = []
    for step in today.steps:
        if step.base in bases:
            before = known.get(step.name)
            tried = before is not None and before.state in REOPENED and before.attempts
            steps.append(_tried(whole[step.name], before) if tried and before else step)
    names = [step.name for step in steps if step.name in known and known[step.name].state not in REOPENED]
    changed = tuple(step.name for step in steps if step.name in names and likeness(step) != known[step.name].likeness)
    return Repair(run, replace(today, steps=tuple(steps)), {name: known[name] for name in names}, changed)


def _tried(step: PlannedStep, before: StepRun) -> PlannedStep:
    said = {State.FAILED: "it failed", State.CANCELLED: "it was cancelled", State.WITHHELD: "it was withheld"}
    text = f"repaired: {said.get(before.state, 'it was lost')} before"
    return replace(step, action=Action.RUN, reason=Reason("repaired", text))
