"""Which column each vertex stands in: cycles are opened, then every edge leads at least one column to the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workbench.model.frozen import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True)
class Arc:
    """An edge as the layout sees it, left to right; ``back`` when it is drawn the other way round."""

    left: int
    right: int
    back: bool = False


def components(count: int, pairs: Iterable[Pair]) -> list[list[int]]:
    """The vertices ``0 … count - 1`` that hang together, each part in ascending order, parts by their first vertex."""
    part = list(range(count))

    def root(vertex: int) -> int:
        while part[vertex] != vertex:
            part[vertex] = part[part[vertex]]
            vertex = part[vertex]
        return vertex

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        part[second] = first
    found: dict[int, list[int]] = {}
    for vertex in range(count):
        found.setdefault(root(vertex), []).append(vertex)
    return list(found.values())


def acyclic(count: int, pairs: Sequence[Pair]) -> list[Arc]:
    """The edges without cycles: those that lead back to where a walk came from are turned round.

    Walks begin at the vertices that nothing leads to, in their order, so that a pipeline keeps its direction.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    entered = [False] * count
    for source, target in pairs:
        after[source].append(target)
        entered[target] = True
    arcs: list[Arc] = []
    state = bytearray(count)  # 0 unseen, 1 on the way, 2 done
    for start in sorted(range(count), key=lambda vertex: entered[vertex]):
        if not state[start]:
            arcs.extend(_walk(start, after, state))
    return arcs


def _walk(start: int, after: Sequence[Sequence[int]], state: bytearray) -> Iterator[Arc]:
    state[start] = 1
    stack = [(start, iter(after[start]))]
    while stack:
        vertex, targets = stack[-1]
        for target in targets:
            back = state[target] == 1
            yield Arc(target, vertex, True) if back else Arc(vertex, target)
            if not state[target]:
                state[target] = 1
                stack.append((target, iter(after[target])))
                break
        else:
            state[vertex] = 2
            stack.pop()


def rank(count: int, arcs: Sequence[Arc]) -> list[int]:
    """The column of each vertex, from 0: as far left as possible, then pulled towards where most of its edges lead."""
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for arc in arcs:
        after[arc.left].append(arc.right)
        before[arc.right].append(arc.left)
    missing = [len(sources) for sources in before]
    order = [vertex for vertex in range(count) if not missing[vertex]]
    ranks = [0] * count
    for vertex in order:
        for target in after[vertex]:
            ranks[target] = max(ranks[target], ranks[vertex] + 1)
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    for vertex in reversed(order):
        if len(after[vertex]) > len(before[vertex]):
            ranks[vertex] = min(ranks[target] for target in after[vertex]) - 1
    lowest = min(ranks, default=0)
    return [column - lowest for column in ranks]
