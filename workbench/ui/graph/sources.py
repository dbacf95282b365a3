"""Charts of what the rooms know: lineage, a run, a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from workbench.model.lineage import Graph
from workbench.model.plan import Action, Plan
from workbench.model.run import Run, StepRun
from workbench.ui.cli.words import count, duration
from workbench.ui.graph import marks
from workbench.ui.graph.chart import Box, Chart, fold_groups

INSTANCES = 5
"""Instances of a step that stand side by side; more of them are one box."""


def lineage(graph: Graph, *, states: Mapping[str, str] | None = None, hrefs: Mapping[str, str] | None = None) -> Chart:
    """What a dataset was made from and what is made of it; ``states`` and ``hrefs`` are by the id of a node."""
    boxes = tuple(
        Box(
            node.id,
            node.kind,
            node.name,
            node.detail,
            (states or {}).get(node.id, ""),
            (hrefs or {}).get(node.id, ""),
            _group(node.id),
        )
        for node in graph.nodes
    )
    return _instances(Chart(f"Lineage of {graph.focus}", boxes, graph.arrows, graph.focus, graph.truncated))


def run(of: Run, href: Callable[[StepRun], str] | None = None) -> Chart:
    """The steps of a run, as far as they got; ``href`` tells where each leads."""
    boxes = tuple(
        Box(
            step.step,
            "step",
            step.step,
            _took(step),
            step.state.value,
            href(step) if href else "",
            step.base or step.step,
        )
        for step in of.steps
    )
    arrows = _waits((step.step, step.base or step.step, step.upstream) for step in of.steps)
    return _instances(Chart(f"Steps of {of.pipeline}", boxes, arrows))


def plan(of: Plan) -> Chart:
    """The steps of a plan: what would run, and what stays as it is."""
    words = {Action.RUN: "queued", Action.SKIP: "skipped", Action.DECIDE: "queued"}
    boxes = tuple(
        Box(step.name, "step", step.name, step.reason.text, words[step.action], group=step.base or step.name)
        for step in of.steps
    )
    arrows = _waits((step.name, step.base or step.name, step.upstream) for step in of.steps)
    return _instances(Chart(f"Plan of {of.pipeline}", boxes, arrows))


def _group(identifier: str) -> str:
    """The namespace of a dataset; the pipeline of a step or report."""
    kind, _, rest = identifier.rpartition(":")
    return f"{kind}s of {rest.partition('.')[0]}" if kind else identifier.partition(".")[0]


def _took(step: StepRun) -> str:
    return duration(step.seconds) if step.state != "skipped" and step.seconds is not None else marks.word(step.state)


def _waits(steps: Iterable[tuple[str, str, Sequence[str]]]) -> tuple[tuple[str, str], ...]:
    """An arrow for each step that another waits for; the name of a base stands for all its instances."""
    steps = tuple(steps)
    named: dict[str, list[str]] = {}
    for name, base, _ in steps:
        named.setdefault(base, []).append(name)
    names = {name for name, _, _ in steps}
    return tuple(
        (before, name)
        for name, _, upstream in steps
        for wanted in upstream
        for before in ([wanted] if wanted in names else named.get(wanted, []))
    )


def _instances(chart: Chart) -> Chart:
    """The chart with the many instances of one step as one box."""
    bases = {box.id: _base(box) for box in chart.boxes if "[" in box.name and box.kind in ("step", "report")}
    many = {base for base, size in Counter(bases.values()).items() if size > INSTANCES}
    if not many:
        return chart
    kept = {box.id: box.group for box in chart.boxes}
    marked = tuple(
        Box(box.id, box.kind, box.name, box.detail, box.state, box.href, bases.get(box.id, ""), box.members)
        for box in chart.boxes
    )
    folded = fold_groups(Chart(chart.title, marked, chart.arrows, chart.focus, chart.truncated), many)
    names = {f"group:{base}": base for base in many}
    boxes = []
    for box in folded.boxes:
        if box.id in names:
            state = f", {box.detail.split(', ', 1)[1]}" if ", " in box.detail else ""
            title = f"{names[box.id].rpartition('.')[2].rpartition(':')[2]} ×{box.members}"
            box = Box(
                box.id, "step", title, count(box.members, "instance") + state, box.state, box.href, members=box.members
            )
        else:
            box = Box(box.id, box.kind, box.name, box.detail, box.state, box.href, kept[box.id], box.members)
        boxes.append(box)
    return Chart(chart.title, tuple(boxes), folded.arrows, chart.focus, chart.truncated, folded.folded)


def _base(box: Box) -> str:
    return box.id.partition("[")[0]
