"""How high each vertex stands in its column: close to what it is joined to, and never on its neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from workbench.ui.graph.layers import Layers

GAP, TIGHT = 18.0, 9.0
"""Pixels between two boxes, and between anything and the place of a long edge."""
PASSES = 12
LARGE = 6000
"""Vertices from which half the passes have to do."""
STRAIGHT, INSIDE, PLAIN = 8.0, 2.0, 1.0
"""How much the middle of a long edge, its ends, and a short edge pull."""


def stand(layers: Layers, heights: Sequence[float]) -> list[float]:
    """The middle of each vertex in pixels, from any origin; ``heights`` is by vertex, the places of edges have none."""
    tall = [*heights, *([0.0] * (len(layers.rank) - layers.count))]
    gaps = [
        [(tall[one] + tall[two]) / 2 + (GAP if tall[one] and tall[two] else TIGHT) for one, two in pairwise(column)]
        for column in layers.columns
    ]
    at = [0.0] * len(tall)
    for column, steps in zip(layers.columns, gaps, strict=True):
        height = -sum(steps) / 2
        for vertex, step in zip(column, [0.0, *steps], strict=False):
            height += step
            at[vertex] = height
    pulls = _pulls(layers)
    passes = PASSES if len(tall) < LARGE else PASSES // 2
    for number in range(passes):
        forward = number % 2 == 0
        sides = (True, True) if number >= passes // 3 else (forward, not forward)
        order = range(len(layers.columns))
        for index in order if forward else reversed(order):
            column = layers.columns[index]
            wanted, weights = [], []
            for vertex in column:
                want, weight = _wish(at, vertex, pulls[vertex], sides)
                wanted.append(want)
                weights.append(weight)
            for vertex, height in zip(column, spread(wanted, weights, gaps[index]), strict=True):
                at[vertex] = height
    return at


Pulls = tuple[list[tuple[int, float]], list[tuple[int, float]]]


def _pulls(layers: Layers) -> list[Pulls]:
    """What each vertex is joined to on its left and right, and how strongly."""
    found: list[Pulls] = [([], []) for _ in layers.rank]
    for vertex, after in enumerate(layers.after):
        for other in after:
            passing = (vertex >= layers.count) + (other >= layers.count)
            weight = (PLAIN, INSIDE, STRAIGHT)[passing]
            found[vertex][1].append((other, weight))
            found[other][0].append((vertex, weight))
    return found


def _wish(at: Sequence[float], vertex: int, pulls: Pulls, sides: tuple[bool, bool]) -> tuple[float, float]:
    total = weight = 0.0
    for side, counts in zip(pulls, sides, strict=True):
        if counts:
            for other, pull in side:
                total += at[other] * pull
                weight += pull
    return (total / weight, weight) if weight else (at[vertex], 0.1)


def spread(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The heights closest to those wanted (least weighted squares) that keep the gaps between neighbours."""
    offset, blocks = 0.0, list[tuple[float, float, int]]()
    offsets = []
    for index, (want, weight) in enumerate(zip(wanted, weights, strict=True)):
        offset += gaps[index - 1] if index else 0.0
        offsets.append(offset)
        total, mass, size = (want - offset) * weight, weight, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / mass:
            above, heavy, many = blocks.pop()
            total, mass, size = total + above, mass + heavy, size + many
        blocks.append((total, mass, size))
    levels = [total / mass for total, mass, size in blocks for _ in range(size)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]
