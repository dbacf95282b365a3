"""Walks a plan: starts what is ready, follows what runs, publishes what is done, and owns every state on the way."""

from __future__ import annotations

import contextlib
import math
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any, Protocol

from workbench.execution import attempt as attempts
from workbench.execution.attempt import Place
from workbench.execution.journal import now
from workbench.execution.order import Order
from workbench.model.dataset import Input, Snapshot
from workbench.model.errors import InternalError, Interrupted, WorkbenchError
from workbench.model.events import Event, Kind, Progress
from workbench.model.names import new_id
from workbench.model.plain import from_plain
from workbench.model.plan import Action, Fingerprint, Plan, PlannedStep
from workbench.model.run import MANUAL, Attempt, AttemptState, Finished, Origin, Run, State, StepResult, StepRun
from workbench.store.owner import this_process
from workbench.store.transaction import Store

HEARTBEAT, LEASE = 5.0, 30.0
"""Seconds between two renewals of the lease, and how long it holds."""
CANCEL_GRACE = 15.0
"""Seconds that attempts get to end after the run was cancelled, before their guardians kill them."""


class Handle(Protocol):
    """One attempt under way."""

    finished: bool

    def fileno(self) -> int: ...
    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...


class Executor(Protocol):
    """Where attempts run."""

    def warm_up(self) -> None: ...
    def start(self, order: Order) -> Handle: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Doors:
    """What the runner asks of other rooms, by value: each is a function that the project hands over.

    ``resolve`` gives the inputs of the named datasets as they are now, ``history`` all their snapshots; ``publish``
    makes a finished attempt current, or withholds it; ``run_finished`` announces the end of the run; ``progress``
    tells a face.
    """

    resolve: Callable[[Sequence[str]], Mapping[str, Input]]
    history: Callable[[Sequence[str]], Mapping[str, tuple[Snapshot, ...]]]
    publish: Callable[[Finished], StepResult]
    run_finished: Callable[[Run], None]
    progress: Callable[[Progress], None]


@dataclass
class _Going:
    """An attempt on its way."""

    step: PlannedStep
    attempt: Attempt
    order: Order
    inputs: Mapping[str, Input]
    handle: Handle
    end: Event | None = None


