"""Workbench: a folder of notebooks runs as a pipeline and leaves data, lineage, quality and a report behind.

In a notebook: ``import workbench as wb``, then ``wb.read``, ``wb.write``, ``wb.sql``. Elsewhere: ``wb.open()``.
Nothing is loaded until it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model import errors
    from workbench.model.pipeline import Range
    from workbench.project import Project
    from workbench.quality import checks
    from workbench.step import check, metric, read, record, sql, write

    open = Project.open

__all__ = ["Range", "check", "checks", "errors", "metric", "open", "read", "record", "sql", "write"]

_PLACES: dict[str, str] = {
    "check": "workbench.step:check",
    "checks": "workbench.quality.checks",
    "errors": "workbench.model.errors",
    "metric": "workbench.step:metric",
    "open": "workbench.project:Project.open",
    "Range": "workbench.model.pipeline:Range",
    "read": "workbench.step:read",
    "record": "workbench.step:record",
    "sql": "workbench.step:sql",
    "write": "workbench.step:write",
}
"""Name → ``module`` or ``module:attribute``; loaded when it is first used."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module
    from operator import attrgetter

    module, _, attribute = _PLACES[name].partition(":")
    value = attrgetter(attribute)(import_module(module)) if attribute else import_module(module)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
