"""The plugin of pytest: tests of notebooks are collected where they lie, so that ``pytest`` runs them with all others.

It is loaded into every run of pytest where Workbench is installed: so it imports nothing heavy until there is a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workbench.testing.service import Tests
    from workbench.testing.verdict import Result

_TESTS = pytest.StashKey[dict[Path, "Tests"]]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark that tests of notebooks bear."""
    config.addinivalue_line("markers", "notebook: a step on small datasets, as `wb test` runs it")
    config.stash[_TESTS] = {}


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take ``tests/notebooks/<step>/<case>/case.yaml`` of a project for a test."""
    if file_path.name != "case.yaml" or project_of(file_path) is None:
        return None
    return CaseFile.from_parent(parent, path=file_path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the tests have made ready."""
    for tests in config.stash.get(_TESTS, {}).values():
        tests.close()


def project_of(case: Path) -> Path | None:
    """The project that a ``case.yaml`` is a test of, by where it lies."""
    parents = case.parents
    if len(parents) < 5 or (parents[3].name, parents[2].name) != ("tests", "notebooks"):
        return None
    return parents[4] if (parents[4] / "workbench.toml").is_file() else None


class CaseFile(pytest.File):
    """A ``case.yaml``."""

    def collect(self) -> Iterator[pytest.Item]:
        folder = self.path.parent
        yield CaseItem.from_parent(self, name=f"{folder.parent.name}::{folder.name}")


class CaseFailed(Exception):
    """A test of a notebook failed; what pytest shows of it is text of ours."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.case.id)
        self.result = result


class CaseItem(pytest.Item):
    """One test of a step."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("notebook")

    def runtest(self) -> None:
        from workbench.testing.case import read

        root = project_of(self.path)
        assert root is not None
        opened = self.config.stash[_TESTS]
        if root not in opened:
            from workbench.testing.service import Tests

            opened[root] = Tests.open(root)
        result = opened[root].one(read(root, self.path.parent))
        if not result.passed:
            raise CaseFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, or the error of the step: no traceback through us."""
        from workbench.model.errors import WorkbenchError

        if isinstance(excinfo.value, CaseFailed):
            return "\n".join(_told(excinfo.value.result))
        if isinstance(excinfo.value, WorkbenchError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def _told(result: Result) -> Iterator[str]:
    """The failure as lines of text, as ``wb test`` draws it."""
    import io
    import textwrap

    from rich.console import Console

    from workbench.ui.cli.views.tests import failure

    console = Console(file=io.StringIO(), width=100, color_system=None, markup=False, highlight=False)
    for part in failure(result, 100):
        console.print(part)
    text = textwrap.dedent(console.file.getvalue()).rstrip()  # type: ignore[attr-defined]
    yield from (line.rstrip() for line in text.splitlines())
    if result.differences and result.error is None:
        yield f"Accept it: wb test {result.case.id} --update"
