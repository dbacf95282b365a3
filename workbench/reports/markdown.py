"""Markdown cells as HTML, their headings numbered for the table of contents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import unescape
from typing import Any

from markdown_it import MarkdownIt

from workbench.model.frozen import dataclass
from workbench.reports.sanitize import clean_html, raster

_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Heading:
    """One entry of the table of contents; ``anchor`` is the id of the heading in the page."""

    level: int
    text: str
    anchor: str


def to_html(source: str, attachments: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """CommonMark with tables, sanitised; pictures attached to the cell are embedded."""
    parser = _parser()
    tokens = parser.parse(source)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.attrs["src"] = _attached(str(child.attrs.get("src", "")), attachments or {})
    return clean_html(parser.renderer.render(tokens, parser.options, {}))


def anchor_headings(html: str, first: int) -> tuple[str, list[Heading]]:
    """``html`` (sanitised) with an id on each heading, counting from ``first``, and the headings in order."""
    found: list[Heading] = []

    def mark(match: re.Match[str]) -> str:
        text = plain_text(match[2])
        if not text:
            return match[0]
        heading = Heading(int(match[1]), text, f"section-{first + len(found)}")
        found.append(heading)
        return f'<h{match[1]} id="{heading.anchor}">{match[2]}</h{match[1]}>'

    return _HEADING.sub(mark, html), found


def split_title(html: str) -> tuple[str, str]:
    """The text of the ``h1`` that ``html`` begins with, and what follows it; ``""`` when it begins otherwise."""
    match = _HEADING.match(html.lstrip())
    if match is None or match[1] != "1":
        return "", html
    return plain_text(match[2]), html.lstrip()[match.end() :]


def plain_text(html: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(unescape(_TAG.sub("", html)).split())


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def _attached(source: str, attachments: Mapping[str, Mapping[str, Any]]) -> str:
    if not source.startswith("attachment:"):
        return source
    bundle = attachments.get(source.removeprefix("attachment:"), {})
    for mime, encoded in bundle.items():
        if uri := raster(mime, encoded if isinstance(encoded, str) else "".join(encoded)):
            return uri
    return ""
