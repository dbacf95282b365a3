"""What the API answers where a graph is to be seen: the picture, laid out and drawn here, and the boxes in it."""

from __future__ import annotations

from workbench.project import Project
from workbench.ui import codec, shapes
from workbench.ui.graph import sources
from workbench.ui.graph.chart import Chart, fold
from workbench.ui.graph.drawing import draw
from workbench.ui.server import pipelines
from workbench.ui.server.data import Direction
from workbench.ui.server.values import DatasetName, Depth, EnvironmentName, PipelineName, RunName, Text


def lineage(
    project: Project,
    name: DatasetName,
    direction: Direction = Direction.BOTH,
    depth: Depth | None = None,
    opened: Text = "",
    environment: EnvironmentName | None = None,
) -> shapes.Drawn:
    """The lineage of a dataset as a picture; ``opened`` names groups that stay open, with commas between."""
    place = project.place(environment)
    found = project.lineage.show(name, depth, direction=direction.value, environment=place)
    return drawn(sources.lineage(found), opened)


def run(project: Project, run: RunName, opened: Text = "") -> shapes.Drawn:
    """The steps of a run as a picture, in their states."""
    return drawn(sources.run(project.runs.get(run)), opened)


def pipeline(project: Project, pipeline: PipelineName, opened: Text = "") -> shapes.Drawn:
    """The steps of a pipeline and the datasets between them as a picture."""
    return drawn(sources.lineage(pipelines.graph_of(project, pipeline)), opened)


def drawn(chart: Chart, opened: str) -> shapes.Drawn:
    """The picture of a chart; ``opened`` names groups that stay open, with commas between."""
    made = draw(fold(chart, opened=[name for name in opened.split(",") if name]))
    return {
        "svg": str(made.svg),
        "width": made.width,
        "height": made.height,
        "boxes": codec.value(made.chart.boxes),
        "folded": dict(made.chart.folded),
        "truncated": made.chart.truncated,
    }
