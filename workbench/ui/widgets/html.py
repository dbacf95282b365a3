"""Pieces of views as HTML that says all without style or script, as both are taken out in some places."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from workbench.ui.cli.words import Look, plain
from workbench.ui.graph import drawing, marks
from workbench.ui.graph.measure import tame

Cell = str | Markup
CUT = 300
"""Characters of a cell that are shown."""


def page(*parts: Markup) -> str:
    """One view: its parts, with the style they need."""
    style = _style() + drawing.style()
    return str(Markup('<style>{}</style><div class="wb-View">{}</div>').format(Markup(style), Markup("").join(parts)))


def heading(text: str, *told: Cell) -> Markup:
    """The name of what is shown, and facts about it."""
    facts = Markup(" · ").join(fact for fact in told if fact)
    return Markup("<h3>{}</h3>").format(tame(text)) + (Markup("<p>{}</p>").format(facts) if facts else Markup(""))


def section(title: Cell, *parts: Markup) -> Markup:
    """Parts below a heading of their own; nothing when there are none."""
    inside = Markup("").join(parts)
    return Markup("<h4>{}</h4>{}").format(title, inside) if inside else Markup("")


def paragraph(text: Cell, soft: bool = False) -> Markup:
    """A sentence or more; nothing for an empty text."""
    if not text:
        return Markup("")
    shown = text if isinstance(text, Markup) else plain(text)
    return Markup("<p{}>{}</p>").format(Markup(' class="wb-soft"') if soft else "", shown)


def state(look: Look, word: str = "") -> Markup:
    """A state as its sign, its word and its colour."""
    kind = next((kind for kind, colour in marks.COLOURS.items() if colour == look.light), "none")
    return Markup('<span class="wb-state wb-is-{}">{} {}</span>').format(kind, look.glyph, word or look.word)


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]], numbers: Sequence[int] = ()) -> Markup:
    """A table; ``numbers`` are the columns that are aligned at the right. Nothing without rows."""
    lines = [_line("td", row, numbers) for row in rows]
    if not lines:
        return Markup("")
    return Markup('<div class="wb-scroll"><table><thead>{}</thead><tbody>{}</tbody></table></div>').format(
        _line("th", heads, numbers), Markup("").join(lines)
    )


def folded(title: str, *parts: Markup) -> Markup:
    """Parts that unfold below a line."""
    return Markup("<details><summary>{}</summary>{}</details>").format(title, Markup("").join(parts))


def code(text: str) -> Markup:
    """Something to copy."""
    return Markup("<code>{}</code>").format(plain(text))


def lead(text: str, *words: str) -> Markup:
    """A name that leads to another view where widgets are: its kind, and the words of what it is about."""
    written = json.dumps(words)
    return Markup('<code data-wb-lead="{}">{}</code>').format(written, _shown(text))


def block(text: str) -> Markup:
    """Text as it is, line by line."""
    return Markup("<pre>{}</pre>").format(plain(text))


def _line(tag: str, cells: Sequence[Cell], numbers: Sequence[int]) -> Markup:
    inside = Markup("").join(
        Markup("<{0}{1}>{2}</{0}>").format(
            tag, Markup(' class="wb-number" align="right"') if index in numbers else "", _shown(cell)
        )
        for index, cell in enumerate(cells)
    )
    return Markup("<tr>{}</tr>").format(inside)


def _shown(cell: Cell) -> Cell:
    if isinstance(cell, Markup):
        return cell
    text = plain(cell)
    return text if len(text) <= CUT else text[:CUT] + "…"


@cache
def _style() -> str:
    return (Path(__file__).parent / "widget.css").read_text(encoding="utf-8").replace("\r\n", "\n")
