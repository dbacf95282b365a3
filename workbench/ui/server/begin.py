"""Runs that the server begins: planned here, so that faults are told at once, carried out in processes of their own.

Those outlive the server. Once a run has begun it is followed by its journals, like any other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model.errors import StorageError
from workbench.model.frozen import dataclass
from workbench.model.names import new_id
from workbench.project import Project
from workbench.ui import run_shapes
from workbench.ui.server.values import EnvironmentName, Flag, RunName, Text

if TYPE_CHECKING:
    from workbench.model.plan import Plan

PATIENCE = 5.0
"""Seconds that the answer to a cancellation waits for the run to end."""
LOGS = "logs/runs"


@dataclass(frozen=True)
class RunRequest:
    """What to run: a pipeline's name or a notebook's path, and what ``wb run`` takes."""

    target: Text
    parameters: Mapping[str, Any] = field(default_factory=dict)
    environment: EnvironmentName | None = None
    select: tuple[Text, ...] = ()
    force: Flag = False
    executor: Text | None = None


@dataclass(frozen=True)
class PlanRequest:
    """What to plan for, as in ``RunRequest``."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    environment: EnvironmentName | None = None
    select: tuple[Text, ...] = ()
    force: Flag = False


@dataclass(frozen=True)
class RepairRequest:
    """How to repair a run."""

    executor: Text | None = None


@dataclass(frozen=True)
class Child:
    """The process of a run, which writes to ``log`` why it could not begin."""

    run: RunName
    pipeline: str
    environment: str
    process: subprocess.Popen[bytes]
    log: Path


_children: list[Child] = []
_lock = threading.Lock()


def run(project: Project, asked: RunRequest) -> run_shapes.Begun:
    """Plan what is asked for, then let it be run.

    Raises what ``Project.plan`` raises, StorageError (WB-DB-517, WB-DSK-302).
    """
    given = dict(asked.parameters)
    plan = project.plan(asked.target, given, environment=asked.environment, force=asked.force, select=asked.select)
    identifier = new_id()
    order = {
        "run": identifier,
        "target": asked.target,
        "parameters": given,
        "environment": plan.environment,
        "force": asked.force,
        "select": list(asked.select),
        "executor": asked.executor,
    }
    return _launch(project, {"run": identifier, "pipeline": plan.pipeline, "environment": plan.environment}, order)


def repair(project: Project, name: str, asked: RepairRequest) -> run_shapes.Begun:
    """Take up a run again. Raises what ``Project.plan_repair`` raises, StorageError (WB-DSK-302)."""
    found = project.plan_repair(name).run
    begun: run_shapes.Begun = {"run": found.id, "pipeline": found.pipeline, "environment": found.environment}
    return _launch(project, begun, {"repair": found.id, "executor": asked.executor})


def trial(project: Project, proposal: Mapping[str, Any]) -> run_shapes.Begun:
    """Let a notebook be run as it is proposed. Raises what ``promotion.planned`` raises, StorageError (WB-DSK-302)."""
    plan = planned_trial(project, proposal)
    identifier = new_id()
    begun: run_shapes.Begun = {"run": identifier, "pipeline": plan.pipeline, "environment": plan.environment}
    return _launch(project, begun, {"run": identifier, "trial": dict(proposal), "executor": None})


def planned_trial(project: Project, proposal: Mapping[str, Any]) -> Plan:
    """The plan of a notebook with the text that is proposed for it, in the environment of notebooks opened by hand.

    There it does no more than running its cells by hand does. ``proposal`` has ``path, parameters, reorder``.
    """
    from workbench.pipeline.promotion import Wish, propose, with_text

    names = proposal["parameters"]
    wish = Wish(parameters=None if names is None else tuple(names), reorder=proposal["reorder"])
    _, text = propose(project.root, proposal["path"], wish)
    plan = project.plan(proposal["path"], environment=project.config.interactive_environment, force=True)
    return with_text(plan, text)


def ended() -> tuple[tuple[Child, dict[str, Any] | None], ...]:
    """The processes that have ended since the last call, each with the error that it could not begin for."""
    with _lock:
        over = [child for child in _children if child.process.poll() is not None]
        for child in over:
            _children.remove(child)
    return tuple((child, _said(child)) for child in over)


def _said(child: Child) -> dict[str, Any] | None:
    """The error that stands last in the log, if it is one of ours."""
    try:
        lines = child.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        told = json.loads(lines[-1]) if lines else None
    except (OSError, ValueError):
        return None
    return told["error"] if isinstance(told, dict) and isinstance(told.get("error"), dict) else None


def _launch(project: Project, begun: run_shapes.Begun, order: Mapping[str, Any]) -> run_shapes.Begun:
    project.store.check_writable()
    log = project.config.state / LOGS / f"{begun['run']}.log"
    command = [sys.executable, "-P", "-m", "workbench.ui.server.child", str(project.root)]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=project.root,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        assert process.stdin is not None
        with process.stdin as pipe:
            pipe.write(json.dumps(order).encode())
    except OSError as error:
        raise StorageError(
            "WB-DSK-302", "cannot start the run", cause=error.strerror or str(error), kept="Nothing was started."
        ) from error
    with _lock:
        _children.append(Child(begun["run"], begun["pipeline"], begun["environment"], process, log))
    return begun
