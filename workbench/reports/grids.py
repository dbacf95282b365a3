"""Tables as notebooks put them out, read from their HTML and compared cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser

from workbench.model.comparison import Change, Grid, GridRow, Item, overall

SMALL = 12
"""Rows up to which a table is shown whole."""
CONTEXT = 1
MOST_ROWS = 5000
"""Rows up to which a table without labels is aligned by content; a longer one is compared row by row."""
Pair = tuple[int | None, int | None]
Pairs = list[Pair]


@dataclass
class Table:
    """One table as text: the names of its columns, and its rows; the first ``labels`` columns are an index."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    labels: int = 0


def read(html: str) -> Table | None:
    """The first table of some HTML, ``None`` when it has none with rows or columns."""
    parser = _Reader()
    parser.feed(html)
    parser.close()
    table = parser.table()
    return table if table.columns or table.rows else None


def compare(before: Table, after: Table) -> Grid:
    """Two tables against each other: columns by name, rows by their labels, or by what they hold."""
    before, after = _without_counting(before, after)
    columns = _align(before.columns, after.columns)
    names = tuple(Item(_name(before, after, i, j), _at(before.columns, i), _at(after.columns, j)) for i, j in columns)
    rows = [_row(before, after, columns, i, j) for i, j in _pairs(before, after, columns)]
    counts = Counter(row.change for row in rows)
    return Grid(names, tuple(_shortened(rows)), dict(counts))


def alone(table: Table, change: Change) -> Grid:
    """A table that one side has alone, its first rows."""
    empty = Table(list(table.columns), [], table.labels)
    return compare(table, empty) if change is Change.REMOVED else compare(empty, table)


class _Reader(HTMLParser):
    """Collects the cells of the first table."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._done = False
        self._head: list[list[str]] = []
        self._body: list[list[str]] = []
        self._labels: list[int] = []
        self._row: list[str] | None = None
        self._heads = 0
        self._cell: list[str] | None = None
        self._span = 1
        self._in_head = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
        elif self._done or self._depth != 1:
            return
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row, self._heads = [], 0
        elif tag in ("td", "th") and self._row is not None:
            self._cell = []
            span = dict(attributes).get("colspan") or "1"
            self._span = min(int(span), 1000) if span.isdigit() else 1
            self._heads += tag == "th" and self._heads == len(self._row)

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._depth -= 1
            self._done = self._done or self._depth == 0
        elif self._done or self._depth != 1:
            return
        elif tag == "thead":
            self._in_head = False
        elif tag in ("td", "th") and self._row is not None and self._cell is not None:
            self._row += [" ".join("".join(self._cell).split())] * self._span
            self._cell = None
        elif tag == "tr" and self._row is not None:
            if self._in_head or (self._heads == len(self._row) and not self._body):
                self._head.append(self._row)
            else:
                self._body.append(self._row)
                self._labels.append(self._heads)
            self._row = None

    def table(self) -> Table:
        width = max((len(row) for row in [*self._head, *self._body]), default=0)
        heads = [[""] * (width - len(row)) + row for row in self._head]
        columns = [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*heads, strict=True)]
        body = [row + [""] * (width - len(row)) for row in self._body]
        return Table(columns or [""] * width, body, min(self._labels, default=0))


def _without_counting(before: Table, after: Table) -> tuple[Table, Table]:
    """The tables without the index that pandas gives by itself (0, 1, 2 …), when both have no other."""

    def counts(table: Table) -> bool:
        numbers = [row[0] for row in table.rows]
        return table.labels == 1 and table.columns[0] == "" and numbers == [str(n) for n in range(len(numbers))]

    if not (counts(before) and counts(after)):
        return before, after
    return _without_first(before), _without_first(after)


def _without_first(table: Table) -> Table:
    return Table(table.columns[1:], [row[1:] for row in table.rows], 0)


def _align(before: Sequence[object], after: Sequence[object]) -> Pairs:
    pairs: Pairs = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += zip(range(i, j), range(k, m), strict=True)
        else:
            pairs += [(index, None) for index in range(i, j)] + [(None, index) for index in range(k, m)]
    return pairs


def _pairs(before: Table, after: Table, columns: Pairs) -> Pairs:
    """Which row of one table is which of the other."""
    labels = min(before.labels, after.labels)
    if labels and before.labels == after.labels:
        old, new = ([tuple(row[:labels]) for row in table.rows] for table in (before, after))
        if len(set(old)) == len(old) and len(set(new)) == len(new):
            return _by_label(old, new)
    if max(len(before.rows), len(after.rows)) > MOST_ROWS:
        longest = max(len(before.rows), len(after.rows))
        return [(n if n < len(before.rows) else None, n if n < len(after.rows) else None) for n in range(longest)]
    shared = [(i, j) for i, j in columns if i is not None and j is not None]
    old = [tuple(row[i] for i, _ in shared) for row in before.rows]
    new = [tuple(row[j] for _, j in shared) for row in after.rows]
    return list(_by_content(old, new))


def _by_label(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> Pairs:
    """Rows of the same label, in the order of the later table; those that are gone follow what stood before them."""
    places = {label: index for index, label in enumerate(old)}
    pairs: Pairs = [(places.get(label), index) for index, label in enumerate(new)]
    known = set(new)
    for index, label in enumerate(old):
        if label not in known:
            before = [at for at, (i, _) in enumerate(pairs) if i is not None and i < index]
            pairs.insert(before[-1] + 1 if before else 0, (index, None))
    return pairs


def _by_content(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> Iterator[Pair]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(range(i, j), range(k, m), strict=True)
            continue
        paired = min(j - i, m - k)
        for step in range(paired):
            if any(one == other for one, other in zip(old[i + step], new[k + step], strict=True)):
                yield i + step, k + step
            else:
                yield i + step, None
                yield None, k + step
        yield from ((index, None) for index in range(i + paired, j))
        yield from ((None, index) for index in range(k + paired, m))


def _row(before: Table, after: Table, columns: Pairs, i: int | None, j: int | None) -> GridRow:
    old = before.rows[i] if i is not None else None
    new = after.rows[j] if j is not None else None
    cells = tuple(
        Item("", old[left] if old and left is not None else None, new[right] if new and right is not None else None)
        for left, right in columns
    )
    if old is None or new is None:
        return GridRow(Change.ADDED if old is None else Change.REMOVED, cells)
    shared = [cell.change for cell, (left, right) in zip(cells, columns, strict=True) if None not in (left, right)]
    return GridRow(overall(shared), cells)


def _name(before: Table, after: Table, i: int | None, j: int | None) -> str:
    return after.columns[j] if j is not None else before.columns[i or 0]


def _at(names: Sequence[str], index: int | None) -> str | None:
    return None if index is None else names[index]


def _shortened(rows: Sequence[GridRow]) -> Iterator[GridRow]:
    """The rows without equal ones that are far from any change, where there are many."""
    if len(rows) <= SMALL:
        yield from rows
        return
    near = {
        near
        for index, row in enumerate(rows)
        if row.change is not Change.SAME
        for near in range(index - CONTEXT, index + CONTEXT + 1)
    }
    skipped = 0
    for index, row in enumerate(rows):
        if index not in near:
            skipped += 1
            continue
        if skipped:
            yield GridRow(Change.SAME, skipped=skipped)
            skipped = 0
        yield row
    if skipped:
        yield GridRow(Change.SAME, skipped=skipped)
