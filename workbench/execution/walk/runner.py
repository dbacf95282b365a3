"""Walks a plan: starts what is ready, follows what runs, publishes what is done, and owns every state on the way."""

from __future__ import annotations

import logging
import math
import selectors
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from workbench import failpoints
from workbench.execution.attempt import Place
from workbench.execution.executor import Executor
from workbench.execution.journal import now
from workbench.execution.walk import planfile
from workbench.execution.walk.bell import Bell, heeding_signals
from workbench.execution.walk.board import Board
from workbench.execution.walk.course import Course, Going
from workbench.execution.walk.doors import Doors
from workbench.execution.walk.ending import Ending
from workbench.execution.walk.keeper import BEATS, Keeper
from workbench.execution.walk.ledger import Bounds, Ledger
from workbench.execution.walk.repair import Repair
from workbench.execution.walk.starting import Starting
from workbench.execution.walk.step_runs import step_run
from workbench.execution.walk.stop import Stop, asked, interrupted, time_up
from workbench.model.errors import Conflict, StorageError
from workbench.model.events import Event, Kind
from workbench.model.names import new_id
from workbench.model.plain import from_plain
from workbench.model.plan import Plan
from workbench.model.run import MANUAL, Cause, Origin, Run, State
from workbench.store.transaction import Store

CANCEL_GRACE = 15.0
"""Seconds that attempts get to end after the run was cancelled, before their guardians kill them."""
START_PATIENCE = 90.0
"""Seconds until a supervisor has to be at work: on a busy machine its kernel may take its time to start."""
TURN = 0.5
"""Seconds until a run in the queue looks again whether it is its turn."""
_log = logging.getLogger("workbench.execution")


