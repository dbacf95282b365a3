"""From a pipeline and the notebooks it names to a frozen ``Plan`` with a reason per step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.model.errors import (
    GraphError,
    InvalidName,
    NotebookError,
    ParameterError,
    SpecError,
    UsageError,
    did_you_mean,
)
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Notebook, Pipeline, StepSpec
from workbench.model.plan import NOT_SELECTED, Action, Plan, PlannedStep, Reason
from workbench.pipeline import graph, notebook
from workbench.pipeline.deciding import Deciding, Standing
from workbench.pipeline.drafts import Draft, Drafts, Scene, fan_out, told_by
from workbench.pipeline.forecast import may_run, with_forecasts
from workbench.pipeline.graph import StepNode
from workbench.pipeline.instances import sources
from workbench.pipeline.parameters import refusal, resolve
from workbench.pipeline.reader import Reader
from workbench.pipeline.selection import Node, select
from workbench.pipeline.spec import is_single
from workbench.pipeline.substitution import recorded, references

SHOWN_VALUES = 3


@dataclass(frozen=True)
class Request:
    """What a plan is asked for.

    ``given`` are values for the pipeline's parameters, texts being read by the declared types; ``over`` are values of
    partitions to plan for all at once, by the partition's name, and ``places`` those combinations of them that are
    meant, in the order of the names, all when it is None; ``select`` are expressions of which steps are meant,
    all when there is none; ``force`` runs those also when they are unchanged.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    over: Mapping[str, Sequence[str]] = field(default_factory=dict)
    places: frozenset[tuple[str, ...]] | None = None
    select: Sequence[str] = ()
    force: bool = False


@dataclass(frozen=True)
class Material:
    """A pipeline and the notebooks of its steps, as they were read."""

    root: Path
    pipeline: Pipeline
    notebooks: Mapping[str, Notebook]
    reader: Reader


def read(root: Path, pipeline: Pipeline, reader: Reader) -> Material:
    """Read what a plan is made of. Raises NotebookError, ParameterError, InvalidName, with the step."""
    return Material(root, pipeline, {step.name: _read(reader, pipeline, step) for step in pipeline.steps}, reader)


def plan(material: Material, request: Request, standing: Standing) -> Plan:
    """What running a pipeline would do, step by step, and why; nothing is started or written.

    Raises ParameterError, SpecError, GraphError, UsageError.
    """
    root, pipeline, notebooks = material.root, material.pipeline, material.notebooks
    if is_single(pipeline):
        (only,) = notebooks.values()
        pipeline = replace(pipeline, parameters=only.parameters)
    else:
        _refuse_unused(pipeline, notebooks)
    _hint_at_steps(pipeline, notebooks, request.given)
    given = {**{name: values[0] for name, values in request.over.items() if values}, **request.given}
    values = resolve(pipeline.parameters, given, pipeline.path, text=True)
    flowing = {name: values[name] for name in given} if is_single(pipeline) else values
    order = graph.build(pipeline, notebooks, standing.current)
    scene = Scene(
        root, material.reader, pipeline, notebooks, order, values, flowing, request.over, request.places, standing.most
    )
    steps = _Planning(scene, request, standing).steps() if request.places != frozenset() else ()
    shown = {name: _spelled(request.over[name]) if name in request.over else value for name, value in values.items()}
    made = datetime.now(UTC).isoformat(timespec="milliseconds")
    whole = Plan(pipeline.name, standing.environment, shown, steps, made, pipeline.timeout, pipeline.concurrency)
    bases = may_run(whole)
    return with_forecasts(whole, standing.seconds(bases), standing.slots) if bases else whole


