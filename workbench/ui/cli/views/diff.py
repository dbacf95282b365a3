"""How two runs against each other look in a terminal: what changed, step by step and cell by cell, in that order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.model.comparison import (
    CellPair,
    Change,
    Comparison,
    Grid,
    Item,
    Line,
    OutputPair,
    Piece,
    Section,
    StepPair,
)
from workbench.model.names import short_id
from workbench.ui.cli.console import style
from workbench.ui.cli.views.steps import measured, shown
from workbench.ui.cli.words import FAILED, STATES, SUCCEEDED, WARNING, ago, count, duration, plain, shorten, size

SIGNS = {Change.SAME: " ", Change.CHANGED: "~", Change.ADDED: "+", Change.REMOVED: "-"}
LOOKS = {Change.CHANGED: WARNING, Change.ADDED: SUCCEEDED, Change.REMOVED: FAILED}
MOST_LINES = 40
"""Lines of one text, and rows of one table, that are printed; ``--html`` and ``--json`` have them all."""
MOST_COLUMNS = 8
LEFT_OUT = frozenset({"created_at", "pipeline", "environment"})
"""Facts of the runs that the first line tells."""
PREFIXES = {"inputs": "input ", "values": "value ", "parameters": "parameter ", "outputs": "output ", "times": ""}
"""What stands before the names of facts of each kind."""
WORDS = {"seconds": "took", "peak_bytes": "peak memory", "nominal_at": "for"}


def draw(diff: Comparison, *, width: int) -> list[RenderableType]:
    """All of it: facts of the runs, steps that differ, and how many are the same."""
    parts: list[RenderableType] = [_head(diff), *_items(diff.items, width)]
    same = [step.step for step in diff.steps if step.change is Change.SAME]
    for step in diff.steps:
        if step.change is not Change.SAME or len(diff.steps) == 1:
            parts += [Text(), *_step(step, width)]
    if same and len(diff.steps) > 1:
        named = ", ".join(same[:5]) + (f" and {len(same) - 5:,} more" if len(same) > 5 else "")
        parts += [Text(), Text(f"The same in both: {named}.", style="dim")]
    parts += [Text(), Text(verdict(diff), style="bold")]
    next_ = f"wb runs diff {short_id(diff.before.id)} {short_id(diff.after.id)} --html diff.html"
    return [*parts, Text("Next: ", no_wrap=True, overflow="ignore").append(next_, style="bold")]


def verdict(diff: Comparison) -> str:
    """``2 of 5 steps differ, in 3 cells.``"""
    differing = [step for step in diff.steps if step.change is not Change.SAME]
    if not differing:
        what = "Nothing differs" if diff.steps else "Neither run has a step"
        return f"{what}, but for times and ids." if diff.steps else f"{what}."
    cells = sum(cell.change is not Change.SAME for step in differing for cell in step.cells)
    told = f"{len(differing):,} of {count(len(diff.steps), 'step')} {'differs' if len(differing) == 1 else 'differ'}"
    return told + (f", in {count(cells, 'cell')}." if cells else ".")


def _head(diff: Comparison) -> Text:
    before, after = diff.before, diff.after
    text = Text(before.pipeline, style="bold")
    if after.pipeline != before.pipeline:
        text.append(f" → {after.pipeline}")
    for run, arrow in ((before, "  run "), (after, " → run ")):
        text.append(f"{arrow}{short_id(run.id)} ", style="not bold default")
        text.append(f"({ago(run.created_at)})", style="not bold dim")
    environments = dict.fromkeys((before.environment, after.environment))
    return text.append(f"  {' → '.join(environments)}", style="not bold dim")


def _items(items: Sequence[Item], width: int, prefix: str = "") -> Iterator[RenderableType]:
    """A line for each fact that differs: its name, and both values."""
    changed = [item for item in items if item.change is not Change.SAME and item.name not in LEFT_OUT]
    if not changed:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold", ratio=1)
    for item in changed:
        name = f"{prefix}{WORDS.get(item.name, item.name)}"
        table.add_row(_sign(item.change), shorten(plain(name), max(width // 3, 12)), _both(item))
    yield Padding(table, (0, 0, 0, 2))


def _both(item: Item) -> Text:
    old, new = (None if value is None else value_of(item.name, value) for value in (item.before, item.after))
    if old is None or new is None:
        return Text(str(new if old is None else old), style=style(LOOKS[item.change]))
    text = Text(old, style=style(FAILED)).append(" → ", style="dim default").append(new, style=style(SUCCEEDED))
    if item.name == "seconds" and item.before:
        text.append(f"  ({100 * (item.after / item.before - 1):+.0f} %)", style="dim default")
    return text


def value_of(name: str, value: Any) -> str:
    """A fact as people write it."""
    if name == "seconds":
        return duration(value)
    if name == "peak_bytes":
        return size(value)
    if name == "state":
        return STATES[value].word
    if isinstance(value, dict) and name.endswith(" columns"):
        return ", ".join(f"{column} {kind}" for column, kind in value.items())
    return measured(value) if isinstance(value, int | float) else shown(value)


def _step(step: StepPair, width: int) -> Iterator[RenderableType]:
    text = _sign(step.change).append(f" {step.step}", style="bold default")
    states = [STATES[state].word for state in (step.before, step.after) if state is not None]
    told = " → ".join(dict.fromkeys(states))
    if step.change in (Change.ADDED, Change.REMOVED):
        told = f"{step.change}, {told}"
    yield text.append(f"  {told}", style="not bold dim default")
    for section in step.sections:
        yield from _section(section, width)
    if step.note:
        yield Text(f"  {step.note}", style="dim")
    same = [cell for cell in step.cells if cell.change is Change.SAME and cell.kind == "code"]
    for cell in step.cells:
        if cell.change is not Change.SAME:
            yield from _cell(cell, width)
    if same:
        yield Text(f"  {count(len(same), 'code cell')} the same", style="dim")


def _section(section: Section, width: int) -> Iterator[RenderableType]:
    yield from _items(section.changed, width, PREFIXES.get(section.name, f"{section.name} "))


def _cell(cell: CellPair, width: int) -> Iterator[RenderableType]:
    numbers = [str(number) for number in (cell.number_before, cell.number_after) if number is not None]
    text = Text("  ").append_text(_sign(cell.change))
    text.append(f" cell {' → '.join(dict.fromkeys(numbers))}", style="bold default")
    told = [] if cell.kind == "code" else [cell.kind]
    told += [str(cell.change)] if cell.change in (Change.ADDED, Change.REMOVED) else []
    if cell.change is Change.CHANGED and cell.source_change is Change.SAME:
        told.append("the same code, another output")
    if not cell.by_id and cell.number_before and cell.number_after:
        told.append("matched by what it says")
    times = [duration(seconds) for seconds in (cell.seconds_before, cell.seconds_after) if seconds is not None]
    told += [" → ".join(times)] if cell.kind == "code" and times else []
    yield text.append(f"  {', '.join(told)}" if told else "", style="not bold dim default")
    yield from lines(cell.source, "    ")
    for output in cell.outputs:
        if output.change is not Change.SAME:
            yield from _output(output, width)


def _output(output: OutputPair, width: int) -> Iterator[RenderableType]:
    text = Text("    ").append_text(_sign(output.change)).append(f" {output.kind}", style="default")
    said = output.said or str(output.change)
    yield text.append(f": {said}", style="dim default")
    yield from lines(output.lines, "      ")
    if output.grid is not None:
        yield from (Padding(part, (0, 0, 0, 6)) for part in grid(output.grid, width - 8))


def lines(compared: Sequence[Line], indent: str = "") -> Iterator[Text]:
    """Lines of a text: removed and added words in their colours; where colours are off the signs say it."""
    for line in compared[:MOST_LINES]:
        if line.skipped:
            yield Text(f"{indent}  … {count(line.skipped, 'equal line')}", style="dim", no_wrap=True)
        elif line.change is Change.SAME:
            yield Text(f"{indent}  {_joined(line.after)}", style="dim", no_wrap=True)
        else:
            for sign, pieces, look in (("-", line.before, FAILED), ("+", line.after, SUCCEEDED)):
                if pieces:
                    yield _marked(f"{indent}{sign} ", pieces, style(look))
    if len(compared) > MOST_LINES:
        yield Text(f"{indent}  … {count(len(compared) - MOST_LINES, 'more line')}", style="dim")


def _marked(start: str, pieces: Sequence[Piece], colour: str) -> Text:
    text = Text(start, style=colour, no_wrap=True, overflow="ignore")
    for piece in pieces:
        text.append(plain(piece.text), style="bold underline" if piece.marked and len(pieces) > 1 else "")
    return text


def _joined(pieces: Sequence[Piece]) -> str:
    return plain("".join(piece.text for piece in pieces))


def grid(compared: Grid, width: int) -> Iterator[RenderableType]:
    """A table with the rows that differ; of a changed value both."""
    columns = [index for index, column in enumerate(compared.columns) if _tells(compared, index)][:MOST_COLUMNS]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("")
    for index in columns:
        column = compared.columns[index]
        sign = "" if column.change is Change.SAME else f"{SIGNS[column.change]} "
        table.add_column(sign + shorten(plain(column.name), 24), overflow="ellipsis", no_wrap=True)
    for row in compared.rows[:MOST_LINES]:
        if row.skipped:
            table.add_row("", Text(f"… {count(row.skipped, 'equal row')}", style="dim"))
        else:
            table.add_row(_sign(row.change), *(_value(row.cells[index], row.change) for index in columns))
    yield table
    hidden = len(compared.columns) - len(columns)
    if hidden:
        yield Text(f"… {count(hidden, 'more column')}", style="dim")
    if len(compared.rows) > MOST_LINES:
        yield Text(f"… {count(len(compared.rows) - MOST_LINES, 'more row')}", style="dim")


def _tells(compared: Grid, index: int) -> bool:
    """Whether a column helps to see what differs: it is the first, or something in it is not the same."""
    if index == 0 or len(compared.columns) <= MOST_COLUMNS or compared.columns[index].change is not Change.SAME:
        return True
    return any(row.cells[index].change is Change.CHANGED for row in compared.rows if row.cells)


def _value(item: Item, row: Change) -> Text:
    old, new = (None if value is None else shorten(plain(str(value)), 32) for value in (item.before, item.after))
    if row is Change.CHANGED and old is not None and new is not None and old != new:
        text = Text(old, style=style(FAILED)).append(" → ", style="dim default")
        return text.append(new, style=style(SUCCEEDED))
    value = new if new is not None else old
    return Text(value or "", style=style(LOOKS[row]) if row in (Change.ADDED, Change.REMOVED) else "")


def _sign(change: Change) -> Text:
    look = LOOKS.get(change)
    return Text(SIGNS[change], style=style(look) if look else "")
