"""The executor without processes of its own: each attempt runs in the runner's process, one after another."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.config import Config
from workbench.execution.attempt import discard_temporary
from workbench.execution.executor import Demand
from workbench.execution.notebook.stopping import Stop, stopping_on_interrupt
from workbench.execution.order import Order
from workbench.model.plain import to_plain


class InlineHandle:
    """An attempt that is carried out when the runner turns to it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._reader, writer = os.pipe()
        os.close(writer)
        self._stop: Stop | None = None
        self._cancelled = False
        self.finished = False
        self.gone = ""
        self.worker = ""

    @property
    def heard(self) -> float:
        """Now: what shares our process is as alive as we are."""
        return time.monotonic()

    def fileno(self) -> int:
        """Always readable."""
        return self._reader

    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Carry out the attempt, in this very call."""
        from workbench.execution.beat import without_payload
        from workbench.execution.notebook.supervisor import carry_out

        self._stop = Stop(self._order.timeout)
        if self._cancelled:
            self._stop.ask()
        with stopping_on_interrupt(self._stop):
            client = carry_out(self._order, lambda event: tell(to_plain(without_payload(event))), self._stop)
        if client is not None:
            client.leave()
        discard_temporary(self._order)
        self.finished = True

    def cancel(self) -> None:
        """Let the attempt stop, before it begins or, from another thread, while it runs."""
        self._cancelled = True
        if self._stop is not None:
            self._stop.ask()

    def close(self) -> None:
        os.close(self._reader)


class InlineExecutor:
    """Runs attempts in this process; for debugging, and for systems that cannot fork. Leaves no guardian behind."""

    def __init__(self, config: Config | None = None) -> None:
        """An executor is made from the project's settings; this one needs none."""

    def warm_up(self, demand: Demand = Demand()) -> None:  # noqa: B008  frozen
        """Nothing to prepare."""

    def start(self, order: Order) -> InlineHandle:
        import workbench.execution.notebook.supervisor  # noqa: F401  here, where an interrupt is counted, not in its turn

        return InlineHandle(replace(order, kept=""))

    def settle(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to end."""
