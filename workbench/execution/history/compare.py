"""Two runs against each other: what was asked, what was read, in what surroundings, how long it took, what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.model.comparison import CellPair, Change, Comparison, Item, Section, StepPair, change_of, overall
from workbench.model.dataset import Snapshot
from workbench.model.errors import NotebookError, NotFound, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.names import short_id
from workbench.model.plan import Fingerprint
from workbench.model.run import Run, State, StepRun
from workbench.store.transaction import Transaction

Cells = Callable[[Path, Path], tuple[CellPair, ...]]
"""Compares two executed notebooks cell by cell."""
SILENT = frozenset({"times"})
"""Sections that do not make a step count as changed."""


def no_cells(before: Path, after: Path) -> tuple[CellPair, ...]:
    """Compares nothing."""
    return ()


@dataclass(frozen=True)
class Side:
    """One step of one run: ``made`` is the step run that executed its notebook, maybe in an earlier run."""

    step: StepRun
    made: StepRun
    snapshots: Mapping[int, Snapshot]
    read: Mapping[str, Snapshot]


def compare(transaction: Transaction, runs: tuple[Run, Run], state: Path, cells: Cells, step: str = "") -> Comparison:
    """Two runs, or one step of them; ``state`` is the folder that executed notebooks are found in.

    Raises NotFound (WB-PIP-602) when neither run has such a step.
    """
    before, after = ({one.step: one for one in run.steps} for run in runs)
    names = [*after, *(name for name in before if name not in after)]
    if step:
        if step not in names:
            cause = f"they have {', '.join(names)}." + did_you_mean(step, names)
            raise NotFound("WB-PIP-602", f'neither run has a step "{step}"', cause=cause)
        names = [step]
    pairs = tuple(
        _pair(_side(transaction, runs[0], before.get(name)), _side(transaction, runs[1], after.get(name)), state, cells)
        for name in names
    )
    heads = replace(runs[0], steps=()), replace(runs[1], steps=())
    return Comparison(*heads, tuple(_items(*heads)), pairs)


def _side(transaction: Transaction, run: Run, step: StepRun | None) -> Side | None:
    if step is None:
        return None
    done = made(transaction, run, step)
    read = read_by(transaction, done)
    wanted = {*step.outputs.values(), *done.outputs.values(), *read.values()}
    snapshots = {snapshot: transaction.datasets.snapshot(snapshot) for snapshot in wanted}
    return Side(step, done, snapshots, {name: snapshots[snapshot] for name, snapshot in read.items()})


def read_by(transaction: Transaction, step: StepRun) -> dict[str, int]:
    """Dataset → the snapshot that a step was given of it, by its fingerprint, or else by what its last attempt told."""
    known = step.fingerprint.inputs if step.fingerprint else {}
    found = {name: int(snapshot) for name, snapshot in known.items() if snapshot.isdigit()}
    reads = transaction.datasets.reads(step.attempts[-1].id) if step.attempts else ()
    return dict(sorted(({read.dataset: read.snapshot for read in reads} | found).items()))


def made(transaction: Transaction, run: Run, step: StepRun) -> StepRun:
    """The step itself, or the earlier success that stands for it."""
    if step.state is not State.SKIPPED or step.fingerprint is None:
        return step
    for past in transaction.runs.successes(run.pipeline, step.step, run.environment):
        alike = past.fingerprint is not None and past.fingerprint.digest == step.fingerprint.digest
        if alike and past.ended_at <= (step.ended_at or past.ended_at):
            return transaction.runs.step_run(past.id)
    return step


def _pair(before: Side | None, after: Side | None, state: Path, cells: Cells) -> StepPair:
    present = after or before
    assert present is not None
    sections = tuple(section for section in _sections(before, after) if section.items)
    compared, note = _cells(before, after, state, cells)
    changes = [Change.CHANGED for section in sections if section.changed and section.name not in SILENT]
    changes += [pair.change for pair in compared if pair.kind == "code"]
    whole = overall(changes) if before and after else change_of(before and before.step.step, after and after.step.step)
    if before and after and whole is not Change.SAME:
        whole = Change.CHANGED
    return StepPair(
        present.step.step,
        whole,
        before.step.state if before else None,
        after.step.state if after else None,
        sections,
        compared,
        before.made.run if before else "",
        after.made.run if after else "",
        note,
    )


def _cells(before: Side | None, after: Side | None, state: Path, cells: Cells) -> tuple[tuple[CellPair, ...], str]:
    """The cells of both notebooks with their durations, or why there is nothing to compare."""
    if before is None or after is None:
        return (), ""
    if before.made.id == after.made.id:
        return (), f"both stand for what run {short_id(after.made.run)} did"
    paths = _notebook(before, state), _notebook(after, state)
    for side, path in zip((before, after), paths, strict=True):
        if path is None:
            return (), f"run {short_id(side.step.run)} left no executed notebook"
    assert paths[0] is not None and paths[1] is not None
    try:
        found = cells(paths[0], paths[1])
    except NotebookError as error:
        return (), error.what
    return tuple(_timed(pair, before, after) for pair in found), ""


def _notebook(side: Side, state: Path) -> Path | None:
    if not side.made.attempts:
        return None
    path = state / side.made.attempts[-1].folder / "output.ipynb"
    return path if path.exists() else None


def _timed(pair: CellPair, before: Side, after: Side) -> CellPair:
    old, new = _seconds(before, pair.number_before), _seconds(after, pair.number_after)
    return replace(pair, seconds_before=old, seconds_after=new)


def _seconds(side: Side, number: int | None) -> float | None:
    """What the cell of that number took; the injected parameters, which bear the number of another, come after it."""
    return next((cell.seconds for cell in side.made.attempts[-1].cells if cell.number == number), None)


def _items(before: Run, after: Run) -> Iterable[Item]:
    for name in ("pipeline", "environment", "state", "commit", "actor", "trigger", "nominal_at", "created_at"):
        yield Item(name, _plain(getattr(before, name)), _plain(getattr(after, name)))
    yield Item("seconds", before.seconds, after.seconds)
    yield from _mapped(before.parameters, after.parameters, "parameter ")


def _sections(before: Side | None, after: Side | None) -> Iterable[Section]:
    old, new = (side.made if side else None for side in (before, after))
    prints = [(step.fingerprint if step else None) or Fingerprint() for step in (old, new)]
    yield Section("parameters", _mapped(old.parameters if old else {}, new.parameters if new else {}))
    yield Section("inputs", _mapped(_inputs(before), _inputs(after)))
    yield Section("imports", _mapped(prints[0].imports, prints[1].imports))
    yield Section("environment", _mapped(prints[0].environment, prints[1].environment))
    yield Section("values", _mapped(old.values if old else {}, new.values if new else {}))
    yield Section("outputs", _mapped(_outputs(before), _outputs(after)))
    yield Section("times", _mapped(_times(before), _times(after)))


def _inputs(side: Side | None) -> dict[str, Any]:
    return {name: _version(snapshot) for name, snapshot in side.read.items()} if side else {}


def _outputs(side: Side | None) -> dict[str, Any]:
    if side is None:
        return {}
    found: dict[str, Any] = {}
    for dataset, identifier in side.made.outputs.items():
        snapshot = side.snapshots[identifier]
        found[f"{dataset} rows"] = snapshot.rows
        found[f"{dataset} columns"] = {column.name: column.type for column in snapshot.schema.columns}
        found[f"{dataset} content"] = snapshot.digest[:12]
    return found


def _version(snapshot: Snapshot) -> str:
    return f"version {snapshot.version}, {snapshot.rows:,} rows"


def _times(side: Side | None) -> dict[str, Any]:
    if side is None:
        return {}
    cells = [cell for attempt in side.made.attempts for cell in attempt.cells]
    return {
        "seconds": side.made.seconds,
        "peak_bytes": max((cell.peak_bytes for cell in cells if cell.peak_bytes), default=None),
        "attempts": len(side.made.attempts) or None,
        "worker": (side.made.attempts[-1].worker or None) if side.made.attempts else None,
    }


def _mapped(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = "") -> tuple[Item, ...]:
    names = [*after, *(name for name in before if name not in after)]
    return tuple(Item(prefix + name, _plain(before.get(name)), _plain(after.get(name))) for name in names)


def _plain(value: Any) -> Any:
    """A state as its word; no text at all is nothing."""
    if isinstance(value, State):
        return value.value
    return None if value == "" else value
