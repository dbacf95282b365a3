"""A run laid out over time: one lane a step, when it waited, ran and published, and the path that decided the end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workbench.model.run import Attempt, AttemptState, Run, State, StepRun
from workbench.model.timeline import CriticalPath, Lane, Phase, Span, Timeline

Cuts = tuple[tuple[float, float], ...]
CUT_FROM = 60.0
"""Seconds in which nothing happened that are at least left out of a drawing, where they are much of it."""
STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
"""Seconds that may lie between two marks of an axis."""
TELLING = (State.FAILED, State.WITHHELD, State.LOST, State.CANCELLED, State.RUNNING, State.STAGED)
"""States of steps that keep a line of their own as long as there is room."""


def lay_out(run: Run, now: str = "") -> Timeline:
    """The timeline of a run with its steps; ``now`` (ISO 8601) ends what has not ended yet."""
    clock = _Clock(run, now)
    lanes = tuple(_lane(step, clock) for step in _with_ready(run, clock))
    seconds = max([clock.end, *(lane.end for lane in lanes)])
    cuts = _cuts(lanes, seconds)
    path = _path(run, {lane.name: lane for lane in lanes}, cuts)
    marked = tuple(replace(lane, critical=lane.name in path.steps) for lane in lanes)
    return Timeline(run.id, run.created_at, seconds, marked, path, cuts, _most(lanes))


def fold(timeline: Timeline, run: Run, most: int = 40) -> Timeline:
    """The timeline in at most about ``most`` lanes: the instances of a step as one, then all that tells least as one.

    What failed, ran long or lies on the critical path keeps its lane longest.
    """
    bases = {step.step: step.base or step.step for step in run.steps}
    groups: dict[str, list[Lane]] = {}
    for lane in timeline.lanes:
        groups.setdefault(bases.get(lane.name, lane.name), []).append(lane)
    lanes = [_folded(f"{base} ×{len(group)}", group) if len(group) > 1 else group[0] for base, group in groups.items()]
    if len(lanes) > most:
        lanes = list(_without_the_least(lanes, most))
    return replace(timeline, lanes=tuple(lanes))


def ticks(timeline: Timeline, most: int) -> tuple[float, ...]:
    """Round moments (seconds since the start) for an axis, at most about ``most``, none inside a cut."""
    wanted = timeline.shown / max(most, 1)
    step = next((step for step in STEPS if step >= wanted), math.ceil(wanted / STEPS[-1]) * STEPS[-1])
    moments = (index * step for index in range(int(timeline.seconds / step) + 1))
    return tuple(at for at in moments if not any(start < at < end for start, end in timeline.cuts))


class _Clock:
    """Moments as seconds since the run began; ``end`` is that of the run, or now."""

    def __init__(self, run: Run, now: str) -> None:
        self._zero = datetime.fromisoformat(run.created_at)
        self.end = self.of(run.ended_at or now or run.created_at)
        self.ready: dict[str, float] = {}

    def of(self, at: str) -> float:
        return max((datetime.fromisoformat(at) - self._zero).total_seconds(), 0.0)


def _with_ready(run: Run, clock: _Clock) -> Iterator[StepRun]:
    """The steps, each when it is known from which moment on it could have started."""
    upstream = _upstream(run)
    ended = {step.step: clock.of(step.ended_at) for step in run.steps if step.ended_at}
    for step in run.steps:
        clock.ready[step.step] = max((ended.get(name, 0.0) for name in upstream[step.step]), default=0.0)
        yield step


def _upstream(run: Run) -> dict[str, tuple[str, ...]]:
    """What each step waited for; a step that fanned out stands for all its instances."""
    instances: dict[str, list[str]] = {}
    for step in run.steps:
        instances.setdefault(step.base or step.step, []).append(step.step)
    names = {step.step for step in run.steps}

    def meant(name: str) -> Iterable[str]:
        return (name,) if name in names else instances.get(name, ())

    return {step.step: tuple(found for name in step.upstream for found in meant(name)) for step in run.steps}


def _lane(step: StepRun, clock: _Clock) -> Lane:
    spans: list[Span] = []
    free = clock.ready[step.step]
    for attempt in step.attempts:
        found = list(_spans(attempt, free, clock))
        spans += found
        free = found[-1].end if found else free
    working = [span for span in spans if span.phase in (Phase.RUNNING, Phase.PUBLISHING)]
    return Lane(
        step.step,
        step.state,
        (step.step,),
        tuple(spans),
        working[0].start if working else free,
        working[-1].end if working else free,
        sum(span.end - span.start for span in working),
        attempts=len(step.attempts),
        states={step.state: 1},
    )


def _spans(attempt: Attempt, free: float, clock: _Clock) -> Iterator[Span]:
    """The phases of one attempt that was possible from the moment ``free`` on; those that took no time are left out."""
    started = clock.of(attempt.started_at) if attempt.started_at else None
    ended = clock.of(attempt.ended_at) if attempt.ended_at else clock.end
    began = ended if started is None else started
    queued = min(max(free, clock.of(attempt.not_before)), began) if attempt.not_before else free
    parts = [(Phase.WAITING, free, queued), (Phase.QUEUED, queued, began)]
    if started is not None:
        staged = min(max(_last_cell(attempt, clock), started), ended) if _published(attempt) else ended
        parts += [(Phase.RUNNING, started, staged), (Phase.PUBLISHING, staged, ended)]
    for phase, start, end in parts:
        if end > start:
            yield Span(phase, start, end, attempt.number, attempt.state)


def _published(attempt: Attempt) -> bool:
    return attempt.state in (AttemptState.STAGED, AttemptState.COMMITTED, AttemptState.WITHHELD)


def _last_cell(attempt: Attempt, clock: _Clock) -> float:
    ends = (clock.of(cell.started_at) + (cell.seconds or 0.0) for cell in attempt.cells if cell.started_at)
    return max(ends, default=clock.end)


def _path(run: Run, lanes: Mapping[str, Lane], cuts: Cuts) -> CriticalPath:
    """From the step that ended last back to what it waited for longest, and so on; without steps that never ran."""
    upstream = _upstream(run)
    name = max((lane.name for lane in lanes.values() if lane.spans), key=lambda found: lanes[found].end, default=None)
    found: list[str] = []
    while name is not None and name not in found:
        found.append(name)
        name = _blocker(name, upstream, lanes)
    steps = tuple(reversed(found))
    if not steps:
        return CriticalPath()
    busy, end = sum(lanes[step].busy for step in steps), lanes[steps[-1]].end
    idle = sum(stop - start for start, stop in cuts if start < end)
    return CriticalPath(steps, busy, max(end - busy - idle, 0.0))


def _blocker(name: str, upstream: Mapping[str, Sequence[str]], lanes: Mapping[str, Lane]) -> str | None:
    """The step before ``name`` that ended last; through those that never ran, to what these waited for."""
    waiting, seen, ran = list(upstream[name]), set(), []
    while waiting:
        before = waiting.pop()
        if before not in seen:
            seen.add(before)
            if lanes[before].spans:
                ran.append(before)
            else:
                waiting += upstream[before]
    return max(ran, key=lambda step: lanes[step].end, default=None)


def _cuts(lanes: Iterable[Lane], seconds: float) -> Cuts:
    """Long stretches in which no step did anything."""
    busy = sorted((span.start, span.end) for span in _working(lanes))
    if not busy:
        return ()
    gaps, reached = [], busy[0][0]
    for start, end in [*busy, (seconds, seconds)]:
        if start - reached > CUT_FROM:
            gaps.append((reached, start))
        reached = max(reached, end)
    active = seconds - sum(end - start for start, end in gaps)
    return tuple(gap for gap in gaps if gap[1] - gap[0] > max(CUT_FROM, active / 2))


def _most(lanes: Iterable[Lane]) -> int:
    moves = sorted(move for span in _working(lanes) for move in ((span.start, 1), (span.end, -1)))
    level = most = 0
    for _, step in moves:
        level += step
        most = max(most, level)
    return most


def _working(lanes: Iterable[Lane]) -> Iterator[Span]:
    return (span for lane in lanes for span in lane.spans if span.phase in (Phase.RUNNING, Phase.PUBLISHING))


def _folded(name: str, lanes: Sequence[Lane]) -> Lane:
    spans = tuple(span for lane in lanes for span in lane.spans)
    ran = [lane for lane in lanes if lane.spans]
    states = Counter(state for lane in lanes for state, number in lane.states.items() for _ in range(number))
    return Lane(
        name,
        _worst(states),
        tuple(step for lane in lanes for step in lane.steps),
        spans,
        min((lane.start for lane in ran), default=0.0),
        max((lane.end for lane in ran), default=0.0),
        sum(lane.busy for lane in lanes),
        any(lane.critical for lane in lanes),
        max((lane.attempts for lane in lanes), default=0),
        dict(states),
    )


def _worst(states: Mapping[str, int]) -> State:
    """The state that most calls for a look."""
    order = (*TELLING, State.UPSTREAM_FAILED, State.QUEUED, State.SUCCEEDED, State.SKIPPED)
    return next(state for state in order if state in states)


def _without_the_least(lanes: Sequence[Lane], most: int) -> Iterator[Lane]:
    """The ``most - 1`` lanes that tell most, in their order, and one of all others, last."""
    ranked = sorted(
        lanes, key=lambda lane: (lane.state not in TELLING, not lane.critical, lane.attempts < 2, -lane.busy)
    )
    kept = {id(lane) for lane in ranked[: most - 1]}
    yield from (lane for lane in lanes if id(lane) in kept)
    others = [lane for lane in lanes if id(lane) not in kept]
    yield _folded(f"{sum(lane.members for lane in others):,} others", others)
