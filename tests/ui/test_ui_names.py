"""``import workbench``: the names it has, and how little it loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import workbench

HEAVY = {"pandas", "pyarrow", "duckdb", "polars", "pyiceberg", "sqlalchemy", "papermill", "plotly", "typer", "rich"}


def loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_workbench_loads_nothing_of_it() -> None:
    loaded = loaded_by("import workbench; dir(workbench)")
    assert {name for name in loaded if name.startswith("workbench")} == {"workbench"}
    assert not HEAVY & loaded


def test_the_names_are_sorted_and_there() -> None:
    assert workbench.__all__ == sorted(workbench.__all__, key=lambda name: (not name[0].isupper(), name))
    for name in workbench.__all__:
        assert getattr(workbench, name) is not None
        assert name in dir(workbench)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="reed"):
        workbench.reed  # noqa: B018


def test_the_help_of_the_command_line_loads_nothing_heavy() -> None:
    code = "from workbench.ui.cli.app import main\ntry: main(['run', '--help'])\nexcept SystemExit: pass"
    assert not (HEAVY - {"typer"}) & loaded_by(code)
