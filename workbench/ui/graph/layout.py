"""Boxes and arrows laid out from left to right: columns, an order in each, heights, and the way of every arrow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from workbench.model.frozen import dataclass
from workbench.ui.graph.heights import stand
from workbench.ui.graph.layers import Layers
from workbench.ui.graph.ranks import Arc, Pair, acyclic, components, rank

Point = tuple[float, float]
COLUMN_GAP, WIDEST_GAP = 56.0, 150.0
BETWEEN = 36.0
"""Pixels between parts that do not hang together."""
ASPECT = 1.8
ASIDE = 7.0
"""How far below the middle of a box an arrow meets it that leads back."""


@dataclass(frozen=True)
class Place:
    """Where a box lies, in pixels; ``x`` and ``y`` are its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Route:
    """The way of an arrow, from the border of its source to that of its target; ``back`` when it leads to the left.

    Between points of equal height it is straight, else a curve that begins and ends level.
    """

    source: str
    target: str
    points: tuple[Point, ...]
    back: bool = False


@dataclass(frozen=True)
class Layout:
    """All boxes and arrows in a picture of ``width`` × ``height`` pixels."""

    places: Mapping[str, Place]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    arrows: Iterable[tuple[str, str]],
    near: Mapping[str, float] | None = None,
) -> Layout:
    """Lay out boxes of the given sizes (width, height). Arrows from or to what is not there are left out.

    The same input gives the same picture. ``near`` tells the heights of an earlier one, whose order is kept where that
    costs no crossing. Boxes in one column get the width of the widest.
    """
    names = list(sizes)
    number = {name: index for index, name in enumerate(names)}
    known = [(number[one], number[two]) for one, two in dict.fromkeys(arrows) if one in number and two in number]
    pairs = [pair for pair in known if pair[0] != pair[1]]
    heights = {number[name]: height for name, height in (near or {}).items() if name in number}
    shape = [sizes[name] for name in names]
    parts = [
        _part(vertices, inside, shape, heights) for vertices, inside in _split(components(len(names), pairs), pairs)
    ]
    places, routes, width, height = _pack(parts)
    loops = [_loop(one, places[one]) for one, two in known if one == two]
    return Layout(
        {name: places[index] for index, name in enumerate(names)},
        tuple(Route(names[one], names[two], points, back) for one, two, points, back in [*routes, *loops]),
        width,
        height,
    )


Way = tuple[int, int, tuple[Point, ...], bool]


@dataclass(frozen=True)
class _Part:
    places: Mapping[int, Place]
    ways: Sequence[Way]
    width: float
    height: float


def _split(parts: Sequence[Sequence[int]], pairs: Sequence[Pair]) -> list[tuple[Sequence[int], list[Pair]]]:
    """The vertices of each part with the edges between them."""
    owner = {vertex: index for index, part in enumerate(parts) for vertex in part}
    inside: list[list[Pair]] = [[] for _ in parts]
    for pair in pairs:
        inside[owner[pair[0]]].append(pair)
    return list(zip(parts, inside, strict=True))


def _part(
    vertices: Sequence[int], pairs: Sequence[Pair], shape: Sequence[tuple[float, float]], near: Mapping[int, float]
) -> _Part:
    local = {vertex: index for index, vertex in enumerate(vertices)}
    arcs = acyclic(len(vertices), [(local[one], local[two]) for one, two in pairs])
    layers = Layers(rank(len(vertices), arcs), arcs)
    layers.arrange({local[vertex]: height for vertex, height in near.items() if vertex in local})
    at = stand(layers, [shape[vertex][1] for vertex in vertices])
    top = min(at[index] - shape[vertex][1] / 2 for index, vertex in enumerate(vertices))
    top = min(top, *(at[index] for index in range(layers.count, len(at)))) if len(at) > layers.count else top
    at = [height - top for height in at]
    columns = _columns(layers, at, [shape[vertex][0] for vertex in vertices])
    places = {}
    for index, vertex in enumerate(vertices):
        left, width = columns[layers.rank[index]]
        tall = shape[vertex][1]
        places[vertex] = Place(round(left, 1), round(at[index] - tall / 2, 1), round(width, 1), round(tall, 1))
    ways = [_way(arc, path, layers, columns, at, vertices) for arc, path in zip(arcs, layers.paths, strict=True)]
    right = sum(columns[-1])
    low = max(max(place.y + place.height for place in places.values()), max(at, default=0.0))
    return _Part(places, ways, right, low)


def _columns(layers: Layers, at: Sequence[float], widths: Sequence[float]) -> list[tuple[float, float]]:
    """The left edge and the width of each column; where edges climb far, the gap before the next is wider."""
    found, left = [], 0.0
    for column in layers.columns:
        width = max((widths[vertex] for vertex in column if vertex < layers.count), default=0.0)
        climb = max((abs(at[vertex] - at[other]) for vertex in column for other in layers.after[vertex]), default=0.0)
        found.append((left, width))
        left += width + min(COLUMN_GAP + 0.14 * climb, WIDEST_GAP)
    return found


def _way(
    arc: Arc,
    path: Sequence[int],
    layers: Layers,
    columns: Sequence[tuple[float, float]],
    at: Sequence[float],
    vertices: Sequence[int],
) -> Way:
    points: list[Point] = []
    for index in path:
        left, width = columns[layers.rank[index]]
        aside = ASIDE if arc.back and index < layers.count else 0.0
        height = round(at[index] + aside, 1)
        if index != arc.left:
            points.append((round(left, 1), height))
        if index != arc.right:
            points.append((round(left + width, 1), height))
    one, two = vertices[arc.left], vertices[arc.right]
    return (two, one, tuple(reversed(points)), True) if arc.back else (one, two, tuple(points), False)


def _loop(vertex: int, place: Place) -> Way:
    """An arrow from a box to itself: out at its right, round its upper corner, in from above."""
    right, middle = place.x + place.width, place.y + place.height / 2
    points = ((right, middle - ASIDE), (right + 14, place.y - 8), (right - 16, place.y))
    return (vertex, vertex, points, True)


def _moved(part: _Part, left: float, top: float) -> _Part:
    places = {
        vertex: Place(round(place.x + left, 1), round(place.y + top, 1), place.width, place.height)
        for vertex, place in part.places.items()
    }
    ways = [
        (one, two, tuple((round(x + left, 1), round(y + top, 1)) for x, y in points), back)
        for one, two, points, back in part.ways
    ]
    return _Part(places, ways, part.width, part.height)


def _pack(parts: Sequence[_Part]) -> tuple[dict[int, Place], list[Way], float, float]:
    """Parts below one another; small ones side by side, in rows as wide as a screen is."""
    if not parts:
        return {}, [], 0.0, 0.0
    area = sum((part.width + BETWEEN) * (part.height + BETWEEN) for part in parts)
    widest = max(max(part.width for part in parts), math.sqrt(area * ASPECT))
    places: dict[int, Place] = {}
    ways: list[Way] = []
    left = top = tall = right = 0.0
    for part in sorted(parts, key=lambda part: len(part.places) == 1):
        if left and left + part.width > widest:
            left, top, tall = 0.0, top + tall + BETWEEN, 0.0
        if left or top:
            part = _moved(part, left, top)
        places |= part.places
        ways += part.ways
        right, tall = max(right, left + part.width), max(tall, part.height)
        left += part.width + BETWEEN
    return places, ways, round(right, 1), round(top + tall, 1)
