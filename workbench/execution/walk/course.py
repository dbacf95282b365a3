"""What the parts of a runner share while its run goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from workbench.execution.attempt import Place
from workbench.execution.executor import Handle
from workbench.execution.order import Order
from workbench.execution.walk.board import Board
from workbench.execution.walk.doors import Doors
from workbench.execution.walk.ledger import Bounds, Ledger
from workbench.execution.walk.stop import Stop
from workbench.model.dataset import Input
from workbench.model.events import Event, Progress
from workbench.model.plan import Fingerprint, PlannedStep
from workbench.model.run import Attempt, Run, State, StepResult, StepRun


@dataclass
class Going:
    """An attempt on its way; ``begun`` once its supervisor is at work, ``end`` is its last event as heard."""

    step: PlannedStep
    attempt: Attempt
    order: Order
    inputs: Mapping[str, Input]
    fingerprint: Fingerprint
    handle: Handle
    begun: bool = False
    end: Event | None = None


@dataclass
class Course:
    """A run under way. ``going`` holds the attempts at work by step, ``publishing`` those whose cells are done.

    ``tries`` counts the attempts of a step since the run was begun or repaired; ``later`` says when the next one of a
    step may begin, as a reading of ``time.monotonic``. ``stop`` is set once the run has to end.
    """

    run: Run
    board: Board
    step_runs: dict[str, StepRun]
    ledger: Ledger
    place: Place
    doors: Doors
    bounds: Bounds
    going: dict[str, Going] = field(default_factory=dict)
    publishing: dict[Future[StepResult], Going] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    later: dict[str, float] = field(default_factory=dict)
    stop: Stop | None = None

    @property
    def idle(self) -> bool:
        """Whether it is a run that had nothing to do from the beginning."""
        return all(step.state is State.SKIPPED for step in self.step_runs.values())

    def recorded(self, step: PlannedStep) -> dict[str, Mapping[str, Any]]:
        """What the steps before ``step`` recorded, each in this run, or where it was skipped in the earlier one."""
        found: dict[str, Mapping[str, Any]] = {}
        for name in self.board.upstream[step.name]:
            if self.board.states[name] is State.SUCCEEDED:
                found[name] = self.ledger.recorded(self.step_runs[name].id)
            elif (past := self.board.steps[name].past) is not None:
                found[name] = past.values
        return found

    def tell(self, step: str, state: str = "", message: str = "", event: Event | None = None) -> None:
        """Tell the face of a change of state, or of an event."""
        self.doors.progress(Progress(self.run.id, step, state, message, event))
