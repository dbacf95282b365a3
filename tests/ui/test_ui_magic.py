"""``%%wb sql`` and the completion of names, in a shell of IPython."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from projects import lay_out

import workbench
from workbench import step
from workbench.model.errors import UsageError


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A shell in a project that holds ``raw.sales``."""
    root = lay_out(tmp_path / "shop", {}, {})
    monkeypatch.chdir(root)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    step.use(None)
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    workbench._offer()
    made.user_ns["wb"] = workbench
    workbench.write(pd.DataFrame({"shop": ["north", "south"], "amount": [1.5, 2.5]}), "raw.sales")
    yield made
    step.use(None)
    InteractiveShell.clear_instance()


def completed(shell: Any, text: str, offset: int) -> list[str]:
    """What IPython offers at a place of a text."""
    with provisionalcompleter():
        return [each.text for each in shell.Completer.completions(text, offset)]


def test_a_cell_is_a_query_over_datasets_and_frames(shell: Any) -> None:
    shell.user_ns["wanted"] = pd.DataFrame({"shop": ["south"]})
    result = shell.run_cell("%%wb sql\nselect amount from raw.sales join wanted using (shop)")
    assert result.success and result.result["amount"].tolist() == [2.5]


def test_its_rows_are_kept_under_a_name(shell: Any) -> None:
    result = shell.run_cell("%%wb sql totals --as arrow\nselect sum(amount) as s from raw.sales")
    assert result.success and shell.user_ns["totals"]["s"].to_pylist() == [4.0]


def test_rows_that_are_only_looked_at_are_not_all_fetched(shell: Any) -> None:
    result = shell.run_cell("%%wb sql\nselect * from range(5000)")
    assert len(result.result) == 1000


def test_a_faulty_cell_says_what_is_wrong(shell: Any) -> None:
    assert isinstance(shell.run_cell("%%wb slq\nselect 1").error_in_exec, UsageError)
    assert isinstance(shell.run_cell("%%wb sql\nselect from where").error_in_exec, UsageError)


def test_the_extension_can_be_loaded_by_name(shell: Any) -> None:
    assert shell.run_cell("%load_ext workbench").success
    assert shell.run_cell("%%wb sql\nselect 1").success


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("wb.read('ra", ["raw.sales"]),
        ("x = 1\nwb.sql('select am", []),
        ("wb.read('raw.sales', columns=['", ["amount", "shop"]),
        ("%%wb sql\nselect sh", []),
        ("%%wb sql\nfrom raw.s", ["raw.sales"]),
    ],
)
def test_names_are_completed(shell: Any, text: str, names: list[str]) -> None:
    found = completed(shell, text, len(text))
    ours = [name for name in found if name in ("raw.sales", "shop", "amount")]
    assert ours == names


def test_columns_are_completed_before_the_table_is_left(shell: Any) -> None:
    text = "wb.sql('select am from raw.sales')"
    assert completed(shell, text, text.index(" from")) == ["amount"]
