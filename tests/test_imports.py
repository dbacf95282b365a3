"""What importing costs, and that what is imported is declared.

import-linter sees arrows between modules; these tests see what a fresh process really loads.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"

HEAVY = {
    "IPython",
    "alembic",
    "duckdb",
    "ipywidgets",
    "jupyter_client",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
    "plotly",
    "polars",
    "pyarrow",
    "pydantic",
    "pyiceberg",
    "rich",
    "sqlalchemy",
    "sqlglot",
    "typer",
    "zmq",
}
"""Top-level packages that take long to load; each is imported where it is needed and not before."""

PROBE = """
import json, os, sys
before = dict(os.environ)
import {module}
loaded = sorted({{name.partition(".")[0] for name in sys.modules}})
print(json.dumps({{"loaded": loaded, "environment": dict(os.environ) == before}}))
"""


def after_import(module: str) -> dict[str, object]:
    """What a fresh process has loaded once it imported ``module``."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.count("\n") == 1, "importing prints nothing"
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["workbench", "workbench.step", "workbench.config", "workbench.plugins"])
def test_importing_a_door_loads_no_heavy_library(module: str) -> None:
    after = after_import(module)
    assert HEAVY.intersection(after["loaded"]) == set()
    assert after["environment"], "importing changes no environment variable"


def test_importing_the_package_loads_no_room() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, workbench; print(*sorted(m for m in sys.modules if m[:10] == 'workbench.'))",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert not re.search(
        r"workbench\.(store|project|ui|pipeline|execution|data|catalog|lineage|quality)\b", done.stdout
    )


def third_party_imports() -> dict[str, set[str]]:
    """Top-level names imported anywhere in the package, also inside functions, with the files that do."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "workbench":
                    found.setdefault(top, set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = [texts for extra, texts in project["optional-dependencies"].items() if extra not in ("test", "dev")]
    declared = {
        canonicalize_name(Requirement(text).name) for text in [*project["dependencies"], *chain.from_iterable(optional)]
    }
    owners = packages_distributions()
    undeclared = {
        name: sorted(files)
        for name, files in third_party_imports().items()
        if not declared.intersection(map(canonicalize_name, owners.get(name, [name])))
    }
    assert undeclared == {}
