"""How a journal reads as a log: per cell, the streams, results and errors it put out, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text

from workbench.model.events import Event, Kind
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, plain


def lines(step: str, events: Iterable[Event]) -> Iterator[Text]:
    """The log of one step; a heading before the outputs of each cell."""
    heading = number = None
    for event in events:
        if event.kind is Kind.CELL_STARTED:
            number = event.data["number"]
        if event.kind is Kind.OUTPUT:
            text = output_text(event.data["output"])
            if text is None:
                continue
            if heading != number:
                heading = number
                yield Text(f"── {step}, cell {number}", style="dim")
            red = event.data["output"].get("output_type") == "error"
            yield Text(text, style=style(FAILED) if red else "")
        elif event.kind is Kind.ATTEMPT_ENDED and event.data.get("error"):
            error = event.data["error"]
            yield Text(f"── {step}: {error['code']} {error['what']}", style=style(FAILED))


def output_text(output: Mapping[str, Any]) -> str | None:
    """An nbformat output as plain text; None when it has no text form."""
    match output.get("output_type"):
        case "stream":
            text = _joined(output.get("text", ""))
        case "error":
            text = "\n".join(output.get("traceback") or [f"{output.get('ename')}: {output.get('evalue')}"])
        case _:
            data = output.get("data", {})
            if "text/plain" not in data:
                kinds = ", ".join(data)
                return f"[{kinds}]" if kinds else None
            text = _joined(data["text/plain"])
    return plain(text).rstrip("\n")


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)
