"""How the steps of a run look: a line each with what came of it; many instances, and many quiet steps, are folded."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.model.dataset import Snapshot
from workbench.model.frozen import dataclass
from workbench.model.names import short_id
from workbench.model.report import Report
from workbench.model.run import Attempt, CellRun, CellState, State, StepRun
from workbench.model.timeline import Timeline, Usual, excess
from workbench.ui import codec
from workbench.ui.cli.console import style
from workbench.ui.cli.words import (
    STATES,
    WARNING,
    beyond,
    clock_time,
    count,
    duration,
    look_of,
    number,
    plain,
    shorten,
    size,
    times,
)

SLOWEST = 3
BESIDE = 90
MOST = 60
"""Lines for steps, beyond which those that say least are counted only."""
TOLD = 10
"""Instances of one step that get lines of their own below it, for not having ended well."""
QUIET = (State.SUCCEEDED, State.SKIPPED, State.QUEUED, State.UPSTREAM_FAILED)
RANKS = (State.FAILED, State.LOST, State.WITHHELD, State.CANCELLED, State.RUNNING, State.STAGED, State.QUEUED)


@dataclass(frozen=True)
class Facts:
    """What belongs to a run and is kept beside it: ``outputs`` and ``tracebacks`` are by step."""

    state: Path
    outputs: Mapping[str, Sequence[Snapshot]] = field(default_factory=dict)
    reports: Sequence[Report] = ()
    tracebacks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    timeline: Timeline | None = None
    usual: Usual = field(default_factory=Usual)


@dataclass(frozen=True)
class Row:
    """One line: a step, or several folded, as ``delays ×3``."""

    name: str
    steps: tuple[StepRun, ...]

    @property
    def state(self) -> State:
        """The state that most calls for a look."""
        states = {step.state for step in self.steps}
        return next((state for state in (*RANKS, *State) if state in states), State.QUEUED)

    @property
    def word(self) -> str:
        counted = Counter(look_of(step.state, step.reason).word for step in self.steps)
        if len(counted) == 1:
            return next(iter(counted))
        return ", ".join(f"{how_many:,} {word}" for word, how_many in counted.items())

    @property
    def seconds(self) -> float | None:
        """What the steps took, together."""
        return sum(times_of(step) for step in self.steps) if any(step.seconds for step in self.steps) else None

    @property
    def peak(self) -> int | None:
        return max((found for step in self.steps if (found := peak(step))), default=None)


def draw(steps: Sequence[StepRun], facts: Facts, *, width: int, cells: bool, whole: bool) -> Iterator[RenderableType]:
    """A line a step; what it made stands beside it, or below where the terminal is narrow.

    ``cells`` adds the slowest cells; ``whole`` folds nothing.
    """
    beside = width >= BESIDE
    shown, hidden = ([Row(step.step, (step,)) for step in steps], []) if whole else rows(steps)
    most = max(min(28, width // 3), 8)
    names = min(max((len(row.name) for row in shown), default=0), most)
    words = min(max((len(row.word) for row in shown), default=0), max(width // 3, 8))
    table = _grid()
    for row in shown:
        look = STATES[row.state]
        told = list(_facts(row, facts, cells))
        table.add_row(
            Text(look.glyph, style=style(look)),
            f"{shorten(row.name, most):<{names}}",
            Text(f"{shorten(row.word, words):<{words}}", style=style(look)),
            f"{'' if row.state is State.SKIPPED else duration(row.seconds):>12}",
            f"{size(row.peak):>6}",
            Text("\n").join(told) if beside else "",
        )
        if told and not beside:
            yield table
            yield from (Padding(text, (0, 0, 0, 4)) for text in told)
            table = _grid()
    if table.rows:
        yield table
    if hidden and shown:
        told_words = Row("", tuple(step for row in hidden for step in row.steps))
        yield Text(f"… and {len(told_words.steps):,} more: {told_words.word}", style="dim")


def rows(steps: Sequence[StepRun], most: int = MOST) -> tuple[list[Row], list[Row]]:
    """The lines for some steps, the instances of each as one, and those that there is no room for.

    Instances that did not end well have lines of their own too; what failed, and then what took long, stays longest.
    Where not all have room, what is unchanged has none.
    """
    groups: dict[str, list[StepRun]] = {}
    for step in steps:
        groups.setdefault(step.base or step.step, []).append(step)
    found: list[Row] = []
    for base, group in groups.items():
        if len(group) == 1:
            found.append(Row(group[0].step, tuple(group)))
            continue
        found.append(Row(f"{base} ×{len(group)}", tuple(group)))
        bad = [step for step in group if step.state not in QUIET]
        found += [Row(f"  {step.step}", (step,)) for step in bad[:TOLD]]
    if len(found) <= most:
        return found, []
    moved = [row for row in found if row.state is not State.SKIPPED]
    ranked = sorted(moved, key=lambda row: (row.state in QUIET, -(row.seconds or 0.0)))
    kept = {id(row) for row in ranked[:most]}
    hidden = [row for row in found if id(row) not in kept and not row.name.startswith(" ")]
    return [row for row in found if id(row) in kept], hidden


def shown(value: Any) -> str:
    """A parameter's value on one line: ``2013-01-16``, ``["EWR", "JFK"]``."""
    told = codec.value(value)
    return plain(told) if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


