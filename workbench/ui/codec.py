"""One codec from nouns to JSON, for ``--json`` and every other face.

Keys are snake_case and stable. Times are ISO 8601 with their offset, durations are ``seconds``, sizes ``bytes``.
What JSON lacks is written for people: a date or datetime as ISO text, a path with forward slashes, a number that is
not finite as ``"nan"``, ``"inf"`` or ``"-inf"``, a value that is missing as ``null``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from workbench.model.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from workbench.model.catalog import CatalogEntry, Found, SearchHit
    from workbench.model.dataset import Schema, Snapshot
    from workbench.model.doctor import Finding
    from workbench.model.errors import WorkbenchError
    from workbench.model.lineage import Graph
    from workbench.model.plan import Forecast
    from workbench.model.quality import CheckResult, Contract, Profile, Stands
    from workbench.model.report import Report
    from workbench.model.run import Attempt, CellRun, Run, StepRun
    from workbench.model.timeline import Beside, Timeline, Usual
    from workbench.model.upkeep import Backup
    from workbench.quality.service import Checked
    from workbench.scheduler.airflow import Dag
    from workbench.ui import run_shapes, shapes

Json = dict[str, Any]


def dumps(document: Any, *, ascii_only: bool = False) -> str:
    """``document`` as indented JSON text."""
    return json.dumps(document, indent=2, ensure_ascii=ascii_only)


def value(of: Any) -> Any:
    """Any parameter or recorded value, with what JSON lacks written for people."""
    return _unwrap(to_plain(of))


def error(of: WorkbenchError) -> Json:
    """``{"error": {code, what, cause, kept, next, detail}}``."""
    return {"error": fault(of)}


def fault(of: WorkbenchError) -> run_shapes.Fault:
    """``code, what, cause, kept, next, detail``."""
    return cast("run_shapes.Fault", of.as_dict())


def run_row(of: Run) -> run_shapes.RunRow:
    """A run without its steps."""
    return {
        "id": of.id,
        "pipeline": of.pipeline,
        "environment": of.environment,
        "state": of.state,
        "trigger": of.trigger,
        "nominal_at": of.nominal_at or None,
        "repairs": of.repairs,
        "parameters": value(of.parameters),
        "actor": of.actor,
        "commit": of.commit,
        "created_at": of.created_at,
        "ended_at": of.ended_at or None,
        "seconds": of.seconds,
        "error": value(of.error),
    }


def run_line(of: Run, beside: Beside) -> run_shapes.RunLine:
    """A run as lists of runs hold it: without its steps, with their ``partitions`` and what it takes as a rule."""
    return {
        **run_row(of),
        "partitions": to_plain(beside.partitions.get(of.id, ())),
        "usual": forecast(beside.usual.get(of.id)),
    }


def run(
    of: Run,
    *,
    state: Path,
    outputs: Mapping[str, Iterable[Snapshot]],
    reports: Iterable[Report],
    timeline: Timeline | None = None,
    usual: Usual | None = None,
) -> run_shapes.Run:
    """A run with its steps; ``outputs`` are snapshots by step, ``state`` the folder that paths begin in."""
    steps = (step_run(step, state=state, outputs=outputs.get(step.step, ()), usual=usual) for step in of.steps)
    return {
        **run_row(of),
        "usual": forecast(usual.run if usual else None),
        "timeline": to_plain(timeline) if timeline else None,
        "steps": list(steps),
        "reports": [report(item, state=state) for item in reports],
    }


def forecast(of: Forecast | None) -> Any:
    """``p50, p85, samples``: half of the past durations (seconds) were at most ``p50``; null without a past."""
    return to_plain(of) if of else None


def step_run(
    of: StepRun, *, state: Path | None = None, outputs: Iterable[Snapshot] = (), usual: Usual | None = None
) -> run_shapes.StepRun:
    """``step, state, reason, parameters, times, error, values, attempts, executed, outputs``.

    ``executed`` is the path of the executed notebook, null without the ``state`` folder; ``usual`` of the step and of
    each cell is what it took before.
    """
    cells = usual.cells.get(of.step, {}) if usual else {}
    last = of.attempts[-1] if of.attempts else None
    return {
        "id": of.id,
        "step": of.step,
        "notebook": of.notebook,
        "state": of.state,
        "reason": of.reason,
        "parameters": value(of.parameters),
        "fingerprint": of.fingerprint.digest if of.fingerprint else None,
        "started_at": of.started_at or None,
        "ended_at": of.ended_at or None,
        "seconds": of.seconds,
        "error": value(of.error),
        "values": value(of.values),
        "executed": str(executed_notebook(state, last)) if state and last else None,
        "report": of.report or None,
        "outputs": [snapshot(item) for item in outputs],
        "base": of.base or of.step,
        "key": value(of.key),
        "partition": dict(of.partition),
        "upstream": list(of.upstream),
        "usual": forecast(usual.steps.get(of.step) if usual else None),
        "attempts": [attempt(item, cells) for item in of.attempts],
    }


def attempt(of: Attempt, usual: Mapping[str, Forecast] | None = None) -> run_shapes.Attempt:
    """``number, state, cause, worker, folder, times, error, cells``; ``usual`` is by the id of a cell."""
    return {
        "id": of.id,
        "number": of.number,
        "state": of.state,
        "cause": of.cause or None,
        "worker": of.worker or None,
        "folder": of.folder,
        "not_before": of.not_before or None,
        "started_at": of.started_at or None,
        "ended_at": of.ended_at or None,
        "kept_until": of.kept_until or None,
        "error": value(of.error),
        "cells": [cell(item, (usual or {}).get(item.id)) for item in of.cells],
    }


def cell(of: CellRun, usual: Forecast | None = None) -> run_shapes.CellRun:
    """``index, number, id, state, started_at, seconds, peak_bytes``; ``number`` is what people call it."""
    return {
        "index": of.index,
        "number": of.number,
        "id": of.id,
        "state": of.state,
        "started_at": of.started_at or None,
        "seconds": of.seconds,
        "peak_bytes": of.peak_bytes,
        "usual": forecast(usual),
    }


def executed_notebook(state: Path, of: Attempt) -> Path:
    """Where the executed notebook of an attempt lies."""
    return state / of.folder / "output.ipynb"


def schema(of: Schema) -> list[shapes.Schemed]:
    """The columns, each ``name, type, doc``."""
    return [{"name": column.name, "type": column.type, "doc": column.doc} for column in of.columns]


def snapshot(of: Snapshot) -> run_shapes.Snapshot:
    """One version of a dataset; its files as their count and size."""
    return {
        "dataset": of.dataset,
        "version": of.version,
        "id": of.id,
        "parent": of.parent,
        "mode": of.mode,
        "environment": of.environment,
        "created_at": of.created_at,
        "rows": of.rows,
        "bytes": of.bytes,
        "files": len(of.files),
        "digest": of.digest,
        "schema_id": of.schema.id,
        "run": of.run or None,
        "step": of.step or None,
        "cell": of.cell,
        "actor": of.actor or None,
        "withheld": of.withheld,
    }


def check_result(of: CheckResult) -> shapes.CheckResult:
    """``name, kind, column, arguments, severity, outcome, observed, expected, failing, rows, seconds, sample``."""
    return {
        "name": of.check.name or of.check.kind,
        "kind": of.check.kind,
        "column": of.check.column or None,
        "arguments": value(of.check.arguments),
        "severity": of.check.severity,
        "outcome": of.outcome,
        "observed": of.observed,
        "expected": of.expected,
        "failing": of.failing,
        "rows": of.rows,
        "seconds": of.seconds,
        "blocks": of.blocks,
        "error": of.error or None,
        "sample": value(of.sample),
    }


def standing(of: Stands) -> shapes.Stands:
    """``dataset, standing, total, results, snapshot, version, rows, at``; ``results`` are those that do not pass."""
    return {
        "dataset": of.dataset,
        "standing": of.standing,
        "total": of.total,
        "results": [check_result(item) for item in of.results],
        "snapshot": of.snapshot,
        "version": of.version,
        "rows": of.rows,
        "at": of.at,
    }


def checked(of: Checked) -> Json:
    """``subject, contract, rows, snapshot, version, passed, results``."""
    return {
        "subject": of.subject,
        "contract": of.contract or None,
        "rows": of.rows,
        "snapshot": of.snapshot or None,
        "version": of.version or None,
        "passed": of.passed,
        "results": [check_result(result) for result in of.results],
    }


def profile(of: Profile | None) -> list[Json]:
    """Each column's ``column, type, nulls, minimum, maximum``."""
    return [value(column) for column in of.columns] if of else []


