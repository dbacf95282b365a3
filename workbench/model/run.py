"""Runs, step runs, attempts and cells, and the one table of the moves their states may make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from workbench.model.dataset import Input, Read, Snapshot, StagedWrite
from workbench.model.errors import InternalError
from workbench.model.frozen import dataclass
from workbench.model.plan import Fingerprint, PlannedStep
from workbench.model.quality import Examination
from workbench.model.report import Report


class State(StrEnum):
    """The state of a run, a step run or an attempt."""

    QUEUED = "queued"
    RUNNING = "running"
    STAGED = "staged"
    SUCCEEDED = "succeeded"
    SKIPPED = "skipped"
    FAILED = "failed"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"
    UPSTREAM_FAILED = "upstream_failed"
    LOST = "lost"

    @property
    def final(self) -> bool:
        return not MOVES[self]


MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset(
        {State.RUNNING, State.SKIPPED, State.CANCELLED, State.UPSTREAM_FAILED, State.FAILED, State.LOST}
    ),
    State.RUNNING: frozenset(
        {State.QUEUED, State.STAGED, State.SUCCEEDED, State.WITHHELD, State.FAILED, State.CANCELLED, State.LOST}
    ),
    State.STAGED: frozenset({State.QUEUED, State.SUCCEEDED, State.WITHHELD, State.FAILED, State.CANCELLED, State.LOST}),
    State.SUCCEEDED: frozenset(),
    State.SKIPPED: frozenset(),
    State.FAILED: frozenset(),
    State.WITHHELD: frozenset(),
    State.CANCELLED: frozenset(),
    State.UPSTREAM_FAILED: frozenset(),
    State.LOST: frozenset(),
}
"""Every legal move of a run and a step run; a state that leads nowhere is final. Attempts have their own table.

A step goes back to ``queued`` while its next attempt waits for its time.
"""


REOPENED: frozenset[State] = frozenset(
    {State.FAILED, State.WITHHELD, State.CANCELLED, State.UPSTREAM_FAILED, State.LOST}
)
"""Final states from which a repair takes a run and its steps back to ``queued``; the one way out of a final state."""


class AttemptState(StrEnum):
    """The state of an attempt: ``committed`` when what it staged is published."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    RUNNING = "running"
    STAGED = "staged"
    COMMITTED = "committed"
    WITHHELD = "withheld"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def final(self) -> bool:
        return not ATTEMPT_MOVES[self]


_ENDS = frozenset({AttemptState.FAILED, AttemptState.CANCELLED, AttemptState.LOST})
ATTEMPT_MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.QUEUED: _ENDS | {AttemptState.CLAIMED},
    AttemptState.CLAIMED: _ENDS | {AttemptState.RUNNING},
    AttemptState.RUNNING: _ENDS | {AttemptState.STAGED},
    AttemptState.STAGED: _ENDS | {AttemptState.COMMITTED, AttemptState.WITHHELD},
    AttemptState.COMMITTED: frozenset(),
    AttemptState.WITHHELD: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.CANCELLED: frozenset(),
    AttemptState.LOST: frozenset(),
}
"""Every legal move of an attempt. It waits in ``queued`` for its turn and its time; whoever claims it gets a fence."""


class Cause(StrEnum):
    """Why an attempt did not end well; what ``retries: {on: […]}`` names."""

    ERROR = "error"
    KERNEL_DIED = "kernel_died"
    OUT_OF_MEMORY = "out_of_memory"
    TIMEOUT = "timeout"
    LIMIT = "limit"
    START_FAILED = "start_failed"
    WORKER_LOST = "worker_lost"
    CONFLICT = "conflict"
    STORAGE = "storage"
    CANCELLED = "cancelled"


def check_move(now: State | AttemptState, then: State | AttemptState) -> None:
    """Raise InternalError (WB-INT-998) unless ``now → then`` is in the table of moves."""
    moves = ATTEMPT_MOVES[now] if isinstance(now, AttemptState) else MOVES[now]
    if then not in moves:
        raise InternalError("WB-INT-998", f"illegal move {now} → {then}")


class CellState(StrEnum):
    """The state of one cell in an attempt."""

    NOT_RUN = "not_run"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    RESTORED = "restored"
    LOST = "lost"


@dataclass(frozen=True)
class CellRun:
    """What became of one cell; ``seconds`` is wall time, ``peak_bytes`` the kernel's peak resident memory in it.

    ``index`` counts from 0 in the executed notebook, which has the injected parameters as a cell more than the
    notebook that people edit: ``number`` counts from 1 in that one. ``dropped`` counts the bytes of its outputs that
    were too many to be kept; ``note`` says what else people should know, as of its checkpoint.
    """

    index: int
    id: str
    state: CellState = CellState.NOT_RUN
    started_at: str = ""
    seconds: float | None = None
    peak_bytes: int | None = None
    injected: int = 0
    dropped: int = 0
    note: str = ""

    @property
    def number(self) -> int:
        """The cell's number for people; the injected parameters bear the number of the cell they follow."""
        return self.index + 1 - self.injected


