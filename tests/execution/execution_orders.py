"""Attempts to carry out, made of a few cells, and how they came out."""

from __future__ import annotations

import json
import select
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects import notebook

from workbench.execution import journal
from workbench.execution.order import Order
from workbench.model.events import Event
from workbench.model.limits import Limits


@dataclass(frozen=True)
class Outcome:
    """How an attempt came out: its order, its last event's data, and the executed notebook."""

    order: Order
    end: dict[str, Any]

    @property
    def code(self) -> str | None:
        return self.end["error"] and self.end["error"]["code"]  # type: ignore[no-any-return]

    @property
    def cause(self) -> str:
        return self.end["cause"]  # type: ignore[no-any-return]

    @property
    def text(self) -> str:
        """All that the error says."""
        return " ".join(str(part) for part in (self.end["error"] or {}).values())

    @property
    def states(self) -> list[str]:
        return [cell["state"] for cell in self.end["cells"]]

    @property
    def notebook(self) -> dict[str, Any]:
        return json.loads(self.order.output.read_text())  # type: ignore[no-any-return]

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        return self.notebook["cells"][cell]["outputs"]  # type: ignore[no-any-return]

    def text_of(self, cell: int) -> str:
        """What a cell put out as text."""
        shown = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in self.outputs(cell)]
        return "".join(shown)

    def events(self) -> list[Event]:
        return list(journal.read(self.order.journal))


def order_of(
    folder: Path,
    *cells: str,
    timeout: float = 120.0,
    limits: Limits = Limits(grace=2.0),  # noqa: B008  frozen
    **more: Any,
) -> Order:
    """An order for a notebook of these cells, laid out in ``folder``.

    A cell that begins with ``#checkpoint`` gets that tag.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = notebook(*(textwrap.dedent(cell) for cell in cells))
    for cell in source["cells"]:
        if cell["source"].startswith("#checkpoint"):
            cell["metadata"]["tags"] = ["checkpoint"]
    (folder / "source.ipynb").write_text(json.dumps(source))
    (folder / "context.json").write_text("{}")
    kernel = more.pop("kernel", "python3")
    return Order("step", "notebooks/step.ipynb", str(folder), kernel, str(folder), timeout, limits=limits, **more)


def carry_out(executor: Any, order: Order) -> Outcome:
    """Carry out ``order`` and wait until nothing of it is left."""
    outcome = Outcome(order, wait(executor.start(order))[-1]["data"])
    executor.settle()
    return outcome


def wait(handle: Any) -> list[dict[str, Any]]:
    """All that an attempt tells until it is over; the last is how it ended."""
    messages: list[dict[str, Any]] = []
    while not handle.finished:
        select.select([handle], [], [])
        handle.receive(messages.append)
    handle.close()
    assert messages[-1]["kind"] == "attempt_ended"
    return messages
