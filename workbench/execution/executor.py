"""What an executor is: where attempts are carried out, and the runner's end of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from workbench.execution.order import Order
from workbench.model.frozen import dataclass


class Handle(Protocol):
    """One attempt under way.

    ``heard`` is when its supervisor last gave a sign of life, as a reading of ``time.monotonic``: an event, or the beat
    that its order asks for. ``finished`` is true once all its events were told: a success may still have a kernel that
    leaves, of a failure nothing is left. ``gone`` is why it ended without telling its end, where that is known.
    ``worker`` is where it is carried out, empty on this machine.
    """

    finished: bool
    gone: str
    worker: str

    @property
    def heard(self) -> float: ...
    def fileno(self) -> int: ...
    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Demand:
    """What is to come. ``steps`` of ``target`` (a pipeline or a notebook), ``seats`` of them to be ready at any moment.

    ``modules`` are the dotted names of what they import from outside the project; None: what they did the last time.
    """

    target: str = ""
    modules: tuple[str, ...] | None = None
    steps: int = 0
    seats: int = 1


class Executor(Protocol):
    """Where attempts run, made from the project's ``Config``.

    ``warm_up`` makes ready what ``demand`` will need while the caller goes on; it may be called again with more.
    ``settle`` waits until nothing is left of attempts whose handles were closed; who carries out an order removes the
    folder for its temporary files. ``close`` of a handle ends an attempt that still runs, at once.
    """

    def warm_up(self, demand: Demand = ...) -> None: ...
    def start(self, order: Order) -> Handle: ...
    def settle(self) -> None: ...
    def close(self) -> None: ...
