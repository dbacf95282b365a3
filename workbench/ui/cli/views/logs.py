"""How a journal reads as a log: per cell, the streams, results and errors it put out, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text

from workbench.model.events import Event, Kind
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, plain


class Log:
    """The log of one step as it grows; a heading stands before the outputs of each cell."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._cell: Any = None
        self._heading: tuple[int, Any] | None = None

    def hear(self, event: Event, attempt: int = 1) -> Iterator[Text]:
        """The lines that one more event of an attempt adds."""
        if event.kind is Kind.CELL_STARTED:
            self._cell = event.data["number"]
        if event.kind is Kind.OUTPUT:
            text = output_text(event.data["output"])
            if text is None:
                return
            if self._heading != (attempt, self._cell):
                self._heading = attempt, self._cell
                again = f", attempt {attempt}" if attempt > 1 else ""
                yield Text(f"── {self._step}{again}, cell {self._cell}", style="dim")
            red = event.data["output"].get("output_type") == "error"
            yield Text(text, style=style(FAILED) if red else "")
        elif event.kind is Kind.RESUMED:
            why = event.data["why_not"]
            told = f"begins at the top, since {plain(why)}" if why else "goes on after its checkpoint"
            yield Text(f"── {self._step}: {told}", style="dim")
        elif event.kind is Kind.KEPT:
            why = event.data["why_not"]
            told = f"kept no kernel, since {plain(why)}" if why else "keeps its kernel for a while"
            yield Text(f"── {self._step}: {told}", style="dim")
        elif event.kind is Kind.ATTEMPT_ENDED and event.data.get("error"):
            error = event.data["error"]
            yield Text(f"── {self._step}: {error['code']} {plain(error['what'])}", style=style(FAILED))


def lines(step: str, events: Iterable[Event]) -> Iterator[Text]:
    """The log of one attempt of a step."""
    log = Log(step)
    for event in events:
        yield from log.hear(event)


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
