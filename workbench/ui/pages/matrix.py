"""The matrix of partitions as a page: a row for each part of the data, a square for each step, with its report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workbench.model.matrix import Matrix, Square
from workbench.model.names import short_id
from workbench.ui.cli.views import matrix as view
from workbench.ui.pages.shell import KINDS, moment, render


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
    rows = [(row.values, [_drawn(square, state, folder) for square in row.squares]) for row in matrix.rows]
    looks = view.key(matrix)
    kinds = {view.look(square).word: _kind(square) for row in matrix.rows for square in row.squares}
    return render(
        "matrix.html.j2",
        matrix=matrix,
        rows=rows,
        says=view.says(matrix),
        looks=[(one.glyph, one.word, kinds[one.word]) for one in looks],
    )


def _drawn(square: Square, state: Path, folder: Path) -> Drawn:
    look = view.look(square)
    title = look.word
    if square.state is not None:
        count = f", {square.good} of {square.count} instances are well" if square.count > 1 else ""
        title = f"{look.word}{count}: {square.step} in run {short_id(square.run)}, {moment(square.at)}"
    link = Path(os.path.relpath(state / square.report, folder)).as_posix() if square.report else ""
    return Drawn(look.glyph, look.word, _kind(square), view.told(square), title, link)


def _kind(square: Square) -> str:
    if square.state is None:
        return "quiet"
    return "succeeded" if view.look(square).word == "succeeded" else KINDS.get(square.state, "quiet")
