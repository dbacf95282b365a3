"""How a run looks when it is over, or as far as it got: did it work, if not where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.model.dataset import Snapshot
from workbench.model.names import short_id
from workbench.model.report import Report
from workbench.model.run import Attempt, CellRun, CellState, Run, State, StepRun
from workbench.ui import codec
from workbench.ui.cli.console import style
from workbench.ui.cli.views import errors
from workbench.ui.cli.words import STATES, ago, beyond, count, duration, number, plain, shorten, size

TRACEBACK_LINES = 12
SLOWEST = 3
BESIDE = 90


@dataclass(frozen=True)
class Facts:
    """What belongs to a run and is kept beside it: ``outputs`` and ``tracebacks`` are by step."""

    state: Path
    outputs: Mapping[str, Sequence[Snapshot]] = field(default_factory=dict)
    reports: Sequence[Report] = ()
    tracebacks: Mapping[str, Sequence[str]] = field(default_factory=dict)


def draw(run: Run, facts: Facts, *, width: int, cells: bool = False) -> list[RenderableType]:
    """The whole run; with ``cells`` also the slowest cells of each step."""
    parts: list[RenderableType] = [_head(run), *_steps(run, facts, width, cells)]
    for step in run.steps:
        if step.error and step.state is not State.UPSTREAM_FAILED:
            parts += [Text(), *_failure(step, facts)]
    if run.error and not any(step.error for step in run.steps):
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
    if run.steps and all(step.state is State.SKIPPED for step in run.steps):
        return f"nothing to run, {count(len(run.steps), 'step')} unchanged"
    words = [STATES[step.state].word for step in run.steps]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) or "no steps"


def next_command(run: Run) -> str:
    """What to do now: look at what failed, or at what was made."""
    if not run.state.final:
        return f"wb runs show {short_id(run.id)}"
    for step in run.steps:
        if step.state in (State.FAILED, State.LOST):
            return f"wb runs logs {short_id(run.id)} {step.step}"
        if step.state is State.WITHHELD:
            return f"wb runs show {short_id(run.id)}"
    return "wb catalog search" if run.state is State.SUCCEEDED else f"wb run {run.pipeline}"


def rows(runs: Iterable[Run], width: int) -> Table:
    """A list of runs, newest first; a narrow terminal leaves out where and with what they ran."""
    names = ["", "run", "pipeline", "state", "when", "took", *(("env", "parameters") if width >= BESIDE else ())]
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    lines = [_row(run, width)[: len(names)] for run in runs]
    for index, name in enumerate(names):
        how: Any = "right" if name == "took" else "left"
        least = None if name == "parameters" else max(len(line[index]) for line in lines)
        table.add_column(name, no_wrap=True, overflow="ellipsis", justify=how, header_style="dim", min_width=least)
    for line in lines:
        table.add_row(*line)
    return table


def _row(run: Run, width: int) -> list[Text]:
    look = STATES[run.state]
    return [
        Text(look.glyph, style=style(look)),
        Text(short_id(run.id)),
        Text(shorten(run.pipeline, max(width // 4, 8))),
        Text(look.word, style=style(look)),
        Text(ago(run.created_at)),
        Text(duration(run.seconds)),
        Text(shorten(run.environment, 16)),
        Text(_parameters(run), style="dim"),
    ]


def one_step(run: Run, step: StepRun, facts: Facts) -> list[RenderableType]:
    """One step of a run with all its cells, and its error when it has one."""
    alone = replace(run, steps=(step,), parameters=step.parameters)
    parts: list[RenderableType] = [_head(alone), Text(step.reason, style="dim")]
    if step.attempts:
        parts.append(step_cells(step))
    if step.error:
        parts += [Text(), *_failure(step, facts)]
    return [*parts, Text("Next: ").append(f"wb runs logs {short_id(run.id)} {step.step}", style="bold")]


def step_cells(step: StepRun) -> Table:
    """Every cell that ran in the last attempt, with its duration and the kernel's peak memory in it."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("")
    table.add_column("cell", justify="right")
    table.add_column("state")
    table.add_column("took", justify="right")
    table.add_column("peak memory", justify="right")
    for cell in step.attempts[-1].cells:
        if cell.state is CellState.NOT_RUN:  # Markdown, and what comes after a failure
            continue
        look = STATES[cell.state]
        glyph = Text(look.glyph, style=style(look))
        table.add_row(glyph, str(cell.number), look.word, duration(cell.seconds), size(cell.peak_bytes))
    return table


