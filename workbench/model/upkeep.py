"""What is kept of a store besides the store itself."""

from __future__ import annotations

from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class Backup:
    """A whole copy of the store as it was at the moment ``at`` (ISO 8601); ``path`` is absolute."""

    path: str
    at: str
    bytes: int
