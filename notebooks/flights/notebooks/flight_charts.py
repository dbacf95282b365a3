"""One look for the charts of this project: one accent, grey for context, titles that state the finding.

Grounds, grids and text keep the colours of the page they stand on, so that charts are readable on light and on dark.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

ACCENT = "#0072B2"
CONTEXT = "#8A949B"
ORIGIN_COLOURS = ["#0072B2", "#D55E00", "#009E73"]
"""Okabe-Ito colours that stand out from light and dark grounds, in the order in which airports are drawn."""


def finish(fig: go.Figure, title: str, *, subtitle: str = "", height: int = 360) -> go.Figure:
    """Give ``fig`` its finding as the title, what is measured as the subtitle, and the look of the project."""
    lying = any(trace.type == "bar" and trace.orientation == "h" for trace in fig.data)
    fig.update_layout(
        template="none",
        title={
            "text": f"<b>{title}</b>",
            "subtitle": {"text": subtitle, "font": {"size": 12}},
            "x": 0,
            "xanchor": "left",
            "y": 0.96,
            "yanchor": "top",
            "font": {"size": 15},
        },
        font={"family": "system-ui, sans-serif", "size": 13},
        height=height,
        margin={"l": 48, "r": 88, "t": 76, "b": 40},
        showlegend=False,
    )
    fig.update_xaxes(showgrid=False, zeroline=False, ticks="", automargin=True)
    fig.update_yaxes(showgrid=not lying, zeroline=False, ticks="", automargin=True, ticklabelstandoff=8)
    return fig


def label(fig: go.Figure, x: Any, y: Any, text: str, colour: str | None = None, *, dx: int = 8, dy: int = 0) -> None:
    """Write ``text`` beside the point (``x``, ``y``), so that a line needs no legend."""
    font = {"size": 13, "color": colour} if colour else {"size": 13}
    fig.add_annotation(x=x, y=y, text=text, showarrow=False, xanchor="left", xshift=dx, yshift=dy, font=font)
