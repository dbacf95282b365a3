"""The chart of a pipeline file that is being written."""

from __future__ import annotations

from workbench.pipeline.sketch import Sketch
from workbench.ui.graph.chart import Box, Chart

PREFIX = "step:"
"""How the id of a step begins; that of a dataset is its name."""


def chart(of: Sketch, pipeline: str) -> Chart:
    """The steps and the datasets between them; a step with a fault is in the state ``error`` and says what it is."""
    faults = {fault.step: fault.error.what for fault in reversed(of.faults)}
    boxes: dict[str, Box] = {}
    arrows: dict[tuple[str, str], None] = {}
    for step in of.steps:
        own = PREFIX + step.name
        fact = faults.get(step.name) or step.notebook.rpartition("/")[2]
        boxes[own] = Box(own, "step", step.name, fact, "error" if step.name in faults else "")
        for names, reading in ((step.reads, True), (step.writes, False)):
            for name in names:
                boxes.setdefault(name, Box(name, "dataset", name, group=f"datasets of {name.partition('.')[0]}"))
                arrows[(name, own) if reading else (own, name)] = None
    writers: dict[str, list[str]] = {}
    for step in of.steps:
        for name in step.writes:
            writers.setdefault(name, []).append(step.name)
    fed = {(writer, step.name) for step in of.steps for name in step.reads for writer in writers.get(name, ())}
    for step in of.steps:
        for before in step.before:
            if (before, step.name) not in fed:  # nothing but the order binds them
                arrows[PREFIX + before, PREFIX + step.name] = None
    return Chart(f"Steps of {pipeline}", tuple(boxes.values()), tuple(arrows))
