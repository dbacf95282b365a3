"""What a runner asks of other rooms, by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.model.dataset import Input, Snapshot
from workbench.model.events import Progress
from workbench.model.frozen import dataclass
from workbench.model.plan import Fingerprint, PlannedStep
from workbench.model.run import Finished, Run, StepResult


@dataclass(frozen=True)
class Doors:
    """Functions that the project hands over.

    ``resolve`` gives the inputs of the named datasets as they are now, ``history`` all their snapshots; ``publish``
    makes a finished attempt current, or withholds it; ``run_finished`` announces the end of the run; ``progress``
    tells a face; ``reap`` settles runs whose runner is gone; ``settled`` gives the fingerprint of a step that reads
    these inputs; ``expand`` gives the instances of a step with an open fan, by what the steps before it recorded.
    """

    resolve: Callable[[Sequence[str]], Mapping[str, Input]]
    history: Callable[[Sequence[str]], Mapping[str, tuple[Snapshot, ...]]]
    publish: Callable[[Finished], StepResult]
    run_finished: Callable[[Run], None]
    progress: Callable[[Progress], None]
    reap: Callable[[], object]
    settled: Callable[[PlannedStep, Mapping[str, Input]], Fingerprint]
    expand: Callable[[PlannedStep, Mapping[str, Mapping[str, Any]]], tuple[PlannedStep, ...]]
