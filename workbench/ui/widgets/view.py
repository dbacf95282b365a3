"""A view: one thing to see, as HTML, as text, and where it is a graph as a picture, all kept in the notebook."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType

from workbench.ui.cli.console import put
from workbench.ui.widgets import script

if TYPE_CHECKING:
    from workbench.ui.graph.chart import Chart

WIDTH = 100
"""Columns of the text."""


class View:
    """What a call like ``wb.dataset("clean.flights")`` returns; a notebook shows it, ``print`` prints its text.

    ``data`` is the same as a JSON document, as ``--json`` of the command prints it; ``chart`` is what can be moved
    where widgets are, ``make`` makes the widget of a view that has another one.
    """

    def __init__(
        self,
        *,
        html: str,
        text: str,
        data: Any,
        svg: str = "",
        chart: Chart | None = None,
        make: Callable[[], Any] | None = None,
    ) -> None:
        self.html = html
        self.text = text
        self.data = data
        self.svg = svg
        self.chart = chart
        self.make = make

    @cached_property
    def widget(self) -> Any:
        """The widget that a notebook shows, whose traits tell how it is looked at; ``None`` where there is none."""
        if self.chart is not None:
            from workbench.ui.widgets import moving

            return moving.GraphWidget(self.chart) if script.moves(moving.NAME) else None
        return self.make() if self.make is not None else None

    def moving(self, make: Callable[[], Any]) -> View:
        """The same view, shown by the widget that ``make`` makes."""
        self.make = make
        return self

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        forms = {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": self.text}
        return {mime: form for mime, form in forms.items() if form} | self._moving()

    def _moving(self) -> dict[str, Any]:
        """The form that moves, where one can; it is one widget, however often it is shown."""
        return script.forms(self.widget) if self.widget is not None else {}

    def __repr__(self) -> str:
        return self.text


def written(parts: Iterable[RenderableType], width: int = WIDTH) -> str:
    """What a terminal of that width would show, without colours."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, markup=False, highlight=False, emoji=False, color_system=None,
        force_jupyter=False,  # in a kernel it would show every line by itself
    )  # fmt: skip
    for part in parts:
        put(console, part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
