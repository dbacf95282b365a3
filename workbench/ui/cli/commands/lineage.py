"""``wb lineage``: where data comes from and what is made of it."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import DatasetArgument, EnvironmentOption, make_group


class Format(StrEnum):
    """How a graph can be written."""

    TREE = "tree"
    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add ``lineage`` and its commands."""
    group = make_group(app, "lineage", "Where data comes from, and what is made of it.")

    @command(group, "show")
    def show(
        face: Face,
        name: DatasetArgument,
        format: Annotated[Format, typer.Option("--format", help="How to write the graph.")] = Format.TREE,
        depth: Annotated[
            int | None, typer.Option("--depth", min=1, metavar="N", help="Datasets to go, both ways; default: all.")
        ] = None,
        environment: EnvironmentOption = None,
    ) -> None:
        """Show what a dataset was made from and what is made from it.

        Example: wb lineage show clean.flights --format mermaid
        """
        from workbench.lineage import text

        project = face.open()
        place = project.place(environment)
        graph = project.lineage.show(name, depth, environment=place)
        if face.as_json or format is Format.JSON:
            return Face(as_json=True).show(codec.graph(graph))
        if format is Format.SVG:
            from workbench.ui.graph import chart, drawing, sources

            svg = drawing.standalone(chart.fold(sources.lineage(graph)))
            sys.stdout.write(svg if face.unicode else svg.encode("ascii", "xmlcharrefreplace").decode())
            return
        drawn = text.mermaid(graph) if format is Format.MERMAID else text.tree(graph, plain=not face.unicode)
        face.out.print(drawn.rstrip("\n"), soft_wrap=True)
        if format is Format.TREE and not graph.arrows:
            face.show(None, "Nothing was read for it, and nothing reads it yet. Next: wb run PIPELINE")
