"""What people are told of runs: on which occasions, whom, and how far the message has come."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid5

from workbench.model.frozen import dataclass


class Occasion(StrEnum):
    """What about a run is worth a message.

    ``recovery`` is the first success after a failure; ``late`` a run of a trigger that is not over when it should be.
    """

    FAILURE = "failure"
    RECOVERY = "recovery"
    WITHHELD = "withheld"
    LATE = "late"


@dataclass(frozen=True)
class Notify:
    """``notify:`` of a pipeline, or ``[notify]`` of the project: which occasions are told, to whom.

    ``to`` names receivers of ``workbench.toml``; None stands for what the project says. ``late_after`` is how many
    seconds after its nominal time a run should be over; None lets the forecast from history decide.
    """

    on: tuple[Occasion, ...] | None = None
    to: tuple[str, ...] | None = None
    late_after: float | None = None


EVERYTHING = Notify(tuple(Occasion))
"""All occasions, to all receivers."""


@dataclass(frozen=True)
class Receiver:
    """Who can be told, under a name; ``urls`` are addresses of Apprise that hold ``${env:NAME}`` or ``${secret:NAME}``.

    What these stand for is looked up when a message is sent, and kept nowhere.
    """

    name: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """What somebody is told: a line, and a text of a few lines."""

    title: str
    body: str


class Delivery(StrEnum):
    """How far a notification has come: still to be sent, sent, or given up after many tries."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True)
class Notification:
    """One message for one receiver in the outbox; ``run`` is the run it tells of.

    ``id`` follows from what it tells of and whom, so it is kept and sent once; receivers get it too, and can tell a
    message that comes twice by it. ``next_at`` is when it is tried next (UTC), ``error`` why it was not sent so far.
    """

    id: str
    run: str
    pipeline: str
    environment: str
    occasion: Occasion
    receiver: str
    title: str
    body: str
    state: Delivery = Delivery.WAITING
    tries: int = 0
    next_at: str = ""
    claimed_until: str = ""
    error: str = ""
    created_at: str = ""
    sent_at: str = ""


_SPACE = UUID("5b0c3b53-6d3c-5d8e-9d7c-9e3e2f1f6a10")


def notification_id(run: str, repairs: int, occasion: Occasion, receiver: str) -> str:
    """The same for the same run, occasion and receiver; another one after the run was repaired."""
    return str(uuid5(_SPACE, f"{run}/{repairs}/{occasion}/{receiver}"))
