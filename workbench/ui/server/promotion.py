"""What the API does so that a notebook becomes a step: propose, try the proposal in a clean run, carry it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.model.comparison import Change
from workbench.model.errors import UsageError
from workbench.model.frozen import dataclass
from workbench.model.plain import to_plain
from workbench.pipeline import promotion
from workbench.project import Project
from workbench.ui import differences, notebook_shapes, run_shapes
from workbench.ui.server import begin
from workbench.ui.server.values import Digest, Flag, NotebookPath, RunName, Text

if TYPE_CHECKING:
    from workbench.model.promotion import Promotion


@dataclass(frozen=True)
class PromotionRequest:
    """A notebook, and how it should become a step: what is left out is found (see ``Proposal``)."""

    path: NotebookPath
    pipeline: Text = ""
    step: Text = ""
    parameters: tuple[Text, ...] | None = None
    reorder: Flag = True


@dataclass(frozen=True)
class PromotionOrder:
    """A proposal to be carried out, with the digest of what was seen."""

    path: NotebookPath
    digest: Digest
    pipeline: Text = ""
    step: Text = ""
    parameters: tuple[Text, ...] | None = None
    reorder: Flag = True


def propose(project: Project, body: PromotionRequest) -> notebook_shapes.Proposal:
    """What keeps a notebook from being a step, and both files as they would be; nothing is changed or run."""
    made, _ = promotion.propose(project.root, body.path, wish(body))
    return _told(made)


def trial(project: Project, body: PromotionRequest) -> run_shapes.Begun:
    """Run the notebook as it is proposed, in a new kernel, where notebooks opened by hand read and write too."""
    order = {
        "path": body.path,
        "parameters": None if body.parameters is None else list(body.parameters),
        "reorder": body.reorder,
    }
    return begin.trial(project, order)


def carry_out(project: Project, body: PromotionOrder) -> notebook_shapes.Proposal:
    """Write the notebook and the pipeline file as they are proposed, unless either changed meanwhile."""
    return _told(promotion.carry_out(project.root, body.path, wish(body), body.digest))


def compared(project: Project, run: RunName) -> notebook_shapes.Trial:
    """The outputs of a clean run against those that the notebook holds; they are empty until the run is over."""
    from workbench.reports.compare import compare

    found = project.runs.get(run)
    if len(found.steps) != 1:
        raise UsageError("WB-WEB-804", f"run {run} is not that of one notebook")
    (step,) = found.steps
    executed = project.runs.notebook(step) if found.state.final else None
    pairs = compare(project.root / step.notebook, executed) if executed else ()
    outputs = [output.change for pair in pairs for output in pair.outputs]
    return {
        "run": found.id,
        "state": found.state.value,
        "over": found.state.final,
        "same": executed is not None and all(change is Change.SAME for change in outputs),
        "error": to_plain(step.error or found.error) or None,
        "cells": differences.cells(pairs),
    }


def wish(body: PromotionRequest | PromotionOrder) -> promotion.Wish:
    """What a request asks for."""
    return promotion.Wish(body.pipeline, body.step, body.parameters, body.reorder)


def _told(made: Promotion) -> notebook_shapes.Proposal:
    return {
        "path": made.path,
        "step": made.step,
        "pipeline": made.pipeline.path.rpartition("/")[2].removesuffix(".yaml"),
        "ready": made.ready,
        "inputs": to_plain(made.inputs),
        "outputs": to_plain(made.outputs),
        "files": to_plain(made.files),
        "parameters": to_plain(made.parameters),
        "remarks": to_plain(made.remarks),
        "notebook_path": made.notebook.path,
        "notebook": made.notebook.diff,
        "pipeline_path": made.pipeline.path,
        "pipeline_diff": made.pipeline.diff,
        "digest": made.digest,
    }
