"""Two runs held against each other: facts, code and outputs, each said to be the same, changed, added or removed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from workbench.model.frozen import dataclass
from workbench.model.run import Run, State


class Change(StrEnum):
    """How something of the earlier side stands to the same of the later one."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


def change_of(before: Any, after: Any) -> Change:
    """The change between two values, of which ``None`` means that there is none."""
    if before == after:
        return Change.SAME
    if before is None:
        return Change.ADDED
    return Change.REMOVED if after is None else Change.CHANGED


def overall(changes: Sequence[Change]) -> Change:
    """The change of a whole from those of its parts."""
    found = set(changes) or {Change.SAME}
    return found.pop() if len(found) == 1 else Change.CHANGED


@dataclass(frozen=True)
class Item:
    """One named fact on both sides; ``None`` where a side has none."""

    name: str
    before: Any
    after: Any

    @property
    def change(self) -> Change:
        return change_of(self.before, self.after)


@dataclass(frozen=True)
class Section:
    """Facts of one kind: ``parameters, inputs, imports, environment, values, outputs, times``."""

    name: str
    items: tuple[Item, ...]

    @property
    def changed(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.change is not Change.SAME)


@dataclass(frozen=True)
class Piece:
    """Some words of a line; ``marked`` are those that the other side has not."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Line:
    """One line on both sides, in pieces; ``skipped`` equal lines were left out where it is not 0."""

    change: Change
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    skipped: int = 0


@dataclass(frozen=True)
class GridRow:
    """One row of a table, a value on both sides per column; ``skipped`` equal rows were left out where it is not 0."""

    change: Change
    cells: tuple[Item, ...] = ()
    skipped: int = 0


@dataclass(frozen=True)
class Grid:
    """A table on both sides; ``columns`` are their names, ``counts`` how many rows there are of each change."""

    columns: tuple[Item, ...]
    rows: tuple[GridRow, ...]
    counts: dict[Change, int]


@dataclass(frozen=True)
class Picture:
    """A picture on both sides as data URIs, empty where a side has none.

    ``difference`` is a third picture that shows where they differ, empty when it could not be made. Sizes are ``(width,
    height)`` in pixels; ``share`` is the part of the pixels that differ, from 0 to 1, ``None`` when it is not known.
    """

    before: str = ""
    after: str = ""
    difference: str = ""
    size_before: tuple[int, int] | None = None
    size_after: tuple[int, int] | None = None
    share: float | None = None


@dataclass(frozen=True)
class OutputPair:
    """One output of a cell on both sides.

    ``kind`` is ``text``, ``messages`` (standard error), ``error``, ``table``, ``picture``, ``figure`` or ``other``, and
    says which of ``lines``, ``grid`` and ``picture`` are filled; ``said`` tells the difference in a sentence.
    """

    kind: str
    change: Change
    said: str = ""
    lines: tuple[Line, ...] = ()
    grid: Grid | None = None
    picture: Picture | None = None


@dataclass(frozen=True)
class CellPair:
    """One cell on both sides; numbers count from 1 in the notebook that people edit, ``None`` where there is none.

    ``by_id`` says that both bear the same id, else they were matched by what they say. ``seconds`` are their durations.
    """

    id: str
    kind: str
    change: Change
    number_before: int | None
    number_after: int | None
    source_change: Change
    source: tuple[Line, ...] = ()
    outputs: tuple[OutputPair, ...] = ()
    by_id: bool = True
    seconds_before: float | None = None
    seconds_after: float | None = None


@dataclass(frozen=True)
class StepPair:
    """One step on both sides; a state is ``None`` where the run has no such step.

    ``run_before`` and ``run_after`` are the runs whose notebooks are compared: earlier ones, where a step had no need
    to run. ``note`` says why the cells could not be compared, if so.
    """

    step: str
    change: Change
    before: State | None
    after: State | None
    sections: tuple[Section, ...] = ()
    cells: tuple[CellPair, ...] = ()
    run_before: str = ""
    run_after: str = ""
    note: str = ""

    def section(self, name: str) -> Section:
        return next((section for section in self.sections if section.name == name), Section(name, ()))


@dataclass(frozen=True)
class Comparison:
    """Two runs, the earlier one of the command first, without their steps; ``items`` are facts of the whole runs."""

    before: Run
    after: Run
    items: tuple[Item, ...]
    steps: tuple[StepPair, ...]

    @property
    def change(self) -> Change:
        return overall([step.change for step in self.steps])
