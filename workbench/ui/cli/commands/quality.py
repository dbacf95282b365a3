"""``wb quality``: how good the data is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import EnvironmentOption, make_group


def register(app: typer.Typer) -> None:
    """Add ``quality`` and its commands."""
    group = make_group(app, "quality", "Check data against its contract.")

    @command(group, "check")
    def check(
        face: Face,
        subject: Annotated[
            str, typer.Argument(metavar="NAME|FILE", help="A dataset or a file.", autocompletion=completion.datasets)
        ],
        contract: Annotated[
            Path | None, typer.Option("--contract", metavar="FILE", help="Another contract than the dataset's own.")
        ] = None,
        environment: EnvironmentOption = None,
    ) -> None:
        """Evaluate a contract now; exit 1 when a check fails.

        Shows the outcome, the failing rows and the cost of each check.

        Example: wb quality check clean.flights
        """
        project = face.open()
        place = project.place(environment)
        checked = project.quality.check(subject, contract, place)
        if face.as_json:
            face.show(codec.checked(checked))
        else:
            from workbench.ui.cli.views import quality as view

            face.show(None, *view.draw(checked.subject, checked.results, width=face.out.width))
        if not checked.passed:
            raise typer.Exit(1)
