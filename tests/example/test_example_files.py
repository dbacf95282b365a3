"""The example as it is committed: clean notebooks, a valid pipeline, contracts for what it writes."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.spec import load_pipeline
from workbench.quality.contracts import load_contracts

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "flights"
NOTEBOOKS = sorted((EXAMPLE / "notebooks").glob("*.ipynb"))


def load(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def test_there_are_six_notebooks() -> None:
    assert {path.stem for path in NOTEBOOKS} == {
        "ingest", "clean", "join_weather", "delays", "explore_quality", "daily"
    }  # fmt: skip


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_valid_and_committed_without_outputs(path: Path) -> None:
    notebook = load(path)
    nbformat.validate(nbformat.from_dict(notebook))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in notebook["cells"]:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cell["id"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            ast.parse("".join(cell["source"]))


def test_each_pipeline_parameter_has_the_default_of_the_notebooks() -> None:
    pipeline = load_pipeline(EXAMPLE, "flights")
    defaults = {parameter.name: parameter.default for parameter in pipeline.parameters}
    for step in pipeline.steps:
        for parameter in read_notebook(EXAMPLE, step.notebook).parameters:
            assert parameter.help
            assert defaults.get(parameter.name, parameter.default) == parameter.default


def test_everything_written_has_a_contract_with_an_owner() -> None:
    contracts = load_contracts(EXAMPLE)
    pipeline = load_pipeline(EXAMPLE, "flights")
    written = {
        reference.dataset for step in pipeline.steps for reference in read_notebook(EXAMPLE, step.notebook).writes
    }
    assert set(contracts) == written
    for contract in contracts.values():
        assert contract.owner
        assert contract.description
        assert all(promise.description and promise.type for promise in contract.columns)
