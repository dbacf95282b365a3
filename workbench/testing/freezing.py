"""A test made from a run: samples of what a step read, its parameters, and what it makes of the samples."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import durable
from workbench.data.inputs import as_input
from workbench.model.dataset import Input
from workbench.model.errors import Conflict, NotFound, StepFailed, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.names import parse_name, short_id
from workbench.model.plain import to_plain
from workbench.model.run import Run, StepRun
from workbench.testing import fixtures, sampling
from workbench.testing.case import CASE, CONTENT, EXPECTED, FOLDER, INPUTS, Case, read
from workbench.testing.running import Outcome, shortened
from workbench.testing.verdict import alike, content
from workbench.testing.written import dump

if TYPE_CHECKING:
    from workbench.project import Project

ABOUT = "What must come of the step; `wb test NAME --update` writes it anew from what comes out."


@dataclass(frozen=True)
class Frozen:
    """A test that was made; ``sampled`` says of each dataset which rows were kept, ``varies`` what is not compared."""

    case: Case
    sampled: Mapping[str, str]
    varies: tuple[str, ...] = ()


def freeze(
    project: Project,
    run: str,
    step: str,
    carry_out: Callable[[Case], Outcome],
    *,
    name: str = "",
    rows: int = 200,
    where: str = "",
    with_content: bool = False,
) -> Frozen:
    """Make a test of a step from a run; it appears whole or not at all.

    The step is run twice on the samples: what differs between the two is not compared. Raises Conflict (WB-TST-605)
    when there is a test of that name, NotFound (WB-TST-606) when the run left nothing to make it from, StepFailed
    (WB-TST-607) when the step does not succeed on the samples, and what ``sample`` and naming a run raise.
    """
    found = project.runs.get(run)
    made = project.runs.made(found, project.runs.step(found, step))
    base = made.base or made.step
    name = parse_name(name or f"run_{short_id(found.id).lower()}", "case")
    folder = project.root / FOLDER / base / name
    if folder.exists():
        raise Conflict(
            "WB-TST-605",
            f"there is a test {base}::{name} already",
            kept="Nothing was written.",
            next=f"name another with --case, or wb test {base}::{name} --update",
        )
    aside = folder.parent / f".{name}-{os.getpid()}"
    try:
        samples = sampling.sample(_inputs(project, made), rows, where)
        place = {"pipeline": found.pipeline} if _in_pipeline(project, found, base) else {"notebook": made.notebook}
        sampled = {dataset: one.how for dataset, one in samples.items()}
        columns = {}
        for dataset, one in samples.items():
            if fixtures.write(one.table, aside / INPUTS, dataset).suffix == ".csv":
                columns[dataset] = {"columns": columns_of(fixtures.schema(one.table))}
        about: dict[str, Any] = {**place, "parameters": _written(made.parameters)}
        about |= {"inputs": columns} if columns else {}
        frozen = {"run": found.id, "step": made.step, "at": made.ended_at[:10], "inputs": sampled}
        durable.write_text(aside / CASE, dump({**about, "frozen": frozen}))
        case = read(project.root, aside, base, name)
        first, second = (_succeeded(carry_out(case), case) for _ in range(2))
        varies = tuple(_varying(first, second))
        if ignore := [name.removeprefix("value ") for name in varies if name.startswith("value ")]:
            durable.write_text(aside / CASE, dump({**about, "ignore": ignore, "frozen": frozen}))
        write_expected(aside, first, with_content=with_content, without=varies)
        durable.make_folder(folder.parent)
        aside.rename(folder)
        durable.flush(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty: there are other tests of the step
            folder.parent.rmdir()
    return Frozen(read(project.root, folder), sampled, varies)


def write_expected(folder: Path, outcome: Outcome, *, with_content: bool, without: tuple[str, ...] = ()) -> None:
    """Write ``expected.yaml``, and with ``with_content`` the rows that came out, but for what ``without`` names."""
    values = {name: value for name, value in outcome.values.items() if f"value {name}" not in without}
    outputs: dict[str, Any] = {}
    for dataset, output in outcome.outputs.items():
        entry: dict[str, Any] = {}
        if f"rows of {dataset}" not in without:
            entry["rows"] = output.table.num_rows
            if with_content and f"content of {dataset}" not in without:
                path = fixtures.write(output.table, folder / CONTENT, dataset)
                entry["content"] = path.relative_to(folder).as_posix()
        outputs[dataset] = {**entry, "columns": columns_of(output.schema)}
    expected = {"values": to_plain(values), "outputs": outputs} if outcome.error is None else {"fails": outcome.cause}
    durable.write_text(folder / EXPECTED, dump(expected, ABOUT))
    kept = {entry.get("content") for entry in outputs.values()}
    for path in (folder / CONTENT).glob("*"):
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink()


def columns_of(schema: Any) -> dict[str, str]:
    """Column → type."""
    return {column.name: column.type for column in schema.columns}


def _inputs(project: Project, made: StepRun) -> dict[str, Input]:
    """What a step read, as it was then. Raises NotFound (WB-TST-606)."""
    if made.fingerprint is None or not made.attempts:
        raise NotFound(
            "WB-TST-606",
            f"step {made.step} of run {short_id(made.run)} left nothing to make a test of",
            cause=made.reason or f"it is {made.state}",
            next="name a run in which it ran: wb runs list",
        )
    return {name: as_input(snapshot) for name, snapshot in project.runs.read_by(made).items()}


def _in_pipeline(project: Project, run: Run, step: str) -> bool:
    """Whether the step is still in the pipeline that ran; a notebook that ran alone is in none."""
    from workbench.pipeline import spec

    if run.pipeline not in spec.pipeline_names(project.root):
        return False
    return any(one.name == step for one in spec.load_pipeline(project.root, run.pipeline).steps)


def _written(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as people write them in a file: dates, times and paths as texts."""
    return {name: _unwrapped(to_plain(value)) for name, value in parameters.items()}


def _unwrapped(plain: Any) -> Any:
    match plain:
        case {"$date": text} | {"$datetime": text} | {"$path": text}:
            return text
        case {"$float": text}:
            return float(text)
        case dict():
            return {key: _unwrapped(item) for key, item in plain.items()}
        case list():
            return [_unwrapped(item) for item in plain]
    return plain


def _succeeded(outcome: Outcome, case: Case) -> Outcome:
    if outcome.error is None:
        return outcome
    told = WorkbenchError(outcome.error["code"], outcome.error["what"], cause=outcome.error.get("cause", ""))
    raise StepFailed(
        "WB-TST-607",
        f"step {case.step} does not succeed on samples of its data",
        cause=str(told).rstrip("."),
        kept="No test was written.",
        next="take more rows with --rows, others with --where, or write the test by hand",
        detail=[f"  {line}" for line in shortened(outcome.traceback)],
    )


def _varying(first: Outcome, second: Outcome) -> list[str]:
    """What two runs on the same data do not agree on."""
    found = [
        f"value {name}"
        for name in dict.fromkeys([*first.values, *second.values])
        if name not in first.values
        or name not in second.values
        or not alike(to_plain(first.values[name]), to_plain(second.values[name]), 1e-12)
    ]
    for name, output in first.outputs.items():
        other = second.outputs.get(name)
        if other is None or other.table.num_rows != output.table.num_rows:
            found.append(f"rows of {name}")
        elif content(output.table, other.table, tolerance=1e-9, ordered=False):
            found.append(f"content of {name}")
    return found
