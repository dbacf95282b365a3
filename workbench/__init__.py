"""Workbench: a folder of notebooks runs as a pipeline and leaves data, lineage, quality and a report behind.

In a notebook: ``import workbench as wb``, then ``wb.read``, ``wb.write``, ``wb.sql``, and ``wb.dataset`` and others to
look at what is known. Elsewhere: ``wb.open()``. Nothing is loaded until it is asked for.
"""

from __future__ import annotations

import importlib
import sys
from operator import attrgetter
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model import errors
    from workbench.model.pipeline import Range
    from workbench.project import Project
    from workbench.quality import checks
    from workbench.step import check, metric, read, record, sql, write
    from workbench.ui.widgets.face import dataset, diff, lineage, profile, quality, run, runs, search

    open = Project.open

__all__ = [
    "Range",
    "check",
    "checks",
    "dataset",
    "diff",
    "errors",
    "lineage",
    "metric",
    "open",
    "profile",
    "quality",
    "read",
    "record",
    "run",
    "runs",
    "search",
    "sql",
    "write",
]

_PLACES: dict[str, str] = {
    "check": "workbench.step:check",
    "checks": "workbench.quality.checks",
    "dataset": "workbench.ui.widgets.face:dataset",
    "diff": "workbench.ui.widgets.face:diff",
    "errors": "workbench.model.errors",
    "load_ipython_extension": "workbench.ui.magic:load_ipython_extension",
    "metric": "workbench.step:metric",
    "open": "workbench.project:Project.open",
    "profile": "workbench.ui.widgets.face:profile",
    "Range": "workbench.model.pipeline:Range",
    "read": "workbench.step:read",
    "record": "workbench.step:record",
    "run": "workbench.ui.widgets.face:run",
    "runs": "workbench.ui.widgets.face:runs",
    "search": "workbench.ui.widgets.face:search",
    "sql": "workbench.step:sql",
    "write": "workbench.step:write",
}
"""Name → ``module`` or ``module:attribute``; loaded when it is first used."""
_ROOMS = {
    "lineage": "workbench.ui.widgets.face:lineage",
    "quality": "workbench.ui.widgets.face:quality",
}
"""Names of rooms that can be called as well."""


class _Room(ModuleType):
    """A room whose name is also that of a view: called, it shows what it knows."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        return _find(_ROOMS[self.__name__.rpartition(".")[2]])(*given, **named)


class _Face(ModuleType):
    """This package: a room that is imported becomes an attribute of it, and can be called all the same."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _ROOMS and type(value) is ModuleType:
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = _find(_PLACES[name])
    return value


def _find(place: str) -> Any:
    module, _, attribute = place.partition(":")
    loaded = importlib.import_module(module)
    return attrgetter(attribute)(loaded) if attribute else loaded


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))


def _complete(context: Any) -> Any:
    return _find("workbench.ui.completer:complete")(context)


_complete.matcher_api_version = 2  # type: ignore[attr-defined]  # IPython then hands over all of the cell


def _offer() -> None:
    """Let the shell of IPython, where there is one, find ``%%wb`` and the names of datasets when they are wanted."""
    ipython = sys.modules.get("IPython.core.interactiveshell")
    if ipython is not None and ipython.InteractiveShell.initialized():
        shell = ipython.InteractiveShell.instance()
        shell.magics_manager.register_lazy("wb", __name__)
        shell.Completer.custom_matchers.append(_complete)


_offer()
