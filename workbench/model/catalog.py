"""What the catalog answers: hits of a search, and who reads and writes a dataset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SearchHit:
    """A dataset that a search found; ``matched`` says by what, ``version``, ``rows`` and ``written_at`` are its latest.

    ``corrected`` holds the words that were searched for instead, when the words given were found nowhere.
    """

    dataset: str
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    matched: str = ""
    version: int = 0
    rows: int = 0
    written_at: str = ""
    corrected: str = ""


@dataclass(frozen=True)
class Use:
    """A step that reads or writes a dataset, and the latest run in which it did."""

    pipeline: str
    step: str
    notebook: str
    run: str
    at: str
