"""What all pages share: their frame, how values are written in them, and how they reach the disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.model.names import short_id
from workbench.ui.cli import words
from workbench.ui.cli.views.steps import measured, shown
from workbench.ui.graph import drawing

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""The Content-Security-Policy of every page: no script at all, pictures that are inside it."""
KINDS: Mapping[str, str] = {
    "succeeded": "succeeded",
    "committed": "succeeded",
    "running": "running",
    "claimed": "running",
    "staged": "running",
    "failed": "failed",
    "withheld": "withheld",
    "lost": "cancelled",
    "cancelled": "cancelled",
    "upstream_failed": "cancelled",
}
"""State → the class that colours it; the others are quiet."""


def render(template: str, **given: Any) -> str:
    """A page from one of the templates; all that is given to it is escaped, unless it is ``Markup``."""
    return _environment().get_template(template).render(policy=Markup(POLICY), style=Markup(_css()), **given)


def save(path: Path, page: str) -> None:
    """Write a page to a file that somebody named, whole or not at all. Raises StorageError."""
    from workbench import durable

    durable.write_text(path.absolute(), page)


def moment(at: str) -> str:
    """``2013-01-16 06:00:03 UTC`` from ISO 8601; empty for an empty text."""
    return f"{at[:10]} {at[11:19]} UTC" if at else ""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        short=short_id,
        duration=words.duration,
        size=words.size,
        times=words.times,
        number=words.number,
        count=words.count,
        moment=moment,
        shown=shown,
        measured=measured,
        plain=words.plain,
        word=lambda state, reason="": words.look_of(state, reason).word,
        beyond=lambda reason, state: words.beyond(words.look_of(state, reason).word, reason),
        glyph=lambda state: words.STATES[state].glyph,
        kind=lambda state: KINDS.get(state, "quiet"),
    )
    return environment


@cache
def _css() -> str:
    return (_TEMPLATES / "page.css").read_text(encoding="utf-8").replace("\r\n", "\n") + drawing.style()
