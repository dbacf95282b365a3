"""How long a plan will take, by how long its steps took before.

For the whole of it, earlier runs are played again on the graph of today: each step takes what it took in that run, and
where it did not run then, what it takes in the middle. A run in which everything was slow is so counted as a slow one,
where durations drawn at random would have been averaged out. What never ran is not guessed: it counts as nothing, and
faces say that a forecast is the least that a plan with such a step takes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush

from workbench.model.plan import Action, Forecast, Plan, PlannedStep, forecast

Samples = Mapping[str, Sequence[tuple[str, float]]]
"""Base → run and seconds of its latest successes, newest first."""

WORK = 100_000
"""Steps that are played at most, over all runs, so that a forecast takes no longer than the rest of planning."""
FEWEST_RUNS, MOST_RUNS = 10, 50


def may_run(plan: Plan) -> tuple[str, ...]:
    """The bases of the steps that run, or may."""
    return tuple(dict.fromkeys(step.base for step in plan.steps if step.action is not Action.SKIP))


def with_forecasts(plan: Plan, samples: Samples, slots: int) -> Plan:
    """``plan`` with what its steps and all of it are expected to take, ``slots`` steps at once.

    A step that never ran has no forecast and counts as nothing in that of the plan, which is the least it takes then.
    A plan of which nothing ever ran has none, nor one with nothing to run.
    """
    steps: dict[str, Forecast] = {}
    for base in may_run(plan):
        if found := forecast([seconds for _, seconds in samples.get(base, ())]):
            steps[base] = found
    told = tuple(
        replace(step, forecast=steps.get(step.base)) if step.action is not Action.SKIP else step for step in plan.steps
    )
    return replace(plan, steps=told, forecast=_whole(plan, samples, steps, slots))


def _whole(plan: Plan, samples: Samples, steps: Mapping[str, Forecast], slots: int) -> Forecast | None:
    bases = [base for base in may_run(plan) if base in steps]
    if not bases:
        return None
    taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for base in bases:
        for run, seconds in samples[base]:
            taken[run][base].append(seconds)
    most = max(FEWEST_RUNS, min(MOST_RUNS, WORK // len(plan.steps)))
    newest = sorted(taken, reverse=True)[:most]  # ids of runs sort by their time
    course = Course(plan.steps)
    whole = []
    for run in newest:
        own = {base: found for base, seconds in taken[run].items() if (found := forecast(seconds))}
        usual = {base: own.get(base, steps[base]).p50 for base in bases}
        whole.append(course.play(defaultdict(float, usual), slots))
    return forecast(whole)


class Course:
    """The graph of a plan, to be played with different durations.

    A base in ``upstream`` is a junction, which is passed once all its instances are over.
    """

    def __init__(self, steps: Sequence[PlannedStep]) -> None:
        self._steps = steps
        names = {step.name: place for place, step in enumerate(steps)}
        self._junctions = Counter(step.base for step in steps if step.base not in names)
        self._after: dict[str, list[int]] = defaultdict(list)
        self._waits: list[int] = []
        for place, step in enumerate(steps):
            known = [name for name in dict.fromkeys(step.upstream) if name in names or name in self._junctions]
            self._waits.append(len(known))
            for name in known:
                self._after[name].append(place)

    def play(self, seconds: Mapping[str, float], slots: int) -> float:
        """Seconds until the last step ends, when each step takes what its base does, and ``slots`` run at once.

        Steps that are ready begin in the order of the plan, as a runner does it; skipped ones take no time.
        """
        waits, open_ = list(self._waits), Counter(self._junctions)
        ready: list[int] = []
        going: list[tuple[float, int]] = []
        held: dict[str, list[int]] = defaultdict(list)
        busy: Counter[str] = Counter()
        for place, missing in enumerate(waits):
            if not missing:
                heappush(ready, place)
        now, used = 0.0, 0
        while ready or going:
            while ready and (used < max(slots, 1) or self._steps[ready[0]].action is Action.SKIP):
                place = heappop(ready)
                step = self._steps[place]
                if step.action is Action.SKIP:
                    self._end(place, waits, open_, ready)
                elif step.max_parallel is not None and busy[step.base] >= step.max_parallel:
                    heappush(held[step.base], place)
                else:
                    used += 1
                    busy[step.base] += 1
                    heappush(going, (now + seconds[step.base], place))
            if not going:
                break
            now, place = heappop(going)
            base = self._steps[place].base
            used -= 1
            busy[base] -= 1
            if held[base]:
                heappush(ready, heappop(held[base]))
            self._end(place, waits, open_, ready)
        return now

    def _end(self, place: int, waits: list[int], open_: Counter[str], ready: list[int]) -> None:
        """A step is over: let go what waited for it, or for the last of its instances."""
        step = self._steps[place]
        passed = [step.name]
        if step.base in open_:
            open_[step.base] -= 1
            if not open_[step.base]:
                passed.append(step.base)
        for name in passed:
            for after in self._after.get(name, ()):
                waits[after] -= 1
                if not waits[after]:
                    heappush(ready, after)
