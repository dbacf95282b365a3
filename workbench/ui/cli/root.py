"""What ``wb`` says without a command: its version; and what may have been meant where there is no such command."""

from __future__ import annotations

import re
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.model.errors import WorkbenchError
from workbench.ui.cli.face import JsonOption, ProjectOption, remember

MOST = 8
"""Pipelines that are named where one is missing."""


def root(
    ctx: typer.Context,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Keep options given before the command's name, or tell the version."""
    remember(ctx, project, as_json)
    if version:
        told = version_of("dataops-workbench")
        ctx.obj.show({"version": told}, f"wb {told}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        ctx.fail("Missing command.")


def meant(error: Any) -> tuple[str, str]:
    """What may help who typed what there is not: a cause, and what to type next; both empty when nothing is known."""
    context = error.ctx
    if getattr(getattr(error, "param", None), "name", "") == "target":
        names = _pipelines(context.params.get("project") or context.find_root().params.get("project"))
        told = f"pipelines here: {', '.join(names[:MOST])}{', …' if names[MOST:] else ''}" if names else ""
        return told, f"{context.command_path} {names[0]}" if len(names) == 1 else ""
    found = re.match("No such command '([^']+)'", error.message)
    groups = getattr(context.command, "commands", {}) if found else {}
    holding = [name for name, group in groups.items() if found and found[1] in getattr(group, "commands", {})]
    return "", f"{context.command_path} {holding[0]} {found[1]}" if found and holding else ""


def _pipelines(folder: Path | None) -> tuple[str, ...]:
    from workbench.config import find_project
    from workbench.pipeline.spec import pipeline_names

    try:
        return pipeline_names(find_project(folder or Path.cwd()))
    except WorkbenchError:
        return ()
