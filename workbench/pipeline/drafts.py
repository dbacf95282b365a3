"""Drafts: every step and instance of a pipeline with its parameters settled, before anything is decided about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from workbench.model.errors import GraphError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Fan, Notebook, Pipeline, ReportSpec, StepSpec
from workbench.model.plan import Fingerprint
from workbench.pipeline.fingerprint import fingerprint, with_parameters
from workbench.pipeline.graph import StepGraph, StepNode
from workbench.pipeline.instances import (
    combinations,
    fan_axes,
    instance_names,
    refuse_many,
    refuse_overwriting,
    sources,
)
from workbench.pipeline.parameters import coerce, resolve
from workbench.pipeline.partitions import partition_text
from workbench.pipeline.reader import Reader
from workbench.pipeline.spec import is_single
from workbench.pipeline.substitution import references, substitute

Recorded = Callable[[str], Mapping[str, Any] | None]
"""Name of a planned step → what it recorded when it is known already."""


@dataclass(frozen=True)
class Draft:
    """One step, or one instance of it.

    ``given`` are the parameters to inject, by name; ``place`` its values of those partitions that the plan spreads
    over. ``fan`` is set while what it fans out over is not recorded yet; ``empty`` names the key of ``foreach:`` that
    has no value, so that there is nothing to run. ``alone`` marks a notebook that runs outside of any pipeline.
    """

    name: str
    node: StepNode
    step: StepSpec
    notebook: Notebook
    fingerprint: Fingerprint
    parameters: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    report: ReportSpec | None = None
    key: Mapping[str, Any] = field(default_factory=dict)
    partition: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    fan: Fan | None = None
    empty: str = ""
    alone: bool = False

    @property
    def base(self) -> str:
        return self.step.name


@dataclass(frozen=True)
class Scene:
    """What all drafts of a plan share: ``values`` of the pipeline's parameters, of which ``flowing`` reach its steps.

    ``over`` maps each partition that the plan spreads over to its values, of which only the combinations in ``places``
    are meant unless it is None; ``most`` bounds the instances of a step.
    """

    root: Path
    reader: Reader
    pipeline: Pipeline
    notebooks: Mapping[str, Notebook]
    graph: StepGraph
    values: Mapping[str, Any]
    flowing: Mapping[str, Any]
    over: Mapping[str, Sequence[str]]
    places: frozenset[tuple[str, ...]] | None
    most: int


class Drafts:
    """The drafts of a plan, by step of the pipeline file; steps have to be drafted in the order of the graph."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._specs = {step.name: step for step in scene.pipeline.steps}
        self._bare: dict[str, Fingerprint] = {}
        self._spread: dict[str, tuple[str, ...]] = {}
        self._index: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], tuple[str, ...]]] = {}
        self.of: dict[str, tuple[Draft, ...]] = {}

    def __iter__(self) -> Iterator[Draft]:
        return (draft for drafts in self.of.values() for draft in drafts)

    def spec(self, base: str) -> StepSpec:
        """The step as the pipeline file has it."""
        return self._specs[base]

    def make(self, node: StepNode, recorded: Recorded) -> tuple[Draft, ...]:
        """Draft all instances of a step, anew when it was drafted before."""
        base, notebook = node.name, self._scene.notebooks[node.name]
        step = self._specs[base]
        names = partitions_of(step, notebook, self._scene.pipeline)
        self._spread[base] = tuple(name for name in names if name in self._scene.over)
        fixed = self._fixed([name for name in names if name not in self._scene.over])
        if step.fan or self._spread[base]:
            column = next(iter([*self._spread[base], *(step.fan.over if step.fan else ())]))
            refuse_overwriting(step, notebook, node.writes, column)
        axes = {name: self._scene.over[name] for name in self._spread[base]}
        found: list[Draft] = []
        meant = self._meant(self._spread[base])
        for values in combinations(axes, base, self._scene.most):
            if meant is not None and values not in meant:
                continue
            place = dict(zip(axes, values, strict=True))
            found += self._at(node, place, dict(sorted((fixed | place).items())), recorded)
            refuse_many(len(found), base, axes, self._scene.most)
        self.of[base] = tuple(found)
        self._index = {key: index for key, index in self._index.items() if key[0] != base}
        return self.of[base]

    def upstream(self, draft: Draft) -> tuple[str, ...]:
        """What a draft waits for: a step, its instance in the same partition, or by its name all instances of it."""
        found: list[str] = []
        for base in draft.node.upstream:
            shared = tuple(name for name in self._spread[base] if name in draft.place)
            found += self._near(base, shared, draft.place) if shared else [base]
        return tuple(dict.fromkeys(found))

    def members(self, name: str) -> tuple[str, ...]:
        """The names that one in ``upstream`` stands for."""
        drafts = self.of.get(name)
        return (name,) if drafts is None else tuple(draft.name for draft in drafts)

    def source(self, draft: Draft, base: str) -> str:
        """The one step that records for a draft what step ``base`` records. Raises GraphError (WB-PIP-645)."""
        shared = tuple(name for name in self._spread[base] if name in draft.place)
        names = self._near(base, shared, draft.place) if shared else self.members(base)
        if len(names) == 1 and not self._specs[base].fan:
            return names[0]
        raise GraphError(
            "WB-PIP-645",
            f"step {draft.base} fans out over what step {base} records",
            cause=f"{base} has instances, and each of them records a value of its own",
            kept="Nothing was started.",
            next="let a step without instances record it",
        )

    # -- one step ------------------------------------------------------------------------------------------------

    def _at(
        self, node: StepNode, place: Mapping[str, str], partition: Mapping[str, str], recorded: Recorded
    ) -> Iterator[Draft]:
        """The drafts of a step at one place among the partitions."""
        step, notebook = self._specs[node.name], self._scene.notebooks[node.name]
        flowing = {**self._scene.flowing, **self._typed(place)}
        values = {**self._scene.values, **self._typed(place)}
        (name,) = instance_names(step.name, [tuple(place.values())]) if place else (step.name,)
        bare = Draft(
            name,
            node,
            step,
            notebook,
            self._fingerprint(step, notebook),
            partition=partition,
            place=dict(place),
            alone=is_single(self._scene.pipeline),
        )
        if step.fan is None:
            yield settle(bare, flowing, values)
            return
        known = dict(flowing)
        for base, wanted in sources(step).items():
            told = recorded(self.source(bare, base))
            if told is None:
                fan = replace(step.fan, values=values, parameters=step.parameters)
                given = {name: value for name, value in flowing.items() if name not in step.fan.over}
                yield replace(bare, fan=fan, parameters=_declared(notebook, given), report=step.report)
                return
            known |= told_by(bare.base, base, wanted, told)
        yield from fan_out(bare, step.fan.over, known, self._scene.most, flowing, values)

    def _meant(self, names: Sequence[str]) -> frozenset[tuple[str, ...]] | None:
        """The combinations of values of these partitions that the plan is about; None for all."""
        if self._scene.places is None or not names:
            return None
        order = list(self._scene.over)
        return frozenset(tuple(place[order.index(name)] for name in names) for place in self._scene.places)

    def _fixed(self, names: Sequence[str]) -> dict[str, str]:
        """The one value of each partition that the plan does not spread over."""
        partitions = {partition.name: partition for partition in self._scene.pipeline.partitions}
        values = {name: self._scene.values[name] for name in names}
        return {name: partition_text(partitions[name], value) for name, value in values.items() if value is not None}

    def _typed(self, place: Mapping[str, str]) -> dict[str, Any]:
        declared = {parameter.name: parameter for parameter in self._scene.pipeline.parameters}
        return {name: coerce(declared[name], text, text=True) for name, text in place.items()}

    def _fingerprint(self, step: StepSpec, notebook: Notebook) -> Fingerprint:
        if step.name not in self._bare:
            modules, environment = self._scene.reader.surroundings(notebook)
            self._bare[step.name] = fingerprint(step, notebook, {}, modules, environment)
        return self._bare[step.name]

    def _near(self, base: str, shared: tuple[str, ...], place: Mapping[str, str]) -> tuple[str, ...]:
        """The instances of a step that agree with ``place`` in the partitions ``shared``."""
        if (base, shared) not in self._index:
            index = defaultdict(list)
            for draft in self.of[base]:
                index[tuple(draft.place[name] for name in shared)].append(draft.name)
            self._index[base, shared] = {key: tuple(names) for key, names in index.items()}
        return self._index[base, shared].get(tuple(place[name] for name in shared), ())


