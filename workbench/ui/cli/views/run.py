"""How a run looks when it is over, or as far as it got: did it work, if not where, and what took the time."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.execution.history.timeline import fold
from workbench.model.names import short_id
from workbench.model.run import Attempt, CellState, Run, State, StepRun
from workbench.model.timeline import FEWEST, excess
from workbench.ui import codec
from workbench.ui.cli.console import style
from workbench.ui.cli.views import errors, gantt, steps
from workbench.ui.cli.views.steps import Facts, attempt_facts, failed_cell, shown, slow
from workbench.ui.cli.words import (
    STATES,
    UNCHANGED,
    WARNING,
    ago,
    count,
    duration,
    look_of,
    plain,
    shorten,
    size,
    times,
)

TRACEBACK_LINES = 12
MOST_ERRORS = 5
LANES = 30
BESIDE = 90


def draw(
    run: Run,
    facts: Facts,
    *,
    width: int,
    cells: bool = False,
    sources: Mapping[str, Mapping[str, str]] | None = None,
) -> list[RenderableType]:
    """The whole run: its steps, its timeline where ``facts`` has one, errors, reports, and the next command.

    ``cells`` adds the slowest cells of each step; ``sources`` (step → cell id → code), when given, every cell of all.
    """
    parts: list[RenderableType] = [_head(run, facts)]
    parts += steps.draw(run.steps, facts, width=width, cells=cells, whole=sources is not None)
    for step in run.steps if sources is not None else ():
        if step.attempts:
            parts += [Text(), Text(step.step, style="bold")]
            parts += step_cells(step, facts, width, (sources or {}).get(step.step))
    if facts.timeline is not None and (chart := _chart(run, facts, width)):
        parts += [Text(), *chart]
    failed = [step for step in run.steps if step.error and step.state is not State.UPSTREAM_FAILED]
    for step in failed[:MOST_ERRORS]:
        parts += [Text(), *_failure(step, facts)]
    if more := failed[MOST_ERRORS:]:
        parts += [Text(), Text(f"{count(len(more), 'more step')} did not end well, the first: {more[0].step}")]
    if run.error and not failed:
        parts += [Text(), *errors.draw(run.error)]
    if facts.reports:
        parts.append(Text())
        for report in facts.reports:
            parts.append(Text(f"Report: {facts.state / report.path}", no_wrap=True, overflow="ignore"))
    kept = (run.error or {}).get("kept", "")
    told = {step.error.get("kept") for step in run.steps if step.error}
    if kept and told and kept not in told:
        parts += [Text(), Text(plain(kept))]
    return [*parts, Text(), *result(run, _best(run, facts))]


def result(run: Run, report: Path | None = None) -> list[Text]:
    """The last lines: the result, and the next command, or the report to open."""
    look = STATES[run.state]
    line = Text(f"{look.glyph} ", style=style(look)).append(f"{run.pipeline} {look.word}", style="bold default")
    if run.seconds is not None:
        line.append(f" in {duration(run.seconds)}", style="default")
    line.append(f": {tally(run)}", style="default")
    return [line, *_next(run, report)]


def _next(run: Run, report: Path | None) -> list[Text]:
    text = Text("Next: ", no_wrap=True, overflow="ignore")
    if report is not None and run.state is State.SUCCEEDED:
        return [text.append(f"open {report}", style="bold").append(" in a browser")]
    return [text.append(next_command(run), style="bold")]


def _best(run: Run, facts: Facts) -> Path | None:
    """The report of the last step that has one."""
    paths = {report.step: facts.state / report.path for report in facts.reports}
    return next((paths[step.step] for step in reversed(run.steps) if step.step in paths), None)


def tally(run: Run) -> str:
    """``4 succeeded, 2 unchanged``; a run that ran nothing says so."""
    looks = Counter(look_of(step.state, step.reason) for step in run.steps)
    if list(looks) == [UNCHANGED]:
        return f"nothing to run, {count(len(run.steps), 'step')} unchanged"
    return ", ".join(f"{number:,} {look.word}" for look, number in looks.items()) or "no steps"


def next_command(run: Run) -> str:
    """What to do now: look at what failed, or at what was made."""
    if not run.state.final:
        return f"wb runs logs {short_id(run.id)} --follow"
    for step in run.steps:
        if any(attempt.kept_until for attempt in step.attempts[-1:]):
            return f"wb runs open {short_id(run.id)} {shlex.quote(step.step)}"
        if step.state in (State.FAILED, State.LOST):
            return f"wb runs logs {short_id(run.id)} {shlex.quote(step.step)}"
        if step.state is State.WITHHELD:
            return f"wb runs show {short_id(run.id)}"
    return "wb catalog search" if run.state is State.SUCCEEDED else f"wb run {run.pipeline}"


def one_step(
    run: Run, step: StepRun, facts: Facts, *, width: int = 80, sources: Mapping[str, str] | None = None
) -> list[RenderableType]:
    """One step of a run with all its attempts and cells, and its error when it has one."""
    alone = replace(run, steps=(step,), parameters=step.parameters)
    parts: list[RenderableType] = [_head(alone, facts), Text(step.reason, style="dim")]
    parts += attempt_facts(step)
    usual = facts.usual.steps.get(step.step)
    if usual and (factor := excess(usual, step.seconds)):
        parts.append(slow(f"took {duration(step.seconds)}, {times(factor)} its median of {duration(usual.p50)}"))
    if step.attempts:
        parts += step_cells(step, facts, width, sources)
    if step.error:
        parts += [Text(), *_failure(step, facts)]
    next_ = f"wb runs logs {short_id(run.id)} {shlex.quote(step.step)}"
    return [*parts, Text("Next: ").append(next_, style="bold")]


def step_cells(
    step: StepRun, facts: Facts, width: int, sources: Mapping[str, str] | None = None
) -> Iterator[RenderableType]:
    """Every cell that ran, attempt by attempt: how long, against its median, and the kernel's peak memory in it."""
    for attempt in step.attempts:
        if len(step.attempts) > 1:
            yield Text(f"attempt {attempt.number}", style="dim")
        yield _cells(step, attempt, facts, width, sources or {})
        for cell in attempt.cells:
            if cell.dropped:
                yield Text(f"cell {cell.number}: {size(cell.dropped)} of its outputs dropped", style="dim")
            if cell.note:
                yield Text(f"cell {cell.number}: {plain(cell.note)}", style="dim")


