"""Plans of pipelines for tests, with a history and data that are given as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from notebook_files import cell, write

from workbench.model.dataset import Column, DataFile, Input, Schema
from workbench.model.plan import Fingerprint, Past, Plan, PlannedStep
from workbench.pipeline import planner
from workbench.pipeline.deciding import Standing
from workbench.pipeline.reader import Reader
from workbench.pipeline.spec import load_pipeline

SCHEMA = Schema((Column("x", "long"),))
RUN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def lay_out(root: Path, spec: str, notebooks: Mapping[str, str]) -> Path:
    """A pipeline ``p`` whose notebooks are given by name, as ``reads > writes | parameters``; each part may lack.

    A dataset that is written ends in ``!`` when it is overwritten whole; else it is written by partition.
    """
    (root / "pipelines").mkdir(parents=True, exist_ok=True)
    (root / "pipelines" / "p.yaml").write_text("name: p\n" + spec)
    for name, text in notebooks.items():
        flow, _, parameters = text.partition("|")
        reads, _, writes = flow.partition(">")
        sources = ["import workbench as wb", *(f"wb.read('{one}')" for one in reads.split())]
        for one in writes.split():
            mode = "" if one.endswith("!") else ", mode='partition', by='origin'"
            sources.append(f"wb.write(x, '{one.rstrip('!')}'{mode})")
        cells = [cell(parameters.strip().replace("; ", "\n"), "parameters")] if parameters.strip() else []
        write(root / f"{name}.ipynb", *cells, *sources)
    return root


def standing(
    current: Mapping[str, int] | None = None,
    past: Mapping[str, Past] | None = None,
    files: Mapping[str, Sequence[DataFile]] | None = None,
    **more: Any,
) -> Standing:
    """How things stand: snapshots, successes by the name of the step, and the files of the snapshots."""

    def history(lookups: Any) -> dict[str, Past]:
        return {lookup.name: (past or {})[lookup.name] for lookup in lookups if lookup.name in (past or {})}

    def inputs(names: Sequence[str]) -> dict[str, Input]:
        return {name: Input(name, (current or {})[name], 1, SCHEMA, tuple((files or {})[name])) for name in names}

    return Standing("prod", current or {}, history, inputs, **more)


def plan(root: Path, stands: Standing | None = None, **request: Any) -> Plan:
    """What running ``p`` would do."""
    material = planner.read(root, load_pipeline(root, "p"), Reader(root))
    return planner.plan(material, planner.Request(**request), stands or standing())


def told(made: Plan) -> dict[str, tuple[str, str]]:
    """Name → action and code of the reason."""
    return {step.name: (step.action.value, step.reason.code) for step in made.steps}


def succeeded(steps: Sequence[PlannedStep], current: Mapping[str, int], **values: Mapping[str, Any]) -> dict[str, Past]:
    """The history after these steps ran on what is current; ``values`` are what steps recorded."""
    found = {}
    for step in steps:
        inputs = {name: current[name] for name in step.reads if name not in step.writes}
        seen: Fingerprint = step.fingerprint if step.fingerprint.inputs else step.fingerprint.with_inputs(inputs)
        found[step.name] = Past(f"step {step.name}", seen, True, 1.0, RUN, values=values.get(step.name, {}))
    return found


def without(past: Mapping[str, Past], name: str) -> dict[str, Past]:
    """The history in which what one step wrote is gone."""
    return {**past, name: replace(past[name], outputs_live=False)}
