"""How steps hang together: edges follow from what each reads and writes, in its cells or its spec.

Beside them lead edges to a step from those it names in ``after:``, and from those that record what it fans out over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heappush
from itertools import pairwise

from workbench.model.errors import GraphError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Notebook, Pipeline, Reference, StepSpec
from workbench.pipeline.substitution import recorded


@dataclass(frozen=True)
class StepNode:
    """One step: the datasets it reads and writes, and the steps that come before it.

    ``inputs`` are the reads that decide whether it runs again: all but those that the step writes itself.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    upstream: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(name for name in self.reads if name not in self.writes)


@dataclass(frozen=True)
class StepGraph:
    """The steps in an order in which each follows its upstream; ``writers`` is dataset → step."""

    steps: tuple[StepNode, ...]
    writers: Mapping[str, str]

    def step(self, name: str) -> StepNode:
        return next(step for step in self.steps if step.name == name)


def build(pipeline: Pipeline, notebooks: Mapping[str, Notebook], known: Collection[str]) -> StepGraph:
    """The graph of a pipeline; ``notebooks`` is by step, ``known`` are the datasets that exist already.

    Steps that do not depend on one another keep the order of the file. Raises GraphError: WB-PIP-630 a cycle,
    WB-PIP-631 two writers of a dataset, WB-PIP-632 a dataset that nothing writes, WB-PIP-633 a computed name.
    """
    for step in pipeline.steps:
        _refuse_computed(pipeline, step, notebooks[step.name])
    reads = {step.name: _names(notebooks[step.name].reads, step.reads) for step in pipeline.steps}
    writes = {step.name: _names(notebooks[step.name].writes, step.writes) for step in pipeline.steps}
    places = _Places(pipeline, notebooks)
    writers = _writers(pipeline, writes, places)
    _refuse_unknown(pipeline, reads, {*writers, *known}, places)
    upstream = {
        step.name: _upstream(step, [writers[name] for name in reads[step.name] if name in writers])
        for step in pipeline.steps
    }
    order = _ordered(upstream)
    if len(order) < len(upstream):
        raise _cycle(pipeline, {name: upstream[name] for name in upstream if name not in order}, reads, writers, places)
    return StepGraph(tuple(StepNode(name, reads[name], writes[name], upstream[name]) for name in order), writers)


@dataclass(frozen=True)
class _Places:
    """Says where a step names a dataset."""

    pipeline: Pipeline
    notebooks: Mapping[str, Notebook]

    def of(self, step: str, dataset: str, writing: bool) -> str:
        notebook = self.notebooks[step]
        for reference in notebook.writes if writing else notebook.reads:
            if reference.dataset == dataset:
                return f"{notebook.path}, {_where(reference)}"
        return f"{self.pipeline.path}, {'writes' if writing else 'reads'} of step {step}"


def _where(reference: Reference) -> str:
    return f"cell {reference.cell + 1}, line {reference.line}"


def _names(found: Iterable[Reference], declared: Iterable[str]) -> tuple[str, ...]:
    literal = [reference.dataset for reference in found if not reference.computed]
    return tuple(dict.fromkeys([*literal, *declared]))


def _upstream(step: StepSpec, writers: Iterable[str]) -> tuple[str, ...]:
    sources = recorded(step.fan.over) if step.fan else ()
    return tuple(dict.fromkeys(name for name in (*writers, *step.after, *sources) if name != step.name))


def _refuse_computed(pipeline: Pipeline, step: StepSpec, notebook: Notebook) -> None:
    for key, references, declared in (
        ("reads", notebook.reads, step.reads),
        ("writes", notebook.writes, step.writes),
    ):
        computed = [reference for reference in references if reference.computed]
        if computed and not declared:
            first = computed[0]
            verb = "read" if key == "reads" else "written"
            shown = first.computed if len(first.computed) <= 80 else first.computed[:79] + "…"
            mend = f"write the name literally, or list what the step {key} under {key}:"
            if not pipeline.path.endswith(".ipynb"):
                mend += f" of step {step.name} in {pipeline.path}"
            raise GraphError(
                "WB-PIP-633",
                f"step {step.name}: which dataset is {verb} cannot be told at {notebook.path}, {_where(first)}",
                cause=f"the name or query is computed: {shown}",
                next=mend,
                detail=[f"  also {_where(other)}: {other.computed[:80]}" for other in computed[1:6]],
            )


def _writers(pipeline: Pipeline, writes: Mapping[str, tuple[str, ...]], places: _Places) -> dict[str, str]:
    found: dict[str, str] = {}
    for step in pipeline.steps:
        for dataset in writes[step.name]:
            first = found.setdefault(dataset, step.name)
            if first != step.name:
                raise GraphError(
                    "WB-PIP-631",
                    f"two steps write {dataset}: {first} and {step.name}",
                    cause="a dataset has one writer, so that its content never depends on which step came last",
                    next="let one of them write another dataset, or make them one step",
                    detail=[f"  {name}: {places.of(name, dataset, True)}" for name in (first, step.name)],
                )
    return found


def _refuse_unknown(
    pipeline: Pipeline, reads: Mapping[str, tuple[str, ...]], there: Collection[str], places: _Places
) -> None:
    unknown = [(step.name, name) for step in pipeline.steps for name in reads[step.name] if name not in there]
    if unknown:
        step, dataset = unknown[0]
        raise GraphError(
            "WB-PIP-632",
            f"step {step} reads {dataset}, which no step writes and the project does not hold",
            cause=f"at {places.of(step, dataset, False)}.{did_you_mean(dataset, there)}",
            next="correct the name, or add the step that writes it",
            detail=[f"  also {name}: {other}, at {places.of(name, other, False)}" for name, other in unknown[1:6]],
        )


def _ordered(upstream: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The steps that can be ordered, always the first of the file that is ready next; those of a cycle are left out."""
    names = list(upstream)
    place = {name: index for index, name in enumerate(names)}
    missing = {name: len(before) for name, before in upstream.items()}
    after: dict[str, list[str]] = {name: [] for name in names}
    for name, before in upstream.items():
        for other in before:
            after[other].append(name)
    ready = [place[name] for name in names if not missing[name]]
    heapify(ready)
    order = []
    while ready:
        name = names[heappop(ready)]
        order.append(name)
        for other in after[name]:
            missing[other] -= 1
            if not missing[other]:
                heappush(ready, place[other])
    return order


def _cycle(
    pipeline: Pipeline,
    upstream: Mapping[str, tuple[str, ...]],
    reads: Mapping[str, tuple[str, ...]],
    writers: Mapping[str, str],
    places: _Places,
) -> GraphError:
    """The error that shows one cycle, edge by edge, in the direction the data flows."""
    path = [next(iter(upstream))]
    while (before := next(name for name in upstream[path[-1]] if name in upstream)) not in path:
        path.append(before)
    ring = [before, *reversed(path[path.index(before) :])]
    lines = []
    for first, second in pairwise(ring):
        shared = next((name for name in reads[second] if writers.get(name) == first), None)
        if shared is None:
            fan = next((step.fan for step in pipeline.steps if step.name == second), None)
            key = "foreach" if fan and first in recorded(fan.over) else "after"
            lines.append(f"  {second} waits for {first}: {key} in {pipeline.path}")
            continue
        lines.append(f"  {first} writes {shared}: {places.of(first, shared, True)}")
        lines.append(f"  {second} reads {shared}: {places.of(second, shared, False)}")
    return GraphError(
        "WB-PIP-630",
        f"the steps of {pipeline.name} wait for each other: {' → '.join(ring)}",
        next="break the cycle: let one of them read or write another dataset",
        detail=lines,
    )
