"""What people call in a notebook: ``wb.search``, ``wb.dataset``, ``wb.lineage``, ``wb.quality``, ``wb.runs`` …

Each asks the project around the working directory, and returns a view. Inside a run they look and change nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.config import find_project, load_config
from workbench.model.errors import NotFound, UsageError
from workbench.project import Project
from workbench.step import CONTEXT_VARIABLE
from workbench.store.transaction import Store
from workbench.ui.widgets import catalog
from workbench.ui.widgets.live import Watched, watching
from workbench.ui.widgets.pages import MOST, Pages, states
from workbench.ui.widgets.script import moves
from workbench.ui.widgets.view import View

MOST_DATASETS = 1000
"""Datasets that the summary of quality holds at most."""
_projects: dict[Path, Project] = {}


def search(text: str = "", limit: int = MOST) -> View:
    """The datasets whose name, columns, description, tags or owner hold every word of ``text``, best first."""
    pages = _pages(None, limit)
    return pages.leading(pages.search(text), "search", text)


def dataset(name: str, *, environment: str | None = None) -> View:
    """The page of one dataset: what it is, its columns, whether it can be trusted, where it came from.

    Raises NotFound: WB-CAT-401 unknown, WB-CAT-402 never written, WB-CFG-603 no such environment.
    """
    pages = _pages(environment)
    return pages.leading(pages.dataset(name), "dataset", name)


def profile(name: str, *, environment: str | None = None) -> View:
    """What was measured of the columns of a dataset when it was published. Raises what ``dataset`` raises."""
    project = _project()
    entry = project.catalog.show(name, project.place(environment))
    rows, version = (entry.snapshot.rows, entry.snapshot.version) if entry.snapshot else (0, 0)

    def make() -> Any:
        from workbench.ui.widgets.moving_profile import ProfileWidget

        columns = [vars(column) for column in entry.columns]
        return ProfileWidget(dataset=name, version=version, rows=rows, columns=columns)

    return catalog.profile(name, entry.columns, rows, version, _moving("profile", make))


def lineage(name: str, *, depth: int | None = None, direction: str = "both", environment: str | None = None) -> View:
    """What a dataset was made from and what is made of it, as a graph; ``depth`` counts datasets.

    Raises NotFound (WB-CAT-401 dataset, WB-LIN-803 column), UsageError (WB-LIN-801 direction, 802 a column).
    """
    project = _project()
    place = project.place(environment)
    graph = project.lineage.show(name, depth, direction=direction, environment=place)
    return catalog.lineage(graph, states(project, graph, place))


def quality(name: str | None = None, *, environment: str | None = None) -> View:
    """How a dataset stood against its checks when it was published; without a name, all of them.

    Raises NotFound (WB-CHK-720).
    """
    project = _project()
    place = project.place(environment)
    if name is not None:
        return catalog.quality(project.quality.latest(name, place))
    found, without = [], []
    for hit in project.catalog.search("", MOST_DATASETS):
        try:
            found.append(project.quality.latest(hit.dataset, place))
        except NotFound:
            without.append(hit.dataset)

    def make() -> Any:
        from workbench.ui.widgets.moving_quality import QualityWidget

        return QualityWidget(project, place)

    return catalog.overview(found, without, _moving("quality", make))


def runs(pipeline: str | None = None, limit: int = MOST) -> View:
    """The last runs, newest first. Raises NotFound (WB-PIP-601) for a pipeline that neither is nor ever ran."""
    pages = _pages(None, limit)
    about = [pipeline] if pipeline else []
    return pages.leading(pages.runs(*about), "runs", *about)


def diff(before: str, after: str, step: str = "") -> View:
    """Two runs against each other, each named by its id, the end of it, or ``[PIPELINE@]last[-success][~N]``.

    Raises NotFound (WB-RUN-401, WB-PIP-601, 602), UsageError (WB-RUN-402, 404).
    """
    pages = _pages()
    return pages.leading(pages.diff(before, after, step), "diff", before, after, step)


def run(
    target: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    environment: str | None = None,
    force: bool = False,
    executor: str | None = None,
    **named: Any,
) -> Watched:
    """Run a pipeline or a notebook and wait for its end; a notebook shows meanwhile how far it is.

    Parameters are given by name, or as ``parameters`` where a name is one of ours. A failed step is told, not raised.
    Raises what ``Project.run`` raises, and UsageError (WB-EXT-911) inside a run.
    """
    if CONTEXT_VARIABLE in os.environ:
        raise UsageError(
            "WB-EXT-911",
            f"a step cannot run {target}",
            cause="a run is going on, and its steps are planned before it begins",
            kept="Nothing was started.",
            next="make it a step of the pipeline, or run it from a notebook that is opened by hand",
        )
    project = _project()
    plan = project.plan(target, {**(parameters or {}), **named}, environment=environment, force=force)
    with watching(project) as watch:
        done = project.run(plan, executor=executor, on_progress=watch.hear)
        return watch.finish(done)


def _moving(name: str, make: Callable[[], Any]) -> Callable[[], Any] | None:
    """What makes a widget, where its script was built and there is a notebook open that can show it."""
    return make if moves(name) else None


def _pages(environment: str | None = None, limit: int = MOST) -> Pages:
    project = _project()
    return Pages(project, project.place(environment), limit)


def _project() -> Project:
    """The project around the working directory, kept open; in a run nothing of it is settled."""
    root = find_project(Path.cwd())
    if root not in _projects:
        inside = CONTEXT_VARIABLE in os.environ
        config = load_config(root)
        _projects[root] = Project(config, Store.open(config.store)) if inside else Project.open(root)
    return _projects[root]
