"""Views that lead to others, each by its kind and the words of what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.model.errors import NotFound, UsageError
from workbench.model.lineage import Graph
from workbench.project import Project
from workbench.ui.cli.finished import facts
from workbench.ui.graph import sources
from workbench.ui.widgets import catalog, script
from workbench.ui.widgets import runs as run_views

if TYPE_CHECKING:
    from workbench.ui.widgets.view import View

MOST = 20
"""Datasets and runs that a list holds."""
MOST_STATES = 200
"""Boxes of a graph whose quality is looked up."""


class Pages:
    """The views of a project in the environment ``place``; lists hold ``limit`` lines."""

    def __init__(self, project: Project, place: str, limit: int = MOST) -> None:
        self.project = project
        self.place = place
        self.limit = limit

    def search(self, text: str = "") -> View:
        """The datasets that hold every word of a text, best first."""
        return catalog.search(self.project.catalog.search(text, self.limit), text)

    def dataset(self, name: str) -> View:
        """One dataset. Raises NotFound (WB-CAT-401, 402)."""
        entry = self.project.catalog.show(name, self.place)
        graph = self.project.lineage.show(name, 1, environment=self.place)
        return catalog.dataset(entry, sources.lineage(graph, states=states(self.project, graph, self.place)))

    def runs(self, pipeline: str = "") -> View:
        """The last runs, of one pipeline or of all. Raises NotFound (WB-PIP-601)."""
        found = self.project.runs.list(self.limit, pipeline=pipeline or None)
        return run_views.runs(found, self.project.runs.beside(found))

    def run(self, name: str) -> View:
        """One run as it is now. Raises NotFound (WB-RUN-401, WB-PIP-601, 602), UsageError (WB-RUN-402)."""
        found = self.project.runs.get(name)
        return run_views.run(found, facts(self.project, found))

    def diff(self, before: str, after: str, step: str = "") -> View:
        """Two runs against each other. Raises what ``run`` raises, and UsageError (WB-RUN-404)."""
        return run_views.diff(self.project.runs.diff(before, after, step))

    def show(self, kind: str, *words: str) -> View:
        """The view that a lead names. Raises what the view raises, and UsageError (WB-EXT-912) for what is no lead."""
        known: dict[str, tuple[Callable[..., View], range]] = {
            "search": (self.search, range(2)),
            "dataset": (self.dataset, range(1, 2)),
            "runs": (self.runs, range(2)),
            "run": (self.run, range(1, 2)),
            "diff": (self.diff, range(2, 4)),
        }
        make, counts = known.get(kind, (None, range(0)))
        if make is None or len(words) not in counts:
            raise UsageError(
                "WB-EXT-912", "there is no such view", cause=f"{kind} of {len(words)} words", next="go back"
            )
        return make(*words)

    def leading(self, view: View, *trail: str) -> View:
        """The same view; where widgets are, its names lead on. ``trail`` is its kind and its words."""

        def make() -> Any:
            from workbench.ui.widgets.moving_pages import PagesWidget

            return PagesWidget(self, [list(trail)], view.html)

        return view.moving(make) if script.moves("pages") else view


def states(project: Project, graph: Graph, place: str) -> dict[str, str]:
    """How each dataset of a graph stood when it was published, by name; those without checks are left out."""
    found = {}
    for node in graph.nodes[:MOST_STATES]:
        if node.kind == "dataset":
            try:
                found[node.id] = catalog.standing(project.quality.latest(node.id, place))
            except NotFound:
                continue
    return found


def words_of(trail: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The kind and the words at the end of a trail; a search where it is empty."""
    return tuple(trail[-1]) if trail and trail[-1] else ("search",)
