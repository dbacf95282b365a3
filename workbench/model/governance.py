"""Who did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class AuditEntry:
    """One line of the append-only log; ``hash`` is the sha256 of ``previous`` and the canonical JSON of the rest."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    previous: str = ""
    hash: str = ""
