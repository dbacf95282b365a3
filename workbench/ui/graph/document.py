"""What the interactive view is given: the drawn picture, and what it needs to fold and open groups, as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from workbench.ui.graph import marks
from workbench.ui.graph.chart import MOST, PREFIX, Chart, fold
from workbench.ui.graph.drawing import about, draw


def document(
    chart: Chart, *, most: int = MOST, opened: Collection[str] = (), near: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """``title, about, focus, svg, width, height, truncated, groups, opened, heights, signs``.

    ``groups`` maps the id of a folded box to the name of its group, which in ``opened`` has it drawn open; ``heights``
    (id → pixels), given back as ``near``, keeps boxes where they are in the next picture. ``signs`` is look → path.
    """
    folded = fold(chart, most, opened)
    drawing = draw(folded, near=near)
    return {
        "title": folded.title,
        "about": about(folded),
        "focus": folded.focus,
        "svg": str(drawing.svg),
        "width": drawing.width,
        "height": drawing.height,
        "truncated": folded.truncated,
        "groups": {PREFIX + name: name for name in folded.folded},
        "opened": sorted(opened),
        "heights": {name: place.y for name, place in drawing.layout.places.items()},
        "signs": dict(marks.LOOKS),
    }
