"""What keeps a notebook that somebody explored with from being a step, and what is proposed so that it becomes one."""

from __future__ import annotations

from enum import StrEnum

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Reference


class Weight(StrEnum):
    """How much a remark matters: it keeps the step from running, it may make it wrong, or it is worth knowing."""

    BLOCKS = "blocks"
    WARNS = "warns"
    TELLS = "tells"


@dataclass(frozen=True)
class Remark:
    """Something in a notebook that a clean run will not like.

    ``code`` is one stable word (``hidden_state``, ``out_of_order`` …). ``cell`` counts from 1 over all cells, 0 for the
    notebook as a whole; ``line`` from 1 in the cell, 0 for all of it. ``mended`` when the proposal takes care of it.
    """

    code: str
    weight: Weight
    cell: int
    line: int
    text: str
    next: str = ""
    mended: bool = False


@dataclass(frozen=True)
class Candidate:
    """A constant at the top of a cell that could be a parameter; ``source`` is its line as the cell would have it.

    ``cell`` counts from 1; ``taken`` when the proposal makes it one.
    """

    name: str
    type: str
    source: str
    cell: int
    line: int
    taken: bool


@dataclass(frozen=True)
class Place:
    """A file that a cell reads or writes without the catalog: a literal path, with the call that names it."""

    path: str
    call: str
    cell: int
    line: int
    writes: bool


@dataclass(frozen=True)
class Edited:
    """A text file as it is and as it is proposed; ``before`` is empty for one that is new, ``diff`` in unified form."""

    path: str
    before: str
    after: str
    diff: str


@dataclass(frozen=True)
class Promotion:
    """What becoming a step means for one notebook.

    ``digest`` is that of the files that were read: whoever carries the proposal out says which one was seen.
    ``notebook`` and ``pipeline`` hold no outputs in their diffs; a notebook's diff is of its cells as text.
    """

    path: str
    step: str
    inputs: tuple[Reference, ...]
    outputs: tuple[Reference, ...]
    files: tuple[Place, ...]
    parameters: tuple[Candidate, ...]
    remarks: tuple[Remark, ...]
    notebook: Edited
    pipeline: Edited
    digest: str

    @property
    def ready(self) -> bool:
        """Whether nothing is left that keeps it from running."""
        return not any(one.weight is Weight.BLOCKS and not one.mended for one in self.remarks)
