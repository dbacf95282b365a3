"""Drafts become planned steps: each is compared with what ran before, and gets an action, a reason and its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.model.dataset import Input
from workbench.model.frozen import dataclass
from workbench.model.plan import Action, Fingerprint, Lookup, Past, PlannedStep, Reason
from workbench.pipeline.decision import Situation, decide
from workbench.pipeline.drafts import Draft
from workbench.pipeline.forecast import Samples
from workbench.pipeline.inputs import Inputs, own_part
from workbench.pipeline.instances import MOST
from workbench.pipeline.notebook import Template
from workbench.pipeline.rendering import render

History = Callable[[Sequence[Lookup]], Mapping[str, Past]]
"""The earlier successes to compare with, by the name of the lookup; those that have none are left out."""


@dataclass(frozen=True)
class Standing:
    """How things stand where a plan is made.

    ``current`` maps each dataset of the environment to its snapshot id, ``inputs`` gives those that are named with
    their files, ``seconds`` what the latest successes of some bases took; ``timeout`` (seconds) is for steps that name
    none, ``most`` bounds the instances of a step, ``slots`` is how many steps run at once.
    """

    environment: str
    current: Mapping[str, int]
    history: History
    inputs: Callable[[Sequence[str]], Mapping[str, Input]]
    timeout: float = 6 * 3600.0
    most: int = MOST
    seconds: Callable[[Sequence[str]], Samples] = lambda bases: {}
    slots: int = 1


class Deciding:
    """Decides drafts, one after the other; history and files of inputs are asked for all of them together."""

    def __init__(self, root: Path, standing: Standing, templates: Mapping[str, Template] | None = None) -> None:
        self._root = root
        self._standing = standing
        self._templates = dict(templates or {})
        self._inputs: dict[str, Input] = {}
        self._counting = Inputs()
        self.past: dict[str, Past] = {}

    def prepare(self, drafts: Iterable[Draft]) -> None:
        """Look up what ran before, and how inputs are cut, for drafts that are about to be decided."""
        closed = [draft for draft in drafts if not draft.fan and not draft.empty]
        if closed:
            lookups = [Lookup(one.name, one.base, one.fingerprint, one.key, one.partition) for one in closed]
            self.past |= self._standing.history(lookups)
        reads = {name for draft in closed if draft.partition for name in draft.node.inputs}
        missing = sorted(name for name in reads if name in self._standing.current and name not in self._inputs)
        if missing:
            self._inputs |= self._standing.inputs(missing)

    def decide(
        self, draft: Draft, upstream: tuple[str, ...], unsettled: Mapping[str, str], *, force: bool = False
    ) -> PlannedStep:
        """Run, skip or decide later; ``unsettled`` maps inputs that may still change to the step that writes them."""
        settled = [name for name in draft.node.inputs if name in self._standing.current and name not in unsettled]
        counted = draft.fingerprint.with_inputs(self._counted(draft, settled))
        before = self.past.get(draft.name)
        action, reason = decide(Situation(draft.notebook, counted, before, draft.node.writes, unsettled, force))
        source = "" if action is Action.SKIP else self._source(draft)
        return self._planned(draft, upstream, action, reason, source, counted, before)

    def skip(self, draft: Draft, upstream: tuple[str, ...], reason: Reason) -> PlannedStep:
        """Skip a draft for a reason of its own."""
        return self._planned(draft, upstream, Action.SKIP, reason)

    def later(self, draft: Draft, upstream: tuple[str, ...], reason: Reason, *, force: bool = False) -> PlannedStep:
        """Leave the instances of a draft open; its action is to run where all of them shall."""
        action = Action.RUN if force else Action.DECIDE
        return self._planned(draft, upstream, action, reason, self._template(draft).with_parameters())

    def _counted(self, draft: Draft, names: Sequence[str]) -> Mapping[str, int | str | None]:
        if part := own_part(draft.partition, draft.parameters):
            inputs = {name: self._inputs[name] for name in names}
            return self._counting.counted(inputs, draft.node.writes, part)
        return {name: self._standing.current[name] for name in names}

    def _planned(
        self,
        draft: Draft,
        upstream: tuple[str, ...],
        action: Action,
        reason: Reason,
        source: str = "",
        counted: Fingerprint | None = None,
        past: Past | None = None,
    ) -> PlannedStep:
        options = draft.step.options
        return PlannedStep(
            name=draft.name,
            notebook=draft.step.notebook,
            action=action,
            reason=reason,
            fingerprint=counted or draft.fingerprint,
            parameters=draft.parameters,
            reads=draft.node.reads,
            writes=draft.node.writes,
            upstream=upstream,
            kernel=draft.notebook.kernel,
            source=source,
            options=options if options.timeout else replace(options, timeout=self._standing.timeout),
            report=draft.report,
            tags=draft.step.tags,
            past=past,
            base=draft.base,
            key=draft.key,
            partition=draft.partition,
            max_parallel=draft.step.fan.max_parallel if draft.step.fan else None,
            fan=draft.fan,
        )

    def _source(self, draft: Draft) -> str:
        read = draft.notebook
        given = {name: draft.parameters[name] for name in draft.given}
        return self._template(draft).with_parameters(render(read.parameters, given, read.language, read.kernel))

    def _template(self, draft: Draft) -> Template:
        if draft.notebook.path not in self._templates:
            self._templates[draft.notebook.path] = Template.read(self._root, draft.notebook)
        return self._templates[draft.notebook.path]
