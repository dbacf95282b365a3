"""The matrix of a partitioned pipeline: for each part of the data, what became of each step there last."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.model.frozen import dataclass
from workbench.model.run import State


@dataclass(frozen=True)
class Latest:
    """The latest run of one instance of a step; ``key`` tells instances of ``foreach:`` apart, as one text."""

    base: str
    key: str
    partition: Mapping[str, str]
    state: State
    run: str
    step: str
    at: str
    report: str = ""


@dataclass(frozen=True)
class Square:
    """What became of one step in one part of the data.

    ``state`` is the worst of its instances', None when none ever ran; of ``count`` instances ``good`` ended well or
    needed no run. ``run``, ``step``, ``at`` and ``report`` are those of the instance that ``state`` is from.
    """

    state: State | None = None
    good: int = 0
    count: int = 0
    run: str = ""
    step: str = ""
    at: str = ""
    report: str = ""


@dataclass(frozen=True)
class Row:
    """One part of the data: a value for each of the matrix's partitions, a square for each of its steps."""

    values: tuple[str, ...]
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Matrix:
    """``names`` are the partitions that the rows are about, ``steps`` those that know all of them, in their order."""

    pipeline: str
    environment: str
    names: tuple[str, ...]
    steps: tuple[str, ...]
    rows: tuple[Row, ...]
