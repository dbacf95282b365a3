"""A graph that moves in a cell: its state is kept here, its drawing is made here, the script only shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from workbench.ui.graph.chart import Chart, fold
from workbench.ui.graph.drawing import draw, style

SCRIPT = Path(__file__).parent / "static" / "graph.js"
"""The script of the view, which the build of the extension leaves there."""


class GraphWidget(anywidget.AnyWidget):
    """A chart whose groups open and fold; ``opened`` names those that are open, ``selected`` is the id of a box."""

    _esm = SCRIPT
    _css = style()
    drawn = traitlets.Dict().tag(sync=True)
    opened = traitlets.List(traitlets.Unicode()).tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(420).tag(sync=True)

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._heights: dict[str, float] = {}
        super().__init__(drawn=self._draw(()))

    @traitlets.observe("opened")
    def _open(self, change: Any) -> None:
        self.drawn = self._draw(change["new"])

    def _draw(self, opened: Any) -> dict[str, Any]:
        made = draw(fold(self._chart, opened=tuple(opened)), near=self._heights, links=False)
        self._heights = {name: place.y for name, place in made.layout.places.items()}
        size = {"width": made.width, "height": made.height}
        return {"svg": str(made.svg), **size, "folded": dict(made.chart.folded)}


def bundle(chart: Chart) -> dict[str, Any]:
    """The form of a chart that moves, by MIME type; nothing where the script was not built."""
    if not SCRIPT.is_file():
        return {}
    found = GraphWidget(chart)._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    return {mime: form for mime, form in (data or {}).items() if mime.startswith("application/")}
