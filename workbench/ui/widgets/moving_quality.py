"""How datasets stand, as a widget: what is asked for and the answers are kept here, the script shows them."""

from __future__ import annotations

from typing import Any

import traitlets

from workbench.model.errors import WorkbenchError
from workbench.model.quality import Standing
from workbench.project import Project
from workbench.ui import standing as stands
from workbench.ui.widgets.answering import Answering
from workbench.ui.widgets.script import built

NAME = "quality"
MOST = 50
"""Datasets that are told of at once; others are found by their name."""
MOST_VERSIONS = 60


class QualityWidget(Answering):
    """The datasets of a project in one environment, narrowed by ``query`` and ``standing`` (empty for all of them).

    ``found`` is what ``ui.standing.standings`` tells, ``trend`` the versions of the dataset ``opened``. ``error`` says
    why there is no answer, and is empty when there is one.
    """

    _esm = built(f"{NAME}.js")
    _css = built(f"{NAME}.css")
    query = traitlets.Unicode().tag(sync=True)
    standing = traitlets.Unicode().tag(sync=True)
    opened = traitlets.Unicode().tag(sync=True)
    found = traitlets.Dict().tag(sync=True)
    trend = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    def __init__(self, project: Project, place: str) -> None:
        self._project = project
        self._place = place
        super().__init__(found=self._ask("", ""))

    @traitlets.observe("query", "standing")
    def _narrow(self, change: Any) -> None:
        try:
            self.found = self._ask(self.query, self.standing)
            self.error = ""
        except WorkbenchError as error:
            self.error = str(error)

    @traitlets.observe("opened")
    def _open(self, change: Any) -> None:
        try:
            self.trend = dict(stands.trend(self._project, self.opened, MOST_VERSIONS)) if self.opened else {}
            self.error = ""
        except WorkbenchError as error:
            self.error = str(error)

    def _ask(self, query: str, word: str) -> dict[str, Any]:
        state = Standing(word) if word in list(Standing) else None
        return dict(stands.standings(self._project, self._place, query=query, state=state, limit=MOST))
