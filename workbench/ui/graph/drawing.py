"""A chart as an SVG element that people see, hear and steer alike; the interactive view takes up the same element."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from workbench.model.frozen import dataclass
from workbench.ui.graph import marks
from workbench.ui.graph.chart import Box, Chart
from workbench.ui.graph.layout import Layout, Place, Point, Route, lay_out
from workbench.ui.graph.measure import cut, tame, width

NAME, FACT = 13, 11
"""Sizes of the two lines of a box, in pixels."""
BOLD = 14.8
"""The size that the names, which are bold, are measured with."""
TALL, LOW = 46, 32
"""Heights of a box with and without a second line."""
NARROWEST, WIDEST = 96, 250
LEFT, RIGHT, SIGN = 34, 14, 18
"""Room before the text, after it, and for the sign of a state."""
MARGIN = 14
NAME_LENGTH = 1000
"""Characters of a name that are told in full."""
_LINE = 'fill="none" stroke'
_serial = itertools.count(1)


@dataclass(frozen=True)
class Drawing:
    """A drawn chart: the ``svg`` element, and its size in pixels."""

    svg: Markup
    width: float
    height: float
    chart: Chart
    layout: Layout


def draw(chart: Chart, *, near: Mapping[str, float] | None = None, links: bool = True) -> Drawing:
    """Lay out and draw a chart; one without boxes gives an empty picture.

    ``near`` (id → height) tells where boxes were in the picture before; without ``links`` it holds no address.
    """
    layout = lay_out({box.id: size(box) for box in chart.boxes}, chart.arrows, near)
    wide, tall = round(layout.width + 2 * MARGIN, 1), round(layout.height + 2 * MARGIN, 1)
    number = {box.id: index for index, box in enumerate(chart.boxes)}
    edges = [_edge(route, number, chart.focus) for route in layout.routes]
    nodes = [_node(box, layout.places[box.id], index, chart, links) for index, box in enumerate(chart.boxes)]
    serial = next(_serial)
    svg = Markup(
        '<svg class="wb-Graph" viewBox="{x} {x} {w} {h}" width="{w}" height="{h}" '
        'role="group" aria-labelledby="wb-title-{n}" aria-describedby="wb-about-{n}" '
        'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, sans-serif">'
        '<title id="wb-title-{n}">{title}</title><desc id="wb-about-{n}">{about}</desc>'
        '<g class="wb-Graph-view"><g class="wb-Graph-edges" aria-hidden="true" fill="none" stroke="#8a94a1">{edges}</g>'
        '<g class="wb-Graph-nodes" font-size="13" fill="#1c2430">{nodes}</g></g></svg>'
    ).format(
        x=-MARGIN, w=wide, h=tall, n=serial, title=tame(chart.title), about=about(chart),
        edges=Markup("".join(edges)), nodes=Markup("".join(nodes)),
    )  # fmt: skip
    return Drawing(svg, wide, tall, chart, layout)


def standalone(chart: Chart) -> str:
    """The chart as an SVG file: with its style, without any link."""
    drawing = draw(chart, links=False)
    head, _, rest = str(drawing.svg).partition("<g ")
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"{head}<style>{style()}</style><g {rest}\n"


def figure(chart: Chart) -> Markup:
    """The chart in a page that has ``style()``; where it is wider than the page it is scrolled, and stays readable."""
    drawing = draw(chart)
    least = round(drawing.width * 0.72)
    return Markup(
        '<div class="wb-Graph-scroll" tabindex="0" role="region" aria-label="{}">'
        '<div style="min-width: {}px; max-width: {}px">{}</div></div>'
    ).format(tame(chart.title), least, round(drawing.width), drawing.svg)


@cache
def style() -> str:
    """The style of every picture, as the text of a style sheet."""
    return (Path(__file__).parent / "graph.css").read_text(encoding="utf-8").replace("\r\n", "\n")


def about(chart: Chart) -> str:
    """The chart in one sentence: how many of what, and how many arrows."""
    kinds: dict[str, int] = {}
    for box in chart.boxes:
        kinds[box.kind] = kinds.get(box.kind, 0) + 1
    told = [f"{many:,} {kind}{'s' if many != 1 else ''}" for kind, many in kinds.items()]
    arrows = f"{len(chart.arrows):,} arrow{'s' if len(chart.arrows) != 1 else ''}"
    more = "; there is more than is shown" if chart.truncated else ""
    return f"{', '.join(told) or 'nothing'}, {arrows} from left to right{more}"


def size(box: Box) -> tuple[float, float]:
    """The width and height of a box that holds its texts."""
    sign = SIGN if marks.look(box.state) else 0
    inside = max(width(tame(box.name[:60]), BOLD), width(tame(box.detail[:60]), FACT) - sign)
    return float(round(min(max(LEFT + inside + sign + RIGHT, NARROWEST), WIDEST))), float(TALL if box.detail else LOW)


def label(box: Box) -> str:
    """What is read out for a box."""
    state = marks.word(box.state) if marks.look(box.state) else ""
    return ", ".join(
        part for part in (tame(box.name[:NAME_LENGTH]), box.kind, tame(box.detail[:NAME_LENGTH]), state) if part
    )


def texts(box: Box, wide: float) -> tuple[str, str]:
    """The two lines of a box as they fit into one of that width."""
    room = wide - LEFT - RIGHT + 4
    sign = SIGN if marks.look(box.state) else 0
    return cut(tame(box.name[:NAME_LENGTH]), BOLD, room - sign), cut(tame(box.detail[:NAME_LENGTH]), FACT, room)


def path(points: Sequence[Point]) -> str:
    """The way of an arrow as SVG path data, with its head."""
    (x, y), parts = points[0], [f"M{points[0][0]:g} {points[0][1]:g}"]
    for to_x, to_y in points[1:]:
        if abs(to_y - y) < 0.5:
            parts.append(f"H{to_x:g}")
        else:
            middle = round((x + to_x) / 2, 1)
            parts.append(f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}")
        x, y = to_x, to_y
    lead = -5 if points[-2][0] < x else 5
    return "".join(parts) + f"M{x + lead:g} {y - 3.5:g}L{x:g} {y:g}L{x + lead:g} {y + 3.5:g}"


def _loop(points: Sequence[Point]) -> str:
    (x, y), (far, high), (end, top) = points
    way = f"M{x:g} {y:g}C{far:g} {y:g} {far:g} {high:g} {x:g} {high:g}S{end:g} {high:g} {end:g} {top:g}"
    return way + f"M{end - 3.5:g} {top - 5:g}L{end:g} {top:g}L{end + 3.5:g} {top - 5:g}"


def _edge(route: Route, number: Mapping[str, int], focus: str) -> str:
    drawn = _loop(route.points) if route.source == route.target else path(route.points)
    classes = "wb-Edge wb-mod-back" if route.back else "wb-Edge"
    classes += " wb-mod-near" if focus and focus in (route.source, route.target) else ""
    return f'<path class="{classes}" data-ends="{number[route.source]} {number[route.target]}" d="{drawn}"/>'


def _node(box: Box, place: Place, index: int, chart: Chart, links: bool) -> str:
    look = marks.look(box.state)
    classes = f"wb-Node wb-kind-{box.kind if box.kind in marks.KINDS else 'step'}"
    classes += f" wb-is-{look}" if look else ""
    classes += " wb-mod-focus" if box.id == chart.focus else ""
    told = escape(label(box))
    node = (
        f'<g class="{classes}" data-n="{index}" data-id="{escape(tame(box.id))}" data-w="{place.width:g}" '
        f'data-h="{place.height:g}" transform="translate({place.x:g} {place.y:g})" role="img" aria-label="{told}">'
        f"<title>{told}</title>{''.join(_inside(box, place, look))}</g>"
    )
    if links and box.href:
        return f'<a class="wb-Node-link" href="{escape(box.href)}">{node}</a>'
    return node


def _inside(box: Box, place: Place, look: str) -> Iterator[str]:
    """What a box is drawn of; the group around all boxes gives texts and lines their colours where no style is."""
    wide, tall = place.width, place.height
    colour = marks.COLOURS.get(look, "#8a94a1")
    if box.kind == "group":
        yield f'<path class="wb-Node-under" d="M5 -4H{wide + 4:g}V{tall - 5:g}" fill="none" stroke="#c3cad3"/>'
    yield f'<path class="wb-Node-card" d="{_card(box, wide, tall)}" fill="#ffffff" stroke="#c3cad3"/>'
    yield f'<path class="wb-Node-stripe" d="{_stripe(box, tall)}" fill="{colour}"/>'
    middle = 16 if box.detail else tall / 2
    sign = marks.KINDS.get(box.kind, marks.KINDS["step"])
    yield f'<path class="wb-Node-kind" transform="translate(14 {middle - 6:g})" d="{sign}" {_LINE}="#5b6675"/>'
    name, fact = texts(box, wide)
    yield f'<text class="wb-Node-name" x="{LEFT}" y="{middle + 4.5:g}">{escape(name)}</text>'
    if box.detail:
        yield f'<text class="wb-Node-fact" x="{LEFT}" y="{tall - 11.5:g}" font-size="{FACT}">{escape(fact)}</text>'
    if look:
        at = f"translate({wide - RIGHT - 10:g} {middle - 6:g})"
        yield f'<path class="wb-Node-sign" transform="{at}" d="{marks.LOOKS[look]}" {_LINE}="{colour}"/>'


def _card(box: Box, wide: float, tall: float) -> str:
    if box.kind == "report":
        return f"M0 0H{wide - 10:g}L{wide:g} 10V{tall:g}H0ZM{wide - 10:g} 0V10H{wide:g}"
    radius = {"dataset": 10, "column": 4}.get(box.kind, 2)
    return (
        f"M{radius} 0H{wide - radius:g}Q{wide:g} 0 {wide:g} {radius}V{tall - radius:g}Q{wide:g} {tall:g} "
        f"{wide - radius:g} {tall:g}H{radius}Q0 {tall:g} 0 {tall - radius:g}V{radius}Q0 0 {radius} 0Z"
    )


def _stripe(box: Box, tall: float) -> str:
    if box.kind != "dataset":
        return f"M0 0H5V{tall:g}H0Z"
    return f"M5 1.4V{tall - 1.4:g}Q0 {tall - 3:g} 0 {tall - 10:g}V10Q0 3 5 1.4Z"
