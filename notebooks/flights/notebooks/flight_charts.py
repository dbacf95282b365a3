"""One look for the charts of this project: one accent, grey for context, titles that state the finding."""

from __future__ import annotations

import plotly.graph_objects as go

ACCENT = "#0072B2"
CONTEXT = "#8A949B"
INK = "#24292F"
LINE = "#E3E7EA"
ORIGIN_COLOURS = ["#0072B2", "#D55E00", "#009E73"]
"""Okabe-Ito colours that keep a contrast of 3:1 on white, in the order in which airports are drawn."""


def finish(fig: go.Figure, title: str, *, subtitle: str = "", height: int = 360) -> go.Figure:
    """Give ``fig`` its finding as the title, what is measured as the subtitle, and the look of the project."""
    fig.update_layout(
        template="none",
        title={
            "text": f"<b>{title}</b>",
            "subtitle": {"text": subtitle, "font": {"size": 13, "color": "#57606A"}},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 0.96,
            "yanchor": "top",
            "font": {"size": 16, "color": INK},
        },
        font={"family": "system-ui, sans-serif", "size": 13, "color": INK},
        height=height,
        margin={"l": 64, "r": 96, "t": 76, "b": 48},
        showlegend=False,
        hoverlabel={"font": {"size": 13}},
        paper_bgcolor="white",
        plot_bgcolor="white",
        bargap=0.35,
    )
    fig.update_xaxes(showgrid=False, zeroline=False, linecolor=LINE, ticks="", automargin=True)
    fig.update_yaxes(gridcolor=LINE, zeroline=False, ticks="", automargin=True)
    return fig


def label(fig: go.Figure, x: object, y: object, text: str, colour: str, *, dx: int = 8, dy: int = 0) -> go.Figure:
    """Write ``text`` beside the point (``x``, ``y``), so that a line needs no legend."""
    fig.add_annotation(
        x=x, y=y, text=text, showarrow=False, xanchor="left", xshift=dx, yshift=dy, font={"color": colour, "size": 13}
    )
    return fig
