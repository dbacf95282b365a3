"""What others ask of schedules: which there are, and when they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.model.errors import NotFound, WorkbenchError, did_you_mean
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import Fire, Schedule
from workbench.pipeline import spec
from workbench.pipeline.schedule import upcoming
from workbench.project import Project


@dataclass(frozen=True)
class Coming:
    """A schedule of a pipeline with its next nominal times."""

    pipeline: str
    schedule: Schedule
    fires: tuple[Fire, ...]


class ScheduleService:
    """The schedules and triggers of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def next(self, pipeline: str | None = None, count: int = 5, now: datetime | None = None) -> tuple[Coming, ...]:
        """The next nominal times of one pipeline, or of all whose files are right, the soonest first.

        Raises NotFound (WB-PIP-601 no such pipeline, WB-SCH-852 it has no schedule) and SpecError for one pipeline.
        """
        at = now or datetime.now(UTC)
        if pipeline is not None:
            found = [spec.load_pipeline(self._project.root, pipeline)]
            if found[0].schedule is None:
                raise self._unscheduled(pipeline)
        else:
            found = [item for item in self._pipelines() if isinstance(item, Pipeline)]
        coming = [
            Coming(item.name, item.schedule, upcoming(item.schedule, at, count)) for item in found if item.schedule
        ]
        return tuple(sorted(coming, key=lambda one: (one.fires[0].at if one.fires else "~", one.pipeline)))

    def broken(self) -> tuple[WorkbenchError, ...]:
        """What is wrong with pipeline files: nothing of those is scheduled until they are mended."""
        return tuple(item for item in self._pipelines() if isinstance(item, WorkbenchError))

    def _pipelines(self) -> Iterator[Pipeline | WorkbenchError]:
        for name in spec.pipeline_names(self._project.root):
            try:
                yield spec.load_pipeline(self._project.root, name)
            except WorkbenchError as error:
                yield error

    def _unscheduled(self, pipeline: str) -> NotFound:
        known = [item.name for item in self._pipelines() if isinstance(item, Pipeline) and item.schedule]
        told = f"scheduled are: {', '.join(known)}.{did_you_mean(pipeline, known)}" if known else "nothing is scheduled"
        return NotFound(
            "WB-SCH-852",
            f"{pipeline} has no schedule",
            cause=told,
            next=f'add "schedule: {{cron: 0 6 * * *}}" to {spec.FOLDER}/{pipeline}.yaml',
        )
