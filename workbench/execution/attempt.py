"""Before and after an attempt: the folder it starts from, and what its journal says it left behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench import durable
from workbench.execution import journal
from workbench.execution.checkpoint.shelf import of_step
from workbench.execution.order import Order
from workbench.model.dataset import Input, Read, Snapshot, StagedWrite
from workbench.model.errors import StepFailed, WorkbenchError
from workbench.model.events import Event, Kind
from workbench.model.limits import Limits
from workbench.model.location import Location
from workbench.model.pipeline import StepOptions
from workbench.model.plain import from_plain, to_plain
from workbench.model.plan import PlannedStep
from workbench.model.run import CellRun

KEPT = "kept"
"""The folder for kernels that are kept, in the state folder."""
LONGEST_NAME = 100
"""Characters of a folder's name, to stay below what file systems allow."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.,=\[\]-]|^\.+")

RENDERER = ("PLOTLY_RENDERER", "plotly_mimetype")
"""The variable that lets plotly put figures into notebooks, and how."""


@dataclass(frozen=True)
class Place:
    """Where a runner works; paths are absolute. ``project`` is the project's name, ``root`` its folder.

    ``limits`` hold for steps that say nothing else.
    """

    project: str
    root: Path
    state: Path
    warehouse: Location
    environment: str
    actor: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Available:
    """What a step may read: its inputs as they are now, and for one that looks back, their earlier snapshots too."""

    inputs: Mapping[str, Input]
    history: Mapping[str, tuple[Snapshot, ...]] = field(default_factory=dict)


@dataclass
class Yield:
    """What the journal of an attempt tells: values, reads, staged writes, cells, and the error if there was one.

    ``began`` says whether any cell did; ``cause`` is a ``Cause`` or the class of the exception that a cell raised.
    ``kept`` is the id of the kernel if that stays, ``kept_until`` how long.
    """

    reads: list[Read] = field(default_factory=list)
    staged: list[StagedWrite] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    cells: tuple[CellRun, ...] = ()
    error: Mapping[str, Any] | None = None
    cause: str = ""
    began: bool = False
    ended: bool = False
    kept: str = ""
    kept_until: str = ""


def folder_of(run: str, step: str) -> str:
    """Where the attempts of a step have their folders, relative to the state folder.

    Names of instances hold values of all kinds: what no folder should be called is replaced, and a digest tells them
    apart.
    """
    safe = _UNSAFE.sub("_", step)[:LONGEST_NAME]
    if safe != step:
        safe += "-" + hashlib.sha256(step.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return f"runs/{run}/{safe}"


def prepare(place: Place, step: PlannedStep, run: str, folder: str, data: Available, beat: float) -> Order:
    """Lay out the attempt's folder (relative to the state folder) and return the order for it. Raises StorageError."""
    path = place.state / folder
    temporary = Path(tempfile.mkdtemp(prefix="workbench-"))
    notebook = place.root / step.notebook
    snapshots = {name: item.snapshot for name, item in data.inputs.items()}
    order = Order(
        step=step.name,
        notebook=step.notebook,
        folder=str(path),
        kernel=step.kernel,
        cwd=str(notebook.parent),
        timeout=step.timeout,
        beat=beat,
        environment={
            "WORKBENCH_CONTEXT": str(path / "context.json"),
            "WORKBENCH_ENV": place.environment,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(place.root), os.environ.get("PYTHONPATH")])),
            RENDERER[0]: os.environ.get(*RENDERER),
            "TMPDIR": str(temporary),
        },
        stamp={"run": run, "step": step.name, "notebook": step.notebook, "fingerprint": step.fingerprint.digest},
        limits=_limits(place.limits, step.options),
        early_exit=step.options.early_exit,
        root=str(place.root),
        files=tuple(path for path in step.fingerprint.imports if not Path(path).is_absolute()),
        cpus=step.options.cpus,
        requires=step.options.requires,
        checkpoints=of_step(str(path)),
        checkpoint_key=replace(step.fingerprint.with_inputs(snapshots), code={}, docs={}).digest,
        pickle=step.options.pickle,
        keep=step.options.keep_failed,
        kept=str(place.state / KEPT),
    )
    context = {
        "project": place.project,
        "run": run,
        "step": step.name,
        "environment": place.environment,
        "actor": place.actor,
        "warehouse": to_plain(place.warehouse),
        "inputs": to_plain(data.inputs),
        "history": to_plain(data.history),
        "writes": list(step.writes),
        "temporary": str(temporary),
    }
    durable.write_text(order.source, step.source)
    durable.write_text(order.context, json.dumps(context))
    return order


