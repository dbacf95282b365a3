"""What the API answers about the text of a pipeline file while it is written: nothing here is saved."""

from __future__ import annotations

from typing import Any

from workbench.model.frozen import dataclass
from workbench.pipeline import edits, keys, spec
from workbench.pipeline.edits import EditKind
from workbench.pipeline.parameters import json_schema
from workbench.project import Project
from workbench.ui import codec, sketch_shapes
from workbench.ui.graph import sketches
from workbench.ui.server import drawings
from workbench.ui.server.values import PipelineName, Source, Text


@dataclass(frozen=True)
class SketchRequest:
    """A text, saved or not; ``opened`` names groups of the picture that stay open, with commas between."""

    text: Source
    opened: Text = ""


@dataclass(frozen=True)
class EditRequest:
    """A text, and what is to become of a step in it: ``to`` and ``value`` are as ``kind`` says.

    ``to`` is the notebook (``add``, ``notebook``), the new name (``rename``), the step waited for (``after``, ``free``)
    or the parameter (``set``, ``unset``). ``add`` makes up a name where ``step`` is empty.
    """

    text: Source
    kind: EditKind
    step: Text = ""
    to: Text = ""
    value: Any = None


def sketch(project: Project, pipeline: PipelineName, body: SketchRequest) -> sketch_shapes.Sketched:
    """What a text would be as the file of a pipeline: its steps, its faults with their places, and its picture."""
    found = project.plans.sketch(pipeline, body.text)
    return {
        "steps": [
            {
                "id": sketches.PREFIX + step.name,
                "name": step.name,
                "notebook": step.notebook,
                "line": step.line,
                "column": step.column,
                "reads": list(step.reads),
                "writes": list(step.writes),
                "after": list(step.after),
                "given": codec.value(dict(step.given)),
                "parameters": json_schema(step.parameters),
            }
            for step in found.steps
        ],
        "faults": [
            {"error": codec.fault(fault.error), "line": fault.line, "column": fault.column, "step": fault.step}
            for fault in found.faults
        ],
        "drawing": drawings.drawn(sketches.chart(found, pipeline), body.opened) if found.readable else None,
    }


def edit(pipeline: PipelineName, body: EditRequest) -> sketch_shapes.Edited:
    """The text after an edit of the graph, with all comments, in the order it had; whoever asks keeps it."""
    path = f"{spec.FOLDER}/{pipeline}.yaml"
    made = edits.edit(body.text, path, body.kind, body.step, body.to, body.value)
    return {"text": made.text, "step": made.step}


def schema() -> dict[str, Any]:
    """The keys of a pipeline file as JSON Schema (2020-12), for editors."""
    return keys.json_schema()
