"""The pipelines of a project as their files are now; a file that is wrong hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbench.model.errors import GraphError, WorkbenchError
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import Trigger
from workbench.pipeline import spec
from workbench.scheduler.loops import find_loops


class Book:
    """What runs by itself: ``pipelines`` by name, and ``faults`` of files that cannot be read, by the file's name.

    ``loops`` are the pipelines whose dataset triggers do not act, because they would trigger each other for ever.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self.pipelines: dict[str, Pipeline] = {}
        self.faults: dict[str, WorkbenchError] = {}
        self.loops: dict[str, GraphError] = {}

    def read(self) -> bool:
        """Read the files again if one of them has changed; whether that was so."""
        stamp = tuple(self._files())
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self.pipelines, self.faults = {}, {}
        for name in spec.pipeline_names(self._root):
            try:
                self.pipelines[name] = spec.load_pipeline(self._root, name)
            except WorkbenchError as error:
                self.faults[name] = error
        self.loops = find_loops(self._root, self.pipelines)
        return True

    def triggers(self) -> Iterator[tuple[Pipeline, Trigger]]:
        """Every schedule and trigger with its pipeline."""
        for pipeline in self.pipelines.values():
            for trigger in triggers_of(pipeline):
                yield pipeline, trigger

    def _files(self) -> Iterator[tuple[str, int, int]]:
        for path in sorted((self._root / spec.FOLDER).glob("*.yaml")):
            try:
                status = path.stat()
            except OSError:  # it was removed this moment
                continue
            yield path.name, status.st_mtime_ns, status.st_size


def triggers_of(pipeline: Pipeline) -> tuple[Trigger, ...]:
    """The schedule and the triggers of a pipeline."""
    return (*((pipeline.schedule,) if pipeline.schedule else ()), *pipeline.triggers)
