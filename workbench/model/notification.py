"""What people are told of runs: on which occasions, whom, and how far the message has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
