"""A run that is seen while it goes on: the view of a notebook is replaced in place, in a script nothing is shown."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from workbench.model.events import Progress
from workbench.model.run import Run
from workbench.project import Project
from workbench.ui.widgets.pages import Pages
from workbench.ui.widgets.view import View

PAUSE = 0.5
"""Seconds between two looks at a run."""


class Watched(View):
    """The view of a run that was shown while it went on; the cell that ran it does not show it twice."""

    def __init__(self, view: View, shown_in: int | None) -> None:
        super().__init__(html=view.html, text=view.text, data=view.data, svg=view.svg, make=view.make)
        self._shown_in = shown_in

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        if self._shown_in is None or self._shown_in != _cell():
            publish_display_data(self._repr_mimebundle_())  # type: ignore[no-untyped-call]


class Watch:
    """Follows one run; ``handle`` is the place in the notebook where it is shown, if there is one."""

    def __init__(self, project: Project, handle: Any) -> None:
        self._project = project
        self._handle = handle
        self._next = 0.0

    def hear(self, progress: Progress) -> None:
        """Show the run as it is now, unless it was shown a moment ago."""
        now = time.monotonic()
        if self._handle is not None and now >= self._next:
            self._handle.update(_view(self._project, self._project.runs.get(progress.run)))
            self._next = time.monotonic() + PAUSE

    def finish(self, run: Run) -> Watched:
        """Show the run as it ended."""
        view = Pages(self._project, run.environment).leading(_view(self._project, run), "run", run.id)
        if self._handle is not None:
            self._handle.update(view)
        return Watched(view, _cell() if self._handle is not None else None)


@contextlib.contextmanager
def watching(project: Project) -> Iterator[Watch]:
    """A watch for the block, shown in the notebook that is open, if one is."""
    handle = None
    if _cell() is not None:
        from IPython.display import DisplayHandle

        handle = DisplayHandle()  # type: ignore[no-untyped-call]
        starting = View(html="<p>Starting …</p>", text="Starting …", data={})
        handle.display(starting)  # type: ignore[no-untyped-call]
    yield Watch(project, handle)


def _view(project: Project, run: Run) -> View:
    from workbench.ui.cli.finished import facts
    from workbench.ui.widgets import runs

    return runs.run(run, facts(project, run))


def _cell() -> int | None:
    """The number of the cell that is at work, None where there is no kernel."""
    import sys

    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive else None
    return int(shell.execution_count) if shell is not None and hasattr(shell, "kernel") else None
