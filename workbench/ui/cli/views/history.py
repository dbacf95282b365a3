"""How a list of runs looks: newest first, each with what started it and how its duration compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from workbench.model.names import short_id
from workbench.model.run import Run
from workbench.model.timeline import FEWEST, Beside, excess
from workbench.ui.cli.console import style
from workbench.ui.cli.views.steps import shown
from workbench.ui.cli.words import STATES, WARNING, ago, count, duration, shorten, times

WIDE = 100
"""Columns from which on it also says where, by what and with what they ran."""


def draw(runs: Sequence[Run], width: int, beside: Beside | None = None) -> Table:
    """A line a run, without columns that say nothing; a narrow terminal leaves out those at the right."""
    beside = beside or Beside()
    lines = [_line(run, width, beside) for run in runs]
    names = [name for name in lines[0] if any(line[name] for line in lines)] if lines else []
    names = ["", *(name for name in names if name)]
    if width < WIDE:
        names = [name for name in names if name not in ("env", "trigger", "for", "parameters")]
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for name in names:
        how: Any = "right" if name in ("took", "× p50") else "left"
        least = None if name == "parameters" else max(len(name), *(len(line[name]) for line in lines))
        table.add_column(name, no_wrap=True, overflow="ellipsis", justify=how, header_style="dim", min_width=least)
    for line in lines:
        table.add_row(*(line[name] for name in names))
    return table


def _line(run: Run, width: int, beside: Beside) -> Mapping[str, Text]:
    look = STATES[run.state]
    return {
        "": Text(look.glyph, style=style(look)),
        "run": Text(short_id(run.id)),
        "pipeline": Text(shorten(run.pipeline, max(width // 4, 8))),
        "state": Text(look.word, style=style(look)),
        "when": Text(ago(run.created_at)),
        "took": Text(duration(run.seconds)),
        "× p50": _against(run, beside),
        "env": Text(shorten(run.environment, 16)),
        "trigger": Text(run.trigger if run.trigger != "manual" else "", style="dim"),
        "for": Text(_partition(beside.partitions.get(run.id, ()))),
        "parameters": Text(", ".join(f"{name}={shown(value)}" for name, value in run.parameters.items()), style="dim"),
    }


def _against(run: Run, beside: Beside) -> Text:
    """How many times the median of its pipeline a run took."""
    usual = beside.usual.get(run.id)
    if usual is None or usual.samples < FEWEST or run.seconds is None or not usual.p50 or run.state != "succeeded":
        return Text()
    told = times(run.seconds / usual.p50)
    return Text(told, style=style(WARNING)) if excess(usual, run.seconds) else Text(told, style="dim")


def _partition(partitions: Sequence[Mapping[str, str]]) -> str:
    if len(partitions) > 1:
        return count(len(partitions), "partition")
    return ", ".join(f"{name}={value}" for partition in partitions for name, value in partition.items())
