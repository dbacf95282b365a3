"""Plotly figures as data for one vendored script, in the house's colours where the author chose none."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workbench.model.frozen import dataclass

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#8c8c8c", "#b8a800")
"""Okabe and Ito's colours, those first that stand out on light and on dark ground; black and yellow made visible."""

_PLOTLY_PALETTE = (
    "#636efa", "#ef553b", "#00cc96", "#ab63fa", "#ffa15a", "#19d3f3", "#ff6692", "#b6e880", "#ff97ff", "#fecb52",
)  # fmt: skip
_RECOLOUR = {old: PALETTE[index % len(PALETTE)] for index, old in enumerate(_PLOTLY_PALETTE)}
_NEEDS_NETWORK = re.compile(r"(scatter|density)(geo|map|mapbox)|choropleth\w*")
_AXIS = {
    "automargin": True,
    "gridcolor": "#dfe3e8",
    "linecolor": "#aab2bd",
    "zerolinecolor": "#aab2bd",
    "ticks": "",
    "title": {"standoff": 12, "font": {"size": 12}},
}
_DEFAULT_HEIGHT, _LEAST_HEIGHT, _MOST_HEIGHT = 380, 120, 2000
CONFIG = {"responsive": True, "displayModeBar": False, "showTips": False, "doubleClick": "reset"}


@dataclass(frozen=True)
class Figure:
    """One interactive figure: its specification as JSON fit for a script element, its height in pixels, its title."""

    number: int
    json: str
    height: int
    title: str


def figure(specification: Any, number: int) -> Figure | None:
    """A figure from plotly's MIME data, ``None`` when it is no figure or could not be drawn without a network."""
    if not isinstance(specification, Mapping) or not isinstance(specification.get("data"), list):
        return None
    traces = [trace for trace in specification["data"] if isinstance(trace, Mapping)]
    if any(_NEEDS_NETWORK.fullmatch(str(trace.get("type", ""))) or "geo" in trace for trace in traces):
        return None
    given = specification.get("layout")
    layout = _layout(given if isinstance(given, Mapping) else {}, _legend(traces))
    content = {"data": [_recoloured(trace) for trace in traces], "layout": layout, "config": CONFIG}
    return Figure(number, script_json(content), layout["height"], _title(layout))


def script_json(value: Any) -> str:
    """JSON that no HTML parser can be led out of."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


@cache
def plotly_script() -> str:
    """The script of the installed plotly package."""
    import plotly

    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def script_hash(script: str) -> str:
    """The source expression by which a Content-Security-Policy allows exactly this script."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def _template(top: int) -> dict[str, Any]:
    """The house's looks where the author says nothing; ``top`` is the room for the title, and for a legend below it."""
    return {
        "layout": {
            "colorway": list(PALETTE),
            "colorscale": {"sequential": "Cividis", "diverging": "RdBu"},
            "font": {"family": "system-ui, -apple-system, 'Segoe UI', sans-serif", "size": 12, "color": "#6b7785"},
            "title": {
                "x": 0,
                "y": 0.97,
                "xref": "container",
                "yref": "container",
                "xanchor": "left",
                "font": {"size": 14},
            },
            "margin": {"l": 48, "r": 16, "t": top, "b": 44},
            "hovermode": "closest",
            "hoverlabel": {"align": "left", "font": {"size": 12}},
            "bargap": 0.28,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
            "xaxis": {**_AXIS, "showgrid": False},
            "yaxis": _AXIS,
        },
        "data": {"heatmap": [{"colorscale": "Cividis", "type": "heatmap"}]},
    }


def _legend(traces: list[Mapping[str, Any]]) -> bool:
    """Whether plotly draws a legend by itself."""
    return sum(trace.get("showlegend") is not False for trace in traces) > 1


def _layout(given: Mapping[str, Any], legend: bool) -> dict[str, Any]:
    layout = {key: value for key, value in given.items() if key not in ("width", "autosize", "images")}
    if _is_default(layout.get("template")):
        layout = _recoloured(layout) | {"template": _template(60 if legend else 36)}
    height = layout.get("height")
    number = height if isinstance(height, int | float) and not isinstance(height, bool) else _DEFAULT_HEIGHT
    layout["height"] = int(min(max(number, _LEAST_HEIGHT), _MOST_HEIGHT))
    return layout | {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "autosize": True}


def _is_default(template: Any) -> bool:
    """Whether a template is none, or one of plotly's own that share its standard palette."""
    if not isinstance(template, Mapping) or not template:
        return True
    layout = template.get("layout")
    colours = layout.get("colorway") if isinstance(layout, Mapping) else None
    return not colours or [str(colour).lower() for colour in colours] == list(_PLOTLY_PALETTE)


def _recoloured(value: Any) -> Any:
    """Plotly Express writes the standard palette into each trace; chosen colours are not in it and stay."""
    if isinstance(value, Mapping):
        return {key: _recoloured(item) for key, item in value.items()}
    if isinstance(value, list) and len(value) <= 64:
        return [_recoloured(item) for item in value]
    return _RECOLOUR.get(value.lower(), value) if isinstance(value, str) and len(value) == 7 else value


def _title(layout: Mapping[str, Any]) -> str:
    title = layout.get("title")
    text = title.get("text") if isinstance(title, Mapping) else title
    return text if isinstance(text, str) else ""
