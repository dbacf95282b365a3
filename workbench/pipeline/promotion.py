"""From a notebook that somebody explored with to a step: what stands in the way, and both files as they would be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench import durable
from workbench.model.errors import Conflict, NotebookError, NotFound, WorkbenchError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.names import parse_name
from workbench.model.pipeline import Cell, Notebook
from workbench.model.plan import Plan
from workbench.model.promotion import Candidate, Edited, Promotion, Remark
from workbench.pipeline import placing, references, remarks, rewriting, spec
from workbench.pipeline.candidates import Found, candidates
from workbench.pipeline.notebook import Template, read_notebook
from workbench.pipeline.rendering import TAG as INJECTED


@dataclass(frozen=True)
class Wish:
    """What is wanted: the pipeline and the name of the step, found where empty, and which constants become parameters.

    ``parameters`` of None are those that stand in cells of settings; ``reorder`` moves cells up that others need.
    """

    pipeline: str = ""
    step: str = ""
    parameters: tuple[str, ...] | None = None
    reorder: bool = True


def propose(root: Path, path: str, wish: Wish | None = None) -> tuple[Promotion, str]:
    """What becoming a step means for a notebook, and the text that its file would have; nothing is changed or run.

    Raises NotebookError (WB-NB-60x, WB-NB-609 for one that is not Python or not of format 4), NotFound (WB-PAR-613) for
    a parameter that is no candidate, InvalidName, SpecError (also WB-CFG-632).
    """
    wish = wish or Wish()
    read = read_notebook(root, path)
    content = (root / path).read_bytes()
    raw = _raw(read, content)
    cells = read.cells
    code = [cell for cell in cells if _runs(cell)]
    found = candidates([cell for cell in code if cell.index != read.parameters_cell], _known(read), wish.parameters)
    _refuse_unknown(wish, found, read)
    order = rewriting.in_order(code) if wish.reorder else tuple(code)
    taken = [one for one in found if one.candidate.taken]
    made = rewriting.rewritten(raw, cells, order, taken) if taken or list(order) != code else dict(raw)
    text = rewriting.written(made)
    Template.parse(text, path)  # what cannot be read again is never proposed
    pipeline, before, after, step = _pipeline(root, path, wish)
    shown, then = rewriting.script(raw), rewriting.script(made)
    ran = _ran(raw)
    said = remarks.remarks(cells, ran, references.find(cells))
    promotion = Promotion(
        path=path,
        step=step,
        inputs=read.reads,
        outputs=read.writes,
        files=remarks.files(cells),
        parameters=tuple(_own(read)) + tuple(one.candidate for one in found),
        remarks=tuple(_settled(said, order, ran)),
        notebook=Edited(path, shown, then, rewriting.diff(shown, then, path)),
        pipeline=Edited(pipeline, before, after, rewriting.diff(before, after, pipeline)),
        digest=hashlib.sha256(b"\0".join([content, before.encode()])).hexdigest(),
    )
    return promotion, text


def with_text(plan: Plan, text: str) -> Plan:
    """A plan of one notebook, which is executed as ``text`` has it; raises NotebookError for a text that is none."""
    (step,) = plan.steps
    template, read = Template.parse(text, step.notebook)
    fingerprint = replace(step.fingerprint, code=read.code)
    return replace(plan, steps=(replace(step, source=template.with_parameters(), fingerprint=fingerprint),))


def carry_out(root: Path, path: str, wish: Wish, digest: str) -> Promotion:
    """Write what ``propose`` proposes: the notebook first, then the pipeline file, each all at once.

    Raises what ``propose`` raises, Conflict (WB-NB-610) when the files are no longer those that ``digest`` is of, and
    StorageError; a notebook that was written alone is whole, and the proposal can be carried out again.
    """
    promotion, text = propose(root, path, wish)
    if promotion.digest != digest:
        raise Conflict(
            "WB-NB-610",
            f"{path} or {promotion.pipeline.path} changed since the proposal was made",
            kept="Nothing was written.",
            next="look at the proposal anew",
        )
    if promotion.notebook.diff:
        durable.write_text(root / path, text)
    if promotion.pipeline.diff:
        place = root / promotion.pipeline.path
        place.parent.mkdir(parents=True, exist_ok=True)
        durable.write_text(place, promotion.pipeline.after)
    return promotion


def _raw(read: Notebook, content: bytes) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(content.decode("utf-8-sig"))
    if read.language != "python" or raw.get("nbformat") != 4:
        reason = f"it is in {read.language}" if read.language != "python" else "it is of an older format"
        raise NotebookError(
            "WB-NB-609",
            f"{read.path}: nothing can be proposed for this notebook",
            cause=reason,
            next="add it to a pipeline by hand" if read.language != "python" else "save it again from JupyterLab",
        )
    return raw


def _runs(cell: Cell) -> bool:
    return cell.kind == "code" and references.SKIPPED not in cell.tags and INJECTED not in cell.tags


def _known(read: Notebook) -> tuple[str, ...]:
    return tuple(one.name for one in read.parameters)


def _own(read: Notebook) -> list[Candidate]:
    """The parameters that the notebook has already."""
    number = (read.parameters_cell or 0) + 1
    return [Candidate(one.name, str(one.type), "", number, 0, True) for one in read.parameters]


def _refuse_unknown(wish: Wish, found: Sequence[Found], read: Notebook) -> None:
    names = [one.candidate.name for one in found]
    for name in wish.parameters or ():
        if name not in names and name not in _known(read):
            raise NotFound(
                "WB-PAR-613",
                f"{name!a} cannot become a parameter",
                cause=f"constants that could: {', '.join(names) or 'none'}." + did_you_mean(name, names),
            )


def _settled(found: Sequence[Remark], order: Sequence[Cell], ran: Mapping[int, remarks.Ran]) -> list[Remark]:
    """Remarks, those marked that the new order of the cells takes care of."""
    left = {(one.code, one.cell) for one in remarks.order(order, ran)}
    left |= {("out_of_order", order[at].index + 1) for at, _, _, later in remarks.unmet(order) if later}
    settles = ("out_of_order", "ran_before")
    return [replace(one, mended=one.code in settles and (one.code, one.cell) not in left) for one in found]


def _ran(raw: Mapping[str, Any]) -> dict[int, remarks.Ran]:
    """What the file says of the last run of its code cells, by index."""
    told = {}
    for index, cell in enumerate(raw["cells"]):
        if cell["cell_type"] != "code":
            continue
        count, outputs = cell.get("execution_count"), cell.get("outputs")
        outputs = [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        errors = [str(one.get("ename", "an error")) for one in outputs if one.get("output_type") == "error"]
        told[index] = remarks.Ran(count if type(count) is int else 0, len(outputs), errors[0] if errors else "")
    return told


def _pipeline(root: Path, path: str, wish: Wish) -> tuple[str, str, str, str]:
    """The path of the pipeline file, its text now and then, and the name of the step."""
    step = parse_name(wish.step, "step") if wish.step else spec.single(root, path).name
    known = spec.pipeline_names(root)
    holds = {name: one for name in known if (one := _step_of(root, name, path))}
    default = next(iter(holds), known[0] if len(known) == 1 else step)
    name = parse_name(wish.pipeline, "pipeline") if wish.pipeline else default
    file = f"{spec.FOLDER}/{name}.yaml"
    if name not in known:
        return file, "", placing.new_pipeline(name, step, path), step
    spec.load_pipeline(root, name)
    text = (root / file).read_bytes().decode("utf-8-sig")
    if name in holds and not wish.step:
        return file, text, text, holds[name]
    return file, text, placing.with_step(text, name, step, path), step


def _step_of(root: Path, pipeline: str, path: str) -> str:
    """The step of a pipeline that runs a notebook, empty when there is none or the file is wrong."""
    try:
        steps = spec.load_pipeline(root, pipeline).steps
    except WorkbenchError:
        return ""
    return next((step.name for step in steps if step.notebook == path), "")
