"""A test carried out: its datasets are published in a scratch project, its step runs there, what it made is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config import Config
from workbench.model.dataset import Mode, Schema
from workbench.model.errors import NotFound, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Pipeline, StepSpec
from workbench.model.run import Finished, Run, State, StepRun
from workbench.pipeline import notebook, spec
from workbench.testing import fixtures
from workbench.testing.case import Case
from workbench.testing.scratch import ENVIRONMENT, Scratch, Shared, scratch

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Output:
    """A dataset as it came out."""

    schema: Schema
    table: pa.Table


@dataclass(frozen=True)
class Outcome:
    """What came of a step: what it recorded and wrote, or the error it ended with; ``cause`` is the exception's class.

    ``executed`` is the text of the executed notebook, empty when there is none; ``traceback`` that of the exception.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    cause: str = ""
    traceback: tuple[str, ...] = ()
    executed: str = ""
    seconds: float = 0.0


def shortened(traceback: Sequence[str], most: int = 8) -> list[str]:
    """The lines of a traceback that tell most: its end, and the cell's own lines when libraries stand between."""
    lines = list(traceback)
    while lines and not lines[-1].strip():
        lines.pop()
    cells = [at for at, line in enumerate(lines) if line.startswith("Cell In[")]
    if not cells or cells[-1] >= len(lines) - most:
        return lines[-most:]
    frame = [lines[cells[-1]]]
    for line in lines[cells[-1] + 1 :]:
        if line.startswith(("File ", "Cell In[")) or not line.strip():
            break
        frame.append(line)
    marked = next((at for at, line in enumerate(frame) if line.lstrip().startswith("-")), 0)
    around = [line for at, line in enumerate(frame) if at and abs(at - marked) < most // 4]
    return [frame[0], *around, "…", lines[-1]]


def carry_out(config: Config, case: Case, executor: Shared, blank: Path | None = None) -> Outcome:
    """Run the step of a test on its datasets, in a scratch project that is removed again.

    What the notebook does wrong is told by the outcome. Raises NotFound (WB-TST-602, WB-PIP-601), UsageError
    (WB-TST-603), NotebookError, ParameterError, and StorageError.
    """
    pipeline = pipeline_of(config.root, case)
    tables = {name: fixtures.read(path, case.schemas.get(name)) for name, path in case.inputs.items()}
    temporary = tempfile.TemporaryDirectory(prefix="wb-test-", ignore_cleanup_errors=True)
    with temporary as folder, scratch(config, Path(folder), executor, blank) as project:
        for dataset, table in tables.items():
            publish(project, dataset, table)
        return _outcome(project, project.carry_out(pipeline))


def pipeline_of(root: Path, case: Case) -> Pipeline:
    """The pipeline of one step that a test runs: the step as its pipeline has it, with the parameters of the test.

    Raises NotFound (WB-TST-602) when the pipeline has no such step any more, or the test lacks a dataset it reads.
    """
    if case.notebook:
        step = replace(spec.single(root, case.notebook).steps[0], name=case.step)
    else:
        steps = {step.name: step for step in spec.load_pipeline(root, case.pipeline).steps}
        if case.step not in steps:
            cause = f"it has {', '.join(steps)}." + did_you_mean(case.step, steps)
            raise NotFound("WB-TST-602", f"{case.id}: {case.pipeline} has no step {case.step}", cause=cause)
        step = steps[case.step]
    _refuse_missing(root, case, step)
    given = _literal(case.parameters)
    alone = replace(step, parameters=given, after=(), report=None, fan=None, options=_once(step))
    return Pipeline(case.pipeline or case.step, f"{case.folder.name}.yaml", (alone,))


def publish(project: Scratch, dataset: str, table: pa.Table) -> None:
    """Make a table the current version of a dataset in a scratch project."""
    from workbench.data.stage import stage

    staged = stage(table, dataset, mode=Mode.OVERWRITE, warehouse=project.config.warehouse)
    project.publisher.publish(
        Finished(environment=ENVIRONMENT, actor=project.actor, staged=(staged,), reads=(), inputs={})
    )


def _refuse_missing(root: Path, case: Case, step: StepSpec) -> None:
    found = notebook.read_notebook(root, step.notebook)
    reads = {reference.dataset for reference in found.reads if reference.dataset} | set(step.reads)
    writes = {reference.dataset for reference in found.writes if reference.dataset} | set(step.writes)
    if missing := sorted(reads - writes - set(case.inputs)):
        place = f"{case.folder.relative_to(root).as_posix()}/inputs"
        raise NotFound(
            "WB-TST-602",
            f"{case.id} lacks {', '.join(missing)}",
            cause=f"{step.notebook} reads it",
            next=f"put {place}/{missing[0]}.csv there",
        )


def _once(step: StepSpec) -> Any:
    """The options of a step, without retries and without keeping its kernel."""
    return replace(step.options, retries=replace(step.options.retries, max=0), keep_failed=0.0)


def _literal(value: Any) -> Any:
    """Parameters in which ``${…}`` is nothing but letters."""
    match value:
        case str():
            return value.replace("${", "$${")
        case list():
            return [_literal(item) for item in value]
        case Mapping():
            return {key: _literal(item) for key, item in value.items()}
    return value


def _outcome(project: Scratch, run: Run) -> Outcome:
    (step,) = run.steps
    path = project.runs.notebook(step)
    executed = path.read_text(encoding="utf-8") if path else ""
    cause = step.attempts[-1].cause if step.attempts else ""
    seconds = step.seconds or 0.0
    if step.state is not State.SUCCEEDED:
        error = step.error or run.error or {"code": "WB-TST-604", "what": f"the step is {step.state}"}
        return Outcome(step.values, {}, error, cause, _traceback(project, step), executed, seconds)
    return Outcome(step.values, _outputs(project, step), executed=executed, seconds=seconds)


def _outputs(project: Scratch, step: StepRun) -> dict[str, Output]:
    from workbench.data.query import load

    with project.store.reading() as transaction:
        snapshots = {name: transaction.datasets.snapshot(snapshot) for name, snapshot in step.outputs.items()}
    return {name: Output(one.schema, load(one.files, one.schema)) for name, one in snapshots.items()}


def _traceback(project: Scratch, step: StepRun) -> tuple[str, ...]:
    lines: list[str] = []
    for event in project.runs.events(step):
        if event.kind == "output" and event.data["output"].get("output_type") == "error":
            lines = event.data["output"].get("traceback") or []
    return tuple("\n".join(lines).splitlines())
