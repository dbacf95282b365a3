"""Two texts line by line: equal lines as context, changed ones with the words that differ marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from workbench.model.comparison import Change, Line, Piece

CONTEXT = 2
"""Equal lines that are shown before and after a changed one."""
MOST_LINES = 4000
"""Lines of a text that are compared; what is longer is compared as far."""
MOST_WORDS = 400
"""Words of a line up to which they are compared one by one."""
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")


def settled(text: str) -> str:
    """The text without addresses in memory, which differ from process to process and say nothing."""
    return _ADDRESS.sub("0x…", text)


def compare(before: str, after: str) -> tuple[Line, ...]:
    """The lines of two texts against each other; empty when the texts are the same."""
    if before == after:
        return ()
    old, new = before.split("\n")[:MOST_LINES], after.split("\n")[:MOST_LINES]
    return tuple(_shortened(list(_lines(old, new))))


def whole(text: str, change: Change) -> tuple[Line, ...]:
    """All lines of a text that one side has alone."""
    pieces = ((Piece(line),) for line in text.split("\n")[:MOST_LINES]) if text else ()
    return tuple(Line(change, before=one) if change is Change.REMOVED else Line(change, after=one) for one in pieces)


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line(Change.SAME, (Piece(line),), (Piece(line),)) for line in old[i:j])
            continue
        for one, other in zip_longest(old[i:j], new[k:m]):
            if one is None or other is None or not _alike(one, other):
                if one is not None:
                    yield Line(Change.REMOVED, before=(Piece(one),))
                if other is not None:
                    yield Line(Change.ADDED, after=(Piece(other),))
            else:
                yield Line(Change.CHANGED, *_words(one, other))


def _alike(one: str, other: str) -> bool:
    """Whether two lines have enough in common for their words to be worth comparing."""
    return SequenceMatcher(None, one[:MOST_WORDS], other[:MOST_WORDS], autojunk=False).ratio() >= 0.35


def _words(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = _WORD.findall(one), _WORD.findall(other)
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        return (Piece(one, True),), (Piece(other, True),)
    before: list[Piece] = []
    after: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        _add(before, "".join(old[i:j]), tag != "equal")
        _add(after, "".join(new[k:m]), tag != "equal")
    return tuple(before), tuple(after)


def _add(pieces: list[Piece], text: str, marked: bool) -> None:
    if text:
        pieces.append(Piece(text, marked))


def _shortened(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines without equal ones that are far from any change; how many were left out stands in their place."""
    near = {
        near
        for index, line in enumerate(lines)
        if line.change is not Change.SAME
        for near in range(index - CONTEXT, index + CONTEXT + 1)
    }
    skipped = 0
    for index, line in enumerate(lines):
        if line.change is Change.SAME and index not in near:
            skipped += 1
            continue
        if skipped:
            yield Line(Change.SAME, skipped=skipped)
            skipped = 0
        yield line
    if skipped:
        yield Line(Change.SAME, skipped=skipped)
