"""The matrix of partitions as a page: a row for each part of the data, a square for each step, with its report."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.model.frozen import dataclass
from workbench.model.matrix import Matrix, Square
from workbench.model.names import short_id
from workbench.ui.cli.views import matrix as view
from workbench.ui.pages.shell import KINDS, moment, render

LONG = 40
"""Parts from which a page begins with those alike in one line."""
WORTH = 0.7
"""Share of the parts up to which there are so few such lines that they tell more."""


@dataclass(frozen=True)
class Shown:
    """A line of the page: what it is about, how many parts that are, and its squares."""

    values: list[str]
    count: int
    squares: list[Drawn]


@dataclass(frozen=True)
class Drawn:
    """A square as it stands in the page; ``title`` is what one reads on pointing at it, ``link`` its report."""

    glyph: str
    word: str
    kind: str
    told: str
    title: str
    link: str


def draw(matrix: Matrix, *, state: Path, folder: Path) -> str:
    """The page; ``state`` is the folder that reports lie in, ``folder`` the one that the page will lie in."""
    rows = [_shown(view.Line(row, row, 1), state, folder) for row in matrix.rows]
    folded = [_shown(line, state, folder) for line in view.fold(matrix.rows)]
    looks = view.key(matrix)
    kinds = {view.look(square).word: _kind(square) for row in matrix.rows for square in row.squares}
    return render(
        "matrix.html.j2",
        matrix=matrix,
        rows=rows,
        folded=folded if len(rows) > LONG and len(folded) <= len(rows) * WORTH else None,
        says=view.says(matrix),
        looks=[(one.glyph, one.word, kinds[one.word]) for one in looks],
    )


def _shown(line: view.Line, state: Path, folder: Path) -> Shown:
    values = [view.between(*ends) for ends in zip(line.first.values, line.last.values, strict=True)]
    squares = [_drawn(square, state, folder, alone=line.count == 1) for square in line.first.squares]
    return Shown(values, line.count, squares)


def _drawn(square: Square, state: Path, folder: Path, *, alone: bool) -> Drawn:
    """A square; one that stands for several parts says no more than they have in common."""
    look = view.look(square)
    title = look.word
    if square.state is not None and alone:
        count = f", {square.good} of {square.count} instances are well" if square.count > 1 else ""
        title = f"{look.word}{count}: {square.step} in run {short_id(square.run)}, {moment(square.at)}"
    link = Path(os.path.relpath(state / square.report, folder)).as_posix() if square.report and alone else ""
    return Drawn(look.glyph, look.word, _kind(square), view.told(square), title, link)


def _kind(square: Square) -> str:
    if square.state is None:
        return "quiet"
    return "succeeded" if view.look(square).word == "succeeded" else KINDS.get(square.state, "quiet")
