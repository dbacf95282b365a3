"""From a pipeline and the notebooks it names to a frozen ``Plan`` with a reason per step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.model.errors import InvalidName, NotebookError, ParameterError, SpecError, did_you_mean
from workbench.model.pipeline import Notebook, Pipeline, StepSpec
from workbench.model.plan import Action, Fingerprint, Past, Plan, PlannedStep
from workbench.pipeline import graph, notebook
from workbench.pipeline.decision import Situation, decide
from workbench.pipeline.fingerprint import fingerprint, surroundings
from workbench.pipeline.parameters import refusal, resolve
from workbench.pipeline.rendering import render
from workbench.pipeline.spec import is_single
from workbench.pipeline.substitution import references, substitute

History = Callable[[str, Fingerprint], Past | None]
"""``(step, fingerprint without inputs) → the earlier success to compare with``."""


def plan(
    root: Path,
    pipeline: Pipeline,
    given: Mapping[str, Any],
    *,
    environment: str,
    current: Mapping[str, int],
    past: History,
    timeout: float = 6 * 3600.0,
    force: bool = False,
) -> Plan:
    """What running ``pipeline`` would do, step by step, and why; nothing is started or written.

    ``given`` are values for the pipeline's parameters, texts being read by the declared types; ``current`` maps each
    dataset of the environment to its snapshot id; ``timeout`` (seconds) is for steps that name none.
    Raises NotebookError, ParameterError, SpecError, GraphError.
    """
    notebooks = {step.name: _read(root, pipeline, step) for step in pipeline.steps}
    if is_single(pipeline):
        (only,) = notebooks.values()
        pipeline = replace(pipeline, parameters=only.parameters)
    else:
        _refuse_unused(pipeline, notebooks)
    _hint_at_steps(pipeline, notebooks, given)
    values = resolve(pipeline.parameters, given, pipeline.path, text=True)
    flowing = {name: values[name] for name in given} if is_single(pipeline) else values
    order = graph.build(pipeline, notebooks, current)
    specs = {step.name: step for step in pipeline.steps}
    planned: dict[str, PlannedStep] = {}
    for node in order.steps:
        step = _titled(specs[node.name], values)
        prepared = _prepare(root, pipeline, step, notebooks[step.name], flowing)
        pending = {
            dataset: writer
            for dataset in node.inputs
            if (writer := order.writers.get(dataset)) and planned[writer].action is not Action.SKIP
        }
        settled = {name: current[name] for name in node.inputs if name in current and name not in pending}
        before = past(step.name, prepared.fingerprint)
        counted = prepared.fingerprint.with_inputs(settled)
        action, reason = decide(Situation(prepared.notebook, counted, before, node.writes, pending, force))
        planned[step.name] = PlannedStep(
            name=step.name,
            notebook=step.notebook,
            action=action,
            reason=reason,
            fingerprint=counted,
            parameters=prepared.parameters,
            reads=node.reads,
            writes=node.writes,
            upstream=node.upstream,
            kernel=prepared.notebook.kernel,
            source=prepared.source,
            options=replace(step.options, timeout=step.options.timeout or timeout),
            report=step.report,
            tags=step.tags,
            past=before,
            base=step.name,
        )
    made = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Plan(pipeline.name, environment, values, tuple(planned.values()), made)


@dataclass(frozen=True)
class _Prepared:
    """A step with its parameters settled: what will be executed, and what identifies it."""

    notebook: Notebook
    parameters: Mapping[str, Any]
    source: str
    fingerprint: Fingerprint


def _read(root: Path, pipeline: Pipeline, step: StepSpec) -> Notebook:
    try:
        return notebook.read_notebook(root, step.notebook)
    except (NotebookError, ParameterError, InvalidName) as error:
        if is_single(pipeline):
            raise
        raise type(error)(
            error.code,
            f"step {step.name}: {error.what}",
            cause=error.cause,
            kept=error.kept,
            next=error.next,
            detail=error.detail,
        ) from None


def _prepare(root: Path, pipeline: Pipeline, step: StepSpec, read: Notebook, flowing: Mapping[str, Any]) -> _Prepared:
    declared = {parameter.name for parameter in read.parameters}
    given = {name: value for name, value in flowing.items() if name in declared}
    given |= substitute(step.parameters, flowing)
    where = read.path if is_single(pipeline) else f"step {step.name} ({read.path})"
    parameters = resolve(read.parameters, given, where)
    injected = render(read.parameters, {name: parameters[name] for name in given}, read.language, read.kernel)
    modules, environment = surroundings(root, read)
    return _Prepared(
        read,
        parameters,
        notebook.prepare(root, read, injected),
        fingerprint(step, read, parameters, modules, environment),
    )


def _titled(step: StepSpec, values: Mapping[str, Any]) -> StepSpec:
    """The step with the references in its report's title replaced."""
    if step.report is None:
        return step
    known = {**values, **substitute(step.parameters, values)}
    return replace(step, report=replace(step.report, title=str(substitute(step.report.title, known))))


def _refuse_unused(pipeline: Pipeline, notebooks: Mapping[str, Notebook]) -> None:
    """A parameter that reaches no step is a mistake, in its name most often."""
    taken = {parameter.name for read in notebooks.values() for parameter in read.parameters}
    for step in pipeline.steps:
        title = step.report.title if step.report else ""
        taken |= {name for name, _ in references([dict(step.parameters), title])}
    for parameter in pipeline.parameters:
        if parameter.name not in taken:
            raise SpecError(
                "WB-CFG-631",
                f'{pipeline.path}: no step takes the parameter "{parameter.name}"',
                cause=f"the notebooks take: {', '.join(sorted(taken)) or 'none'}.{did_you_mean(parameter.name, taken)}",
                next="declare it in the parameters cell of a notebook, or remove it from the pipeline",
            )


def _hint_at_steps(pipeline: Pipeline, notebooks: Mapping[str, Notebook], given: Mapping[str, Any]) -> None:
    """A value for a parameter that only a notebook declares is refused with the way to let it through."""
    declared = {parameter.name for parameter in pipeline.parameters}
    for name in given:
        steps = [step for step, read in notebooks.items() if any(item.name == name for item in read.parameters)]
        if name not in declared and steps:
            fault = (
                f'unknown parameter "{name}"; step {", ".join(steps)} takes it, but the pipeline does not pass it on'
            )
            raise refusal(pipeline.path, [fault], pipeline.parameters)
