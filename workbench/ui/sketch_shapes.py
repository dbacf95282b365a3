"""What the API answers about the text of a pipeline file that is being written, as types."""

from __future__ import annotations

from typing import Any, TypedDict

from workbench.ui.run_shapes import Fault
from workbench.ui.shapes import Drawn


class SketchFault(TypedDict):
    """Something wrong in a text, at a line and column that count from 1; ``step`` is what it is about, or empty."""

    error: Fault
    line: int
    column: int
    step: str


class SketchStep(TypedDict):
    """A step in a text: ``line`` and ``column`` are those of its name, ``id`` is that of its box in the picture.

    ``after`` are the steps that it names there, ``given`` the parameters that it gives; ``parameters`` is the JSON
    Schema of all that its notebook takes.
    """

    id: str
    name: str
    notebook: str
    line: int
    column: int
    reads: list[str]
    writes: list[str]
    after: list[str]
    given: dict[str, Any]
    parameters: dict[str, Any]


class Sketched(TypedDict):
    """What a text says: steps, faults by their place, and the picture, which there is none of for no YAML at all."""

    steps: list[SketchStep]
    faults: list[SketchFault]
    drawing: Drawn | None


class Edited(TypedDict):
    """A text after an edit; ``step`` is what the step is called in it that the edit was about."""

    text: str
    step: str
