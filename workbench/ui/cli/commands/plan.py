"""``wb plan``: what would run and why."""

from __future__ import annotations

import shlex

import typer

from workbench.ui import codec
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import EnvironmentOption, ForceOption, ParameterOption, TargetArgument, parse_parameters


def register(app: typer.Typer) -> None:
    """Add ``plan`` to the commands."""

    @command(app, "plan")
    def plan(
        face: Face,
        target: TargetArgument,
        parameter: ParameterOption = None,
        environment: EnvironmentOption = None,
        force: ForceOption = False,
    ) -> None:
        """Say what would run and why, down to the cell that changed.

        Example: wb plan flights -p day=2013-01-16
        """
        project = face.open()
        made = project.plan(target, parse_parameters(parameter), environment=environment, force=force)
        if face.as_json:
            return face.show(codec.plan(made))
        from workbench.ui.cli.views import plan as view

        words = ["wb", "run", target, *(word for item in parameter or () for word in ("-p", item))]
        words += ["--env", environment] if environment else []
        words += ["--force"] if force else []
        slots = project.config.max_parallel
        face.show(None, *view.draw(made, slots=slots, command=shlex.join(words), width=face.out.width))