def traceback_tail(traceback: Sequence[str]) -> list[str]:
    """The last lines of a traceback as a kernel sends it, without colours."""
    lines = plain("\n".join(traceback)).rstrip().splitlines()
    return [line for line in lines if line.strip("- ")][-TRACEBACK_LINES:]


def shown(value: Any) -> str:
    """A parameter's value on one line: ``2013-01-16``, ``["EWR", "JFK"]``."""
    told = codec.value(value)
    return plain(told) if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


def measured(value: Any) -> str:
    """A recorded value: whole numbers with their thousands, others to four digits."""
    if type(value) is int:
        return number(value)
    return f"{value:.4g}" if type(value) is float else shown(value)


def _head(run: Run) -> Text:
    look = STATES[run.state]
    text = Text(f"{look.glyph} ", style=style(look)).append(run.pipeline, style="bold default")
    facts = [look.word, f"run {short_id(run.id)}", run.environment, ago(run.created_at)]
    facts += [f"by {run.actor}"] if run.actor else []
    facts += [f"commit {_short_commit(run.commit)}"] if run.commit else []
    text.append("  " + "  ".join(facts), style="default")
    if run.parameters:
        text.append(f"\n  {_parameters(run)}", style="dim default")
    return text


def _parameters(run: Run) -> str:
    return ", ".join(f"{name}={shown(value)}" for name, value in run.parameters.items())


def _steps(run: Run, facts: Facts, width: int, cells: bool) -> Iterator[RenderableType]:
    """A line a step; what it made stands beside it, or below where the terminal is narrow."""
    beside = width >= BESIDE
    most = max(min(28, width // 3), 8)
    names = min(max((len(step.step) for step in run.steps), default=0), most)
    words = max((len(STATES[step.state].word) for step in run.steps), default=0)
    table = _grid()
    for step in run.steps:
        look = STATES[step.state]
        told = list(_step_facts(step, facts, cells))
        table.add_row(
            Text(look.glyph, style=style(look)),
            f"{shorten(step.step, most):<{names}}",
            Text(f"{look.word:<{words}}", style=style(look)),
            f"{'' if step.state is State.SKIPPED else duration(step.seconds):>12}",
            f"{size(_peak(step)):>6}",
            Text("\n").join(told) if beside else "",
        )
        if told and not beside:
            yield table
            yield from (Padding(text, (0, 0, 0, 4)) for text in told)
            table = _grid()
    if table.rows:
        yield table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(5):
        table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    return table


def _step_facts(step: StepRun, facts: Facts, cells: bool) -> Iterator[Text]:
    told = cells or step.state in (State.SKIPPED, State.UPSTREAM_FAILED)
    if told and (reason := beyond(STATES[step.state].word, step.reason)):
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
    if cells and step.attempts:
        yield from (Text(line, style="dim") for line in _slowest(step.attempts[-1]))


def _slowest(attempt: Attempt) -> Iterator[str]:
    timed = sorted((cell for cell in attempt.cells if cell.seconds), key=_duration, reverse=True)
    for cell in timed[:SLOWEST]:
        peak = f", peak {size(cell.peak_bytes)}" if cell.peak_bytes else ""
        yield f"cell {cell.number}: {duration(cell.seconds)}{peak}"


def _failure(step: StepRun, facts: Facts) -> Iterator[RenderableType]:
    look = STATES[step.state]
    head = Text(f"{look.glyph} ", style=style(look)).append(step.step, style="bold default")
    last = step.attempts[-1] if step.attempts else None
    failed = [cell for cell in last.cells if cell.state in (CellState.FAILED, CellState.LOST)] if last else []
    if failed:
        head.append(f"  cell {failed[0].number}", style="default")
    yield head
    error = step.error or {}
    for line in errors.draw(error):
        yield Text("  ", no_wrap=True).append_text(line) if line.no_wrap else Padding(line, (0, 0, 0, 2))
    for told in facts.tracebacks.get(step.step, ()):
        yield Padding(Text(told, style="dim", overflow="fold"), (0, 0, 0, 4))
    path = codec.executed_notebook(facts.state, last) if last else None
    if path and path.exists() and str(path) not in error.get("next", ""):
        yield Text(f"  Executed notebook: {path}", no_wrap=True, overflow="ignore")


def _peak(step: StepRun) -> int | None:
    cells = step.attempts[-1].cells if step.attempts else ()
    return max((cell.peak_bytes for cell in cells if cell.peak_bytes), default=None)


def _duration(cell: CellRun) -> float:
    return cell.seconds or 0.0


def _short_commit(commit: str) -> str:
    digest, plus, mark = commit.partition("+")
    return digest[:8] + plus + mark