@dataclass(frozen=True)
class Wait:
    """Why something waits for its turn: ``code`` is ``places``, ``instances``, ``dataset`` or ``pipeline``."""

    code: str
    text: str


@dataclass(frozen=True)
class Attempt:
    """One try of a step, in a process of its own; ``folder`` is relative to the project's state folder.

    ``fence`` is new, and greater than any before, with every claim; ``not_before`` is when a retry may start;
    ``lease_until`` until when whoever claimed it is believed to be at work; ``cause`` is a ``Cause`` or the class of
    the exception that a cell raised; ``worker`` says where it ran; ``kept_until`` how long its kernel stays for whoever
    wants to look.
    """

    id: str
    step_run: str
    number: int
    state: AttemptState
    fence: int
    folder: str
    started_at: str = ""
    ended_at: str = ""
    cells: tuple[CellRun, ...] = ()
    error: Mapping[str, Any] | None = None
    not_before: str = ""
    lease_until: str = ""
    cause: str = ""
    worker: str = ""
    kept_until: str = ""


@dataclass(frozen=True)
class StepRun:
    """One step in one run; ``reason`` is the plan's sentence, ``values`` what ``wb.record`` and ``wb.metric`` said.

    ``outputs`` maps each dataset it wrote to the snapshot that holds the result, also where nothing changed.
    ``base``, ``key`` and ``partition`` are those of the planned step. ``likeness`` is the digest of the fingerprint
    without its inputs: equal for steps that may stand for one another once their inputs agree. ``upstream`` are the
    steps that it waited for, ``writes`` the datasets that it is going to write; ``fence`` is the one of the attempt
    that was claimed last.
    """

    id: str
    run: str
    step: str
    notebook: str
    state: State
    reason: str = ""
    fingerprint: Fingerprint | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    started_at: str = ""
    ended_at: str = ""
    error: Mapping[str, Any] | None = None
    attempts: tuple[Attempt, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    report: str = ""
    base: str = ""
    key: Mapping[str, Any] = field(default_factory=dict)
    partition: Mapping[str, str] = field(default_factory=dict)
    likeness: str = ""
    upstream: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    fence: int = 0

    @property
    def seconds(self) -> float | None:
        return _seconds(self.started_at, self.ended_at)


TRIGGERS = ("manual", "schedule", "file", "dataset", "backfill")
"""What may start a run."""


@dataclass(frozen=True)
class Origin:
    """What starts a run: ``trigger`` and ``nominal_at`` are as in ``Run``; ``run`` its id, if that is chosen already.

    A run whose id is chosen begins once, however often it is tried.
    """

    trigger: str = "manual"
    nominal_at: str = ""
    run: str = ""


MANUAL = Origin()
"""A person, or a script."""


@dataclass(frozen=True)
class Run:
    """One execution of a plan; ``commit`` is the git commit of the project, with ``+dirty`` when it had changes.

    ``trigger`` is the one of ``TRIGGERS`` that started it; ``nominal_at`` the time it is for, when a schedule did.
    ``deadline_at`` is when its time is up; ``repairs`` how often it was repaired; ``cancel`` who asked for its end.
    """

    id: str
    pipeline: str
    environment: str
    state: State
    parameters: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""
    commit: str = ""
    created_at: str = ""
    ended_at: str = ""
    error: Mapping[str, Any] | None = None
    steps: tuple[StepRun, ...] = ()
    trigger: str = "manual"
    nominal_at: str = ""
    deadline_at: str = ""
    repairs: int = 0
    cancel: str = ""

    @property
    def seconds(self) -> float | None:
        return _seconds(self.created_at, self.ended_at)


@dataclass(frozen=True)
class Finished:
    """What a successful attempt left behind, before anything of it is published.

    ``step_run`` and ``attempt`` are ``None`` for a write from an interactive kernel. ``notebook`` is the absolute path
    of the executed notebook. ``cells`` are final.
    """

    environment: str
    actor: str
    staged: tuple[StagedWrite, ...]
    reads: tuple[Read, ...]
    inputs: Mapping[str, Input]
    run: Run | None = None
    step: PlannedStep | None = None
    step_run: StepRun | None = None
    attempt: Attempt | None = None
    notebook: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StepResult:
    """How a finished attempt ended: published whole, or withheld whole.

    ``snapshots`` are the new current ones, ``unchanged`` the datasets whose content came out as it was;
    ``examinations`` is by dataset.
    """

    finished: Finished
    state: State
    snapshots: tuple[Snapshot, ...] = ()
    unchanged: tuple[str, ...] = ()
    examinations: Mapping[str, Examination] = field(default_factory=dict)
    report: Report | None = None
    error: Mapping[str, Any] | None = None


def _seconds(start: str, end: str) -> float | None:
    from datetime import datetime

    if not start or not end:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
