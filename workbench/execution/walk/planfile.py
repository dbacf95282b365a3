"""The plan of a run, frozen beside its attempts; each repair adds its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from workbench import durable
from workbench.model.plain import from_plain, to_plain
from workbench.model.plan import Plan
from workbench.model.run import Run


def write(state: Path, run: Run, plan: Plan) -> None:
    """Keep what was planned, but for the notebooks, which lie with the attempts. Raises StorageError."""
    steps = tuple(replace(step, source="", past=None) for step in plan.steps)
    text = json.dumps(to_plain(replace(plan, steps=steps)), separators=(",", ":"))
    durable.write_text(_path(state, run.id, run.repairs), text)


def read(state: Path, run: Run) -> Plan | None:
    """What was planned for a run, at its last repair if it had any; None where that was not kept."""
    path = _path(state, run.id, run.repairs)
    return from_plain(Plan, json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _path(state: Path, run: str, repairs: int) -> Path:
    return state / "runs" / run / (f"plan-{repairs}.json" if repairs else "plan.json")