def contract(of: Contract) -> shapes.Contract:
    """``path, version, owner, description, columns, checks``."""
    return {
        "path": of.path,
        "version": of.version,
        "owner": of.owner,
        "description": of.description,
        "columns": value(of.columns),
        "checks": value(of.checks),
    }


def graph(of: Graph) -> shapes.Graph:
    """``focus, nodes, arrows, truncated``; an arrow is ``{"from": id, "to": id}``."""
    return {
        "focus": of.focus,
        "nodes": to_plain(of.nodes),
        "arrows": [{"from": start, "to": end} for start, end in of.arrows],
        "truncated": of.truncated,
    }


def report(of: Report, *, state: Path) -> run_shapes.Report:
    """A report; ``path`` is absolute."""
    return cast("run_shapes.Report", {**to_plain(of), "path": str(state / of.path)})


def hit(of: SearchHit) -> shapes.Hit:
    """``dataset, description, owner, tags, matched, version, rows, written_at, corrected``."""
    return cast("shapes.Hit", {**to_plain(of), "written_at": of.written_at or None})


def found(of: Found) -> shapes.Found:
    """``hits, total, facets``; a facet is the values of one name, each with its ``count``."""
    return {
        "hits": [hit(each) for each in of.hits],
        "total": of.total,
        "facets": to_plain(of.facets) if of.facets else None,
    }


