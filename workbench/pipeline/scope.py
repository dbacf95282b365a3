"""Which names ``${…}`` may hold in each place of a pipeline file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.documents import Document
from workbench.model.errors import SpecError, did_you_mean
from workbench.model.pipeline import Pipeline, StepSpec
from workbench.pipeline.substitution import references


def check_references(pipeline: Pipeline, document: Document) -> None:
    """Raise SpecError (WB-CFG-630), with the place, at the first reference to what is not known there.

    Parameters of the pipeline are known everywhere, the keys of ``foreach:`` in the rest of their step, and in
    ``foreach:`` what another step records, as ``step.name``.
    """
    declared = [parameter.name for parameter in pipeline.parameters]
    steps = [step.name for step in pipeline.steps]
    for step in pipeline.steps:
        over: Mapping[str, Any] = step.fan.over if step.fan else {}
        title = step.report.title if step.report else ""
        parts: tuple[tuple[str, Mapping[str, Any], list[str]], ...] = (
            ("foreach", over, declared),
            ("parameters", step.parameters, [*declared, *over]),
            ("report", {"title": title}, [*declared, *over, *step.parameters]),
        )
        for key, value, known in parts:
            for name, place in references(value):
                at = ("steps", step.name, key, *place)
                if key == "foreach" and "." in name:
                    _check_recorded(step, name, steps, document, at)
                elif name not in known:
                    raise _unknown(name, known, document, at)


def _check_recorded(
    step: StepSpec, name: str, steps: Sequence[str], document: Document, at: tuple[str | int, ...]
) -> None:
    source, _, value = name.partition(".")
    if source in steps and source != step.name and value:
        return
    others = [other for other in steps if other != step.name]
    cause = "a step cannot fan out over what it records itself"
    if source != step.name:
        cause = f"steps: {', '.join(others) or 'none'}." + did_you_mean(source, others)
    raise document.error("WB-CFG-630", f'unknown reference "${{{name}}}"', at, cause=cause)


def _unknown(name: str, known: Sequence[str], document: Document, at: tuple[str | int, ...]) -> SpecError:
    shown = f"known here: {', '.join(known)}." if known else "this pipeline declares no parameters"
    return document.error("WB-CFG-630", f'unknown reference "${{{name}}}"', at, cause=shown + did_you_mean(name, known))
