"""``wb plan``: what would run and why."""

from __future__ import annotations

import shlex

import typer

from workbench.ui import planned
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import Asked, TargetArgument


def register(app: typer.Typer) -> None:
    """Add ``plan`` to the commands."""

    @command(app, "plan")
    def plan(face: Face, target: TargetArgument, asked: Asked) -> None:
        """Say what would run and why, down to the cell that changed.

        Example: wb plan flights -p day=2013-01-16 --select clean+
        """
        project = face.open()
        made = asked.plan(project, target)
        if face.as_json:
            return face.show(planned.plan(made))
        from workbench.ui.cli.views import plan as view

        words = shlex.join(["wb", "run", target, *asked.words])
        face.show(None, *view.draw(made, command=words, width=face.out.width))
