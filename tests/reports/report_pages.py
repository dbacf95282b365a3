"""Notebooks and proofs to make reports of."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from workbench.model.pipeline import ReportSpec
from workbench.model.report import Proof, ProofInput
from workbench.reports.render import render

PNG = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
).decode()
PROOF = Proof(
    project="demo",
    run="01JH5QZ8X4R6W2T0N9B3KF7MVC",
    pipeline="flights",
    step="daily",
    environment="prod",
    commit="3f2c91ab+dirty",
    actor="kim",
    finished_at="2013-01-16T06:00:00.000+00:00",
    parameters={"day": "2013-01-15", "origins": ["EWR", "JFK"], "late": 15.0, "strict": True},
    inputs=(
        ProofInput("clean.flights", 7, 498330293740, 336776, "2013-01-16T05:59:00.000+00:00", 12, 1),
        ProofInput("raw.airlines", 1, 12, 16, "2013-01-16T05:00:00.000+00:00"),
    ),
    notebook="notebooks/daily.ipynb",
    notebook_digest="ab" * 32,
)


def markdown(source: str, attachments: dict[str, Any] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "markdown", "metadata": {}, "source": source}
    return cell | ({"attachments": attachments} if attachments else {})


def code(source: str, *outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": list(outputs)}


def display(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def figure(title: str = "Delays", **layout: Any) -> dict[str, Any]:
    data = [{"type": "bar", "x": ["a", "b"], "y": [1, 2], "marker": {"color": "#636efa"}}]
    return display({"application/vnd.plotly.v1+json": {"data": data, "layout": {"title": {"text": title}, **layout}}})


def write(folder: Path, *cells: dict[str, Any]) -> Path:
    path = folder / "daily.ipynb"
    metadata = {"language_info": {"name": "python"}}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}))
    return path


def page(folder: Path, *cells: dict[str, Any], title: str = "", spec: ReportSpec | None = None) -> str:
    """The page of these cells."""
    return render(write(folder, *cells), spec or ReportSpec(), title, PROOF)
