"""The order in each column, so that few edges cross; a long edge passes through a place of its own in every column.

The long edges of one source share their places: they leave together and part where they have to.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence

from workbench.ui.graph.ranks import Arc

EFFORT = 24_000
"""Vertices that may be looked at in all rounds together."""
MOST_ROUNDS, FEWEST_ROUNDS = 14, 3
PATIENCE = 3
"""Rounds without any gain after which no other is tried; a round goes through all columns and back."""
SMALL = 900
"""Vertices up to which neighbours in a column are tried in both orders."""


class Layers:
    """Columns of vertices with every edge between neighbouring columns; ``count`` and up are places of long edges.

    ``paths`` holds, for each arc, the vertices that it passes from left to right.
    """

    def __init__(self, ranks: Sequence[int], arcs: Sequence[Arc]) -> None:
        self.count = len(ranks)
        self.rank = list(ranks)
        self.source: dict[int, int] = {}
        self.after: list[list[int]] = [[] for _ in ranks]
        self.before: list[list[int]] = [[] for _ in ranks]
        self._trunks: dict[tuple[int, bool, int], int] = {}
        self.paths = [self._path(arc) for arc in arcs]
        self.columns: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]
        for vertex in self._first_order():
            self.columns[self.rank[vertex]].append(vertex)
        self.place = [0] * len(self.rank)
        self._settle(self.columns)

    def _path(self, arc: Arc) -> tuple[int, ...]:
        path = [arc.left]
        for column in range(self.rank[arc.left] + 1, self.rank[arc.right]):
            key = (arc.left, arc.back, column)
            if key not in self._trunks:
                self._trunks[key] = len(self.rank)
                self.source[len(self.rank)] = arc.left
                self.rank.append(column)
                self.after.append([])
                self.before.append([])
                self._join(path[-1], self._trunks[key])
            path.append(self._trunks[key])
        self._join(path[-1], arc.right)
        return (*path, arc.right)

    def _join(self, left: int, right: int) -> None:
        self.after[left].append(right)
        self.before[right].append(left)

    def _first_order(self) -> list[int]:
        """All vertices as a walk meets them: what hangs together comes to lie together."""
        order: list[int] = []
        seen = bytearray(len(self.rank))
        for start in range(len(self.rank)):
            stack = [] if seen[start] or self.before[start] else [start]
            while stack:
                vertex = stack.pop()
                if not seen[vertex]:
                    seen[vertex] = 1
                    order.append(vertex)
                    stack.extend(reversed(self.after[vertex]))
        return order

    def _settle(self, columns: Sequence[Sequence[int]]) -> None:
        for column in columns:
            for place, vertex in enumerate(column):
                self.place[vertex] = place

    def arrange(self, near: Mapping[int, float] | None = None) -> None:
        """Find an order with few crossings, beginning with the one that ``near`` (vertex → height) tells."""
        if near:
            height = {vertex: near.get(self._owner(vertex), math.inf) for vertex in range(len(self.rank))}
            for column in self.columns:
                column.sort(key=height.__getitem__)
            self._settle(self.columns)
        rounds = min(MOST_ROUNDS, max(FEWEST_ROUNDS, EFFORT // max(len(self.rank), 1)))
        fewest, best, stale = self.crossings(), [list(column) for column in self.columns], 0
        for _ in range(rounds):
            if not fewest or stale == PATIENCE:
                break
            self._sweep(forward=True)
            self._sweep(forward=False)
            found = self.crossings()
            stale = 0 if found < fewest else stale + 1
            if found < fewest:
                fewest, best = found, [list(column) for column in self.columns]
        self.columns = best
        self._settle(best)
        if fewest and len(self.rank) <= SMALL:
            self._swap()

    def _owner(self, vertex: int) -> int:
        return self.source.get(vertex, vertex)

    def _sweep(self, forward: bool) -> None:
        place, beside = self.place, self.before if forward else self.after
        for column in self.columns if forward else reversed(self.columns):
            wanted = {
                vertex: sum([place[other] for other in others]) / len(others)
                if (others := beside[vertex])
                else place[vertex]
                for vertex in column
            }
            column.sort(key=wanted.__getitem__)
            for number, vertex in enumerate(column):
                place[vertex] = number

    def crossings(self) -> int:
        """How many pairs of edges cross."""
        total, place = 0, self.place
        for column in self.columns:
            seen: list[int] = []
            for vertex in column:
                targets = [place[other] for other in self.after[vertex]]
                many = len(seen)
                for target in targets:
                    total += many - bisect_right(seen, target)
                for target in targets:
                    insort(seen, target)
        return total

    def _swap(self) -> None:
        """Exchange neighbours in a column as long as that takes crossings away."""
        for _ in range(6):
            better = False
            for column in self.columns:
                for index in range(len(column) - 1):
                    upper, lower = column[index], column[index + 1]
                    if self._between(upper, lower) > self._between(lower, upper):
                        column[index], column[index + 1] = lower, upper
                        self.place[lower], self.place[upper] = index, index + 1
                        better = True
            if not better:
                return

    def _between(self, upper: int, lower: int) -> int:
        """The crossings of the edges of two neighbours, one above the other."""
        total = 0
        for beside in (self.before, self.after):
            low = sorted(map(self.place.__getitem__, beside[lower]))
            for vertex in beside[upper]:
                place = self.place[vertex]
                total += sum(1 for other in low if other < place)
        return total
