"""What the API answers about the project and itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.config import find_project
from workbench.model.errors import Conflict, NotFound
from workbench.pipeline import spec
from workbench.project import Project
from workbench.ui import codec, shapes
from workbench.ui.server.values import Text

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class ProjectRequest:
    """How a project begins: as the ``example`` of that name, or with one notebook and one pipeline."""

    example: Text | None = None


def project_facts(project: Project) -> shapes.ProjectFacts:
    """What the project is called, what it has, and what goes on in it."""
    from workbench.model.run import State

    with project.store.reading() as transaction:
        datasets = len(transaction.datasets.names())
    going = project.runs.list(200, states=[State.QUEUED, State.RUNNING])
    return {
        "name": project.name,
        "version": version("dataops-workbench"),
        "actor": project.actor,
        "environments": [each.name for each in project.config.environments],
        "environment": project.config.default_environment,
        "interactive_environment": project.config.interactive_environment,
        "executor": project.config.executor,
        "pipelines": len(spec.pipeline_names(project.root)),
        "datasets": datasets,
        "active": [codec.run_row(run) for run in going],
        "damage": project.store.damage or None,
    }


def begin(folder: Path, body: ProjectRequest) -> shapes.BegunProject:
    """Begin a project in the folder of the server, where there is none; no file that is there is changed."""
    from workbench.ui.cli.commands import init

    with _one_at_a_time:
        if (root := _project(folder)) is not None:
            cause = f"it is {root}"
            raise Conflict("WB-CLI-811", "a project is there already", cause=cause, kept="Nothing was written.")
        return {"pipeline": init.make(folder, body.example, force=True)}


def _project(folder: Path) -> Path | None:
    try:
        return find_project(folder)
    except NotFound:
        return None


def doctor(project: Project) -> shapes.Doctor:
    """Everything a run needs, checked, with the mend for each miss."""
    from workbench.ui.cli.checkup import examine

    findings = list(examine(project.root))
    return {"ok": all(each.ok for each in findings), "findings": [codec.finding(each) for each in findings]}


@cache
def openapi() -> dict[str, Any]:
    """This API as an OpenAPI 3.1 document, made from the table of routes."""
    from workbench.ui.server.openapi import document

    return document()
