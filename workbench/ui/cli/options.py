"""Arguments and options that several commands share, and how ``-p name=value`` is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.model.errors import UsageError
from workbench.model.frozen import dataclass
from workbench.ui.cli import completion
from workbench.ui.cli.face import remember

if TYPE_CHECKING:
    from workbench.model.plan import Plan
    from workbench.project import Project

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
ForceOption = Annotated[bool, typer.Option("--force", help="Run every step that is selected, changed or not.")]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        "-s",
        metavar="STEPS",
        help="Only these: clean, clean+, +daily, delays[EWR], d*, tag:mart; a,b either, a&b both; may be repeated.",
        autocompletion=completion.selections,
    ),
]
FromOption = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="STEP", help="Only this one and what follows it.", autocompletion=completion.steps),
]
NominalOption = Annotated[
    str | None,
    typer.Option(
        "--nominal-time", metavar="TIME", help="With the parameters that its schedule gives for it: 2026-03-02T18:00."
    ),
]
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="An id, the end of it, or [PIPELINE@]last[-success][~N].", autocompletion=completion.runs
    ),
]
StepArgument = Annotated[
    str | None, typer.Argument(metavar="STEP", help="One step of it.", autocompletion=completion.steps)
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page that needs nothing else instead.")
]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Steps that fail keep their kernel for half an hour, to look inside.")
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


@dataclass(frozen=True)
class Choice:
    """The options that say with which values, where, and which steps."""

    parameter: ParameterOption = None
    environment: EnvironmentOption = None
    select: SelectOption = None
    start: FromOption = None
    force: ForceOption = False

    @property
    def selection(self) -> tuple[str, ...]:
        """``--select`` and ``--from`` as the expressions that they stand for together."""
        return (*(self.select or ()), *(f"{step}+" for step in self.start or ()))

    @property
    def words(self) -> list[str]:
        """The same options as one would type them."""
        given = [("-p", item) for item in self.parameter or ()]
        given += [("--env", self.environment)] if self.environment else []
        given += [("--select", item) for item in self.selection]
        return [word for pair in given for word in pair] + (["--force"] if self.force else [])


@dataclass(frozen=True)
class Asked(Choice):
    """The options that say what to plan."""

    nominal_time: NominalOption = None

    def plan(self, project: Project, target: str) -> Plan:
        """The plan that is asked for.

        Raises as ``Project.plan`` and ``parameters_for`` do, and UsageError (WB-CLI-802, 803).
        """
        given: dict[str, Any] = dict(parse_parameters(self.parameter))
        if self.nominal_time is not None:
            from workbench.scheduler.nominal import parameters_for

            given = {**parameters_for(project.root, target, self.nominal_time), **given}
        return project.plan(
            target,
            given,
            environment=self.environment,
            force=self.force,
            select=self.selection,
        )

    @property
    def words(self) -> list[str]:
        """The same options as one would type them."""
        return [*super().words, *(["--nominal-time", self.nominal_time] if self.nominal_time else [])]


def make_group(app: typer.Typer, name: str, says: str) -> typer.Typer:
    """A group of commands under ``name``; options of ``wb`` may stand before its subcommand too."""
    group = typer.Typer(help=says, rich_markup_mode=None, no_args_is_help=True)
    group.callback()(remember)
    app.add_typer(group, name=name)
    return group
