"""``wb report``: executed notebooks as pages."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group

MOST = 20


def register(app: typer.Typer) -> None:
    """Add ``report`` and its commands."""
    group = make_group(app, "report", "Executed notebooks as pages one can trust.")

    @command(group, "build")
    def build(
        face: Face,
        target: Annotated[
            str,
            typer.Argument(
                metavar="NOTEBOOK|RUN", help="A notebook with outputs, or a run.", autocompletion=completion.built
            ),
        ],
        step: Annotated[
            str | None,
            typer.Option("--step", metavar="STEP", help="Which one of the run.", autocompletion=completion.steps),
        ] = None,
    ) -> None:
        """Make a page of a notebook as it stands, or of a step of a run, and print its path.

        Example: wb report build last --step daily
        """
        project = face.open()
        source = target if target.endswith(".ipynb") else project.runs.get(target).id
        report = project.reports.build(source, step)
        from rich.text import Text

        path = Text(str(project.config.state / report.path), no_wrap=True, overflow="ignore")
        face.show(codec.report(report, state=project.config.state), path)

    @command(group, "list")
    def list_reports(
        face: Face,
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")] = MOST,
    ) -> None:
        """List the reports there are, newest first, with the paths of their files.

        Example: wb report list
        """
        project = face.open()
        reports = project.reports.list(limit)
        if face.as_json:
            return face.show({"reports": [codec.report(report, state=project.config.state) for report in reports]})
        if not reports:
            return face.show(None, "Reports would be here. Next: add report: to a step, then wb run PIPELINE")
        from workbench.ui.cli.views import report as view

        face.show(None, *view.draw(reports, project.config.state))