def partitions_of(step: StepSpec, notebook: Notebook, pipeline: Pipeline) -> list[str]:
    """The partitions of a pipeline whose parameter reaches a step, in their order."""
    if not pipeline.partitions:
        return []
    title = step.report.title if step.report else ""
    taken = {parameter.name for parameter in notebook.parameters}
    over = dict(step.fan.over) if step.fan else {}
    taken |= {name for name, _ in references([dict(step.parameters), title, over])}
    return [partition.name for partition in pipeline.partitions if partition.name in taken]


def told_by(base: str, source: str, wanted: Sequence[str], told: Mapping[str, Any]) -> dict[str, Any]:
    """What ``source`` recorded, as references name it. Raises GraphError (WB-PIP-647) for what it did not record."""
    for name in wanted:
        if name not in told:
            known = f"it recorded {', '.join(told)}." + did_you_mean(name, told) if told else "it recorded nothing"
            raise GraphError(
                "WB-PIP-647",
                f'step {base} fans out over "{name}", which step {source} did not record',
                cause=known,
                next=f'call wb.record("{name}", […]) in the notebook of {source}',
            )
    return {f"{source}.{name}": told[name] for name in wanted}


def fan_out(
    bare: Draft,
    over: Mapping[str, Any],
    known: Mapping[str, Any],
    most: int,
    flowing: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Iterator[Draft]:
    """The instances of a draft, one for each combination; one that is ``empty`` when a key has no value.

    ``known`` are what references in ``over`` stand for. Raises as ``fan_axes`` and ``combinations`` do.
    """
    axes = fan_axes(bare.base, over, known, bare.notebook)
    if nothing := next((name for name, items in axes.items() if not items), ""):
        yield replace(bare, empty=nothing)
        return
    rows = list(combinations(axes, bare.base, most))
    names = instance_names(bare.base, [(*bare.place.values(), *row) for row in rows])
    for name, row in zip(names, rows, strict=True):
        key = dict(sorted(zip(axes, row, strict=True)))
        yield settle(replace(bare, name=name, key=key), flowing, values)


def settle(draft: Draft, flowing: Mapping[str, Any], values: Mapping[str, Any]) -> Draft:
    """The draft with its parameters and the title of its report. Raises ParameterError (WB-PAR-612)."""
    step, notebook = draft.step, draft.notebook
    own = substitute(step.parameters, {**flowing, **draft.key})
    given = {**_declared(notebook, flowing), **own, **draft.key}
    where = notebook.path if draft.alone else f"step {draft.name} ({notebook.path})"
    parameters = resolve(notebook.parameters, given, where)
    report = step.report
    if report is not None:
        report = replace(report, title=str(substitute(report.title, {**values, **own, **draft.key})))
    return Draft(
        draft.name,
        draft.node,
        step,
        notebook,
        with_parameters(draft.fingerprint, parameters, report),
        parameters,
        tuple(given),
        report,
        draft.key,
        draft.partition,
        draft.place,
    )


def _declared(notebook: Notebook, flowing: Mapping[str, Any]) -> dict[str, Any]:
    declared = {parameter.name for parameter in notebook.parameters}
    return {name: value for name, value in flowing.items() if name in declared}