class Runner:
    """Runs one plan, once."""

    def __init__(self, store: Store, executor: Executor, place: Place, doors: Doors, bounds: Bounds) -> None:
        self._store = store
        self._executor = executor
        self._place = place
        self._doors = doors
        self._bounds = bounds
        self._bell = Bell()
        self._interrupts = 0
        self._nudged = False
        self._grace = self._deadline = self._timeout = math.inf

    def run(self, plan: Plan, commit: str, origin: Origin = MANUAL) -> Run:
        """Carry out ``plan`` and return the run in its final state; a failed step does not raise.

        A run of a pipeline that bounds its runs waits in the queue first.

        Ctrl-C and SIGTERM end it cleanly: running steps are interrupted, nothing of theirs is published, and what
        finished before stays; a second one kills what still runs. Raises StorageError when the store or the disk fails,
        and Conflict (WB-RUN-129) when the run of this ``origin`` has begun before.
        """
        run = Run(
            id=origin.run or new_id(),
            pipeline=plan.pipeline,
            environment=plan.environment,
            state=State.QUEUED,
            parameters=plan.parameters,
            actor=self._place.actor,
            commit=commit,
            created_at=now(),
            trigger=origin.trigger,
            nominal_at=origin.nominal_at,
        )
        board = Board(plan.steps)
        skipped = {step.name: run.created_at for step in board.stand()}
        step_runs = {step.name: step_run(run.id, step, skipped_at=skipped.get(step.name, "")) for step in plan.steps}
        ledger = Ledger(self._store, run.id, self._bounds.lease)
        self._course = course = Course(run, board, step_runs, ledger, self._place, self._doors, self._bounds)

        def hold() -> None:
            ledger.open(run, tuple(step_runs.values()))
            for name in skipped:
                course.tell(name, State.SKIPPED, step_runs[name].reason)

        return self._carry_out(plan, hold)

    def repair(self, repair: Repair) -> Run:
        """Take up a run again, as ``run`` would carry it out; what stands in it stays as it is.

        Raises Conflict (WB-RUN-123) when somebody else was first.
        """
        run = replace(repair.run, state=State.QUEUED, error=None, repairs=repair.run.repairs + 1)
        again = repair.again()
        step_runs = {**repair.stands, **{step.step: step for step in again.values()}}
        board = Board(repair.plan.steps, {name: step.state for name, step in repair.stands.items()})
        ledger = Ledger(self._store, run.id, self._bounds.lease)
        self._course = Course(run, board, step_runs, ledger, self._place, self._doors, self._bounds)
        return self._carry_out(repair.plan, lambda: ledger.reopen(again, repair.gone))

    def _carry_out(self, plan: Plan, hold: Callable[[], None]) -> Run:
        course = self._course
        try:
            with heeding_signals(self._interrupt, self._nudge):
                hold()
                with Keeper(course.ledger, self._held, self._bell.ring, self._doors.reap) as self._keeper:
                    try:
                        if not course.idle:
                            planfile.write(self._place.state, course.run, plan)
                        failpoints.reach("run.planned")
                    except StorageError as error:
                        course.stop = Stop(error, State.FAILED, Cause.STORAGE)
                    if course.stop is None and self._await_turn(plan):
                        self._walk()
                done = self._finish()
                self._executor.settle()
                return done
        except Conflict as error:
            if error.code != "WB-RUN-120":
                raise
            return self._overtaken(error)
        finally:
            self._bell.close()

    def _await_turn(self, plan: Plan) -> bool:
        """Wait in the queue of the pipeline; whether the turn came before the end."""
        told = ""
        while wait := self._course.ledger.admit(plan.concurrency, plan.timeout):
            if wait.text != told:
                told = wait.text
                self._course.tell("", State.QUEUED, f"waits for its turn, {told}")
            self._follow(time.monotonic() + TURN)
            self._heed()
            if self._course.stop is not None:
                return False
        failpoints.reach("run.admitted")
        if plan.timeout is not None:
            self._timeout, self._deadline = plan.timeout, time.monotonic() + plan.timeout
        return True

    def _walk(self) -> None:
        course = self._course
        with ThreadPoolExecutor(self._bounds.own) as pool:
            self._ending = Ending(course, pool, self._bell.ring)
            starting = Starting(course, self._executor, self._ending)
            try:
                while True:
                    self._heed()
                    if course.stop is None:
                        starting.begin_ready()
                    if not course.going and not course.publishing and (course.stop or course.board.over):
                        return
                    self._follow(starting.due if course.stop is None else self._grace)
            finally:
                for going in course.going.values():  # only after a fault of the store or the disk
                    going.handle.close()

    def _follow(self, due: float) -> None:
        """Wait for messages of attempts and for publications until ``due``, and act on them."""
        course = self._course
        timeout = min(min(due, self._deadline) - time.monotonic(), self._bounds.lease / BEATS)
        with selectors.DefaultSelector() as watched:
            watched.register(self._bell, selectors.EVENT_READ)
            for going in course.going.values():
                watched.register(going.handle, selectors.EVENT_READ, going)
            ready = [key.data for key, _ in watched.select(max(0.0, timeout))]
        if None in ready:
            self._bell.silence()
        for going in filter(None, ready):
            going.handle.receive(partial(self._hear, going))
            if going.handle.finished:
                self._ending.over(going)
        for future in [future for future in course.publishing if future.done()]:
            self._ending.published(course.publishing.pop(future), future)

    def _hear(self, going: Going, message: dict[str, Any]) -> None:
        event = from_plain(Event, message)
        if event.kind is Kind.ATTEMPT_STARTED:
            self._ending.begin(going)
        elif event.kind is Kind.ATTEMPT_ENDED:
            going.end = event
        self._course.tell(going.step.name, event=event)

    # -- what may happen in between ------------------------------------------------------------------------------

    def _heed(self) -> None:
        """Act on what became of the run behind our back: signals, requests, leases that are over."""
        course = self._course
        if self._nudged:
            self._nudged = False
            self._keeper.look()
        if self._keeper.taken is not None:
            raise self._keeper.taken
        course.stop = course.stop or self._reason_to_stop()
        if course.stop is not None:
            self._end_all(course.stop)
        if self._keeper.late and not course.ledger.still_ours():
            for going in list(course.going.values()):
                self._ending.over(going, "its runner could not renew the lease")
        for going in list(course.going.values()):
            patience = self._patience_with(going)
            if time.monotonic() - going.handle.heard > patience and not _has_news(going):
                self._ending.over(going, f"nothing was heard of its supervisor for {patience:g} s")

    def _patience_with(self, going: Going) -> float:
        """Seconds that a supervisor may be silent: longer until it is at work, for it may have to start a kernel."""
        return self._bounds.lease if going.begun else max(self._bounds.lease, START_PATIENCE)

    def _reason_to_stop(self) -> Stop | None:
        if self._interrupts:
            return interrupted(self._course.run)
        if self._keeper.asked:
            return asked(self._course.run, self._keeper.asked)
        return time_up(self._course.run, self._timeout) if time.monotonic() > self._deadline else None

    def _end_all(self, stop: Stop) -> None:
        """Tell every attempt to end, once; kill those that do not in time, or when a signal says so again."""
        going = list(self._course.going.values())
        if self._grace == math.inf:
            self._grace = time.monotonic() + CANCEL_GRACE
            self._signals = self._interrupts or 1
            for one in going:
                one.handle.cancel()
        if self._interrupts > self._signals or time.monotonic() > self._grace:
            for one in going:
                self._ending.over(one, "it did not end in time")

    def _interrupt(self) -> None:
        self._interrupts += 1
        self._bell.ring()

    def _nudge(self) -> None:
        self._nudged = True
        self._bell.ring()

    def _held(self) -> Sequence[str]:
        """The attempts whose lease is to be renewed: those that are heard, and those that we publish."""
        going = list(self._course.going.values())
        going = [one for one in going if time.monotonic() - one.handle.heard < self._patience_with(one)]
        return [one.attempt.id for one in [*going, *list(self._course.publishing.values())]]

    # -- the end of the run --------------------------------------------------------------------------------------

    def _finish(self) -> Run:
        course = self._course
        left = [name for name in course.board.steps if not course.board.states[name].final]
        course.ledger.end_steps({course.step_runs[name].id: "the run ended before it" for name in left})
        for name in left:
            course.board.put(name, State.CANCELLED)
            course.tell(name, State.CANCELLED, "the run ended before it")
        stop = course.stop
        state = stop.state if stop else _final_state(course.board)
        known = tuple(course.step_runs.values()) if course.idle else None
        run = course.ledger.finish(state, stop.error.as_dict() if stop else None, known)
        self._doors.run_finished(run)
        return run

    def _overtaken(self, error: Conflict) -> Run:
        """The run is in other hands: leave it as they made it."""
        _log.warning("%s", error)
        with self._store.reading() as transaction:
            return transaction.runs.get(self._course.run.id)


def _has_news(going: Going) -> bool:
    """Whether messages of an attempt wait to be read: we may have been busy ourselves."""
    with selectors.DefaultSelector() as watched:
        watched.register(going.handle, selectors.EVENT_READ)
        return bool(watched.select(0))


def _final_state(board: Board) -> State:
    states = set(board.states.values())
    if State.FAILED in states or State.LOST in states:
        return State.FAILED
    if State.WITHHELD in states:
        return State.WITHHELD
    return State.CANCELLED if State.CANCELLED in states else State.SUCCEEDED
