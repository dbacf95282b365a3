"""Reports as files: one for each run, and one that always shows the latest."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from workbench.durable import write_bytes, write_text
from workbench.model.names import new_id
from workbench.model.report import Proof, Report

FOLDER = "reports"
_LOOSE = "_notebooks"
"""No pipeline can bear this name."""


def file(html: str, title: str, proof: Proof, state: Path, name: str = "", *, mark: str = "") -> Report:
    """Write a page to ``reports/<pipeline>/<step>/<run>.html`` in the state folder, durably.

    One with a ``mark`` goes beside it, to ``<run>.<mark>.html``, as what was published must stay what its digest says.
    A page of no run goes to ``reports/_notebooks/<name>.html``. Raises StorageError.
    """
    marked = f"{proof.run}.{mark}.html" if mark else f"{proof.run}.html"
    path = Path(FOLDER, proof.pipeline, proof.step, marked) if proof.run else _loose(name)
    write_text(state / path, html)
    return Report(
        id=new_id(),
        run=proof.run,
        pipeline=proof.pipeline,
        step=proof.step or name,
        title=title,
        path=path.as_posix(),
        digest=hashlib.sha256(html.encode()).hexdigest(),
        created_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )


def make_latest(report: Report, state: Path) -> Path:
    """Make a report the one at ``reports/<pipeline>/<step>.html``, whole or not at all. Raises StorageError."""
    path = latest_path(report.pipeline, report.step, state)
    write_bytes(path, (state / report.path).read_bytes())
    return path


def latest_path(pipeline: str, step: str, state: Path) -> Path:
    """Where the latest published report of a step lies."""
    return state / FOLDER / pipeline / f"{step}.html"


def _loose(name: str) -> Path:
    return Path(FOLDER, _LOOSE, f"{name}.html")
