"""An answer that is no JSON: a page, shown in a sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """HTML that others wrote: a browser lets it reach neither this server nor the page around it."""

    html: str
