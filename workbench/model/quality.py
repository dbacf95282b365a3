"""Checks, their results, contracts and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from workbench.model.frozen import dataclass


class Severity(StrEnum):
    """How much a failing check matters; an error withholds the write."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class Outcome(StrEnum):
    """How a check ended; ``error`` means that it could not be evaluated, which never counts as a pass."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"


@dataclass(frozen=True)
class Check:
    """A test on a dataset; ``kind`` is a key of ``quality.checks.BUILTIN_CHECKS``, ``arguments`` plain JSON values."""

    kind: str
    column: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    name: str = ""
    description: str = ""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check on a candidate snapshot; ``failing`` counts rows, ``sample`` holds a few of them."""

    check: Check
    outcome: Outcome
    observed: str
    expected: str
    failing: int = 0
    rows: int = 0
    sample: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 0.0
    error: str = ""

    @property
    def blocks(self) -> bool:
        """Whether this result withholds a write."""
        return self.outcome is not Outcome.PASS and self.check.severity is Severity.ERROR


@dataclass(frozen=True)
class Promise:
    """A column that a contract promises; ``type`` is the ODCS logical type, empty when it promises none."""

    column: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True)
class Contract:
    """One ODCS file, as far as we hold data to it; ``path`` is relative to the project."""

    dataset: str
    path: str
    version: str = ""
    owner: str = ""
    description: str = ""
    columns: tuple[Promise, ...] = ()
    checks: tuple[Check, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnProfile:
    """Measured statistics of a column; ``minimum`` and ``maximum`` as text, ``None`` where they have no meaning."""

    column: str
    type: str
    nulls: int
    minimum: str | None = None
    maximum: str | None = None


@dataclass(frozen=True)
class Profile:
    """The statistics of a snapshot."""

    dataset: str
    snapshot: int
    rows: int
    columns: tuple[ColumnProfile, ...] = ()


@dataclass(frozen=True)
class Bin:
    """Values of a column: from ``label`` on to ``upto``, or the one value ``label``; ``rows`` rows have them."""

    label: str
    upto: str
    rows: int


@dataclass(frozen=True)
class Spread:
    """How the values of a column are spread; ``distinct`` is about how many different ones there are.

    ``bins`` are those of a histogram (``kind`` is ``range``), or the most frequent values (``values``); ``none`` has no
    bins.
    """

    column: str
    kind: str
    nulls: int
    distinct: int
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True)
class Distribution:
    """How the values of a snapshot are spread, by ``looked`` of its ``rows`` rows."""

    dataset: str
    version: int
    looked: int
    rows: int
    columns: tuple[Spread, ...]


@dataclass(frozen=True)
class Examination:
    """What was measured on a candidate: its profile (``snapshot`` is 0, it has none yet) and its check results."""

    profile: Profile | None = None
    results: tuple[CheckResult, ...] = ()


class Standing(StrEnum):
    """How a dataset stands by its checks, the worst first; ``withheld`` is one whose newest write was held back."""

    WITHHELD = "withheld"
    FAILING = "failing"
    WARNED = "warned"
    UNCHECKED = "unchecked"
    GOOD = "good"


@dataclass(frozen=True)
class Stands:
    """A dataset with its standing; ``results`` are those that do not pass, of ``total``.

    They belong to what is current, or to the newest write when that was withheld; ``version`` is 0 for such a write.
    """

    dataset: str
    standing: Standing
    total: int
    results: tuple[CheckResult, ...]
    snapshot: int
    version: int
    rows: int
    at: str
