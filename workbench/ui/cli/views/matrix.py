"""How the matrix of partitions looks: a line for each part of the data, neighbours that are alike folded into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.frozen import dataclass
from workbench.model.matrix import Matrix, Row, Square
from workbench.pipeline.backfill import GOOD
from workbench.ui.cli.console import style
from workbench.ui.cli.words import QUEUED, STATES, SUCCEEDED, Look, count, shorten

NEVER = Look("·", "never ran", QUEUED.light, QUEUED.dark)
LEAST = 6
"""Columns below which the name of a step says nothing."""
LONGEST = 24
GAP = 2
NARROW = 60
"""Columns below which a line of many parts names the first of them only."""


@dataclass(frozen=True)
class Tally:
    """How many parts of the data are whole, have a step that did not end well, lack one, or have one that goes on."""

    whole: int
    bad: int
    missing: int
    going: int


def draw(matrix: Matrix, *, width: int, command: str = "") -> list[RenderableType]:
    """The matrix, its key, what it comes to, and ``command``, which fills in what lacks.

    Where not all steps fit side by side, the others follow below.
    """
    lines: list[RenderableType] = [_head(matrix)]
    folded = list(fold(matrix.rows))
    heads = _heads(matrix, folded, short=width < NARROW)
    room = width - sum(max(map(len, texts)) + GAP for texts in heads.values())
    columns = [_Column.of(matrix, folded, index) for index in range(len(matrix.steps))]
    for block in _blocks(columns, room):
        lines.append(_table(heads, block, room))
    lines += [*_key(matrix, width), Text(says(matrix))]
    if command and tally(matrix).whole < len(matrix.rows):
        lines.append(Text("Next: ", no_wrap=True, overflow="ignore").append(command, style="bold"))
    return lines


def look(square: Square) -> Look:
    """How one square shows; a step that needed no run is as good as one that ran."""
    if square.state is None:
        return NEVER
    return SUCCEEDED if square.state in GOOD else STATES[square.state]


def told(square: Square) -> str:
    """What a square says beside its sign: how many of several instances are good, where not all are."""
    return f"{square.good}/{square.count}" if square.good < square.count and square.count > 1 else ""


def tally(matrix: Matrix) -> Tally:
    """What the parts of the data come to."""
    whole = bad = missing = going = 0
    for row in matrix.rows:
        states = [square.state for square in row.squares]
        whole += all(state in GOOD for state in states)
        bad += any(state is not None and state.final and state not in GOOD for state in states)
        missing += None in states
        going += any(state is not None and not state.final for state in states)
    return Tally(whole, bad, missing, going)


def says(matrix: Matrix) -> str:
    """``340 of 365 days are whole, 3 did not end well, 20 lack a step, 2 go on.``"""
    found = tally(matrix)
    noun = matrix.names[0] if len(matrix.names) == 1 else "part"
    parts = [f"{found.whole:,} of {count(len(matrix.rows), noun)} {'is' if found.whole == 1 else 'are'} whole"]
    parts += [f"{found.bad:,} did not end well"] if found.bad else []
    parts += [f"{found.missing:,} {'lacks' if found.missing == 1 else 'lack'} a step"] if found.missing else []
    parts += [f"{found.going:,} {'goes' if found.going == 1 else 'go'} on"] if found.going else []
    return ", ".join(parts) + "."


def key(matrix: Matrix) -> list[Look]:
    """The looks that occur, each once."""
    squares = (square for row in matrix.rows for square in row.squares)
    return list(dict.fromkeys(look(square) for square in squares))


def _head(matrix: Matrix) -> Text:
    return Text().append(matrix.pipeline, style="bold").append(f"  {matrix.environment}", style="dim")


@dataclass(frozen=True)
class Line:
    """Parts of the data of which the same is to be seen: all from ``first`` to ``last``, ``count`` of them.

    ``again``: the line above is about the same values of the first partition.
    """

    first: Row
    last: Row
    count: int
    again: bool = False


def fold(rows: Sequence[Row]) -> Iterator[Line]:
    """Neighbours that look alike as one line; of several partitions, the values of the first that look alike as one."""
    slices = [list(_alike(list(group))) for _, group in groupby(rows, lambda row: row.values[0])]
    for _, group in groupby(
        slices, lambda lines: tuple((_rest(line), line.count, _seen(line.first)) for line in lines)
    ):
        same = list(group)
        for number, (first, last) in enumerate(zip(same[0], same[-1], strict=True)):
            yield Line(first.first, last.last, first.count * len(same), again=number > 0)


def _alike(rows: Sequence[Row]) -> Iterator[Line]:
    for _, group in groupby(rows, _seen):
        found = list(group)
        yield Line(found[0], found[-1], len(found))


def _seen(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple((look(square).word, told(square)) for square in row.squares)


def _rest(line: Line) -> tuple[str, ...]:
    """What a line says of all partitions but the first."""
    return tuple(between(*ends) for ends in list(zip(line.first.values, line.last.values, strict=True))[1:])


def between(first: str, last: str) -> str:
    """``first``, or ``first … last`` where they differ."""
    return first if first == last else f"{first} … {last}"


def _heads(matrix: Matrix, folded: Sequence[Line], *, short: bool) -> dict[str, list[str]]:
    """What stands before the signs, by the name above it: the values, and how many parts a line is about."""
    heads: dict[str, list[str]] = {}
    for place, name in enumerate(matrix.names):
        ends = [(line.first.values[place], line.last.values[place]) for line in folded]
        told = [f"{first} …" if short and first != last else between(first, last) for first, last in ends]
        heads[name] = ["" if line.again and not place else text for line, text in zip(folded, told, strict=True)]
    if any(line.count > 1 for line in folded):
        heads[""] = [f"× {line.count:,}" if line.count > 1 else "" for line in folded]
    return {name: [name, *texts] for name, texts in heads.items()}


@dataclass(frozen=True)
class _Column:
    """A step with its signs, one for each line, and the widest of them."""

    name: str
    signs: tuple[Text, ...]
    sign: int

    @classmethod
    def of(cls, matrix: Matrix, folded: Sequence[Line], index: int) -> _Column:
        signs = tuple(_sign(line.first.squares[index]) for line in folded)
        return cls(matrix.steps[index], signs, max((len(sign) for sign in signs), default=1))

    def width(self, most: int) -> int:
        """How wide it is when at most so much of its name is shown."""
        return max(min(len(self.name), most), self.sign)


def _sign(square: Square) -> Text:
    return Text(f"{look(square).glyph} {told(square)}".rstrip(), style=style(look(square)))


def _blocks(columns: Sequence[_Column], room: int) -> Iterator[list[_Column]]:
    """The columns that stand side by side: as many as fit when their names are cut as short as they may be."""
    block: list[_Column] = []
    for column in columns:
        if block and sum(each.width(LEAST) + GAP for each in [*block, column]) - GAP > room:
            yield block
            block = []
        block.append(column)
    if block:
        yield block


def _table(heads: Mapping[str, Sequence[str]], columns: Sequence[_Column], room: int) -> Table:
    most = next(
        (each for each in range(LONGEST, LEAST, -1) if sum(one.width(each) + GAP for one in columns) - GAP <= room),
        LEAST,
    )
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_edge=False, header_style="dim")
    for name in heads:
        table.add_column(name, no_wrap=True, justify="left" if name else "right", style="" if name else "dim")
    for column in columns:
        table.add_column(shorten(column.name, most), no_wrap=True, min_width=column.width(most))
    told = [texts[1:] for texts in heads.values()]
    for cells in zip(*told, *(column.signs for column in columns), strict=True):
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
    return table


def _key(matrix: Matrix, width: int) -> list[Text]:
    lines = [Text(style="dim")]
    for one in key(matrix):
        item = Text(style="dim").append(f"{one.glyph} ", style=style(one)).append(one.word)
        if len(lines[-1]) and len(lines[-1]) + 3 + len(item) > width:
            lines.append(Text(style="dim"))
        lines[-1].append("   " if len(lines[-1]) else "").append_text(item)
    return lines
