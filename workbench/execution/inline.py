"""The executor without processes of its own: each attempt runs in the runner's process, one after another."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from workbench.execution.order import Order
from workbench.model.plain import to_plain


class InlineHandle:
    """An attempt that is carried out when the runner turns to it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._reader, writer = os.pipe()
        os.close(writer)
        self.finished = False

    def fileno(self) -> int:
        """Always readable."""
        return self._reader

    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Carry out the attempt, in this very call."""
        from workbench.execution.engine import stopping_on_signals
        from workbench.execution.guardian import without_payload
        from workbench.execution.supervisor import carry_out

        with stopping_on_signals(self._order.timeout):
            carry_out(self._order, lambda event: tell(to_plain(without_payload(event))))
        self.finished = True

    def cancel(self) -> None:
        """Nothing runs between two turns."""

    def close(self) -> None:
        os.close(self._reader)


class InlineExecutor:
    """Runs attempts in this process; for debugging, and for systems that cannot fork. Leaves no guardian behind."""

    def warm_up(self) -> None:
        """Nothing to prepare."""

    def start(self, order: Order) -> InlineHandle:
        return InlineHandle(order)

    def close(self) -> None:
        """Nothing to end."""
