"""Everything a run needs, looked at one by one; each miss comes with its mend, and none hides the next."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workbench.config import FILE, Config, find_project, load_config
from workbench.files import below, check
from workbench.model.doctor import Finding
from workbench.model.errors import WorkbenchError
from workbench.ui.cli.lab_parts import lab_parts
from workbench.ui.cli.words import ago, count, number

OLDEST_PYTHON = (3, 11)
LEAVING = 30.0
"""Seconds that what belongs to an attempt may take to leave after its end."""
SHOWN = 3
"""Workers of another version that are named."""
LIBRARIES = ("papermill", "pyiceberg", "duckdb", "pandas", "pyarrow", "sqlalchemy")


def examine(folder: Path | None) -> Iterator[Finding]:
    """Look at the machine, then at the project in ``folder`` (default: here) or above it."""
    yield _python()
    yield _libraries()
    yield from _project(folder)
    yield from lab_parts()


def _project(folder: Path | None) -> Iterator[Finding]:
    try:
        config = load_config(find_project(folder or Path.cwd()))
    except WorkbenchError as error:
        yield _missed("project", error)
        return
    yield Finding("project", True, f"{config.name} at {config.root}")
    for subject, look in _LOOKS.items():
        try:
            yield look(subject, config)
        except WorkbenchError as error:
            yield _missed(subject, error)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Finding("python", sys.version_info >= OLDEST_PYTHON, found, f"install Python {wanted} or newer")


def _libraries() -> Finding:
    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    detail = f"missing: {', '.join(missing)}" if missing else ", ".join(found)
    return Finding("libraries", not missing, detail, f"pip install {' '.join(missing)}")


def _pipelines(subject: str, config: Config) -> Finding:
    from workbench.pipeline.spec import load_pipeline, pipeline_names

    names = pipeline_names(config.root)
    for name in names:
        load_pipeline(config.root, name)
    if not names:
        return Finding(subject, True, "none yet; a notebook runs by itself: wb run notebooks/NAME.ipynb")
    return Finding(subject, True, ", ".join(names))


def _kernels(subject: str, config: Config) -> Finding:
    from workbench.execution.kernels import installed
    from workbench.pipeline.notebook import read_notebook
    from workbench.pipeline.spec import load_pipeline, pipeline_names

    wanted = {"python3"}
    for name in pipeline_names(config.root):
        with contextlib.suppress(WorkbenchError):  # a pipeline that is wrong has a finding of its own
            wanted |= {
                read_notebook(config.root, step.notebook).kernel for step in load_pipeline(config.root, name).steps
            }
    there = installed()
    missing = sorted(wanted - set(there))
    if missing:
        mend = "python -m ipykernel install --sys-prefix" if "python3" in missing else "install the kernel"
        return Finding(subject, False, f"not installed: {', '.join(missing)}", mend)
    return Finding(
        subject, True, "; ".join([*(_readiness(name, config) for name in sorted(wanted)), *_left_out(config)])
    )


def _readiness(kernel: str, config: Config) -> str:
    """Whether kernels of that name are forked before a step needs one, and why not."""
    from workbench.execution.kernels import why_cold

    why = why_cold(kernel) if config.warm else "switched off in the settings"
    return f"{kernel} (started for each step: {why})" if why else f"{kernel} (ready ahead of the steps)"


def _left_out(config: Config) -> Iterator[str]:
    """What earlier runs have found that is not imported ahead, and why."""
    from workbench.execution.seats.habits import remembered

    for module, why in sorted(remembered(config.state).avoid.items()) if config.warm else ():
        yield f"{module} is not imported ahead: {why}"


def _access(subject: str, config: Config) -> Finding:
    folders = [config.state] if config.warehouse.remote else [config.state, config.warehouse.folder]
    for folder in dict.fromkeys(folders):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            return Finding(subject, False, f"{existing} cannot be written to", f"chmod u+rwx {existing}")
    return Finding(subject, True, str(config.state))


def _disk(subject: str, config: Config) -> Finding:
    existing = next(path for path in (config.state, *config.state.parents) if path.exists())
    free = shutil.disk_usage(existing).free // 1_000_000
    detail = f"{number(free)} MB free, a run wants {number(config.disk_floor_mb)} MB"
    return Finding(subject, free >= config.disk_floor_mb, detail, f"free some space, or lower disk_floor_mb in {FILE}")


def _store(subject: str, config: Config) -> Finding:
    from workbench.store.engine import LOG_LARGE, log_size
    from workbench.store.transaction import Store
    from workbench.store.upkeep import backups

    path = Path(config.store.removeprefix("sqlite:///"))
    file = path if str(path) != config.store else None
    if file and not file.exists():
        return Finding(subject, True, f"{file}, made by the first run")
    with Store.open(config.store) as store:
        if store.damage:
            return Finding(subject, False, f"{file} is damaged: {store.damage}", "wb store restore")
        with store.reading() as transaction:
            runs = len(transaction.runs.list(None))
            datasets = len(transaction.datasets.names())
    told = f"{count(runs, 'run')}, {count(datasets, 'dataset')}"
    if file and log_size(file) >= LOG_LARGE:
        mend = "end the process that has been reading the store for so long"
        return Finding(subject, False, f"{told}; its log has grown to {number(log_size(file) // 1_000_000)} MB", mend)
    if file and (newest := backups(file)[:1]):
        told += f", last backup {ago(newest[0].at)}"
    return Finding(subject, True, told)


def _processes(subject: str, config: Config) -> Finding:
    """What still bears the mark of an attempt that is over, and is not kept on purpose."""
    from workbench.execution.attempt import KEPT
    from workbench.execution.kept.rack import Rack
    from workbench.execution.processes import strays
    from workbench.model.errors import NotFound
    from workbench.store.transaction import Store

    kept = {Path(one.folder) for one in Rack(config.state / KEPT).all()}
    found = {folder: pids for folder, pids in strays.below(config.state / "runs").items() if folder not in kept}
    nothing = Finding(subject, True, "none is left by steps that are over")
    if not found:
        return nothing
    left: list[int] = []
    latest = (datetime.now(UTC) - timedelta(seconds=LEAVING)).isoformat()
    with Store.open(config.store) as store:
        for folder, pids in found.items():
            run = folder.relative_to(config.state / "runs").parts[0]
            with store.reading() as transaction, contextlib.suppress(NotFound):
                attempts = [attempt for step in transaction.runs.get(run).steps for attempt in step.attempts]
                here = str(folder.relative_to(config.state))
                over = [attempt.ended_at for attempt in attempts if attempt.folder == here and attempt.state.final]
                left += pids if over and over[0] < latest else []
    told = f"left by steps that are over: {', '.join(map(str, left))}"
    return Finding(subject, False, told, f"kill -9 {' '.join(map(str, left))}") if left else nothing


def _warehouse(subject: str, config: Config) -> Finding:
    if not config.warehouse.remote and not config.warehouse.folder.exists():
        return Finding(subject, True, f"{config.warehouse}, made by the first run")
    check(config.warehouse)
    used = sum(found.bytes for found in below(config.warehouse) if found.path.endswith(".parquet"))
    return Finding(subject, True, f"{config.warehouse}, {number(used // 1_000_000)} MB of data")


def _git(subject: str, config: Config) -> Finding:
    command = ["git", "-C", str(config.root), "rev-parse", "--short", "HEAD"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
        return Finding(subject, True, f"at commit {done.stdout.strip()}")
    return Finding(subject, True, "no commit here; runs work, their proof names none")


def _notifications(subject: str, config: Config) -> Finding:
    from workbench.delivery.dispatch import refuse_without_apprise
    from workbench.delivery.receivers import addresses

    if not config.receivers:
        return Finding(subject, True, f"nobody is told of runs; [notify.ops] in {FILE} would name somebody")
    refuse_without_apprise()
    for receiver in config.receivers:
        addresses(receiver, config.state)
    return Finding(subject, True, f"told are: {', '.join(receiver.name for receiver in config.receivers)}")


def _cluster(subject: str, config: Config) -> Finding:
    settings = config.dask
    if not settings.address:
        made = f"made of {settings.cluster} for each command" if config.executor == "dask" else "none is named"
        return Finding(subject, True, made)
    from workbench.execution.cluster.roster import call_the_roll

    there = call_the_roll(settings)
    if not there.workers:
        mend = f"start some: dask worker {settings.address} --nthreads 1"
        return Finding(subject, False, f"{settings.address} has no workers", mend)
    told = f"{settings.address} has {count(there.workers, 'worker')} with {count(there.threads, 'thread')}"
    if not there.strangers:
        return Finding(subject, True, f"{told}, all with Workbench {there.ours}")
    seen = [f"{address} has {version or 'none'}" for address, version in sorted(there.strangers.items())[:SHOWN]]
    more = [f"and {len(there.strangers) - SHOWN} more"] if len(there.strangers) > SHOWN else []
    mend = f"install dataops-workbench {there.ours} there"
    return Finding(subject, False, f"{told}; other versions than {there.ours}: {', '.join([*seen, *more])}", mend)


def _missed(subject: str, error: WorkbenchError) -> Finding:
    told = f"{error.code}: {error.what}" + (f" - {error.cause}" if error.cause else "")
    return Finding(subject, False, told, error.next)


_LOOKS: dict[str, Callable[[str, Config], Finding]] = {
    "pipelines": _pipelines,
    "kernels": _kernels,
    "write access": _access,
    "disk": _disk,
    "store": _store,
    "processes": _processes,
    "warehouse": _warehouse,
    "git": _git,
    "notifications": _notifications,
    "cluster": _cluster,
}
