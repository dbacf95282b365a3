"""What the API answers about the project and itself."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from workbench.pipeline import spec
from workbench.project import Project
from workbench.ui import codec, shapes


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