def expand(
    root: Path, step: PlannedStep, values: Mapping[str, Mapping[str, Any]], standing: Standing
) -> tuple[PlannedStep, ...]:
    """The instances of a planned step whose ``fan`` is still open; none when what it fans out over has no value.

    ``values`` maps each step it waits for, by name, to what that recorded. They are decided as in ``plan``, by what is
    current now. Raises GraphError (WB-PIP-642, 643, 647), ParameterError (WB-PAR-612).
    """
    assert step.fan is not None
    template, read = notebook.Template.parse(step.source, step.notebook)
    known = dict(step.fan.values)
    for source, wanted in recorded(step.fan.over).items():
        told = next((told for name, told in values.items() if name.partition("[")[0] == source), {})
        known |= told_by(step.base, source, wanted, told)
    spec = StepSpec(
        step.base,
        step.notebook,
        step.fan.parameters,
        tags=step.tags,
        options=step.options,
        report=step.report,
        fan=step.fan,
    )
    labels = step.name.partition("[")[2].removesuffix("]")
    place = dict(enumerate(labels.split(","))) if labels else {}
    bare = Draft(
        step.name,
        StepNode(step.base, step.reads, step.writes, step.upstream),
        spec,
        read,
        step.fingerprint,
        partition=step.partition,
        place={str(number): label for number, label in place.items()},
    )
    drafts = list(fan_out(bare, step.fan.over, known, standing.most, step.parameters, step.fan.values))
    if drafts[0].empty:
        return ()
    deciding = Deciding(root, standing, {step.notebook: template})
    deciding.prepare(drafts)
    force = step.action is Action.RUN
    return tuple(deciding.decide(draft, step.upstream, {}, force=force) for draft in drafts)


class _Planning:
    """Walks the drafts of a pipeline in their order and decides each."""

    def __init__(self, scene: Scene, request: Request, standing: Standing) -> None:
        self._scene = scene
        self._request = request
        self._standing = standing
        self._drafts = Drafts(scene)
        self._deciding = Deciding(scene.root, standing)
        self._planned: dict[str, PlannedStep] = {}
        self._moving: dict[str, bool] = {}

    def steps(self) -> tuple[PlannedStep, ...]:
        """All steps, in an order in which each follows those it waits for."""
        for node in self._scene.graph.steps:
            self._drafts.make(node, lambda name: None)
        self._choose()
        sought = {base for step in self._scene.pipeline.steps for base in sources(step)}
        self._deciding.prepare(draft for draft in self._drafts if self._is_chosen(draft) or draft.base in sought)
        for node in self._scene.graph.steps:
            if any(draft.fan for draft in self._drafts.of[node.name]):
                self._deciding.prepare(self._drafts.make(node, self._recorded))
                self._choose()
            for draft in self._drafts.of[node.name]:
                self._planned[draft.name] = self._plan(draft)
            names = self._drafts.members(node.name)
            self._moving[node.name] = any(self._planned[name].action is not Action.SKIP for name in names)
        return tuple(self._planned.values())

    def _choose(self) -> None:
        """Settle which steps are selected, as far as they are drafted."""
        self._chosen: frozenset[str] | None = None
        if self._request.select:
            nodes = [
                Node(draft.name, draft.base, draft.step.tags, self._drafts.upstream(draft), draft.fan is not None)
                for draft in self._drafts
            ]
            self._chosen = select(self._request.select, nodes)

    def _is_chosen(self, draft: Draft) -> bool:
        return self._chosen is None or draft.name in self._chosen

    def _plan(self, draft: Draft) -> PlannedStep:
        upstream = self._drafts.upstream(draft)
        if draft.empty:
            reason = Reason("no_values", f"there is no value of {draft.empty} to fan out over")
            return self._deciding.skip(draft, upstream, reason)
        if not self._is_chosen(draft):
            return self._deciding.skip(draft, upstream, Reason("not_selected", NOT_SELECTED))
        unsettled = self._unsettled(draft, upstream)
        self._refuse_missing(draft, unsettled)
        if draft.fan is not None:
            self._refuse_unknown(draft)
            return self._deciding.later(draft, upstream, self._fans_out(draft), force=self._request.force)
        return self._deciding.decide(draft, upstream, unsettled, force=self._request.force)

    def _unsettled(self, draft: Draft, upstream: Sequence[str]) -> dict[str, str]:
        """The inputs that a step before this one may still change, each with that step."""
        found = {}
        for dataset in draft.node.inputs:
            writer = self._scene.graph.writers.get(dataset)
            if writer is None:
                continue
            near = [writer] if writer in upstream else [name for name in upstream if name.startswith(writer + "[")]
            if any(self._moving.get(name) or self._is_moving(name) for name in near):
                found[dataset] = near[0] if len(near) == 1 else writer
        return found

    def _is_moving(self, name: str) -> bool:
        return name in self._planned and self._planned[name].action is not Action.SKIP

    def _recorded(self, name: str) -> Mapping[str, Any] | None:
        """What a step has recorded, unless it is going to record it anew."""
        step = self._planned[name]
        if step.action is not Action.SKIP:
            return None
        past = self._deciding.past.get(name)
        if past is None and step.reason.code == "not_selected":
            raise GraphError(
                "WB-PIP-648",
                f"step {name} is not selected, and has never recorded what others fan out over",
                kept="Nothing was started.",
                next=f"select it too: --select {name}",
            )
        return past.values if past else {}

    def _fans_out(self, draft: Draft) -> Reason:
        """Why the instances of a draft are open, and how many there were last time, if that is known."""
        wanted = [(base, name) for base, names in sources(draft.step).items() for name in names]
        over = ", ".join(f"{base}.{name}" for base, name in wanted)
        counts = []
        for base, name in wanted:
            past = self._deciding.past.get(self._drafts.source(draft, base))
            value = past.values.get(name) if past else None
            counts += [len(value)] if isinstance(value, list) else []
        last = f", last time {' × '.join(map(str, counts))}" if len(counts) == len(wanted) else ""
        return Reason("fans_out", f"fans out over {over}{last}")

    def _refuse_missing(self, draft: Draft, unsettled: Mapping[str, str]) -> None:
        """Raise GraphError (WB-PIP-648) when a selected step needs what only one that is not selected would write."""
        for dataset in draft.node.inputs:
            if dataset in self._standing.current or dataset in unsettled or self._chosen is None:
                continue
            raise GraphError(
                "WB-PIP-648",
                f"step {draft.name} needs {dataset}, of which {self._standing.environment} has no data yet",
                cause=f"step {self._scene.graph.writers[dataset]}, which writes it, is not selected",
                kept="Nothing was started.",
                next=f"select what comes before it too: --select '+{draft.name}'",
            )

    def _refuse_unknown(self, draft: Draft) -> None:
        """Raise UsageError (WB-PIP-646) when one instance is selected of those that nobody knows yet."""
        named = [text for text in self._request.select if f"{draft.base}[" in text]
        if named:
            waits = ", ".join(sources(draft.step))
            raise UsageError(
                "WB-PIP-646",
                f'--select "{named[0]}" names instances of {draft.base} that are not known yet',
                cause=f"{waits} has to run first and records what {draft.base} fans out over",
                next=f"select all of them: --select {draft.base}",
            )


