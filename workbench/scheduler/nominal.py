"""What a schedule would give its pipeline for a time that somebody else names: ``wb run --nominal-time``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.model.errors import NotFound, UsageError
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import Schedule
from workbench.pipeline.handover import hand_over
from workbench.pipeline.schedule import zone
from workbench.pipeline.spec import load_pipeline


def parameters_for(root: Path, pipeline: str, time: str) -> dict[str, Any]:
    """The parameters of the pipeline's schedule for a nominal time, as ISO 8601; one without offset is in its zone.

    Raises NotFound (WB-PIP-601, WB-SCH-852 it has no schedule), SpecError, UsageError (WB-SCH-856 no time).
    """
    found = load_pipeline(root, pipeline)
    schedule = schedule_of(found)
    return hand_over(schedule, _moment(time, schedule), None, found.partitions)


def schedule_of(pipeline: Pipeline) -> Schedule:
    """Its schedule. Raises NotFound (WB-SCH-852)."""
    if pipeline.schedule is None:
        raise NotFound(
            "WB-SCH-852",
            f"{pipeline.name} has no schedule",
            next=f"add it to {pipeline.path}, or leave the time out",
        )
    return pipeline.schedule


def _moment(text: str, schedule: Schedule) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
        local = found if found.tzinfo else found.replace(tzinfo=zone(schedule.timezone))
        local.astimezone(zone("UTC"))
    except (ValueError, OverflowError):
        raise UsageError(
            "WB-SCH-856", f'"{text}" is no time', next="write it like --nominal-time 2026-03-02T18:00+01:00"
        ) from None
    return local
