"""What the API answers about a notebook that is open: as which step it stands, and what its cells could say."""

from __future__ import annotations

from enum import StrEnum
from typing import TypedDict

from workbench.model.pipeline import Reference
from workbench.model.plan import Change
from workbench.model.promotion import Candidate, Place, Remark
from workbench.ui.run_shapes import CellPair, Fault, RunRow


class Currency(StrEnum):
    """Whether a step would run: it would not, it would, that hangs on steps before it, or nobody can tell."""

    FRESH = "fresh"
    STALE = "stale"
    OPEN = "open"
    UNKNOWN = "unknown"


class NotebookRun(TypedDict):
    """The last run in which a notebook was executed as a step."""

    run: RunRow
    step: str
    state: str
    ended_at: str | None
    seconds: float | None


class NotebookStep(TypedDict):
    """A notebook as a step of a pipeline; ``reason`` says why it would run or not, ``error`` why nobody can tell."""

    pipeline: str
    step: str
    currency: Currency
    reason: str
    changes: list[Change]
    reads: list[str]
    writes: list[str]
    report: bool
    last: NotebookRun | None
    error: Fault | None


class NotebookStanding(TypedDict):
    """A notebook of the project; ``steps`` is empty while no pipeline runs it, ``alone`` its last run by itself."""

    path: str
    reads: list[str]
    writes: list[str]
    steps: list[NotebookStep]
    alone: NotebookRun | None
    error: Fault | None


class CellTime(TypedDict):
    """How long a cell took in the last run, and usually (the median of ``samples`` earlier ones), in seconds."""

    id: str
    seconds: float | None
    usual: float | None
    samples: int


class CellTimes(TypedDict):
    """The cells of a notebook that ran; ``run`` is empty when it never did."""

    run: str
    step: str
    cells: list[CellTime]


class ColumnNote(TypedDict):
    """A column that a cell makes of a dataset that the notebook writes, and who names it further on."""

    cell: str
    line: int
    column: str
    dataset: str
    steps: list[str]
    reports: list[str]


class ColumnNotes(TypedDict):
    """Notes beside the cells of a notebook, in their order."""

    notes: list[ColumnNote]


class Suggestion(TypedDict):
    """A name that fits; ``detail`` is one quiet fact about it."""

    text: str
    detail: str


class Completion(TypedDict):
    """What fits between ``start`` and ``end`` (in characters of the source); ``kind`` is dataset, column or empty."""

    kind: str
    start: int
    end: int
    suggestions: list[Suggestion]


class Proposal(TypedDict):
    """What becoming a step means for a notebook; ``ready`` when nothing is left that keeps it from running.

    ``notebook`` and ``pipeline`` are differences in unified form, empty when there are none. ``digest`` is sent along
    when it is carried out.
    """

    path: str
    step: str
    pipeline: str
    ready: bool
    inputs: list[Reference]
    outputs: list[Reference]
    files: list[Place]
    parameters: list[Candidate]
    remarks: list[Remark]
    notebook_path: str
    notebook: str
    pipeline_path: str
    pipeline_diff: str
    digest: str


class Trial(TypedDict):
    """A clean run of a proposal against the notebook as it stands; ``same`` when no output differs.

    ``cells`` is empty until the run is over.
    """

    run: str
    state: str
    over: bool
    same: bool
    error: Fault | None
    cells: list[CellPair]
