"""What a runner asks of other rooms, by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.model.dataset import Input, Snapshot
from workbench.model.events import Progress
from workbench.model.run import Finished, Run, StepResult


@dataclass(frozen=True)
class Doors:
    """Functions that the project hands over.

    ``resolve`` gives the inputs of the named datasets as they are now, ``history`` all their snapshots; ``publish``
    makes a finished attempt current, or withholds it; ``run_finished`` announces the end of the run; ``progress``
    tells a face; ``reap`` settles runs whose runner is gone.
    """

    resolve: Callable[[Sequence[str]], Mapping[str, Input]]
    history: Callable[[Sequence[str]], Mapping[str, tuple[Snapshot, ...]]]
    publish: Callable[[Finished], StepResult]
    run_finished: Callable[[Run], None]
    progress: Callable[[Progress], None]
    reap: Callable[[], object]
