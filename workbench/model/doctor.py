"""What a check-up of the project found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that a run needs: whether it is there, what was seen, and how to mend it when it is not."""

    subject: str
    ok: bool
    detail: str
    mend: str = ""
