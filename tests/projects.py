"""Small projects for tests, made of notebooks that are given as lists of cells."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

MakeProject = Callable[..., Path]


def notebook(*cells: str, parameters: str = "", kernel: str = "python3") -> dict[str, Any]:
    """A notebook of these cells; one that starts with ``#md`` is Markdown; ``parameters`` becomes the tagged cell."""
    sources = [("parameters", parameters)] if parameters else []
    sources += [(f"cell-{number}", source) for number, source in enumerate(cells, 1)]
    return {
        "cells": [_cell(name, textwrap.dedent(source).strip()) for name, source in sources],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(name: str, source: str) -> dict[str, Any]:
    if source.startswith("#md"):
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source[3:].strip()}
    metadata = {"tags": ["parameters"]} if name == "parameters" else {}
    code = {"cell_type": "code", "id": name, "metadata": metadata, "source": source}
    return {**code, "outputs": [], "execution_count": None}


def lay_out(
    root: Path,
    pipelines: dict[str, str] | None = None,
    notebooks: dict[str, dict[str, Any]] | None = None,
    files: dict[str, str] | None = None,
) -> Path:
    """A project of these pipelines (name → YAML), notebooks (name → content) and files (path → text)."""
    texts = {"workbench.toml": 'name = "tested"\n', **(files or {})}
    texts |= {f"pipelines/{name}.yaml": textwrap.dedent(text) for name, text in (pipelines or {}).items()}
    texts |= {f"notebooks/{name}.ipynb": json.dumps(content) for name, content in (notebooks or {}).items()}
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root
