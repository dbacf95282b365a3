"""Notebook files for the tests of the pipeline room."""

import json
from pathlib import Path
from typing import Any


def cell(source: str, *tags: str, kind: str = "code", identifier: str | None = None) -> dict[str, Any]:
    """One cell as JSON; code cells carry an output, which nothing may depend on."""
    made: dict[str, Any] = {"cell_type": kind, "metadata": {"tags": list(tags)} if tags else {}, "source": source}
    if identifier is not None:
        made["id"] = identifier
    if kind == "code":
        output = {"output_type": "stream", "name": "stdout", "text": "old"}
        made |= {"execution_count": 7, "outputs": [output]}
    return made


def markdown(source: str, identifier: str | None = None) -> dict[str, Any]:
    """A Markdown cell."""
    return cell(source, kind="markdown", identifier=identifier)


def document(*cells: Any, kernel: str = "python3", language: str = "python") -> dict[str, Any]:
    """A notebook as JSON; a text stands for a code cell, and ids are given by position where they lack."""
    made = [cell(item) if isinstance(item, str) else dict(item) for item in cells]
    for index, item in enumerate(made):
        item.setdefault("id", f"c{index}")
    return {
        "cells": made,
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": language}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def write(path: Path, *cells: Any, **more: Any) -> Path:
    """Write a notebook file of these cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(*cells, **more)), encoding="utf-8")
    return path
