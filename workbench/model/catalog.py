"""What the catalog answers: hits of a search, and all that is known of one dataset."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from workbench.model.dataset import Dataset, Snapshot, SnapshotId
from workbench.model.frozen import dataclass
from workbench.model.quality import CheckResult, Contract
from workbench.model.run import Run, StepRun


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


class Freshness(StrEnum):
    """How long ago a dataset was written last, wherever that was; ``never`` is one that every write was withheld of."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"
    NEVER = "never"


@dataclass(frozen=True)
class Narrow:
    """What a search is narrowed to, beside its words; empty leaves it open."""

    namespace: str = ""
    owner: str = ""
    tag: str = ""
    freshness: Freshness | None = None


@dataclass(frozen=True)
class Facet:
    """One value that a search could be narrowed to, and how many of what it finds have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Found:
    """A part of what a search finds, ``total`` of it all, and by what it can be narrowed.

    ``facets`` is by ``kind``, ``namespace``, ``owner``, ``tag`` and ``freshness``, the most frequent values first, or
    ``None`` when it was not asked for, which takes less time.
    """

    hits: tuple[SearchHit, ...]
    total: int
    facets: Mapping[str, tuple[Facet, ...]] | None


@dataclass(frozen=True)
class Use:
    """A step that reads or writes a dataset, and the latest run in which it did."""

    pipeline: str
    step: str
    notebook: str
    run: str
    at: str


@dataclass(frozen=True)
class ColumnEntry:
    """One column of the snapshot shown; what was measured of it is ``None`` when no profile was taken."""

    name: str
    type: str
    description: str = ""
    nulls: int | None = None
    minimum: str | None = None
    maximum: str | None = None


@dataclass(frozen=True)
class InputEntry:
    """A snapshot that another one was made from."""

    dataset: str
    snapshot: SnapshotId
    version: int
    rows: int


@dataclass(frozen=True)
class CatalogEntry:
    """All that is known of a dataset, as one environment sees it.

    ``snapshot`` is what is current there (``None`` while every write was withheld); ``columns``, ``results``,
    ``inputs``, ``run`` and ``step`` (code, parameters, commit) are of that snapshot. ``history`` is newest first and
    holds withheld snapshots too; ``withheld`` are the check results of the newest one when it was withheld.
    """

    dataset: Dataset
    environment: str
    snapshot: Snapshot | None
    columns: tuple[ColumnEntry, ...]
    history: tuple[Snapshot, ...]
    contract: Contract | None
    results: tuple[CheckResult, ...]
    withheld: tuple[CheckResult, ...]
    readers: tuple[Use, ...]
    writers: tuple[Use, ...]
    inputs: tuple[InputEntry, ...]
    run: Run | None
    step: StepRun | None
