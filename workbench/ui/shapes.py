"""What the codec writes, as types: the answers of the API, the schemas of its OpenAPI document and TypeScript's types.

A noun stands for its plain form (``model.plain``): all its fields, tuples as lists, enums as their values.
"""

from __future__ import annotations

from typing import Any, TypedDict

from workbench.model.catalog import ColumnEntry, Facet, InputEntry, Use
from workbench.model.dataset import SnapshotId
from workbench.model.lineage import Node
from workbench.model.quality import Check, Outcome, Promise, Severity, Standing
from workbench.model.report import Proof
from workbench.ui.run_shapes import Plain, Report, RunRow, Snapshot, StepRun


class Hit(TypedDict):
    """A dataset that a search found."""

    dataset: str
    description: str
    owner: str
    tags: list[str]
    matched: str
    version: int
    rows: int
    written_at: str | None
    corrected: str


class Facets(TypedDict):
    """By what a search can be narrowed."""

    kind: list[Facet]
    namespace: list[Facet]
    owner: list[Facet]
    tag: list[Facet]
    freshness: list[Facet]


class Found(TypedDict):
    """Part of what a search found, ``total`` of it all."""

    hits: list[Hit]
    total: int
    facets: Facets | None


class CheckResult(TypedDict):
    """The outcome of one check."""

    name: str
    kind: str
    column: str | None
    arguments: Plain
    severity: Severity
    outcome: Outcome
    observed: str
    expected: str
    failing: int
    rows: int
    seconds: float
    blocks: bool
    error: str | None
    sample: list[Plain]


class Contract(TypedDict):
    """What is promised of a dataset."""

    path: str
    version: str
    owner: str
    description: str
    columns: list[Promise]
    checks: list[Check]


class Dataset(TypedDict):
    """All that is known of a dataset, as one environment sees it."""

    name: str
    description: str
    owner: str
    tags: list[str]
    created_at: str
    environment: str
    current: dict[str, int]
    snapshot: Snapshot | None
    columns: list[ColumnEntry]
    contract: Contract | None
    results: list[CheckResult]
    withheld: list[CheckResult]
    history: list[Snapshot]
    readers: list[Use]
    writers: list[Use]
    inputs: list[InputEntry]
    run: RunRow | None
    step: StepRun | None
    read: str


Arrow = TypedDict("Arrow", {"from": str, "to": str})


class Graph(TypedDict):
    """Nodes, and arrows in the direction the data flows."""

    focus: str
    nodes: list[Node]
    arrows: list[Arrow]
    truncated: bool


class Finding(TypedDict):
    """One thing that a run needs."""

    subject: str
    ok: bool
    warning: bool
    detail: str
    mend: str | None


class Schemed(TypedDict):
    """A column of a snapshot; ``type`` is the Iceberg type."""

    name: str
    type: str
    doc: str


class Sample(TypedDict):
    """Some rows of a dataset, each a list in the order of the columns."""

    dataset: str
    version: int
    columns: list[Schemed]
    rows: list[list[Any]]


class Version(TypedDict):
    """A snapshot, and what changed since the one before; ``rows_since`` is null for the first."""

    snapshot: Snapshot
    rows_since: int | None
    added: list[str]
    removed: list[str]
    retyped: list[str]


class Snapshots(TypedDict):
    """Versions of a dataset, newest first."""

    snapshots: list[Version]
    more: bool


class Impact(TypedDict):
    """What is made from a dataset."""

    dataset: str
    datasets: list[Node]
    steps: list[Node]
    reports: list[Node]
    truncated: bool


class Stands(TypedDict):
    """A dataset by how its checks stand; ``results`` are those that do not pass, of ``total``."""

    dataset: str
    standing: Standing
    total: int
    results: list[CheckResult]
    snapshot: SnapshotId
    version: int
    rows: int
    at: str


class Quality(TypedDict):
    """Datasets by how their checks stand, and how many there are of each."""

    environment: str
    counts: dict[str, int]
    datasets: list[Stands]
    more: bool


class TrendPoint(TypedDict):
    """How the checks stood at one version; its version is 0 when it was withheld."""

    snapshot: SnapshotId
    version: int
    created_at: str
    rows: int
    withheld: bool
    passed: int
    failed: int
    run: str | None
    step: str | None


class Trend(TypedDict):
    """The checks of a dataset over its versions, newest first."""

    dataset: str
    points: list[TrendPoint]


class ReportRow(Report):
    """A report; ``genuine`` when its file is what was published, ``gone`` when there is none."""

    genuine: bool
    gone: bool


class Reports(TypedDict):
    """Some reports, newest first, of ``total`` that were asked for."""

    reports: list[ReportRow]
    total: int
    more: bool


class ReportWithProof(ReportRow):
    """A report with where it comes from."""

    proof: Proof


class ProjectFacts(TypedDict):
    """A project; ``active`` are its runs that go on, ``damage`` what is wrong with its store."""

    name: str
    version: str
    actor: str
    environments: list[str]
    environment: str
    interactive_environment: str
    executor: str
    pipelines: int
    datasets: int
    active: list[RunRow]
    damage: str | None


class BegunProject(TypedDict):
    """A project that was begun; ``pipeline`` is the one to run first."""

    pipeline: str


class Doctor(TypedDict):
    """What a check-up found."""

    ok: bool
    findings: list[Finding]


class DrawnBox(TypedDict):
    """One box: ``shown`` and ``fact`` are its two lines as they fit into it, ``name`` and ``detail`` the whole of them.

    ``look`` is how its ``state`` looks, empty for none; ``group`` is what it can be folded into.
    """

    id: str
    kind: str
    name: str
    detail: str
    state: str
    look: str
    word: str
    shown: str
    fact: str
    group: str
    members: int


class Drawn(TypedDict):
    """A graph laid out, to be drawn: all numbers are pixels of a picture of ``width`` × ``height``.

    ``places`` holds x, y, width and height of one box after another, ``ends`` the numbers of the two boxes of one arrow
    after another, ``ways`` the points of each arrow (x, y, x, y …), ``back`` the numbers of those that lead left.
    ``focus`` is the id of the box that it is about. ``folded`` maps the groups that are one box to how many each holds;
    ``truncated`` says that there is more.
    """

    title: str
    about: str
    focus: str
    width: float
    height: float
    boxes: list[DrawnBox]
    places: list[float]
    ends: list[int]
    ways: list[list[float]]
    back: list[int]
    folded: dict[str, int]
    truncated: bool


class EvidenceEntry(TypedDict):
    """A run that proved an arrow: its ``step`` wrote ``target`` from ``source`` in the cell with the id ``cell``.

    ``number`` is that of the cell as people count; ``notebook`` lies at that path from the root of the project. What is
    not known any more is null.
    """

    source: str
    target: str
    run: str
    pipeline: str | None
    step: str
    at: str | None
    cell: str | None
    number: int | None
    notebook: str | None


class Evidence(TypedDict):
    """The runs behind an arrow, newest first; ``more`` when there are others."""

    evidence: list[EvidenceEntry]
    more: bool
