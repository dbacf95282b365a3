"""``wb catalog``: what we know of the data."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import DatasetArgument, EnvironmentOption, make_group

MOST = 50


def register(app: typer.Typer) -> None:
    """Add ``catalog`` and its commands."""
    group = make_group(app, "catalog", "What data there is, and what is known of it.")

    @command(group, "search")
    def search(
        face: Face,
        text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Words to look for; default: list all.")] = "",
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")] = MOST,
    ) -> None:
        """Find datasets by name, column, description, tag or owner.

        Example: wb catalog search delay
        """
        hits = face.open().catalog.search(text, limit)
        if face.as_json:
            return face.show({"hits": [codec.hit(hit) for hit in hits]})
        from workbench.ui.cli.views import catalog as view

        face.show(None, *view.draw_hits(hits, text))

    @command(group, "show")
    def show(face: Face, name: DatasetArgument, environment: EnvironmentOption = None) -> None:
        """Show all that is known of a dataset.

        Its columns with nulls and range, versions, checks, contract, where it comes from, who reads it, how to read it.

        Example: wb catalog show clean.flights
        """
        project = face.open()
        place = project.place(environment)
        entry = project.catalog.show(name, place)
        if face.as_json:
            return face.show(codec.catalog_entry(entry))
        from workbench.ui.cli.views import catalog as view

        face.show(None, *view.draw(entry, width=face.out.width))