def _cells(step: StepRun, attempt: Attempt, facts: Facts, width: int, sources: Mapping[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("")
    table.add_column("cell", justify="right")
    table.add_column("state", no_wrap=True)
    for name in ("took", "median", "peak memory"):
        table.add_column(name, justify="right", no_wrap=True)
    if width >= BESIDE and sources:
        table.add_column("code", no_wrap=True, overflow="ellipsis", ratio=1)
    for cell in attempt.cells:
        if cell.state is CellState.NOT_RUN:  # Markdown, and what comes after a failure
            continue
        look = STATES[cell.state]
        usual = facts.usual.cell(step.step, cell.id)
        known = usual is not None and usual.samples >= FEWEST
        factor = excess(usual, cell.seconds)
        took, told = Text(duration(cell.seconds)), duration(usual.p50) if usual and known else ""
        median = Text(f"{WARNING.glyph} {times(factor)} {told}", style(WARNING)) if factor else Text(told, "dim")
        row: list[str | Text] = [
            Text(look.glyph, style=style(look)),
            str(cell.number),
            look.word,
            took,
            median,
            size(cell.peak_bytes),
        ]
        if width >= BESIDE and sources:
            row.append(Text(first_line(sources.get(cell.id, "")), style="dim"))
        table.add_row(*row)
    return table


def first_line(source: str) -> str:
    """The first line of a cell that says something."""
    lines = (plain(line).strip() for line in source.splitlines())
    return shorten(next((line for line in lines if line and not line.startswith("#")), ""), 80)


def traceback_tail(traceback: Sequence[str]) -> list[str]:
    """The last lines of a traceback as a kernel sends it, without colours."""
    lines = plain("\n".join(traceback)).rstrip().splitlines()
    return [line for line in lines if line.strip("- ")][-TRACEBACK_LINES:]


def _chart(run: Run, facts: Facts, width: int) -> list[Text]:
    assert facts.timeline is not None
    return gantt.draw(fold(facts.timeline, run, LANES), width, facts.timeline)


def _head(run: Run, facts: Facts) -> Text:
    look = STATES[run.state]
    text = Text(f"{look.glyph} ", style=style(look)).append(run.pipeline, style="bold default")
    told = [look.word, f"run {short_id(run.id)}", run.environment, ago(run.created_at)]
    told += [f"by {run.actor}"] if run.actor else []
    told += [f"on {run.trigger}"] if run.trigger not in ("", "manual") else []
    told += [f"for {run.nominal_at}"] if run.nominal_at else []
    told += [f"commit {_short_commit(run.commit)}"] if run.commit else []
    told += [f"repaired {count(run.repairs, 'time')}"] if run.repairs else []
    text.append("  " + "  ".join(told), style="default")
    if run.parameters:
        text.append(f"\n  {', '.join(f'{name}={shown(value)}' for name, value in run.parameters.items())}", style="dim")
    usual = facts.usual.run
    if usual and (factor := excess(usual, run.seconds)):
        text.append("\n  ").append_text(slow(f"{times(factor)} its median of {duration(usual.p50)}"))
    return text


def _failure(step: StepRun, facts: Facts) -> Iterator[RenderableType]:
    look = STATES[step.state]
    head = Text(f"{look.glyph} ", style=style(look)).append(step.step, style="bold default")
    last = step.attempts[-1] if step.attempts else None
    if cell := failed_cell(last):
        head.append(f"  cell {cell.number}", style="default")
    yield head
    error = step.error or {}
    for line in errors.draw(error):
        yield Text("  ", no_wrap=True).append_text(line) if line.no_wrap else Padding(line, (0, 0, 0, 2))
    for told in facts.tracebacks.get(step.step, ()):
        yield Padding(Text(told, style="dim", overflow="fold"), (0, 0, 0, 4))
    path = codec.executed_notebook(facts.state, last) if last else None
    if path and path.exists() and str(path) not in error.get("next", ""):
        yield Text(f"  Executed notebook: {path}", no_wrap=True, overflow="ignore")


def _short_commit(commit: str) -> str:
    digest, plus, mark = commit.partition("+")
    return digest[:8] + plus + mark
