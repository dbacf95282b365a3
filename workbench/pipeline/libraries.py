"""What the notebooks of a plan import from outside the project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbench.model.plan import Action, PlannedStep
from workbench.pipeline.modules import Finder
from workbench.pipeline.notebook import read_notebook


def libraries(root: Path, steps: Iterable[PlannedStep]) -> tuple[str, ...]:
    """The dotted names, sorted, that steps which may run import, also by modules of the project; for Python only.

    Raises NotebookError when a notebook has changed for the worse since it was planned.
    """
    found: set[str] = set()
    finder = Finder(root)
    finder = Finder(root)
    for path in dict.fromkeys(step.notebook for step in steps if step.action is not Action.SKIP):
        notebook = read_notebook(root, path)
        found.update(finder.modules(path, notebook.imports).imported)
    return tuple(sorted(name for name in found if not name.startswith("./")))
