"""From schedules and how far they have been looked at to ticks: pure, and the same whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from workbench.model.frozen import dataclass
from workbench.model.names import new_id
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import Overlap, Schedule, Standing, Tick, TickState, Trigger
from workbench.pipeline.handover import hand_over
from workbench.pipeline.schedule import GRACE, due, missed


@dataclass(frozen=True)
class Evaluation:
    """What became due: how far the trigger is looked at now, and its new ticks, in order."""

    standing: Standing
    ticks: tuple[Tick, ...] = ()


def evaluate(
    pipeline: Pipeline, schedule: Schedule, standing: Standing | None, now: datetime, environment: str, busy: str = ""
) -> Evaluation:
    """The ticks of a schedule up to ``now``; ``busy`` says what of it still goes on or waits, empty for nothing.

    A schedule that is seen for the first time, or with another pattern than before, begins ``now``. One that lies in
    the future, because the clock was set back, does so too: what has a tick already gets no other.
    """
    facts = {"cron": schedule.cron, "timezone": schedule.timezone}
    new = Standing(pipeline.name, schedule.name, now.isoformat(), facts=facts)
    if standing is None:
        return Evaluation(new)
    since = datetime.fromisoformat(standing.since)
    if standing.facts != facts or since > now + GRACE:
        return Evaluation(replace(standing, since=now.isoformat(), facts=facts))
    if standing.paused_at:
        found = missed(schedule, since, now, f"paused by {standing.paused_by}" if standing.paused_by else "paused")
    else:
        found = due(schedule, since, now)
    ticks = [
        make_tick(pipeline, schedule, at, environment, state=TickState.SKIPPED, reason=why) for at, why in found.skipped
    ]
    for at in found.run:
        prompt = at >= now - GRACE
        refused = busy if prompt and schedule.overlap is Overlap.SKIP else ""
        state = TickState.SKIPPED if refused else TickState.WAITING
        ticks.append(make_tick(pipeline, schedule, at, environment, state=state, reason=refused))
    if not ticks:
        return Evaluation(standing)
    return Evaluation(replace(standing, since=now.isoformat()), tuple(ticks))


def first_standing(pipeline: Pipeline, trigger: Trigger, now: datetime) -> Standing:
    """How a trigger is remembered that is seen for the first time."""
    if isinstance(trigger, Schedule):
        return evaluate(pipeline, trigger, None, now, "").standing
    return Standing(pipeline.name, trigger.name, now.isoformat())


def make_tick(
    pipeline: Pipeline,
    trigger: Trigger,
    at: datetime,
    environment: str,
    *,
    nominal: str = "",
    facts: Mapping[str, Any] | None = None,
    **more: Any,
) -> Tick:
    """A new tick of a trigger for the moment ``at``; ``nominal`` is what it is for, the moment itself by default."""
    return Tick(
        id=new_id(),
        pipeline=pipeline.name,
        trigger=trigger.name,
        kind=trigger.kind,
        nominal=nominal or at.isoformat(),
        nominal_at=at.isoformat(),
        environment=environment,
        run=new_id(),
        parameters=hand_over(trigger, at, facts, pipeline.partitions),
        force=trigger.force,
        facts=facts or {},
        **more,
    )
