"""When the steps of a run waited, ran and published, laid out for any face to draw."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from workbench.model.frozen import dataclass
from workbench.model.plan import Forecast
from workbench.model.run import State


class Phase(StrEnum):
    """What an attempt did for some time."""

    WAITING = "waiting"
    """until a retry might start"""
    QUEUED = "queued"
    """until a place was free"""
    RUNNING = "running"
    PUBLISHING = "publishing"


@dataclass(frozen=True)
class Span:
    """One phase of one attempt; times are seconds since the run began, ``state`` is that of the attempt."""

    phase: Phase
    start: float
    end: float
    attempt: int
    state: str


@dataclass(frozen=True)
class Lane:
    """One step, or several folded into one line: the instances of a step, or steps that nothing is to be said about.

    ``steps`` are their names. ``start`` and ``end`` are where the first began and the last ended, in seconds since the
    run began; ``busy`` is the sum of what they ran and published for. A lane without spans never ran.
    """

    name: str
    state: State
    steps: tuple[str, ...]
    spans: tuple[Span, ...] = ()
    start: float = 0.0
    end: float = 0.0
    busy: float = 0.0
    critical: bool = False
    attempts: int = 0
    states: Mapping[str, int] = field(default_factory=dict)

    @property
    def members(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class CriticalPath:
    """The steps that the run's end waited for, one after another; seconds they were at work, and waited before that."""

    steps: tuple[str, ...] = ()
    busy: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True)
class Timeline:
    """A run as lanes over time. ``began`` is its start (UTC, ISO 8601), ``seconds`` how long it took or has taken yet.

    ``cuts`` are stretches in which nothing happened (before a repair, say), as seconds since the start; a drawing
    leaves them out. ``most`` is how many steps were at work at once.
    """

    run: str
    began: str
    seconds: float
    lanes: tuple[Lane, ...]
    path: CriticalPath = CriticalPath()
    cuts: tuple[tuple[float, float], ...] = ()
    most: int = 0

    @property
    def shown(self) -> float:
        """Seconds that a drawing has room for: all but the cuts."""
        return self.seconds - sum(end - start for start, end in self.cuts)

    def place(self, seconds: float) -> float:
        """Where a moment lies in a drawing, from 0 at the left to 1 at the right."""
        before = bisect_right(self.cuts, (seconds, float("inf")))
        hidden = sum(min(end, seconds) - start for start, end in self.cuts[:before])
        return min(max((seconds - hidden) / self.shown, 0.0), 1.0) if self.shown > 0 else 0.0


@dataclass(frozen=True)
class Usual:
    """What is usual for the steps of a run, from earlier runs of its pipeline in its environment.

    ``run`` is of the whole run, ``steps`` by step, ``cells`` by step, then by the cell's id.
    """

    run: Forecast | None = None
    steps: Mapping[str, Forecast] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, Forecast]] = field(default_factory=dict)

    def cell(self, step: str, cell: str) -> Forecast | None:
        return self.cells.get(step, {}).get(cell)


@dataclass(frozen=True)
class Beside:
    """What a list of runs shows beside them, by run id: the partitions of their steps, and what they usually take."""

    partitions: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    usual: Mapping[str, Forecast] = field(default_factory=dict)


FEWEST = 3
"""Durations that a median must rest on before anything is called slow."""


def excess(usual: Forecast | None, seconds: float | None) -> float | None:
    """How many times its median a duration is, where that is worth a word: at least twice, and half a second more."""
    if usual is None or seconds is None or usual.samples < FEWEST:
        return None
    if seconds - usual.p50 < 0.5 or seconds < 2 * usual.p50:
        return None
    return seconds / max(usual.p50, 0.001)
