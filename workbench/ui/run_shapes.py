"""What the codec writes of runs, plans and pipelines, as types; see ``shapes``."""

from __future__ import annotations

from typing import Any, TypedDict

from workbench.model.comparison import Change as Difference
from workbench.model.comparison import Line
from workbench.model.dataset import Mode, SnapshotId
from workbench.model.events import Kind
from workbench.model.plan import Action, Change, Forecast
from workbench.model.run import AttemptState, CellState, State
from workbench.model.timeline import Timeline

Plain = dict[str, Any]
"""Names and values as they came, with what JSON lacks written for people."""


class Fault(TypedDict):
    """A WorkbenchError."""

    code: str
    what: str
    cause: str
    kept: str
    next: str
    detail: list[str]


class Snapshot(TypedDict):
    """One version of a dataset; its files as their count and size."""

    dataset: str
    version: int
    id: SnapshotId
    parent: SnapshotId | None
    mode: Mode
    environment: str
    created_at: str
    rows: int
    bytes: int
    files: int
    digest: str
    schema_id: str
    run: str | None
    step: str | None
    cell: int | None
    actor: str | None
    withheld: bool


class RunRow(TypedDict):
    """A run without its steps."""

    id: str
    pipeline: str
    environment: str
    state: State
    trigger: str
    nominal_at: str | None
    repairs: int
    parameters: Plain
    actor: str
    commit: str
    created_at: str
    ended_at: str | None
    seconds: float | None
    error: Fault | None


class RunLine(RunRow):
    """A run as lists hold it."""

    partitions: list[dict[str, str]]
    usual: Forecast | None


class CellRun(TypedDict):
    """What became of a cell; ``number`` is what people call it."""

    index: int
    number: int
    id: str
    state: CellState
    started_at: str | None
    seconds: float | None
    peak_bytes: int | None
    usual: Forecast | None


class Attempt(TypedDict):
    """One try of a step."""

    id: str
    number: int
    state: AttemptState
    cause: str | None
    worker: str | None
    folder: str
    not_before: str | None
    started_at: str | None
    ended_at: str | None
    kept_until: str | None
    error: Fault | None
    cells: list[CellRun]


class StepRun(TypedDict):
    """One step in one run."""

    id: str
    step: str
    notebook: str
    state: State
    reason: str
    parameters: Plain
    fingerprint: str | None
    started_at: str | None
    ended_at: str | None
    seconds: float | None
    error: Fault | None
    values: Plain
    executed: str | None
    report: str | None
    outputs: list[Snapshot]
    base: str
    key: Plain
    partition: dict[str, str]
    upstream: list[str]
    usual: Forecast | None
    attempts: list[Attempt]


class Report(TypedDict):
    """A rendered report."""

    id: str
    run: str
    pipeline: str
    step: str
    title: str
    path: str
    digest: str
    created_at: str


class Run(RunRow):
    """A run with its steps."""

    usual: Forecast | None
    timeline: Timeline | None
    steps: list[StepRun]
    reports: list[Report]


class Reason(TypedDict):
    """Why a step runs or not."""

    code: str
    text: str
    changes: list[Change]


class PlannedStep(TypedDict):
    """One step of a plan."""

    name: str
    base: str
    key: Plain
    partition: dict[str, str]
    fans_out: Any
    max_parallel: int | None
    notebook: str
    action: Action
    reason: Reason
    parameters: Plain
    reads: list[str]
    writes: list[str]
    upstream: list[str]
    kernel: str
    timeout: float
    options: Plain
    fingerprint: str
    forecast: Forecast | None
    expected_seconds: float | None
    report: str | None
    tags: list[str]


class Plan(TypedDict):
    """What would run, and why."""

    pipeline: str
    environment: str
    parameters: Plain
    created_at: str
    timeout: float | None
    concurrency: int | None
    forecast: Forecast | None
    steps: list[PlannedStep]


class Runs(TypedDict):
    """Runs, newest first."""

    runs: list[RunLine]
    more: bool


