"""Reports and the proof they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from workbench.model.dataset import SnapshotId
from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class ProofInput:
    """One input of a report: the snapshot it read and how its checks stood."""

    dataset: str
    version: int
    snapshot: SnapshotId
    rows: int
    published_at: str
    passed: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Proof:
    """Where a report comes from; ``notebook_digest`` is the sha256 of the executed notebook."""

    project: str
    run: str
    pipeline: str
    step: str
    environment: str
    commit: str
    actor: str
    finished_at: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[ProofInput, ...] = ()
    notebook: str = ""
    notebook_digest: str = ""


@dataclass(frozen=True)
class Report:
    """A rendered report; ``path`` is relative to the project's state folder, ``digest`` the sha256 of the file."""

    id: str
    run: str
    pipeline: str
    step: str
    title: str
    path: str
    digest: str
    created_at: str
