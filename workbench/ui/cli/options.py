"""Arguments and options that several commands share, and how ``-p name=value`` is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from workbench.model.errors import UsageError
from workbench.ui.cli import completion
from workbench.ui.cli.face import remember

TargetArgument = Annotated[
    str,
    typer.Argument(
        metavar="PIPELINE|NOTEBOOK",
        help="A file in pipelines/ without .yaml, or the path of a notebook.",
        autocompletion=completion.runnables,
    ),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        metavar="NAME=VALUE",
        help="A parameter; may be repeated.",
        autocompletion=completion.parameters,
    ),
]
EnvironmentOption = Annotated[
    str | None,
    typer.Option(
        "--env", metavar="NAME", help="The environment to read and publish in.", autocompletion=completion.environments
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Run every step, changed or not.")]
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="An id, the end of it, or [PIPELINE@]last[-success][~N].", autocompletion=completion.runs
    ),
]
StepArgument = Annotated[
    str | None, typer.Argument(metavar="STEP", help="One step of it.", autocompletion=completion.steps)
]
DatasetArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A dataset, as namespace.name.", autocompletion=completion.datasets)
]


def parse_parameters(given: Sequence[str] | None) -> dict[str, str]:
    """``["day=2013-01-16"]`` → ``{"day": "2013-01-16"}``. Raises UsageError (WB-CLI-802, WB-CLI-803)."""
    found: dict[str, str] = {}
    for item in given or ():
        name, mark, text = item.partition("=")
        name = name.strip()
        if not mark or not name:
            raise UsageError(
                "WB-CLI-802",
                f"-p {item} gives no parameter",
                next="write it as -p name=value, such as -p day=2013-01-16",
            )
        if name in found:
            raise UsageError("WB-CLI-803", f"parameter {name} is given twice", cause=f"as {found[name]} and as {text}")
        found[name] = text
    return found


def make_group(app: typer.Typer, name: str, says: str) -> typer.Typer:
    """A group of commands under ``name``; options of ``wb`` may stand before its subcommand too."""
    group = typer.Typer(help=says, rich_markup_mode=None, no_args_is_help=True)
    group.callback()(remember)
    app.add_typer(group, name=name)
    return group