def _spelled(values: Sequence[str]) -> str:
    """The values of a partition that a plan spreads over, as one text."""
    if len(values) <= SHOWN_VALUES:
        return ", ".join(values)
    return f"{values[0]} … {values[-1]} ({len(values):,})"


def _read(reader: Reader, pipeline: Pipeline, step: StepSpec) -> Notebook:
    try:
        return reader.notebook(step.notebook)
    except (NotebookError, ParameterError, InvalidName) as error:
        if is_single(pipeline):
            raise
        raise type(error)(
            error.code,
            f"step {step.name}: {error.what}",
            cause=error.cause,
            kept=error.kept,
            next=error.next,
            detail=error.detail,
        ) from None


def _refuse_unused(pipeline: Pipeline, notebooks: Mapping[str, Notebook]) -> None:
    """A parameter that reaches no step is a mistake, in its name most often."""
    taken = {parameter.name for read in notebooks.values() for parameter in read.parameters}
    for step in pipeline.steps:
        title = step.report.title if step.report else ""
        over = dict(step.fan.over) if step.fan else {}
        taken |= {name for name, _ in references([dict(step.parameters), title, over])}
    for parameter in pipeline.parameters:
        if parameter.name not in taken:
            raise SpecError(
                "WB-CFG-631",
                f'{pipeline.path}: no step takes the parameter "{parameter.name}"',
                cause=f"the notebooks take: {', '.join(sorted(taken)) or 'none'}.{did_you_mean(parameter.name, taken)}",
                next="declare it in the parameters cell of a notebook, or remove it from the pipeline",
            )


def _hint_at_steps(pipeline: Pipeline, notebooks: Mapping[str, Notebook], given: Mapping[str, Any]) -> None:
    """A value for a parameter that only a notebook declares is refused with the way to let it through."""
    declared = {parameter.name for parameter in pipeline.parameters}
    for name in given:
        steps = [step for step, read in notebooks.items() if any(item.name == name for item in read.parameters)]
        if name not in declared and steps:
            fault = (
                f'unknown parameter "{name}"; step {", ".join(steps)} takes it, but the pipeline does not pass it on'
            )
            raise refusal(pipeline.path, [fault], pipeline.parameters)