class Event(TypedDict):
    """One line of a journal."""

    seq: int
    at: str
    kind: Kind
    data: Plain


class Log(TypedDict):
    """Events of one attempt of a step."""

    step: str
    attempt: int
    events: list[Event]
    more: bool


class CellNow(TypedDict):
    """A code cell as it stands; ``number`` is null before it began."""

    id: str
    number: int | None
    source: str
    state: str
    started_at: str | None
    seconds: float | None


class Cells(TypedDict):
    """The code cells of a step."""

    step: str
    cells: list[CellNow]
    more: bool


class Executed(TypedDict):
    """Where an executed notebook lies, from the root of the project on."""

    path: str


class Begun(TypedDict):
    """A run that is about to begin."""

    run: str
    pipeline: str
    environment: str


class Item(TypedDict):
    """One fact on both sides."""

    name: str
    change: Difference
    before: Any
    after: Any


class Section(TypedDict):
    """Facts of one kind."""

    name: str
    items: list[Item]


class OutputPair(TypedDict):
    """One output on both sides; ``kind`` says which of ``lines``, ``grid`` and ``picture`` are filled."""

    kind: str
    change: Difference
    said: str
    lines: list[Line]
    grid: Plain | None
    picture: Plain | None


class CellPair(TypedDict):
    """One cell on both sides."""

    id: str
    kind: str
    change: Difference
    number_before: int | None
    number_after: int | None
    source_change: Difference
    source: list[Line]
    outputs: list[OutputPair]
    by_id: bool
    seconds_before: float | None
    seconds_after: float | None


class StepPair(TypedDict):
    """One step on both sides; a state is null where the run has no such step."""

    step: str
    change: Difference
    before: State | None
    after: State | None
    sections: list[Section]
    cells: list[CellPair]
    run_before: str
    run_after: str
    note: str


class Comparison(TypedDict):
    """Two runs against each other."""

    before: RunRow
    after: RunRow
    change: Difference
    items: list[Item]
    steps: list[StepPair]


class PipelineRow(TypedDict):
    """A pipeline as lists have it; ``error`` is what is wrong with its file."""

    name: str
    path: str
    description: str
    steps: int
    cron: str | None
    timezone: str | None
    last: RunRow | None
    error: Fault | None


class Pipelines(TypedDict):
    """Pipelines, by name."""

    pipelines: list[PipelineRow]
    more: bool


class StepSpec(TypedDict):
    """A step as the pipeline file has it."""

    name: str
    notebook: str
    parameters: Plain
    after: list[str]
    tags: list[str]
    fans_out: Any
    report: str | None


class Pipeline(PipelineRow):
    """A pipeline with its steps; ``parameters`` is a JSON Schema."""

    parameters: Plain
    timeout: float | None
    concurrency: int | None
    triggers: list[Plain]
    runs: list[RunLine]
    specs: list[StepSpec]


class StepNews(TypedDict):
    """A step that came to be in another state."""

    step: str
    state: str


class CellNews(TypedDict):
    """A cell that began or ended; ``seconds`` is null while it goes on."""

    step: str
    attempt: int
    id: str
    state: str
    seconds: float | None


class LogNews(TypedDict):
    """The newest event in the journal of an attempt."""

    step: str
    attempt: int
    seq: int


class RunEvent(TypedDict):
    """What is new in a run, by Jupyter's event stream; ``state`` is ``refused`` for one that could not begin.

    ``number`` counts up by one in each ``stream``: whoever misses one asks for the snapshot again. ``code`` is that of
    the run's error.
    """

    stream: str
    number: int
    run: str
    pipeline: str
    environment: str
    state: str
    code: str
    steps: list[StepNews]
    cells: list[CellNews]
    logs: list[LogNews]


class Going(TypedDict):
    """A run that goes on, with the states of its steps."""

    run: RunRow
    steps: dict[str, str]


class Live(TypedDict):
    """How things stand at event ``number`` of ``stream``."""

    stream: str
    number: int
    runs: list[Going]
