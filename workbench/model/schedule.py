"""When pipelines run by themselves: schedules, triggers, the ticks they give, and the lease of who acts on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, ClassVar

from workbench.model.frozen import dataclass


class Catchup(StrEnum):
    """What becomes of nominal times that nobody was there for."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


class Overlap(StrEnum):
    """What becomes of a nominal time that comes while an earlier run of the same trigger goes on."""

    SKIP = "skip"
    QUEUE = "queue"


@dataclass(frozen=True)
class Schedule:
    """``schedule:`` of a pipeline: five fields of cron, on the clocks of ``timezone`` (an IANA name).

    ``catchup_max`` bounds how many missed times are made up when ``catchup`` is ``all``. ``parameters`` are values for
    the pipeline's, which may hold ``${run.date - 1d}``. ``force`` runs every step, changed or not.
    """

    kind: ClassVar[str] = "schedule"
    cron: str
    timezone: str = "UTC"
    catchup: Catchup = Catchup.LATEST
    catchup_max: int = 24
    overlap: Overlap = Overlap.SKIP
    parameters: Mapping[str, Any] = field(default_factory=dict)
    force: bool = False
    name: str = "schedule"


@dataclass(frozen=True)
class FileTrigger:
    """An entry of ``triggers:`` with ``file``: a pattern, relative to the project, of files whose arrival starts a run.

    A file has arrived when nothing of it has changed for ``stable`` seconds, nobody has it open for writing, and, where
    ``done`` names an ending, a file of its name with that ending stands beside it. ``batch`` makes one run of all that
    arrive together. ``force`` is on unless it is turned off: a file may come again under the same name.
    """

    kind: ClassVar[str] = "file"
    pattern: str
    stable: float = 10.0
    done: str = ""
    batch: bool = False
    timezone: str = "UTC"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    force: bool = True
    name: str = ""


@dataclass(frozen=True)
class DatasetTrigger:
    """An entry of ``triggers:`` with ``dataset``: a new current snapshot of one of ``datasets`` starts a run.

    With ``every`` it waits until each of them has a new one.
    """

    kind: ClassVar[str] = "dataset"
    datasets: tuple[str, ...]
    every: bool = False
    timezone: str = "UTC"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    force: bool = False
    name: str = ""


Trigger = Schedule | FileTrigger | DatasetTrigger


class TickState(StrEnum):
    """What became of a tick: its run is still to begin, has begun, or never will."""

    WAITING = "waiting"
    STARTED = "started"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Tick:
    """One reason to run a pipeline once, kept before the run begins; unique by pipeline, trigger and ``nominal``.

    ``kind`` is ``schedule``, ``file`` or ``dataset``. ``nominal`` identifies what the tick is for: a nominal time, a
    file as it was, a snapshot. ``nominal_at`` is the time it is for (UTC). ``run`` is the id that its run has or would
    have, chosen beforehand, so that it begins once however often it is tried. ``force`` runs every step, changed or
    not. ``depth`` counts the runs that led to this one by datasets, one after the other.
    """

    id: str
    pipeline: str
    trigger: str
    kind: str
    nominal: str
    nominal_at: str
    environment: str
    run: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    force: bool = False
    state: TickState = TickState.WAITING
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0
    tries: int = 0
    not_before: str = ""
    created_at: str = ""
    moved_at: str = ""


@dataclass(frozen=True)
class Standing:
    """How far a trigger has been looked at: ``since`` is the last moment (UTC) whose nominal times are dealt with.

    ``paused_at`` is empty unless somebody paused it; ``facts`` holds what the kind of trigger needs to remember.
    """

    pipeline: str
    trigger: str
    since: str
    paused_at: str = ""
    paused_by: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """A file as it was when it had arrived; ``mtime`` is in nanoseconds, ``digest`` the SHA-256 of its content.

    ``path`` is relative to the project.
    """

    path: str
    size: int
    mtime: int
    digest: str


@dataclass(frozen=True)
class Lease:
    """Who acts for the whole project, and is the only one to do so.

    ``fence`` is new with every holder. ``beats`` grows as long as the holder is well; others watch it by their own
    steady clocks, so that no clock that is set wrong can end a lease.
    """

    name: str
    pid: int
    started: str
    boot: str
    host: str
    fence: int
    beats: int
    taken_at: str


@dataclass(frozen=True)
class Fire:
    """One nominal time: ``at`` in UTC and ``local`` in the schedule's zone, both ISO 8601.

    ``note`` says what is particular about it where the clocks are changed.
    """

    at: str
    local: str
    note: str = ""
