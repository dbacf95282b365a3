"""Two runs against each other as a page: texts side by side, tables value by value, pictures beside pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workbench.model.comparison import CellPair, Change, Comparison, Grid, Line, OutputPair, Piece
from workbench.model.frozen import dataclass
from workbench.ui.cli.views.diff import LEFT_OUT, PREFIXES, WORDS, value_of, verdict
from workbench.ui.pages.shell import render

_NUMBER = re.compile(r"[-+−]?[\d,.]+(e[-+]?\d+)?\s?%?|NaN|nan", re.IGNORECASE)
FOLD_FROM = 30
"""Lines or rows from which on an output is folded."""


@dataclass(frozen=True)
class Row:
    """One line of a text as it stands at the left and at the right; ``None`` where a side has none."""

    change: Change
    before: Sequence[Piece] | None
    after: Sequence[Piece] | None
    skipped: int = 0


def draw(diff: Comparison) -> str:
    """The page of a comparison."""
    return render(
        "diff.html.j2",
        diff=diff,
        verdict=verdict(diff),
        items=[item for item in diff.items if item.change is not Change.SAME and item.name not in LEFT_OUT],
        changed=[step for step in diff.steps if step.change is not Change.SAME or len(diff.steps) == 1],
        same=[step for step in diff.steps if step.change is Change.SAME] if len(diff.steps) > 1 else [],
        rows=lambda lines: list(rows(lines)),
        folded=is_long,
        value_of=value_of,
        words=WORDS,
        prefixes=PREFIXES,
        cells=lambda step: [cell for cell in step.cells if cell.change is not Change.SAME],
        equal=lambda step: sum(cell.change is Change.SAME and cell.kind == "code" for cell in step.cells),
        numbers=_numbers,
        numeric=numeric,
    )


def rows(lines: Sequence[Line]) -> Iterator[Row]:
    """The lines side by side."""
    for line in lines:
        if line.skipped:
            yield Row(line.change, None, None, line.skipped)
        else:
            left = line.before if line.change is not Change.ADDED else None
            yield Row(line.change, left, line.after if line.change is not Change.REMOVED else None)


def is_long(output: OutputPair) -> bool:
    """Whether an output is folded at first."""
    return max(len(output.lines), len(output.grid.rows) if output.grid else 0) > FOLD_FROM


def numeric(grid: Grid) -> frozenset[int]:
    """The columns of a table that hold nothing but numbers."""

    def holds(index: int) -> bool:
        pairs = (row.cells[index] for row in grid.rows if row.cells)
        values = [str(value) for pair in pairs for value in (pair.before, pair.after) if value]
        return bool(values) and all(_NUMBER.fullmatch(value) for value in values)

    return frozenset(index for index in range(len(grid.columns)) if holds(index))


def _numbers(cell: CellPair) -> str:
    numbers = (str(number) for number in (cell.number_before, cell.number_after) if number is not None)
    return " → ".join(dict.fromkeys(numbers))
