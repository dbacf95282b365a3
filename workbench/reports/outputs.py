"""What a cell left behind as blocks of a page: of each output the best form that is safe, told by its MIME type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.model.events import EVENT_MIME
from workbench.reports.figures import Figure, figure
from workbench.reports.markdown import to_html
from workbench.reports.sanitize import clean_html, raster, vector
from workbench.reports.tables import dress

MAX_OUTPUT = 5_000_000
MAX_TEXT = 100_000
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_SCRIPTS = ("application/javascript", "text/javascript")
_VISIBLE = re.compile(r"<(img|hr|table)\b|>[^<]*[^<\s]|^[^<]*[^<\s]")


@dataclass(frozen=True)
class Block:
    """One piece of the page: ``kind`` chooses how the template draws it.

    ``html`` (safe markup in ``body``), ``image`` (a data URI in ``body``), ``figure``, ``text``, ``log`` (folded text),
    ``error`` (its message in ``title``, the traceback in ``body``), ``code`` (safe markup), ``notice`` (a sentence).
    """

    kind: str
    body: str = ""
    title: str = ""
    width: int = 0
    figure: Figure | None = None
    still: str = ""


@dataclass
class Figures:
    """Counts the figures of a page, as each needs a number of its own."""

    count: int = field(default=0)

    def make(self, specification: Any) -> Figure | None:
        """The next figure, if ``specification`` is one."""
        made = figure(specification, self.count + 1)
        if made is not None:
            self.count += 1
        return made


def output_blocks(output: Mapping[str, Any], figures: Figures) -> Iterator[Block]:
    """The blocks of one nbformat output, mostly one, none for what is not meant for people."""
    match output.get("output_type"):
        case "stream":
            yield from _stream(output)
        case "error":
            yield _error(output)
        case "display_data" | "execute_result":
            yield from _display(output, figures)


def _stream(output: Mapping[str, Any]) -> Iterator[Block]:
    text = shown_text(output.get("text", ""))
    if not text.strip():
        return
    if output.get("name") == "stderr":
        yield Block("log", text, f"Messages ({text.count(chr(10)) + 1} lines)" if "\n" in text else "Message")
    else:
        yield Block("text", text)


def _error(output: Mapping[str, Any]) -> Block:
    name, value = _joined(output.get("ename", "Error")), _joined(output.get("evalue", ""))
    traceback = output.get("traceback", [])
    lines = [_joined(line) for line in traceback] if isinstance(traceback, list) else []
    return Block("error", shown_text("\n".join(lines)), shown_text(f"{name}: {value}" if value else name))


def _display(output: Mapping[str, Any], figures: Figures) -> Iterator[Block]:
    """The first form that can be shown, in the order of ``_FORMS``; of one too large only its size."""
    data, metadata = output.get("data"), output.get("metadata")
    if not isinstance(data, Mapping) or not set(data) - {EVENT_MIME}:
        return
    if any(mime in data for mime in _SCRIPTS) and not any(mime in data for mime in _PICTURES):
        return
    too_large = None
    for mime, make in _FORMS.items():
        if mime not in data:
            continue
        if (size := _size(data[mime])) > MAX_OUTPUT:
            too_large = too_large or _notice(
                f"An output of {size / 1e6:,.1f} MB was left out; reports show up to 5 MB."
            )
        elif block := make(_Output(data, metadata if isinstance(metadata, Mapping) else {}, mime), figures):
            yield block
            return
    if too_large:
        yield too_large


@dataclass(frozen=True)
class _Output:
    """One form of an output, among the others it has."""

    data: Mapping[str, Any]
    metadata: Mapping[str, Any]
    mime: str

    @property
    def text(self) -> str:
        return _joined(self.data[self.mime])

    @property
    def width(self) -> int:
        """The width in pixels that the author meant the picture to have, 0 when none is said."""
        meant = self.metadata.get(self.mime)
        width = meant.get("width") if isinstance(meant, Mapping) else None
        return int(width) if isinstance(width, int | float) and 0 < width <= 4000 else 0


def _plotly(output: _Output, figures: Figures) -> Block | None:
    made = figures.make(output.data[output.mime])
    if made is None:
        return None
    still = raster("image/png", _joined(output.data["image/png"])) if "image/png" in output.data else None
    return Block("figure", title=made.title, figure=made, still=still or "")


def _html(output: _Output, _: Figures) -> Block | None:
    cleaned = clean_html(output.text)
    return Block("html", dress(cleaned)) if _VISIBLE.search(cleaned) else None


def _svg(output: _Output, _: Figures) -> Block | None:
    uri = vector(output.text)
    return Block("image", uri, width=output.width) if uri else None


def _raster(output: _Output, _: Figures) -> Block | None:
    uri = raster(output.mime, output.text)
    return Block("image", uri, width=output.width) if uri else None


def _markdown(output: _Output, _: Figures) -> Block | None:
    return Block("html", dress(to_html(output.text)))


def _text(output: _Output, _: Figures) -> Block | None:
    text = shown_text(output.text)
    return Block("text", text) if text.strip() else None


_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_FORMS: dict[str, Callable[[_Output, Figures], Block | None]] = {
    "application/vnd.plotly.v1+json": _plotly,
    "image/svg+xml": _svg,
    "image/png": _raster,
    "image/jpeg": _raster,
    "text/html": _html,
    "text/markdown": _markdown,
    "text/latex": _text,
    "text/plain": _text,
}
"""MIME type → what shows it, the richest first; any other is shown by one of these that comes beside it."""


def shown_text(value: Any) -> str:
    """Text without terminal codes, each line as its last carriage return left it, cut where it is endless."""
    text = _ANSI.sub("", _joined(value)).replace("\r\n", "\n")
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    whole = "\n".join(lines).rstrip("\n")
    if len(whole) <= MAX_TEXT:
        return whole
    return whole[:MAX_TEXT] + f"\n… {len(whole) - MAX_TEXT:,} more characters are in the executed notebook"


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sum(len(item) for item in value)
    return len(json.dumps(value))


def _notice(text: str) -> Block:
    return Block("notice", text)
