"""Which datasets are new: what is current now against what was when a trigger last looked; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import DatasetTrigger, Standing, TickState
from workbench.scheduler.evaluate import Evaluation, make_tick

DEEPEST = 20
"""Runs that may follow from one another by datasets, before the chain is held to be a circle."""


@dataclass(frozen=True)
class Made:
    """A current snapshot: when it was made, by a run of which pipeline, and how many runs led to that one."""

    snapshot: int
    at: str
    pipeline: str = ""
    depth: int = 0


def evaluate_data(
    pipeline: Pipeline,
    trigger: DatasetTrigger,
    standing: Standing | None,
    current: Mapping[str, Made],
    now: datetime,
    environment: str,
) -> Evaluation:
    """The tick of a trigger, if its datasets are new; what the pipeline itself made counts as seen.

    A trigger that is seen for the first time takes what is current as seen.
    """
    there = {name: current[name] for name in trigger.datasets if name in current}
    if standing is None or "seen" not in standing.facts:
        begun = standing or Standing(pipeline.name, trigger.name, now.isoformat())
        return Evaluation(replace(begun, facts={"seen": {name: made.snapshot for name, made in there.items()}}))
    before = dict(standing.facts["seen"])
    seen = {name: snapshot for name, snapshot in before.items() if name in trigger.datasets}
    own = {name for name, made in there.items() if made.pipeline == pipeline.name}
    seen |= {name: there[name].snapshot for name in own}
    new = {name: made for name, made in there.items() if seen.get(name) != made.snapshot}
    due = not standing.paused_at and bool(new) and (not trigger.every or len(new) == len(trigger.datasets))
    if due:
        seen |= {name: made.snapshot for name, made in new.items()}
    found = standing if seen == before else replace(standing, since=now.isoformat(), facts={"seen": seen})
    if not due:
        return Evaluation(found)
    depth = 1 + max(made.depth for made in new.values())
    too_deep = depth > DEEPEST
    tick = make_tick(
        pipeline,
        trigger,
        datetime.fromisoformat(max(made.at for made in new.values())),
        environment,
        nominal=", ".join(f"{name}@{made.snapshot}" for name, made in sorted(new.items())),
        facts={"snapshots": {name: made.snapshot for name, made in new.items()}},
        depth=depth,
        state=TickState.SKIPPED if too_deep else TickState.WAITING,
        reason=f"{DEEPEST} runs led to it, one after the other: pipelines seem to trigger each other"
        if too_deep
        else "",
    )
    return Evaluation(found, (tick,))
