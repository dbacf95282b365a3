"""How high each vertex stands in its column: close to what it is joined to, and never on its neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from workbench.ui.graph.layers import Layers

GAP, TIGHT = 18.0, 9.0
"""Pixels between two boxes, and between anything and the place of a long edge."""
PASSES = 12
LARGE = 2500
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
    left, right, both = _pulls(layers)
    passes = PASSES if len(tall) < LARGE else PASSES // 2
    for number in range(passes):
        forward = number % 2 == 0
        pulls = both if number >= passes // 3 else left if forward else right
        order = range(len(layers.columns))
        for index in order if forward else reversed(order):
            column = layers.columns[index]
            wanted, weights = [], []
            for vertex in column:
                pulling, weight = pulls[vertex]
                wanted.append(sum([at[other] * pull for other, pull in pulling]) / weight if pulling else at[vertex])
                weights.append(weight)
            for vertex, height in zip(column, spread(wanted, weights, gaps[index]), strict=True):
                at[vertex] = height
    return at


Pulls = list[tuple[list[tuple[int, float]], float]]
"""By vertex: what it is joined to and how strongly, and how strongly altogether."""
LOOSE = 0.1
"""How strongly a vertex that is joined to nothing stays where it is."""


def _pulls(layers: Layers) -> tuple[Pulls, Pulls, Pulls]:
    """What pulls each vertex from its left, from its right, and from both; found once, as every pass asks for it."""
    left: list[list[tuple[int, float]]] = [[] for _ in layers.rank]
    right: list[list[tuple[int, float]]] = [[] for _ in layers.rank]
    for vertex, after in enumerate(layers.after):
        for other in after:
            passing = (vertex >= layers.count) + (other >= layers.count)
            weight = (PLAIN, INSIDE, STRAIGHT)[passing]
            right[vertex].append((other, weight))
            left[other].append((vertex, weight))
    both = [before + after for before, after in zip(left, right, strict=True)]
    return [*map(_weighed, left)], [*map(_weighed, right)], [*map(_weighed, both)]


def _weighed(pulling: list[tuple[int, float]]) -> tuple[list[tuple[int, float]], float]:
    return pulling, sum(pull for _, pull in pulling) or LOOSE


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
