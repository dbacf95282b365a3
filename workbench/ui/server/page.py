"""Answers that are no JSON: a page, shown in a sandbox, and a script of ours."""

from __future__ import annotations

from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class Page:
    """HTML that others wrote: a browser lets it reach neither this server nor the page around it."""

    html: str


@dataclass(frozen=True)
class Script:
    """JavaScript that came with an installed package. It holds nothing of a project, so that a browser may keep it."""

    text: str
