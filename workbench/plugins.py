"""The two plugin seams: hooks, where many listen, and drivers, where one is chosen by name."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pluggy

from workbench.model.errors import NotFound, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.model.dataset import Candidate
    from workbench.model.quality import Examination
    from workbench.model.report import Report
    from workbench.model.run import Finished, Run, StepResult

hookspec = pluggy.HookspecMarker("workbench")
hookimpl = pluggy.HookimplMarker("workbench")


class Hooks:
    """What a listener may implement, each with ``@hookimpl``."""

    @hookspec
    def examine(self, candidate: Candidate) -> Examination | None:
        """Measure and check a candidate before it is published; a failing result of severity error withholds it."""

    @hookspec(firstresult=True)
    def render(self, finished: Finished) -> Report | None:
        """Make the report of a step whose ``report:`` key asks for one, as a file that nothing refers to yet."""

    @hookspec
    def publishing(self, transaction: Any, result: StepResult) -> None:
        """Add rows to the ``store.Transaction`` that publishes or withholds a step: all land together or none."""

    @hookspec
    def step_finished(self, result: StepResult) -> None:
        """A step was published or withheld; the transaction is over."""

    @hookspec
    def run_finished(self, run: Run) -> None:
        """A run reached its final state."""


BUILTIN_DRIVERS: dict[str, dict[str, str]] = {
    "session": {"project": "workbench.session:ProjectSession.open"},
    "executor": {
        "local": "workbench.execution.local:LocalExecutor",
        "inline": "workbench.execution.inline:InlineExecutor",
        "dask": "workbench.execution.cluster.dask:DaskExecutor",
    },
}
"""Seam → name → ``module:attribute``; entry points of the group ``workbench.<seam>`` add to it."""


def make_hooks(listeners: Iterable[object]) -> pluggy.PluginManager:
    """A manager with the built-in listeners first, then those of the entry point group ``workbench.listener``."""
    manager = pluggy.PluginManager("workbench")
    manager.add_hookspecs(Hooks)
    for listener in listeners:
        manager.register(listener)
    manager.load_setuptools_entrypoints("workbench.listener")
    manager.check_pending()
    return manager


def driver(seam: str, name: str) -> Any:
    """The driver of a seam chosen by name. Raises NotFound (WB-EXT-902) with the names there are."""
    builtin = BUILTIN_DRIVERS.get(seam, {})
    if name in builtin:
        module, _, attribute = builtin[name].partition(":")
        return attrgetter(attribute)(import_module(module))
    found = {point.name: point for point in entry_points(group=f"workbench.{seam}")}
    if name in found:
        return found[name].load()
    names = sorted({*builtin, *found})
    raise NotFound(
        "WB-EXT-902",
        f'there is no {seam} "{name}"',
        cause=f"known: {', '.join(names)}." + did_you_mean(name, names),
    )
