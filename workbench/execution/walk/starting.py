"""From a step that is ready to an attempt under way: skipped, given up, claimed or told to wait."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from workbench import failpoints
from workbench.execution import attempt as attempts
from workbench.execution.executor import Executor
from workbench.execution.walk.course import Course, Going
from workbench.execution.walk.ending import Ending
from workbench.execution.walk.keeper import BEATS
from workbench.execution.walk.ledger import Skip
from workbench.execution.walk.retry import Failure
from workbench.execution.walk.step_runs import step_run
from workbench.model.errors import WorkbenchError
from workbench.model.plan import Action, Fingerprint, PlannedStep
from workbench.model.run import Attempt, AttemptState, State, Wait

POLL = 0.25
"""Seconds until a runner looks again whether others have made room."""


class Starting:
    """Begins what can be begun. ``due`` is when to look again, as a reading of ``time.monotonic``."""

    def __init__(self, course: Course, executor: Executor, ending: Ending) -> None:
        self.due = math.inf
        self._course = course
        self._executor = executor
        self._ending = ending
        self._skips: dict[str, Skip] = {}
        self._given_up: dict[str, str] = {}
        self._crowded: set[str] = set()
        self._told: dict[str, str] = {}

    def begin_ready(self) -> None:
        """Start, skip or give up every queued step whose upstream is settled, until nothing changes."""
        self.due = min(self._course.later.values(), default=math.inf)
        self._crowded.clear()
        moved = True
        while moved:
            moved = False
            for step in self._course.board.ready():
                moved |= self._consider(step)
        self._flush()

    def _consider(self, step: PlannedStep) -> bool:
        """Do what can be done for a step now; whether that was anything."""
        course = self._course
        if bad := course.board.bad(step):
            self._given_up[step.name] = "not run: " + ", ".join(f"{name} {_said(bad[name])}" for name in bad)
            course.board.put(step.name, State.UPSTREAM_FAILED)
            return True
        if step.action is Action.SKIP:
            self._skip(step, step.reason.text, step.fingerprint)
            return True
        if step.fan is not None:
            self._fan_out(step)
            return True
        if time.monotonic() < course.later.get(step.name, 0.0):
            return False
        if self._crowded & {"", step.base} or len(course.going) >= course.bounds.own:
            return False
        self._flush()
        if step.action is Action.DECIDE and step.past and not course.tries[step.name]:
            fingerprint = course.doors.settled(step, course.doors.resolve(step.reads))
            if step.past.holds(fingerprint):
                self._skip(step, "its inputs came out as they were", fingerprint)
                return True
        folder = attempts.folder_of(course.run.id, step.name)
        claimed = course.ledger.claim(course.step_runs[step.name].id, folder, course.bounds, step.max_parallel)
        if isinstance(claimed, Wait):
            self._wait(step, claimed)
            return False
        self._launch(step, claimed)
        return True

    def _fan_out(self, step: PlannedStep) -> None:
        """Put the instances of a step in its place, now that the steps before it have recorded what they are about."""
        course = self._course
        self._flush()
        try:
            instances = course.doors.expand(step, course.recorded(step))
        except WorkbenchError as error:
            course.ledger.refuse(course.step_runs[step.name].id, error.as_dict())
            course.board.put(step.name, State.FAILED)
            course.tell(step.name, State.FAILED, error.what)
            return
        if not instances:
            self._skip(step, "there is no value to fan out over", step.fingerprint)
            return
        step_runs = {one.name: step_run(course.run.id, one) for one in instances}
        course.ledger.fan_out(course.step_runs.pop(step.name).id, tuple(step_runs.values()))
        course.step_runs |= step_runs
        course.board.replace(step.name, instances)
        for one in instances:
            course.tell(one.name, State.QUEUED, one.reason.text)

    def _wait(self, step: PlannedStep, wait: Wait) -> None:
        """Look again soon, for others may make room; until then leave alone what waits for the same."""
        self.due = min(self.due, time.monotonic() + POLL)
        if wait.code == "places":
            self._crowded.add("")
        elif wait.code == "instances":
            self._crowded.add(step.base)
        ours = wait.code != "dataset" and self._course.going
        if not ours and self._told.get(step.name) != wait.text:
            self._told[step.name] = wait.text
            self._course.tell(step.name, State.QUEUED, f"waits: {wait.text}")

    def _launch(self, step: PlannedStep, attempt: Attempt) -> None:
        course = self._course
        course.tries[step.name] += 1
        course.later.pop(step.name, None)
        course.board.put(step.name, State.RUNNING)
        course.tell(step.name, State.RUNNING, step.reason.text)
        try:
            inputs = course.doors.resolve(step.reads)
            history = course.doors.history(step.reads) if "as_of" in step.source else {}
            data = attempts.Available(inputs, history)
            order = attempts.prepare(
                course.place, step, course.run.id, attempt.folder, data, course.bounds.lease / BEATS
            )
            failpoints.reach("order.written")
            handle = self._executor.start(order)
            failpoints.reach("supervisor.started")
        except WorkbenchError as error:
            self._ending.fail(step, attempt, AttemptState.FAILED, Failure(error.as_dict(), began=False))
        else:
            course.going[step.name] = Going(step, attempt, order, inputs, course.doors.settled(step, inputs), handle)

    def _skip(self, step: PlannedStep, reason: str, fingerprint: Fingerprint) -> None:
        """Let the earlier success stand for this step, its report too; written with the next ``_flush``."""
        report = step.past.report if step.past else ""
        self._skips[step.name] = Skip(self._course.step_runs[step.name].id, reason, report, fingerprint)
        self._course.board.put(step.name, State.SKIPPED)

    def _flush(self) -> None:
        """Write what was skipped and given up, all at once."""
        if not self._skips and not self._given_up:
            return
        course = self._course
        given_up = {course.step_runs[name].id: reason for name, reason in self._given_up.items()}
        course.ledger.settle(tuple(self._skips.values()), given_up)
        for name, skip in self._skips.items():
            course.tell(name, State.SKIPPED, skip.reason)
        for name, reason in self._given_up.items():
            course.tell(name, State.UPSTREAM_FAILED, reason)
        self._skips.clear()
        self._given_up.clear()


def _said(state: State) -> str:
    said: Mapping[State, str] = {State.UPSTREAM_FAILED: "did not run", State.WITHHELD: "was withheld"}
    return said.get(state, str(state))
