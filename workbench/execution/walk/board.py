"""What of a plan is over, what may begin, and what never will: pure bookkeeping over the steps and their states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from workbench.model.plan import NOT_SELECTED, Action, PlannedStep
from workbench.model.run import State

GOOD = frozenset({State.SUCCEEDED, State.SKIPPED})
"""States of a step after which the steps behind it go on."""


class Board:
    """The steps of one run. ``states`` holds the state of each by name; change it by ``put`` only.

    A name in ``upstream`` that is no step stands for all steps of that base. What is not selected, or was skipped
    before, waits for nothing: what follows it waits, and depends, on what comes before it.
    """

    def __init__(self, steps: Sequence[PlannedStep], states: Mapping[str, State] | None = None) -> None:
        self.steps = {step.name: step for step in steps}
        self.states = dict.fromkeys(self.steps, State.QUEUED) | dict(states or {})
        self._aside = {name for name, state in self.states.items() if state is State.SKIPPED}
        self._aside |= {name for name, step in self.steps.items() if step.reason.text == NOT_SELECTED}
        self._became: dict[str, list[str]] = {}
        self._link()

    def _link(self) -> None:
        by_base: dict[str, list[str]] = defaultdict(list)
        for step in self.steps.values():
            by_base[step.base].append(step.name)
        self.upstream: dict[str, tuple[str, ...]] = {}
        behind: dict[str, dict[str, None]] = {}  # of a step that is aside: the nearest before it that are not
        for name, step in self.steps.items():
            near = dict.fromkeys(one for known in step.upstream for one in self._meant(known, by_base))
            far = dict.fromkeys(other for one in near for other in behind.get(one, ()))
            if name in self._aside:
                behind[name] = {one: None for one in near if one not in self._aside} | far
            self.upstream[name] = () if name in self._aside else tuple(near | far)
        self._after: dict[str, list[str]] = defaultdict(list)
        self._missing: dict[str, int] = {}
        self._order = {name: position for position, name in enumerate(self.steps)}
        self._open: set[str] = set()
        self._left = sum(not self.states[name].final for name in self.steps)
        for name, upstream in self.upstream.items():
            for one in upstream:
                self._after[one].append(name)
            self._missing[name] = sum(not self.states[one].final for one in upstream)
            if not self._missing[name] and self.states[name] is State.QUEUED:
                self._open.add(name)

    def _meant(self, known: str, by_base: Mapping[str, list[str]]) -> list[str]:
        return [known] if known in self.steps else self._became.get(known) or by_base[known]

    @property
    def over(self) -> bool:
        """Whether every step has a final state."""
        return not self._left

    def ready(self) -> Iterator[PlannedStep]:
        """The queued steps whose upstream is over, in the order of the plan, however that ended."""
        for name in sorted(self._open, key=self._order.__getitem__):
            if name in self._open:
                yield self.steps[name]

    def stand(self) -> tuple[PlannedStep, ...]:
        """Note as skipped what the plan skips, as far as nothing before it has yet to run; returns these steps."""
        found: list[PlannedStep] = []
        while moved := [step for step in self.ready() if step.action is Action.SKIP and not self.bad(step)]:
            for step in moved:
                self.put(step.name, State.SKIPPED)
            found += moved
        return tuple(found)

    def bad(self, step: PlannedStep) -> Mapping[str, State]:
        """The steps before it that keep ``step`` from running, with their states."""
        upstream = {name: self.states[name] for name in self.upstream[step.name]}
        return {name: state for name, state in upstream.items() if state.final and state not in GOOD}

    def put(self, name: str, state: State) -> None:
        """Note a state of a step."""
        before, self.states[name] = self.states[name], state
        if state is State.QUEUED and not self._missing[name]:
            self._open.add(name)
        else:
            self._open.discard(name)
        if state.final and not before.final:
            self._left -= 1
            for after in self._after[name]:
                self._missing[after] -= 1
                if not self._missing[after] and self.states[after] is State.QUEUED:
                    self._open.add(after)

    def replace(self, name: str, instances: Sequence[PlannedStep]) -> None:
        """Let ``instances`` stand where one step stood; what waited for it waits for all of them."""
        steps: dict[str, PlannedStep] = {}
        for known, step in self.steps.items():
            steps |= {one.name: one for one in instances} if known == name else {known: step}
        self.steps = steps
        self._became[name] = [one.name for one in instances]
        del self.states[name]
        self.states |= {one.name: State.QUEUED for one in instances if one.name not in self.states}
        self._link()
