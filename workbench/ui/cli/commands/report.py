"""``wb report``: executed notebooks as pages."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group

MOST = 20


def register(app: typer.Typer) -> None:
    """Add ``report`` and its commands."""
    group = make_group(app, "report", "Executed notebooks as pages one can trust.")

    @command(group, "list")
    def list_reports(
        face: Face,
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")] = MOST,
    ) -> None:
        """List the reports there are, newest first, with the paths of their files.

        Example: wb report list
        """
        project = face.open()
        reports = project.reports.list()[:limit]
        if face.as_json:
            return face.show({"reports": [codec.report(report, state=project.config.state) for report in reports]})
        if not reports:
            return face.show(None, "Reports would be here. Next: add report: to a step, then wb run PIPELINE")
        from workbench.ui.cli.views import report as view

        face.show(None, *view.draw(reports, project.config.state))
