"""Changes that take safeguards away from the processes below a runner: templates, guardians, supervisors.

``forks`` calls each in the process of a command, which then makes a template of its own; in there it does its work.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from workbench.execution.seats import guardian, seat, spring

NEVER = 3600.0
"""Seconds that no test lasts."""


def below(change: Callable[[], None]) -> Callable[[], None]:
    """A mutant that changes the processes below the one it is called in."""

    @functools.wraps(change)
    def mutant() -> None:
        from workbench.execution.local import LocalExecutor
        from workbench.project import Project

        def executor(self: Project, name: str | None = None) -> Any:
            return self._executors.setdefault("", LocalExecutor(self.config))

        here, name = str(Path(__file__).parent), change.__name__
        first = f"import sys; sys.path.insert(1, {here!r}); import mutants_below; mutants_below.{name}.__wrapped__()"
        spring.TEMPLATE = f"{first}; {spring.TEMPLATE}"
        Project._executor = executor  # type: ignore[method-assign]

    return mutant


@below
def deaf_guardian() -> None:
    """A guardian hears nothing of its runner once the order has come, not even that it is gone."""
    watch, silent = guardian._watch, socket.socketpair()
    guardian._watch = lambda order, channel, *more: watch(order, silent[0], *more)


@below
def beats_of_the_kernel() -> None:
    """A supervisor gives no sign of life but what its kernel has to say."""
    speaking: Callable[..., AbstractContextManager[Any]] = seat.speaking
    seat.speaking = lambda channel, every: speaking(channel, NEVER)
