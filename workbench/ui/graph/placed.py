"""A chart laid out but not drawn: numbers and texts, for a view that draws what is in sight and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.ui.graph import marks
from workbench.ui.graph.chart import Box, Chart
from workbench.ui.graph.drawing import NAME_LENGTH, about, size, texts
from workbench.ui.graph.layout import lay_out
from workbench.ui.graph.measure import tame

if TYPE_CHECKING:
    from workbench.ui import shapes


def placed(chart: Chart, near: Mapping[str, float] | None = None) -> shapes.Drawn:
    """Lay out a chart; ``near`` (id → height) tells where boxes were before. One without boxes is 0 × 0 pixels."""
    layout = lay_out({box.id: size(box) for box in chart.boxes}, chart.arrows, near)
    number = {box.id: index for index, box in enumerate(chart.boxes)}
    places = [layout.places[box.id] for box in chart.boxes]
    return {
        "title": tame(chart.title),
        "about": about(chart),
        "focus": chart.focus,
        "width": layout.width,
        "height": layout.height,
        "boxes": [_box(box, place.width) for box, place in zip(chart.boxes, places, strict=True)],
        "places": [value for place in places for value in (place.x, place.y, place.width, place.height)],
        "ends": [number[end] for route in layout.routes for end in (route.source, route.target)],
        "ways": [[value for point in route.points for value in point] for route in layout.routes],
        "back": [index for index, route in enumerate(layout.routes) if route.back],
        "folded": dict(chart.folded),
        "truncated": chart.truncated,
    }


def _box(box: Box, wide: float) -> shapes.DrawnBox:
    shown, fact = texts(box, wide)
    look = marks.look(box.state)
    return {
        "id": box.id,
        "kind": box.kind if box.kind in marks.KINDS else "step",
        "name": tame(box.name[:NAME_LENGTH]),
        "detail": tame(box.detail[:NAME_LENGTH]),
        "state": box.state,
        "look": look,
        "word": marks.word(box.state) if look else "",
        "shown": shown,
        "fact": fact,
        "group": box.group,
        "members": box.members,
    }