def catalog_entry(of: CatalogEntry) -> shapes.Dataset:
    """A dataset: ``name, description, …, snapshot, columns, contract, results, history, readers, writers, inputs``.

    ``current`` maps each environment to the version there; ``run`` and ``step`` made the snapshot that is shown;
    ``read`` is the code that reads it.
    """
    return {
        "name": of.dataset.name,
        "description": of.dataset.description,
        "owner": of.dataset.owner,
        "tags": list(of.dataset.tags),
        "created_at": of.dataset.created_at,
        "environment": of.environment,
        "current": {name: found.version for name, found in of.dataset.current.items()},
        "snapshot": snapshot(of.snapshot) if of.snapshot else None,
        "columns": to_plain(of.columns),
        "contract": contract(of.contract) if of.contract else None,
        "results": [check_result(item) for item in of.results],
        "withheld": [check_result(item) for item in of.withheld],
        "history": [snapshot(item) for item in of.history],
        "readers": to_plain(of.readers),
        "writers": to_plain(of.writers),
        "inputs": to_plain(of.inputs),
        "run": run_row(of.run) if of.run else None,
        "step": step_run(of.step) if of.step else None,
        "read": read_code(of.dataset.name),
    }


def read_code(dataset: str) -> str:
    """The code that reads a dataset in a notebook."""
    return f'wb.read("{dataset}")'


def finding(of: Finding) -> shapes.Finding:
    """``subject, ok, warning, detail, mend``; ``mend`` is null where nothing is to mend."""
    mend = None if of.ok and not of.warning else of.mend
    return {"subject": of.subject, "ok": of.ok, "warning": of.warning, "detail": of.detail, "mend": mend}


def dag(of: Dag, path: Path | None) -> Json:
    """``pipeline, cron, timezone, tags, tasks`` (``step, upstream, about``), ``notes, path, text``; no path: null."""
    return {
        "pipeline": of.name,
        "cron": of.cron,
        "timezone": of.timezone,
        "tags": list(of.tags),
        "tasks": [value(task) for task in of.tasks],
        "notes": list(of.notes),
        "path": None if path is None else str(path),
        "text": of.text,
    }


def backup(of: Backup) -> Json:
    """``path, at, bytes``."""
    return {"path": of.path, "at": of.at, "bytes": of.bytes}


def _unwrap(plain: Any) -> Any:
    match plain:
        case {"$date": text} | {"$datetime": text} | {"$path": text} | {"$float": text} if len(plain) == 1:
            return text
        case {"$missing": True} if len(plain) == 1:
            return None
        case dict():
            return {key: _unwrap(item) for key, item in plain.items()}
        case list():
            return [_unwrap(item) for item in plain]
    return plain
