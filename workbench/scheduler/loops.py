"""Pipelines that would trigger each other for ever, found from what their notebooks write, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from workbench.model.errors import GraphError, WorkbenchError
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import DatasetTrigger
from workbench.pipeline.notebook import read_notebook


def find_loops(root: Path, pipelines: Mapping[str, Pipeline]) -> dict[str, GraphError]:
    """The pipelines that are part of a circle, each with the error that shows it.

    A pipeline that writes what triggers it is none: its own runs do not count. Names that notebooks compute are not
    seen; what they lead to is bounded while it runs.
    """
    waits = {name: _waits_for(pipeline) for name, pipeline in pipelines.items()}
    if not any(waits.values()):
        return {}
    writes = {name: _writes(root, pipeline) for name, pipeline in pipelines.items()}
    after = {
        name: [other for other in sorted(pipelines) if other != name and waits[other] & made]
        for name, made in writes.items()
    }
    return {name: _error(way) for name in sorted(pipelines) if waits[name] and (way := _way_back(name, after))}


def _waits_for(pipeline: Pipeline) -> set[str]:
    return {name for one in pipeline.triggers if isinstance(one, DatasetTrigger) for name in one.datasets}


def _writes(root: Path, pipeline: Pipeline) -> set[str]:
    found: set[str] = set()
    for step in pipeline.steps:
        found.update(step.writes)
        with suppress(WorkbenchError):  # told when it is planned
            found.update(reference.dataset for reference in read_notebook(root, step.notebook).writes)
    return found


def _way_back(start: str, after: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from a pipeline back to itself; empty when there is none."""
    ways, met = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for following in after[way[-1]]:
            if following == start:
                return [*way, start]
            if following not in met:
                met.add(following)
                ways.append([*way, following])
    return []


def _error(way: list[str]) -> GraphError:
    return GraphError(
        "WB-SCH-855",
        f"pipelines trigger each other: {' → '.join(way)}",
        cause="each writes a dataset that triggers the next, so they would never end",
        kept="None of these triggers acts; schedules do.",
        next="let one of them run by a schedule, or write another dataset",
    )
