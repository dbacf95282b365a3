"""Which cell of one notebook is which of another: by id, and where ids are missing or new, by what the cells say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from workbench.model.frozen import dataclass
from workbench.reports.render import read_executed

ALIKE = 0.5
"""How much of two cells must be the same for them to be one cell that was changed."""
MOST_PAIRS = 40_000
"""Pairs of cells that are held against each other; in larger notebooks only equal cells are matched by content."""
_INJECTED = "injected-parameters"
_NUMBERED = re.compile(r"(code|markdown|raw)-\d+(-again)*")
"""Ids that were made up by position, for notebooks that have none."""


@dataclass(frozen=True)
class Cell:
    """A cell of an executed notebook; ``number`` counts from 1 in the notebook that people edit."""

    id: str
    kind: str
    source: str
    number: int
    outputs: tuple[Mapping[str, Any], ...] = ()


Match = tuple[Cell | None, Cell | None, bool]
"""A cell on both sides, and whether both bear the same id."""


def cells(notebook: Path) -> tuple[Cell, ...]:
    """The cells of an executed notebook, without the one that holds the injected parameters.

    Raises NotebookError (WB-REP-202) for a notebook that cannot be read.
    """
    found: list[Cell] = []
    for cell in read_executed(notebook)["cells"]:
        metadata = cell.get("metadata")
        tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
        if isinstance(tags, list) and _INJECTED in tags:
            continue
        outputs = cell.get("outputs")
        shown = tuple(item for item in outputs if isinstance(item, Mapping)) if isinstance(outputs, list) else ()
        source = cell.get("source", "")
        text = source if isinstance(source, str) else "".join(map(str, source))
        kind, identifier = str(cell.get("cell_type", "")), str(cell.get("id", ""))
        found.append(Cell(identifier, kind, text.rstrip(), len(found) + 1, shown))
    return tuple(found)


def align(before: Sequence[Cell], after: Sequence[Cell]) -> tuple[Match, ...]:
    """Every cell of both sides once, in the order of the later one; removed cells follow what stood before them."""
    pairs = {i: (j, True) for i, j in _by_id(before, after)}
    taken = {j for j, _ in pairs.values()}
    left = [i for i in range(len(before)) if i not in pairs]
    right = [j for j in range(len(after)) if j not in taken]
    pairs |= {left[i]: (right[j], False) for i, j in _by_content([before[i] for i in left], [after[j] for j in right])}
    return tuple(_ordered(before, after, pairs))


def _by_id(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    places = {cell.id: index for index, cell in enumerate(before) if cell.id and not _NUMBERED.fullmatch(cell.id)}
    for index, cell in enumerate(after):
        at = places.get(cell.id)
        if at is not None and before[at].kind == cell.kind:
            yield at, index


def _by_content(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """The best matches that keep the order of the cells: equal ones first of all, then those that are alike."""
    many = len(before) * len(after) > MOST_PAIRS
    scores = [[_score(one, other, exact=many) for other in after] for one in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    i = j = 0
    while i < len(before) and j < len(after):
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _score(one: Cell, other: Cell, *, exact: bool) -> float:
    if one.kind != other.kind or not one.source or not other.source:
        return 0.0
    if one.source == other.source:
        return 2.0
    if exact:
        return 0.0
    matcher = SequenceMatcher(None, one.source[:2000], other.source[:2000], autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0


def _ordered(before: Sequence[Cell], after: Sequence[Cell], pairs: Mapping[int, tuple[int, bool]]) -> Iterator[Match]:
    back = {j: (i, by_id) for i, (j, by_id) in pairs.items()}
    gone: dict[int, list[int]] = {}
    last = -1
    for i in range(len(before)):
        if i in pairs:
            last = pairs[i][0]
        else:
            gone.setdefault(last, []).append(i)
    yield from ((before[i], None, False) for i in gone.get(-1, ()))
    for j, cell in enumerate(after):
        found = back.get(j)
        yield (before[found[0]], cell, found[1]) if found else (None, cell, False)
        yield from ((before[i], None, False) for i in gone.get(j, ()))
