"""``wb pipeline``: what pipeline files may say."""

from __future__ import annotations

import typer

from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group


def register(app: typer.Typer) -> None:
    """Add ``pipeline`` and its commands."""
    group = make_group(app, "pipeline", "What pipeline files may say.")

    @command(group, "schema")
    def schema(face: Face) -> None:
        """Print the JSON Schema of pipeline files, for an editor that completes and checks them.

        Example: wb pipeline schema > pipeline.schema.json
        """
        from workbench.pipeline.keys import json_schema

        Face(as_json=True).show(json_schema())
