"""Filling in partitions: which are asked for, which of them are missing or failed, and the matrix of all there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import product

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.matrix import Latest, Matrix, Row, Square
from workbench.model.pipeline import Notebook, Partition, Pipeline
from workbench.model.run import State
from workbench.pipeline.drafts import partitions_of
from workbench.pipeline.partitions import chosen, values

GOOD = frozenset({State.SUCCEEDED, State.SKIPPED})
"""States in which nothing is left to be done."""
_WORST = (
    State.FAILED,
    State.LOST,
    State.WITHHELD,
    State.CANCELLED,
    State.UPSTREAM_FAILED,
    State.RUNNING,
    State.STAGED,
    State.QUEUED,
    State.SUCCEEDED,
    State.SKIPPED,
)
_BAD = frozenset(_WORST[:5])


class Only(StrEnum):
    """Which partitions to fill in: all, those where something never ran, those where something did not end well."""

    ALL = "all"
    MISSING = "missing"
    FAILED = "failed"


Dimensions = Mapping[str, tuple[str, ...]]
"""Step → the partitions it knows, in the order of the pipeline file."""


def dimensions(pipeline: Pipeline, notebooks: Mapping[str, Notebook]) -> Dimensions:
    """The partitions of each step that knows one."""
    found = {step.name: tuple(partitions_of(step, notebooks[step.name], pipeline)) for step in pipeline.steps}
    return {step: names for step, names in found.items() if names}


def spread(
    pipeline: Pipeline, over: Mapping[str, str], given: Iterable[str], now: datetime
) -> dict[str, tuple[str, ...]]:
    """The values of each partition that ``over`` names, by its ranges as typed.

    Raises UsageError: WB-PIP-640 for what is no partition, or is given as a parameter too; WB-PIP-641 for its values.
    """
    known = {partition.name: partition for partition in pipeline.partitions}
    if not known:
        raise UsageError(
            "WB-PIP-640",
            f"{pipeline.path} has no partitions",
            kept="Nothing was started.",
            next="say what cuts its data into parts, such as partitions: {day: {every: day, start: 2013-01-01}}",
        )
    for name in over:
        if name not in known:
            cause = f"its partitions: {', '.join(known)}." + did_you_mean(name, known)
            raise UsageError("WB-PIP-640", f'{pipeline.path} has no partition "{name}"', cause=cause)
        if name in given:
            raise UsageError("WB-PIP-640", f'"{name}" is given twice', cause="by --over and as a parameter")
    return {name: chosen(partition, over[name], now) for name, partition in known.items() if name in over}


def places(
    wanted: Mapping[str, Sequence[str]], known: Dimensions, latest: Iterable[Latest], only: Only
) -> frozenset[tuple[str, ...]] | None:
    """The combinations of ``wanted`` values that ``only`` means; None for all of them."""
    if only is Only.ALL:
        return None
    squares = _squares(known, latest)
    found = set()
    for values_ in product(*wanted.values()):
        place = dict(zip(wanted, values_, strict=True))
        states = []
        for step, names in known.items():
            near = [name for name in names if name in place]
            if near:
                states += _states(squares[step], {name: place[name] for name in near}, names)
        if (only is Only.MISSING and None in states) or (only is Only.FAILED and _BAD & set(states)):
            found.add(values_)
    return frozenset(found)


def matrix(
    pipeline: Pipeline,
    environment: str,
    known: Dimensions,
    latest: Sequence[Latest],
    wanted: Mapping[str, Sequence[str]],
    now: datetime,
) -> Matrix:
    """What became of each step in each part; ``wanted`` narrows the values of a partition.

    Rows are about the partitions that all partitioned steps know, or about the first of the pipeline where there is
    no such; a step that knows more of them sums them up.
    """
    shared = [each.name for each in pipeline.partitions if all(each.name in names for names in known.values())]
    names = tuple(shared or [each.name for each in pipeline.partitions][:1])
    steps = tuple(step for step, own in known.items() if all(name in own for name in names))
    seen = {name: {one.partition[name] for one in latest if name in one.partition} for name in names}
    axes = [
        _axis(each, wanted.get(each.name), seen[each.name], now) for each in pipeline.partitions if each.name in names
    ]
    cells: dict[tuple[str, tuple[str, ...]], list[Latest]] = defaultdict(list)
    for one in latest:
        if one.base in steps and all(name in one.partition for name in names):
            cells[one.base, tuple(one.partition[name] for name in names)].append(one)
    rows = [Row(place, tuple(_square(cells.get((step, place), ())) for step in steps)) for place in product(*axes)]
    return Matrix(pipeline.name, environment, names, steps, tuple(rows))


def _axis(partition: Partition, wanted: Sequence[str] | None, seen: set[str], now: datetime) -> Sequence[str]:
    """The values of a row's partition: those asked for, or all it has, and others that once ran."""
    if wanted is not None:
        return wanted
    own = values(partition, now)
    return [*own, *sorted(seen - set(own))]


def _square(found: Sequence[Latest]) -> Square:
    if not found:
        return Square()
    worst = min(found, key=lambda one: (_WORST.index(one.state), one.at))
    good = sum(one.state in GOOD for one in found)
    return Square(worst.state, good, len(found), worst.run, worst.step, worst.at, worst.report)


_Squares = Mapping[tuple[str, ...], list[State]]


def _squares(known: Dimensions, latest: Iterable[Latest]) -> dict[str, _Squares]:
    """Step → values of all its partitions → the states of its instances there."""
    found: dict[str, dict[tuple[str, ...], list[State]]] = {step: defaultdict(list) for step in known}
    for one in latest:
        names = known.get(one.base, ())
        if names and all(name in one.partition for name in names):
            found[one.base][tuple(one.partition[name] for name in names)].append(one.state)
    return dict(found)


def _states(squares: _Squares, place: Mapping[str, str], names: Sequence[str]) -> list[State | None]:
    """The states of a step at a place; None where it never ran there."""
    if len(place) == len(names):
        return [*squares.get(tuple(place[name] for name in names), ())] or [None]
    indices = [(names.index(name), value) for name, value in place.items()]
    near = [states for key, states in squares.items() if all(key[index] == value for index, value in indices)]
    return [state for states in near for state in states] or [None]
