"""One run as a page: did it work, if not where, and what took the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from workbench.execution.history.timeline import fold
from workbench.model.frozen import dataclass
from workbench.model.plan import Forecast
from workbench.model.run import Attempt, CellRun, CellState, Run, State, StepRun
from workbench.model.timeline import FEWEST, excess
from workbench.ui.cli.views.run import first_line, next_command, tally
from workbench.ui.cli.views.steps import QUIET, Facts, attempt_facts, failed_cell, peak
from workbench.ui.cli.words import count
from workbench.ui.graph import drawing, sources
from workbench.ui.graph.chart import fold as fold_chart
from workbench.ui.pages import gantt
from workbench.ui.pages.shell import render

LANES = 60
MOST_BOXES = 300


@dataclass(frozen=True)
class Cell:
    """One cell of an attempt; ``share`` and ``weight`` are its part of the longest and of the largest, up to 100."""

    run: CellRun
    code: str
    usual: Forecast | None
    factor: float | None
    share: float
    weight: float


@dataclass(frozen=True)
class Try:
    """One attempt and its cells that ran."""

    attempt: Attempt
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Entry:
    """One step as a row of the table, and what unfolds below it."""

    step: StepRun
    peak: int | None
    usual: Forecast | None
    factor: float | None
    said: tuple[str, ...]
    tries: tuple[Try, ...]
    critical: bool
    unfolded: bool
    failed: CellRun | None

    @property
    def cells(self) -> int:
        """How many cells ran in its last attempt."""
        return len(self.tries[-1].cells)

    @property
    def slow(self) -> int:
        """How many of them took much longer than they do."""
        return sum(cell.factor is not None for cell in self.tries[-1].cells)


@dataclass(frozen=True)
class Group:
    """A step, or the instances of one."""

    name: str
    entries: tuple[Entry, ...]
    tally: str
    busy: float
    peak: int | None


def draw(run: Run, facts: Facts, sources: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The page of a run; ``sources`` is the code of the cells, by step and cell id."""
    entries = [_entry(step, facts, (sources or {}).get(step.step, {})) for step in run.steps]
    bad = [entry for entry in entries if entry.step.error and entry.step.state is not State.UPSTREAM_FAILED]
    whole = facts.timeline
    return render(
        "run.html.j2",
        run=run,
        tally=tally(run),
        next=next_command(run),
        bad=bad,
        groups=list(_groups(entries)),
        timeline=whole,
        graph=_graph(run),
        anchors={step.step: _anchor(number) for number, step in enumerate(run.steps)},
        chart=gantt.draw(fold(whole, run, LANES)) if whole else "",
        usual=_known(facts.usual.run),
        factor=excess(facts.usual.run, run.seconds),
        outputs=facts.outputs,
        tracebacks=facts.tracebacks,
    )


def _graph(run: Run) -> Markup:
    """What waits for what; empty where no step waits for another, and a sentence where there are too many to draw."""
    if not any(step.upstream for step in run.steps):
        return Markup("")
    number = {step.step: index for index, step in enumerate(run.steps)}
    chart = fold_chart(sources.run(run, lambda step: f"#{_anchor(number[step.step])}"))
    if len(chart.boxes) > MOST_BOXES:
        told = count(len(chart.boxes), "step")
        return Markup('<p class="empty">{} are too many for one picture; the table below names them all.</p>').format(
            told
        )
    return drawing.figure(chart)


def _anchor(number: int) -> str:
    return f"step-{number + 1}"


def _entry(step: StepRun, facts: Facts, sources: Mapping[str, str]) -> Entry:
    usual = facts.usual.steps.get(step.step)
    path = facts.timeline.path.steps if facts.timeline else ()
    last = step.attempts[-1] if step.attempts else None
    return Entry(
        step,
        peak(step),
        _known(usual),
        excess(usual, step.seconds),
        tuple(text.plain for text in attempt_facts(step)),
        tuple(_try(step, attempt, facts, sources) for attempt in step.attempts),
        step.step in path,
        step.state not in QUIET,
        failed_cell(last),
    )


def _try(step: StepRun, attempt: Attempt, facts: Facts, sources: Mapping[str, str]) -> Try:
    ran = [cell for cell in attempt.cells if cell.state is not CellState.NOT_RUN]
    longest = max((cell.seconds or 0.0 for cell in ran), default=0.0)
    largest = max((cell.peak_bytes or 0 for cell in ran), default=0)
    cells = []
    for cell in ran:
        usual = facts.usual.cell(step.step, cell.id)
        share = 100 * (cell.seconds or 0.0) / longest if longest else 0.0
        weight = 100 * (cell.peak_bytes or 0) / largest if largest else 0.0
        code = first_line(sources.get(cell.id, ""))
        cells.append(Cell(cell, code, _known(usual), excess(usual, cell.seconds), round(share, 1), round(weight, 1)))
    return Try(attempt, tuple(cells))


def _groups(entries: Sequence[Entry]) -> Iterator[Group]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.step.base or entry.step.step, []).append(entry)
    for base, group in found.items():
        yield Group(
            f"{base} ×{len(group)}" if len(group) > 1 else group[0].step.step,
            tuple(group),
            tally(Run("", "", "", State.QUEUED, steps=tuple(entry.step for entry in group))),
            sum(entry.step.seconds or 0.0 for entry in group),
            max((entry.peak for entry in group if entry.peak), default=None),
        )


def _known(usual: Forecast | None) -> Forecast | None:
    return usual if usual and usual.samples >= FEWEST else None
