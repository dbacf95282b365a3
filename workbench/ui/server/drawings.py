"""What the API answers where a graph is to be seen: laid out here, so that whoever asks has to draw it only."""

from __future__ import annotations

from workbench.project import Project
from workbench.ui import shapes
from workbench.ui.graph import sources
from workbench.ui.graph.chart import Chart, fold
from workbench.ui.graph.placed import placed
from workbench.ui.server import pipelines
from workbench.ui.server.data import Direction
from workbench.ui.server.values import DatasetName, Depth, EnvironmentName, Groups, PipelineName, RunName

MOST_DRAWN = 3000
"""Boxes each way: a view that draws what is in sight is quick with that many."""
EVERY = "*"
"""Stands for all groups where some are named."""


def lineage(
    project: Project,
    name: DatasetName,
    direction: Direction = Direction.BOTH,
    depth: Depth | None = None,
    opened: Groups = "",
    environment: EnvironmentName | None = None,
) -> shapes.Drawn:
    """The lineage of a dataset laid out; ``opened`` names groups that stay open, with commas between, ``*`` all."""
    place = project.place(environment)
    found = project.lineage.show(name, depth, direction=direction.value, environment=place, most=MOST_DRAWN)
    return drawn(sources.lineage(found), opened)


def path(
    project: Project,
    name: DatasetName,
    other: DatasetName,
    opened: Groups = "",
    environment: EnvironmentName | None = None,
) -> shapes.Drawn:
    """All ways from a dataset to another one, laid out; no arrow when neither was made from the other."""
    found = project.lineage.path(name, other, environment=project.place(environment))
    return drawn(sources.lineage(found), opened)


def run(project: Project, run: RunName, opened: Groups = "") -> shapes.Drawn:
    """The steps of a run laid out, in their states."""
    return drawn(sources.run(project.runs.get(run)), opened)


def pipeline(project: Project, pipeline: PipelineName, opened: Groups = "") -> shapes.Drawn:
    """The steps of a pipeline and the datasets between them, laid out."""
    return drawn(sources.lineage(pipelines.graph_of(project, pipeline)), opened)


def drawn(chart: Chart, opened: str) -> shapes.Drawn:
    """A chart laid out; ``opened`` names groups that stay open, with commas between, ``*`` all."""
    names = [name for name in opened.split(",") if name]
    return placed(chart if EVERY in names else fold(chart, opened=names))
