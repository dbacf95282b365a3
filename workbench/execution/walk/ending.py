"""From the end of an attempt to the state of its step: published, tried again, or failed with its cause."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from workbench import failpoints
from workbench.execution import attempt as attempts
from workbench.execution.attempt import KEPT, Yield
from workbench.execution.checkpoint.shelf import Shelf
from workbench.execution.kept.rack import Rack
from workbench.execution.processes import strays
from workbench.execution.walk.course import Course, Going
from workbench.execution.walk.retry import Failure, Next, again
from workbench.execution.walk.stop import CANCELLED, interrupted
from workbench.model.errors import InternalError, WorkbenchError
from workbench.model.plan import PlannedStep
from workbench.model.run import Attempt, AttemptState, Finished, State, StepResult


class Ending:
    """Settles attempts that are over. ``ring`` is called from another thread when a publication is done."""

    def __init__(self, course: Course, pool: ThreadPoolExecutor, ring: Callable[[], None]) -> None:
        self._course = course
        self._pool = pool
        self._ring = ring

    def begin(self, going: Going) -> None:
        """The supervisor is at work."""
        if not going.begun:
            going.begun = True
            self._course.ledger.begin(going.attempt, going.fingerprint, going.handle.worker)

    def over(self, going: Going, dropped: str = "") -> None:
        """Nothing more comes from an attempt: publish what it left, or say why not.

        ``dropped`` is why its guardian shall end it; what its journal tells of its end still counts.
        """
        course = self._course
        going.handle.close()
        del course.going[going.step.name]
        failpoints.reach("attempt.over")
        left = attempts.collect(going.order, going.end)
        state, failure = self._outcome(going, left, dropped)
        if failure is not None:
            self.fail(going.step, going.attempt, state, failure, left)
            return
        self.begin(going)
        course.ledger.stage(going.attempt, left.cells)
        course.board.put(going.step.name, State.STAGED)
        finished = Finished(
            environment=course.place.environment,
            actor=course.place.actor,
            staged=tuple(left.staged),
            reads=tuple(left.reads),
            inputs=going.inputs,
            run=course.run,
            step=going.step,
            step_run=course.step_runs[going.step.name],
            attempt=going.attempt,
            notebook=str(going.order.output),
            values=left.values,
        )
        future = self._pool.submit(course.doors.publish, finished)
        course.publishing[future] = going
        future.add_done_callback(lambda _: self._ring())

    def _outcome(self, going: Going, left: Yield, dropped: str) -> tuple[AttemptState, Failure | None]:
        """How an attempt ended, before anything of it is published; no failure when it may be."""
        course, error = self._course, left.error
        interrupt = error is not None and error["code"] in CANCELLED
        if interrupt and course.stop is None:  # an attempt in our own process got the signal in our place
            course.stop = interrupted(course.run)
        if course.stop is not None and (interrupt or not left.ended):
            return AttemptState.CANCELLED, Failure(course.stop.error.as_dict(), course.stop.cause, left.began)
        if not left.ended:
            strays.end([Path(going.order.folder)])
            lost = attempts.lost(going.step, going.order, dropped or going.handle.gone)
            return AttemptState.LOST, Failure(lost.as_dict(), began=left.began)
        if error is None:
            fault = attempts.verify(course.place, going.step, left.staged)
            error = fault.as_dict() if fault else None
        return AttemptState.FAILED, Failure(error, left.cause, left.began) if error else None

    def published(self, going: Going, future: Future[StepResult]) -> None:
        """The publication is over: it moved the states itself, in its own transaction, unless it raised."""
        step = going.step
        try:
            result = future.result()
        except WorkbenchError as error:
            self.fail(step, going.attempt, AttemptState.FAILED, Failure(error.as_dict()))
            return
        except Exception as fault:
            what = f"{step.name} could not be published"
            unknown = InternalError("WB-INT-999", what, cause=f"{type(fault).__name__}: {fault}")
            self.fail(step, going.attempt, AttemptState.FAILED, Failure(unknown.as_dict()))
            return
        if result.state is State.SUCCEEDED and going.order.checkpoints:
            Shelf(Path(going.order.checkpoints)).discard()
        self._course.board.put(step.name, result.state)
        message = result.error["code"] if result.error else ""
        self._course.tell(step.name, result.state, message)

    def fail(
        self, step: PlannedStep, attempt: Attempt, state: AttemptState, failure: Failure, left: Yield | None = None
    ) -> None:
        """End an attempt that did not succeed, and its step with it, unless it is tried again."""
        course = self._course
        retry = None
        if course.stop is None and state is not AttemptState.CANCELLED:
            retry = again(step.options.retries, failure, course.tries[step.name])
        what = str(failure.error["what"])
        if retry is None:
            course.ledger.fail(attempt, state, failure, left)
            course.board.put(step.name, State(state))
            course.tell(step.name, State(state), what)
            return
        if left is not None and left.kept:  # nobody would look: the next attempt may well succeed
            Rack(course.place.state / KEPT).release(left.kept)
            left.kept_until = ""
        course.ledger.fail_and_queue(attempt, state, failure, left, retry.seconds)
        course.later[step.name] = time.monotonic() + retry.seconds
        course.board.put(step.name, State.QUEUED)
        course.tell(step.name, State.QUEUED, f"{what}; {_told(retry)}")


def _told(retry: Next) -> str:
    """``attempt 2 of 3 in 12 s``."""
    when = "at once" if retry.seconds < 0.5 else f"in {retry.seconds:.0f} s"
    return f"attempt {retry.number} of {retry.of} {when}"