class Runner:
    """Runs one plan, once."""

    def __init__(self, store: Store, executor: Executor, place: Place, doors: Doors, max_parallel: int) -> None:
        self._store = store
        self._executor = executor
        self._place = place
        self._doors = doors
        self._max_parallel = max_parallel
        self._states: dict[str, State] = {}
        self._going: dict[str, _Going] = {}
        self._publishing: dict[Future[StepResult], _Going] = {}
        self._bell, self._ringer = socket.socketpair()
        self._interrupts = 0

    def run(self, plan: Plan, commit: str, origin: Origin = MANUAL) -> Run:
        """Carry out ``plan`` and return the run in its final state; a failed step does not raise.

        Ctrl-C and SIGTERM end it cleanly: running steps are interrupted, nothing of theirs is published, and what
        finished before stays. Raises StorageError when the store or the disk fails, and Conflict (WB-RUN-129) when
        the run of this ``origin`` has begun before.
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
        self._run = run
        self._plan = plan
        self._step_runs = {
            step.name: StepRun(
                new_id(),
                run.id,
                step.name,
                step.notebook,
                State.QUEUED,
                step.reason.text,
                parameters=step.parameters,
                base=step.base,
                key=step.key,
                partition=step.partition,
                likeness=step.fingerprint.with_inputs({}).digest,
                upstream=step.upstream,
            )
            for step in plan.steps
        }
        try:
            with self._store.writing() as transaction:
                transaction.runs.create(run, tuple(self._step_runs.values()), this_process(), _lease())
                transaction.runs.move_run(run.id, State.RUNNING)
        except WorkbenchError:
            self._bell.close()
            self._ringer.close()
            raise
        self._states = dict.fromkeys(self._step_runs, State.QUEUED)
        with self._heeding_signals():
            with _heartbeat(self._store), ThreadPoolExecutor(self._max_parallel) as pool:
                try:
                    self._walk(pool)
                finally:
                    for going in self._going.values():  # only after a fault of the store or the disk
                        going.handle.close()
            return self._finish()

    # -- the walk ------------------------------------------------------------------------------------------------

    def _walk(self, pool: ThreadPoolExecutor) -> None:
        deadline = math.inf
        while True:
            if not self._interrupts:
                self._start_ready()
            if self._interrupts and deadline == math.inf:  # also one that came while steps were started
                deadline = time.monotonic() + CANCEL_GRACE
                for going in self._going.values():
                    going.handle.cancel()
            if self._interrupts > 1 or time.monotonic() > deadline:
                self._kill()
            if not self._going and not self._publishing:
                return
            self._follow(pool, None if deadline == math.inf else 0.5)

    def _start_ready(self) -> None:
        """Start, skip or give up every queued step whose upstream is settled, until nothing changes."""
        settled = True
        while settled:
            settled = False
            for step in self._plan.steps:
                if self._states[step.name] is not State.QUEUED:
                    continue
                upstream = {name: self._states[name] for name in step.upstream}
                if not all(state.final for state in upstream.values()):
                    continue
                bad = [name for name, state in upstream.items() if state not in (State.SUCCEEDED, State.SKIPPED)]
                if bad:
                    self._move(step, State.UPSTREAM_FAILED, reason=_upstream_reason(bad, upstream))
                    settled = True
                elif len(self._going) < self._max_parallel or step.action is Action.SKIP:
                    self._start(step)
                    settled = True

    def _start(self, step: PlannedStep) -> None:
        if step.action is Action.SKIP:
            self._skip(step, step.reason.text, step.fingerprint)
            return
        inputs = self._doors.resolve(step.reads)
        counted = {name: item.snapshot for name, item in inputs.items() if name not in step.writes}
        fingerprint = step.fingerprint.with_inputs(counted)
        if step.action is Action.DECIDE and step.past and step.past.holds(fingerprint):
            self._skip(step, "its inputs came out as they were", fingerprint)
            return
        try:
            self._launch(step, inputs, fingerprint)
        except WorkbenchError as error:
            self._move(step, State.FAILED, error=error.as_dict())

    def _launch(self, step: PlannedStep, inputs: Mapping[str, Input], fingerprint: Fingerprint) -> None:
        step_run = self._step_runs[step.name]
        number = 1
        folder = f"runs/{self._run.id}/{step.name}/a{number}"
        history = self._doors.history(step.reads) if "as_of" in step.source else {}
        data = attempts.Available(inputs, history)
        order = attempts.prepare(self._place, step, self._run.id, number, folder, data)
        with self._store.writing() as transaction:
            transaction.runs.move_step(step_run.id, State.RUNNING, fingerprint=fingerprint)
            attempt = transaction.runs.start_attempt(step_run.id, number, folder, this_process(), _lease())
        self._states[step.name] = State.RUNNING
        self._tell(step, state=State.RUNNING, message=step.reason.text)
        try:
            handle = self._executor.start(order)
        except WorkbenchError as error:
            self._fail(step, attempt, State.FAILED, error.as_dict())
        else:
            self._going[step.name] = _Going(step, attempt, order, inputs, handle)

    def _follow(self, pool: ThreadPoolExecutor, timeout: float | None) -> None:
        """Wait for messages of attempts and for publications, and act on them."""
        watched: list[Any] = [self._bell, *(going.handle for going in self._going.values())]
        ready, _, _ = select.select(watched, [], [], timeout)
        if self._bell in ready:
            self._bell.recv(1024)
        for going in list(self._going.values()):
            if going.handle in ready:
                going.handle.receive(partial(self._hear, going))
                if going.handle.finished:
                    going.handle.close()
                    del self._going[going.step.name]
                    self._attempt_ended(going, pool)
        for future in [future for future in self._publishing if future.done()]:
            self._published(self._publishing.pop(future), future)

    def _hear(self, going: _Going, message: dict[str, Any]) -> None:
        event = from_plain(Event, message)
        if event.kind is Kind.ATTEMPT_ENDED:
            going.end = event
        self._tell(going.step, event=event)

    # -- the end of an attempt -----------------------------------------------------------------------------------

    def _attempt_ended(self, going: _Going, pool: ThreadPoolExecutor) -> None:
        attempts.discard_temporary(going.order)
        left = attempts.collect(going.order, going.end)
        error = left.error
        if error is not None and error["code"] == "WB-RUN-190":
            self._interrupts = self._interrupts or 1
        if not left.ended:
            error = attempts.lost(going.step, going.order).as_dict()
        elif error is None:
            fault = attempts.verify(self._place, going.step, left.staged)
            error = fault.as_dict() if fault else None
        if error is not None:
            state = State.CANCELLED if error["code"] == "WB-RUN-190" else State.FAILED
            self._fail(going.step, going.attempt, state, error, left)
            return
        with self._store.writing() as transaction:
            transaction.runs.move_attempt(going.attempt.id, going.attempt.fence, AttemptState.STAGED, cells=left.cells)
        finished = Finished(
            environment=self._place.environment,
            actor=self._place.actor,
            staged=tuple(left.staged),
            reads=tuple(left.reads),
            inputs=going.inputs,
            run=self._run,
            step=going.step,
            step_run=self._step_runs[going.step.name],
            attempt=going.attempt,
            notebook=str(going.order.output),
            values=left.values,
        )
        future = pool.submit(self._doors.publish, finished)
        self._publishing[future] = going
        future.add_done_callback(lambda _: self._ringer.send(b"."))

    def _published(self, going: _Going, future: Future[StepResult]) -> None:
        """The publication is over: it moved the states itself, in its own transaction, unless it raised."""
        try:
            result = future.result()
        except WorkbenchError as error:
            self._fail(going.step, going.attempt, State.FAILED, error.as_dict())
            return
        except Exception as fault:
            what = f"{going.step.name} could not be published"
            unknown = InternalError("WB-INT-999", what, cause=f"{type(fault).__name__}: {fault}")
            self._fail(going.step, going.attempt, State.FAILED, unknown.as_dict())
            return
        self._states[going.step.name] = result.state
        message = result.error["code"] if result.error else ""
        self._tell(going.step, state=result.state, message=message)

    def _fail(
        self,
        step: PlannedStep,
        attempt: Attempt,
        state: State,
        error: Mapping[str, Any],
        left: attempts.Yield | None = None,
    ) -> None:
        with self._store.writing() as transaction:
            cells = left.cells if left else None
            transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState(state), error=error, cells=cells)
            values = left.values if left else None
            transaction.runs.move_step(attempt.step_run, state, error=error, values=values)
        self._states[step.name] = state
        self._tell(step, state=state, message=str(error["what"]))

    # -- the end of the run --------------------------------------------------------------------------------------

    def _kill(self) -> None:
        """Let the guardians kill what still runs."""
        for going in list(self._going.values()):
            going.handle.close()
            del self._going[going.step.name]
            error = Interrupted("WB-RUN-190", f"killed while {going.step.notebook} ran")
            self._fail(going.step, going.attempt, State.CANCELLED, error.as_dict(), attempts.collect(going.order))

    @contextlib.contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        """Count SIGINT and SIGTERM instead of raising in the middle of something; only the main thread gets any."""

        def count(number: int, frame: FrameType | None) -> None:
            self._interrupts += 1
            self._ringer.send(b".")

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, count) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _finish(self) -> Run:
        error = None
        if self._interrupts:
            error = Interrupted(
                "WB-RUN-190",
                f"run {self._run.id} was interrupted",
                kept="Steps that had finished stay published; nothing of the others was.",
                next=f"wb run {self._run.pipeline}",
            )
        for step in self._plan.steps:
            if not self._states[step.name].final:
                self._move(step, State.CANCELLED, reason="the run ended before it")
        with self._store.writing() as transaction:
            transaction.runs.move_run(self._run.id, self._final_state(error), error=error.as_dict() if error else None)
            run = transaction.runs.get(self._run.id)
        self._bell.close()
        self._ringer.close()
        self._doors.run_finished(run)
        return run

    def _final_state(self, error: WorkbenchError | None) -> State:
        states = set(self._states.values())
        if error is not None:
            return State.CANCELLED
        if State.FAILED in states or State.LOST in states:
            return State.FAILED
        if State.WITHHELD in states:
            return State.WITHHELD
        return State.CANCELLED if State.CANCELLED in states else State.SUCCEEDED

    def _move(
        self,
        step: PlannedStep,
        state: State,
        *,
        reason: str = "",
        error: Mapping[str, Any] | None = None,
    ) -> None:
        with self._store.writing() as transaction:
            transaction.runs.move_step(self._step_runs[step.name].id, state, reason=reason or None, error=error)
        self._states[step.name] = state
        self._tell(step, state=state, message=reason or str((error or {}).get("what", "")))

    def _skip(self, step: PlannedStep, reason: str, fingerprint: Fingerprint) -> None:
        """Let the earlier success stand for this step, its report too."""
        report = step.past.report if step.past else ""
        with self._store.writing() as transaction:
            identifier = self._step_runs[step.name].id
            transaction.runs.move_step(
                identifier, State.SKIPPED, reason=reason, report=report or None, fingerprint=fingerprint
            )
        self._states[step.name] = State.SKIPPED
        self._tell(step, state=State.SKIPPED, message=reason)

    def _tell(self, step: PlannedStep, *, state: str = "", message: str = "", event: Event | None = None) -> None:
        self._doors.progress(Progress(self._run.id, step.name, state, message, event))


def _upstream_reason(bad: Sequence[str], states: Mapping[str, State]) -> str:
    return "not run: " + ", ".join(f"{name} {_said(states[name])}" for name in bad)


def _said(state: State) -> str:
    return {State.UPSTREAM_FAILED: "did not run", State.WITHHELD: "was withheld"}.get(state, str(state))


def _lease() -> str:
    return (datetime.now(UTC) + timedelta(seconds=LEASE)).isoformat(timespec="milliseconds")


@contextlib.contextmanager
def _heartbeat(store: Store) -> Iterator[None]:
    """Renew this process's lease for as long as the block runs."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT):
            with contextlib.suppress(WorkbenchError), store.writing() as transaction:
                transaction.runs.renew(this_process(), _lease())

    thread = threading.Thread(target=beat, name="workbench-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