def _limits(defaults: Limits, options: StepOptions) -> Limits:
    return replace(
        defaults,
        cell_timeout=options.cell_timeout,
        memory=options.memory or defaults.memory,
        processes=options.processes or defaults.processes,
    )


def discard_temporary(order: Order) -> None:
    """Remove the attempt's folder for temporary files, once nothing of the attempt runs any more."""
    if "TMPDIR" in order.environment:
        shutil.rmtree(order.environment["TMPDIR"], ignore_errors=True)


def collect(order: Order, end: Event | None = None) -> Yield:
    """Read the journal of an attempt that is over; ``end`` is its last event as heard, if the journal lacks it."""
    result = Yield()
    try:
        for event in journal.read(order.journal):
            _add(result, event)
        if end is not None and not result.ended:
            _add(result, end)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        error = StepFailed(
            "WB-RUN-152",
            f"the journal of {order.notebook} holds an event that is none of ours",
            cause=f"{type(fault).__name__}: {fault}",
            kept="Nothing of this step was published.",
            next="let the notebook display no output of our MIME type",
        )
        result.ended, result.error = True, error.as_dict()
    return result


def _add(result: Yield, event: Event) -> None:
    match event.kind:
        case Kind.READ:
            result.reads.append(from_plain(Read, event.data))
        case Kind.STAGED:
            result.staged.append(from_plain(StagedWrite, event.data))
        case Kind.METRIC | Kind.RECORD:
            result.values[event.data["name"]] = event.data["value"]
        case Kind.CELL_STARTED:
            result.began = True
        case Kind.KEPT if event.data["until"]:
            result.kept, result.kept_until = event.data["id"], event.data["until"]
        case Kind.ATTEMPT_ENDED:
            result.ended = True
            result.error = event.data["error"]
            result.cause = event.data.get("cause", "")
            result.cells = tuple(from_plain(CellRun, cell) for cell in event.data["cells"])


def verify(place: Place, step: PlannedStep, staged: Sequence[StagedWrite]) -> WorkbenchError | None:
    """Hold what was written against what was declared; the error, if they differ."""
    for write in staged:
        folder = place.warehouse.at(*write.dataset.split("."), "data")
        if write.dataset not in step.writes or any(file.path.rpartition("/")[0] != folder for file in write.files):
            return StepFailed(
                "WB-RUN-151",
                f"{step.notebook} staged {write.dataset} in a way no step may",
                cause="the dataset is not among its outputs, or its files lie elsewhere",
                kept="Nothing of this step was published.",
                next="write with `wb.write` only",
            )
    missing = sorted(set(step.writes) - {write.dataset for write in staged})
    if missing:
        return StepFailed(
            "WB-RUN-150",
            f"{step.notebook} ended without writing {', '.join(missing)}",
            cause="the steps after it count on it",
            kept="Nothing of this step was published.",
            next="write an empty frame when there is nothing to write, or take the `wb.write` out",
        )
    return None


def lost(step: PlannedStep, order: Order, cause: str = "") -> WorkbenchError:
    """The error of an attempt whose supervisor vanished before it could say how the notebook ended."""
    return StepFailed(
        "WB-RUN-122",
        f"the process running {step.notebook} was killed",
        cause=cause or "its supervisor is gone; the system kills processes when memory runs out",
        kept="Nothing of this step was published.",
        next=f"see {order.log}, then run again",
    )
