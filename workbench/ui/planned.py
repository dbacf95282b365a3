"""The codec of what is to run: plans, the matrix of partitions, schedules and their ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.model.plain import to_plain
from workbench.ui import codec

if TYPE_CHECKING:
    from workbench.model.matrix import Matrix, Square
    from workbench.model.plan import Plan, PlannedStep, Reason
    from workbench.model.schedule import Tick
    from workbench.scheduler.service import Coming, Scheduled
    from workbench.ui import page_shapes, run_shapes
    from workbench.ui.codec import Json


def plan(of: Plan) -> run_shapes.Plan:
    """``pipeline, environment, parameters, created_at, steps``; the notebooks to execute are left out."""
    return {
        "pipeline": of.pipeline,
        "environment": of.environment,
        "parameters": codec.value(of.parameters),
        "created_at": of.created_at,
        "timeout": of.timeout,
        "concurrency": of.concurrency,
        "forecast": codec.forecast(of.forecast),
        "steps": [planned_step(step) for step in of.steps],
    }


def part(of: Matrix, offset: int, limit: int) -> page_shapes.Matrix:
    """Some rows of a matrix, as the server answers them."""
    rows: list[page_shapes.MatrixRow] = [
        {"values": list(row.values), "squares": [_square(square) for square in row.squares]}
        for row in of.rows[offset : offset + limit]
    ]
    return {
        "pipeline": of.pipeline,
        "environment": of.environment,
        "names": list(of.names),
        "steps": list(of.steps),
        "rows": rows,
        "total": len(of.rows),
    }


def matrix(of: Matrix) -> Json:
    """``pipeline, environment, names, steps, rows``; a row is ``values`` and ``squares``, one for each step."""
    return {
        "pipeline": of.pipeline,
        "environment": of.environment,
        "names": list(of.names),
        "steps": list(of.steps),
        "rows": [
            {"values": list(row.values), "squares": [_square(square) for square in row.squares]} for row in of.rows
        ],
    }


def _square(of: Square) -> page_shapes.Square:
    return {
        "state": of.state,
        "good": of.good,
        "count": of.count,
        "run": of.run or None,
        "step": of.step or None,
        "at": of.at or None,
        "report": of.report or None,
    }


def planned_step(of: PlannedStep) -> run_shapes.PlannedStep:
    """``name, base, key, partition, notebook, action, reason, parameters, reads, writes, upstream, kernel …``.

    ``fans_out`` is set while the instances are not known; a base in ``upstream`` stands for all its instances.
    """
    return {
        "name": of.name,
        "base": of.base,
        "key": codec.value(of.key),
        "partition": dict(of.partition),
        "fans_out": codec.value(of.fan.over) if of.fan else None,
        "max_parallel": of.max_parallel,
        "notebook": of.notebook,
        "action": of.action,
        "reason": reason(of.reason),
        "parameters": codec.value(of.parameters),
        "reads": list(of.reads),
        "writes": list(of.writes),
        "upstream": list(of.upstream),
        "kernel": of.kernel,
        "timeout": of.timeout,
        "options": codec.value(of.options),
        "fingerprint": of.fingerprint.digest,
        "forecast": codec.forecast(of.forecast),
        "expected_seconds": of.forecast.p50 if of.forecast else None,
        "report": of.report.title if of.report else None,
        "tags": list(of.tags),
    }


def reason(of: Reason) -> run_shapes.Reason:
    """``code, text, changes``; each change is ``component, subject, detail``."""
    return {"code": of.code, "text": of.text, "changes": to_plain(of.changes)}


def coming(of: Coming) -> Json:
    """``pipeline, cron, timezone, fires``; each fire is ``at`` (UTC), ``local`` (in its zone) and ``note``."""
    return {
        "pipeline": of.pipeline,
        "cron": of.schedule.cron,
        "timezone": of.schedule.timezone,
        "fires": to_plain(of.fires),
    }


def scheduled(of: Scheduled) -> Json:
    """``pipeline, trigger, kind``, what the file says, ``fires, paused_at, paused_by, waiting, last, run``."""
    standing = of.standing
    return {
        "pipeline": of.pipeline,
        "trigger": of.trigger.name,
        "kind": of.trigger.kind,
        **{name: codec.value(given) for name, given in vars(of.trigger).items() if name != "name"},
        "fires": to_plain(of.fires),
        "paused_at": (standing.paused_at if standing else "") or None,
        "paused_by": (standing.paused_by if standing else "") or None,
        "waiting": of.waiting,
        "last": tick(of.last) if of.last else None,
        "run": codec.run_row(of.run) if of.run else None,
    }


def tick(of: Tick) -> Json:
    """``id, pipeline, trigger, kind, nominal, nominal_at, environment, run, parameters, state, reason …``."""
    return {**codec.value(of), "not_before": of.not_before or None}
