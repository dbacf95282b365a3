"""What every command is given: where the project is, and where and how to write."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from workbench.model.errors import Interrupted
from workbench.ui import codec
from workbench.ui.cli.console import make_console, put, unicode

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from workbench.config import Config
    from workbench.project import Project

ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", metavar="DIR", help="The project's folder; default: the nearest one upward."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]


class Face:
    """The terminal, or the JSON document that stands in for it.

    ``out`` carries the answer, ``err`` progress and errors.
    """

    def __init__(self, folder: Path | None = None, *, as_json: bool = False) -> None:
        self.folder = folder
        self.as_json = as_json

    @functools.cached_property
    def out(self) -> Console:
        return make_console(sys.stdout)

    @functools.cached_property
    def err(self) -> Console:
        return make_console(sys.stderr)

    @property
    def unicode(self) -> bool:
        """Whether stdout can show more than ASCII."""
        return unicode(sys.stdout)

    def open(self) -> Project:
        """The project that the command works on."""
        from workbench.project import Project

        return Project.open(self.folder)

    def config(self) -> Config:
        """The settings of the project, for commands that must not open its store."""
        from workbench.config import find_project, load_config

        return load_config(find_project(self.folder or Path.cwd()))

    def show(self, document: Any, *lines: RenderableType) -> None:
        """Write ``document`` when ``--json`` was asked for, else draw ``lines``."""
        if self.as_json:
            sys.stdout.write(codec.dumps(document, ascii_only=not self.unicode) + "\n")
            sys.stdout.flush()
            return
        for line in lines:
            put(self.out, line)


def command(group: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function whose first argument is a Face; ``--project`` and ``--json`` are added to its options.

    An argument whose type is a dataclass stands for an option for each of its fields.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        bundles: dict[str, Any] = {each.name: each.annotation for each in own if is_dataclass(each.annotation)}
        own = [each for parameter in own for each in _spread(parameter)]
        shared = [
            _keyword("ctx", typer.Context, inspect.Parameter.empty),
            _keyword("project", ProjectOption, None),
            _keyword("as_json", JsonOption, False),
        ]

        def call(ctx: typer.Context, project: Path | None, as_json: bool, **given: Any) -> None:
            made = {}
            for name, bundle in bundles.items():
                made[name] = bundle(**{field.name: given.pop(field.name) for field in fields(bundle)})
            try:
                function(_face(ctx, project, as_json), **given, **made)
            except KeyboardInterrupt:
                raise Interrupted("WB-RUN-190", "stopped", cause="you interrupted the command") from None

        parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + shared
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        call.__doc__ = function.__doc__
        call.__name__ = function.__name__
        group.command(name)(call)
        return function

    return register


def _spread(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    """An argument as it is, or the fields of the dataclass that it bundles."""
    if not is_dataclass(parameter.annotation):
        return [parameter]
    hints = get_type_hints(parameter.annotation, include_extras=True)
    return [_keyword(field.name, hints[field.name], field.default) for field in fields(parameter.annotation)]


def remember(ctx: typer.Context, project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """Keep options given before the command's name; the callback of every group."""
    ctx.obj = _face(ctx, project, as_json)


def _face(ctx: typer.Context, project: Path | None, as_json: bool) -> Face:
    before = ctx.obj if isinstance(ctx.obj, Face) else Face()
    return Face(project or before.folder, as_json=as_json or before.as_json)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
