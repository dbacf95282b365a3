"""Seats kept ready: each is used once, what dies unused is replaced, and all go with the runner."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path

from workbench.execution.executor import Demand
from workbench.execution.seats import spring
from workbench.execution.seats.habits import remembered
from workbench.execution.seats.spring import Template
from workbench.execution.wire import END

MOST_FAILURES = 3
"""Templates that may die for no known reason, and seats that may fail, until no kernels are made ready any more."""


class Seat:
    """Our end of a seat that waits. ``ready`` once its kernel answers, ``failed`` says why it never will."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.ready = False
        self.failed = ""
        self._buffer = b""

    def lives(self) -> bool:
        """Whether there still is a guardian to give an order to; looks without waiting."""
        try:
            while data := self.channel.recv(1 << 12, socket.MSG_DONTWAIT):
                *lines, self._buffer = (self._buffer + data).split(END)
                for line in lines:
                    message = json.loads(line)
                    self.ready = self.ready or "ready" in message
                    self.failed = message.get("failed", self.failed)
        except BlockingIOError:
            return True
        except OSError:
            pass
        self.channel.close()
        return False


class Pool:
    """Keeps as many seats as are in demand. Not to be used by two threads at once.

    With ``warm`` false, none has a kernel. ``cold`` says why no kernels are made ready, if they are not; ``avoid`` maps
    modules to why they are not imported ahead, which is remembered in the folder ``memory``.
    """

    def __init__(self, warm: bool = True, memory: Path | None = None) -> None:
        self.cold = "" if warm else "switched off in the settings"
        self.avoid: dict[str, str] = {}
        self.template: Template | None = None
        self._habits = remembered(memory) if memory else None
        self.avoid.update(self._habits.avoid if self._habits else {})
        self._modules: dict[str, None] = {}
        self._asked: set[str] = set()
        self._seats: list[Seat] = []
        self._wanted = self._to_come = 0
        self._deaths = self._failures = 0

    def warm_up(self, demand: Demand) -> None:
        """Start the template, or let it do what more is in demand. Raises MissingExtra where nothing can fork."""
        self._modules.update(dict.fromkeys(self._recall(demand)))
        self._wanted = max(self._wanted, demand.seats)
        self._to_come += demand.steps
        self._live()
        self._fill()

    def take(self, kernel: bool) -> socket.socket:
        """A channel to give one order to, of a seat with a kernel or without one."""
        self._to_come = max(0, self._to_come - 1)
        template = self._live()
        self._weed()
        if not kernel or self.cold:
            return template.seat(kernel=False)
        self._fill(at_least=1)
        seat = next((seat for seat in self._seats if seat.ready), self._seats[0])
        self._seats.remove(seat)
        self._fill()
        return seat.channel

    def note(self, failed: str) -> None:
        """A seat could not get a kernel ready, for that reason, if there is one."""
        self._failures += bool(failed)
        if self._failures >= MOST_FAILURES:
            self.cold = failed

    def empty(self) -> None:
        """Let the seats go that wait for nothing."""
        for seat in self._seats:
            seat.channel.close()
        self._seats.clear()
        self._to_come = self._wanted = 0

    def close(self) -> None:
        self.empty()
        if self.template is not None:
            self.template.close()
            self.template = None

    def _recall(self, demand: Demand) -> Sequence[str]:
        """The modules in demand; they are remembered, or else remembered ones are taken."""
        if demand.modules is None:
            return self._habits.modules(demand.target) if self._habits else ()
        if self._habits and demand.steps:
            self._habits.learn(demand.target, demand.modules)
        return demand.modules

    def _live(self) -> Template:
        """The template, a new one when it has died, which has been asked to import what is in demand."""
        if self.template is not None and not self.template.alive:
            self._mourn(self.template)
            self.template = None
        if self.template is None:
            self.template = spring.take()
            self._asked.clear()
        new = [] if self.cold else [name for name in self._modules if name not in self._asked]
        if new:
            self.template.preload(new, self.avoid)
            self._asked.update(new)
        return self.template

    def _mourn(self, template: Template) -> None:
        """Learn from the death of a template what the next one is to avoid."""
        culprit = template.culprit()
        self._deaths += culprit.keys() <= self.avoid.keys()
        self.avoid.update(culprit)
        if self._deaths >= MOST_FAILURES:
            self.cold = "the process that kernels are forked from dies"
        if culprit and self._habits:
            self._habits.learn(avoid=culprit)
        template.close()

    def _fill(self, at_least: int = 0) -> None:
        while not self.cold and len(self._seats) < max(at_least, min(self._wanted, self._to_come)):
            self._seats.append(Seat(self._live().seat(kernel=True)))

    def _weed(self) -> None:
        """Drop the seats that have died."""
        for seat in list(self._seats):
            if not seat.lives():
                self._seats.remove(seat)
                self.note(seat.failed)
            elif seat.ready:
                self._failures = 0
