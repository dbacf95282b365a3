"""What must be true of a project whenever nothing of it is at work, whatever was killed before."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psutil

from workbench.execution.kept.rack import Rack
from workbench.model.errors import WorkbenchError
from workbench.model.run import AttemptState, Run, State
from workbench.project import Project
from workbench.store.engine import transaction


def faults(root: Path) -> list[str]:
    """Every law that a project breaks, in words; none when all is well.

    Opens the project as any command does, which settles what nobody holds any more, and lets branches follow pointers.
    """
    with Project.open(root) as project:
        project.publisher.reconcile()
        return [
            *_of_files(root),
            *_of_kept(root),
            *(fault for run in project.runs.list(100_000) for fault in _of_run(project.runs.get(run.id))),
            *_of_fences(root),
            *_of_datasets(project),
            *_of_branches(project),
            *_of_reports(project),
            *_of_sweeping(project),
        ]


def missing(root: Path, acknowledged: Mapping[str, Mapping[str, tuple[int, int]]]) -> list[str]:
    """What was acknowledged and is not there: run id → dataset → version and id, as a command told them."""
    told = []
    with Project.open(root) as project:
        for identifier, outputs in acknowledged.items():
            run = project.runs.get(identifier)
            if run.state is not State.SUCCEEDED:
                told.append(f"run {run.id} was told to have succeeded and is {run.state}")
            with project.store.reading() as transaction:
                kept = {
                    (snapshot.dataset, snapshot.version, snapshot.id)
                    for dataset in outputs
                    for snapshot in transaction.datasets.snapshots(dataset)
                    if snapshot.run == run.id
                }
            lost = {(dataset, *version) for dataset, version in outputs.items()} - kept
            told += [f"run {run.id} told of {each}, which is not there" for each in lost]
    return told


def processes(root: Path) -> list[psutil.Process]:
    """The processes that belong to a project: those that stand in its folder or were started for a step of it.

    Without those that a failed step has kept on purpose, and is known to have.
    """
    known = {process.pid for process in kept_processes(root)}
    return [process for process in psutil.process_iter() if process.pid not in known and _belongs(process, root)]


def kept_processes(root: Path) -> Iterator[psutil.Process]:
    """Those of the kernels that failed steps have kept, with what guards them."""
    for kept in Rack(root / ".workbench" / "kept").all():
        with contextlib.suppress(psutil.Error):
            guardian = psutil.Process(kept.pid)
            yield from (guardian, *guardian.children(recursive=True))


def _belongs(process: psutil.Process, root: Path) -> bool:
    try:
        if process.pid == psutil.Process().pid or process.status() == psutil.STATUS_ZOMBIE:
            return False
        if Path(process.cwd()).is_relative_to(root):
            return True
        return str(root) in process.environ().get("WORKBENCH_CONTEXT", "")
    except (psutil.Error, OSError):
        return False


def _of_files(root: Path) -> Iterator[str]:
    with Project.open(root) as project:
        for subject, wrong in project.store.check():
            if wrong:
                yield f"{subject} of the store: {wrong}"
    catalog = root / ".workbench" / "warehouse" / "catalog.db"
    if catalog.exists():
        with closing(sqlite3.connect(catalog)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            yield f"the Iceberg catalog: {found}"


def _of_kept(root: Path) -> Iterator[str]:
    rack = Rack(root / ".workbench" / "kept")
    known = {"lock", *(kept.id for kept in rack.all())}
    for path in rack.folder.iterdir() if rack.folder.exists() else ():
        if path.name not in known:
            yield f"{path} is the folder of no kernel"


def _of_run(run: Run) -> Iterator[str]:
    name = f"run {run.id}"
    if not run.state.final or not run.ended_at:
        yield f"{name} is {run.state}, and nobody holds it"
    for step in run.steps:
        if not step.state.final:
            yield f"{name}: {step.step} is {step.state}"
        states = Counter(attempt.state for attempt in step.attempts)
        if any(not state.final for state in states):
            yield f"{name}: {step.step} has attempts that are {', '.join(states)}"
        if states[AttemptState.COMMITTED] != (step.state is State.SUCCEEDED):
            yield f"{name}: {step.step} is {step.state} with {states[AttemptState.COMMITTED]} committed attempts"
        if [attempt.number for attempt in step.attempts] != list(range(1, len(step.attempts) + 1)):
            yield f"{name}: {step.step} has attempts {[attempt.number for attempt in step.attempts]}"


def _of_fences(root: Path) -> Iterator[str]:
    """The one question that no service answers: whether who committed was who claimed last."""
    with Project.open(root) as project, transaction(project.store._engine, writing=False, patience=10.0) as connection:
        rows = connection.exec_driver_sql(
            "SELECT step_run.run, step_run.step, attempt.fence, step_run.fence FROM attempt JOIN step_run"
            " ON step_run.id = attempt.step_run WHERE attempt.state = 'committed' AND attempt.fence <> step_run.fence"
        ).fetchall()
    for run, step, committed, claimed in rows:
        yield f"run {run}: {step} was committed with fence {committed}, its last claim has {claimed}"


def _of_datasets(project: Project) -> Iterator[str]:
    with project.store.reading() as transaction:
        datasets = transaction.datasets.all()
        snapshots = {dataset.name: transaction.datasets.snapshots(dataset.name) for dataset in datasets}
        committed = {
            attempt.id: step.id
            for run in transaction.runs.list(None)
            for step in transaction.runs.get(run.id).steps
            for attempt in step.attempts
            if attempt.state in (AttemptState.COMMITTED, AttemptState.WITHHELD)
        }
    for name, found in snapshots.items():
        published = [snapshot for snapshot in found if not snapshot.withheld]
        if sorted(snapshot.version for snapshot in published) != list(range(1, len(published) + 1)):
            yield f"{name} has versions {sorted(snapshot.version for snapshot in published)}"
        for snapshot in found:
            if snapshot.attempt and snapshot.attempt not in committed:
                yield f"{name} version {snapshot.version} is of an attempt that never committed"
        twice = Counter(committed.get(snapshot.attempt, "") for snapshot in published if snapshot.attempt)
        for step_run, count in twice.items():
            if count > 1:
                yield f"{name} has {count} versions of the step run {step_run}"
        for file in {file.path: file for snapshot in found for file in snapshot.files}.values():
            path = Path(file.path)
            if not path.exists():
                yield f"{name}: {file.path} is not there"
            elif _digest(path) != file.digest:
                yield f"{name}: {file.path} is not what was written"
    for dataset in datasets:
        for environment, current in dataset.current.items():
            if current.withheld:
                yield f"{dataset.name} in {environment} points to a withheld snapshot"


def _of_branches(project: Project) -> Iterator[str]:
    with project.store.reading() as transaction:
        for lagging in transaction.datasets.unfollowed():
            yield f"the branch of {lagging[1]} in {lagging[0]} does not follow its pointer"
        current = {place: transaction.datasets.pointers(place.name) for place in project.config.environments}
    for place, pointers in current.items():
        for dataset, snapshot in pointers.items():
            try:
                found = project.warehouse.load(dataset).snapshot_by_name(place.branch)
            except WorkbenchError as error:
                yield f"{dataset} is current in {place.name}, but {error.what}"
                continue
            if found is None or found.snapshot_id != snapshot:
                yield f"{dataset}: the branch {place.branch} is at {found and found.snapshot_id}, not at {snapshot}"


def _of_reports(project: Project) -> Iterator[str]:
    with project.store.reading() as transaction:
        reports = transaction.reports.list(None)
    for report in reports:
        path = project.config.state / report.path
        if not path.exists():
            yield f"the report {report.path} is not there"
        elif _digest(path) != report.digest:
            yield f"the report {report.path} is not what was published"


def _of_sweeping(project: Project) -> Iterator[str]:
    """After a sweep, what lies in the warehouse is what snapshots hold, and no staging branch is left."""
    project.publisher.reconcile(sweep_older_than=-3600.0)
    with project.store.reading() as transaction:
        live = transaction.datasets.live_paths()
        names = transaction.datasets.names()
    folder = project.config.warehouse.folder
    there = {str(path) for path in folder.rglob("*") if path.parent.name == "data" and path.is_file()}
    for path in sorted(there - live):
        yield f"{path} is of no snapshot, and no sweep takes it"
    for path in sorted(live - there):
        yield f"{path} was swept although a snapshot holds it"
    branches: dict[str, list[str]] = defaultdict(list)
    for name in names:
        with contextlib.suppress(Exception):
            branches[name] = [each for each in project.warehouse.load(name).refs() if each.startswith("wb_")]
    for name, left in branches.items():
        if left:
            yield f"{name} has staging branches: {', '.join(left)}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
