"""What the scheduler tells whoever watches it, a sentence at a time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workbench.model.frozen import dataclass


class Tone(StrEnum):
    """How a piece of news is meant."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class News:
    """One sentence; ``pipeline`` is what it is about, empty for the scheduler itself."""

    at: datetime
    text: str
    tone: Tone = Tone.PLAIN
    pipeline: str = ""
    run: str = ""
