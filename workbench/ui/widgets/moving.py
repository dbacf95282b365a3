"""A graph that moves in a cell: its state is kept here, its layout is made here, the script only draws it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import traitlets

from workbench.ui.graph.chart import Chart, fold
from workbench.ui.graph.drawing import style
from workbench.ui.graph.placed import placed
from workbench.ui.widgets.answering import Answering
from workbench.ui.widgets.script import built

if TYPE_CHECKING:
    from workbench.ui import shapes

NAME = "graph"
EVERY = "*"
"""Stands for all groups where some are named."""
NO_SCRIPT = "export default { render() {} };"
SIDE = """
.wb-GraphView { border: 1px solid var(--g-line); border-radius: 4px; }
"""


class GraphWidget(Answering):
    """A chart whose groups open and fold; ``opened`` names those that are open, ``*`` all.

    ``selected`` is the id of the box that is looked at, empty for none; ``height`` is in pixels.
    """

    _esm = built(f"{NAME}.js") or NO_SCRIPT
    _css = style() + SIDE
    drawn = traitlets.Dict().tag(sync=True)
    opened = traitlets.List(traitlets.Unicode()).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(420, min=160, max=4000).tag(sync=True)

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._heights: dict[str, float] = {}
        super().__init__(drawn=self._laid_out(()))

    @traitlets.observe("opened")
    def _open(self, change: Any) -> None:
        self.drawn = {**self._laid_out(change["new"])}

    def _laid_out(self, opened: Iterable[str]) -> shapes.Drawn:
        """The chart with these groups open; what stays keeps its place where it can."""
        names = tuple(opened)
        made = placed(self._chart if EVERY in names else fold(self._chart, opened=names), self._heights)
        self._heights = {box["id"]: height for box, height in zip(made["boxes"], made["places"][1::4], strict=True)}
        return made
