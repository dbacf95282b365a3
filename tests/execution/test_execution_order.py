"""Orders: what a process is told about the attempt it carries out, here or elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.execution.order import Order

ORDER = Order(
    step="clean",
    notebook="notebooks/clean.ipynb",
    folder="/here/.workbench/runs/1/clean/a1",
    kernel="python3",
    cwd="/here/notebooks",
    timeout=60.0,
    environment={
        "WORKBENCH_ENV": "prod",
        "WORKBENCH_CONTEXT": "/here/.workbench/runs/1/clean/a1/context.json",
        "PYTHONPATH": "/here:/only/here",
        "TMPDIR": "/tmp/here",
    },
    root="/here",
    files=("notebooks/times.py",),
    requires=("gpu",),
    checkpoints="/here/.workbench/runs/1/clean/checkpoint",
    keep=60.0,
    kept="/here/.workbench/kept",
)


def test_an_order_survives_the_way(tmp_path: Path) -> None:
    assert Order.decode(ORDER.encode()) == ORDER


def test_an_order_that_is_moved_leads_nowhere_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/of/the/worker")
    moved = ORDER.moved(tmp_path / "attempt", tmp_path / "project", tmp_path / "temporary")
    assert moved.source == tmp_path / "attempt" / "source.ipynb"
    assert (moved.checkpoints, moved.kept, moved.keep) == ("", "", 60.0)
    assert moved.cwd == str(tmp_path / "project" / "notebooks")
    assert moved.environment["PYTHONPATH"].split(os.pathsep) == [str(tmp_path / "project"), "/of/the/worker"]
    assert moved.environment["WORKBENCH_ENV"] == "prod"
    assert "/here" not in moved.encode().decode()
    assert (moved.step, moved.files, moved.requires) == (ORDER.step, ORDER.files, ORDER.requires)