def measured(value: Any) -> str:
    """A recorded value: whole numbers with their thousands, others to four digits."""
    if type(value) is int:
        return number(value)
    return f"{value:.4g}" if type(value) is float else shown(value)


def peak(step: StepRun) -> int | None:
    """The peak memory of a step's kernel, in bytes, over all its attempts."""
    cells = (cell for attempt in step.attempts for cell in attempt.cells)
    return max((cell.peak_bytes for cell in cells if cell.peak_bytes), default=None)


def times_of(step: StepRun) -> float:
    """Seconds that a step took; 0 for one that never ran or still runs."""
    return step.seconds or 0.0


def restored(attempt: Attempt) -> int:
    """How many cells took their results from a checkpoint."""
    return sum(cell.state == "restored" for cell in attempt.cells)


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(5):
        table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    return table


def _facts(row: Row, facts: Facts, cells: bool) -> Iterator[Text]:
    if len(row.steps) > 1:
        yield from _together(row.steps, facts)
    elif not row.name.startswith(" "):
        yield from _step_facts(row.steps[0], facts, cells)


def _together(steps: Sequence[StepRun], facts: Facts) -> Iterator[Text]:
    """What several instances made and needed, in sums."""
    made: dict[str, int] = {}
    for step in steps:
        for snapshot in facts.outputs.get(step.step, ()):
            if not snapshot.withheld:
                made[snapshot.dataset] = max(made.get(snapshot.dataset, 0), snapshot.version)
    for dataset, version in made.items():
        yield Text(f"{dataset} up to version {version}")
    if tried := sum(len(step.attempts) > 1 for step in steps):
        yield Text(f"{count(tried, 'instance')} tried more than once", style="dim")
    slowest = max(steps, key=times_of)
    if times_of(slowest):
        yield Text(f"the slowest: {slowest.step}, {duration(slowest.seconds)}", style="dim")


def _step_facts(step: StepRun, facts: Facts, cells: bool) -> Iterator[Text]:
    told = cells or step.state in (State.SKIPPED, State.UPSTREAM_FAILED)
    if told and (reason := beyond(look_of(step.state, step.reason).word, step.reason)):
        yield Text(reason, style="dim")
    written = facts.outputs.get(step.step, ())
    for snapshot in written:
        said = "withheld" if snapshot.withheld else f"version {snapshot.version}"
        yield Text(f"{snapshot.dataset} {said}: {count(snapshot.rows, 'row')}")
    if step.state is State.SUCCEEDED:
        for dataset in step.outputs.keys() - {snapshot.dataset for snapshot in written}:
            yield Text(f"{dataset} came out as it was", style="dim")
    for name, value in step.values.items():
        yield Text(f"{name} = {measured(value)}", style="dim")
    yield from attempt_facts(step)
    usual = facts.usual.steps.get(step.step)
    if usual and (factor := excess(usual, step.seconds)):
        yield slow(f"{times(factor)} its median of {duration(usual.p50)}")
    if cells and step.attempts:
        yield from _slowest(step, facts)


def attempt_facts(step: StepRun) -> Iterator[Text]:
    """Where a step ran, which attempts came before the last, and what is left of them."""
    for attempt in step.attempts[:-1]:
        told = f"attempt {attempt.number} {STATES.get(attempt.state, STATES[State.FAILED]).word}"
        why = attempt.cause or str((attempt.error or {}).get("code", ""))
        yield Text(f"{told}{f': {plain(why)}' if why else ''}", style="dim")
    if len(step.attempts) > 1:
        last = step.attempts[-1]
        yield Text(f"attempt {last.number} {STATES[step.state].word}", style="dim")
    for attempt in step.attempts[-1:]:
        if attempt.worker:
            yield Text(f"on {plain(attempt.worker)}", style="dim")
        if skipped := restored(attempt):
            yield Text(f"{count(skipped, 'cell')} restored from a checkpoint", style="dim")
        if attempt.kept_until:
            open_it = f"wb runs open {short_id(step.run)} {shlex.quote(step.step)}"
            yield Text(f"its kernel is kept until {clock_time(attempt.kept_until)}: {open_it}")


def _slowest(step: StepRun, facts: Facts) -> Iterator[Text]:
    timed: Iterable[CellRun] = sorted(
        (cell for cell in step.attempts[-1].cells if cell.seconds), key=_duration, reverse=True
    )[:SLOWEST]
    for cell in timed:
        told = f"cell {cell.number}: {duration(cell.seconds)}"
        told += f", peak {size(cell.peak_bytes)}" if cell.peak_bytes else ""
        factor = excess(facts.usual.cell(step.step, cell.id), cell.seconds)
        yield slow(f"{told}, {times(factor)} its median") if factor else Text(told, style="dim")


def slow(text: str) -> Text:
    """A sentence about something that took longer than it does."""
    return Text(f"{WARNING.glyph} {text}", style=style(WARNING))


def _duration(cell: CellRun) -> float:
    return cell.seconds or 0.0


def failed_cell(attempt: Attempt | None) -> CellRun | None:
    """The cell in which an attempt ended badly."""
    cells = attempt.cells if attempt else ()
    return next((cell for cell in cells if cell.state in (CellState.FAILED, CellState.LOST)), None)
