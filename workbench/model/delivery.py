"""Environments: isolated names for data."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class Environment:
    """A set of pointers from datasets to snapshots; what it lacks is read from ``parent``."""

    name: str
    parent: str | None = None

    @property
    def branch(self) -> str:
        """The Iceberg branch that follows this environment, for engines that read the tables without us."""
        return "main" if self.name == "prod" else self.name


BUILTIN_ENVIRONMENTS = (Environment("prod"), Environment("dev", "prod"))
"""What every project has; ``workbench.toml`` may add to them."""


def chain(environments: Iterable[Environment], name: str) -> tuple[str, ...]:
    """``name`` and its parents, nearest first: the order in which a dataset's current snapshot is looked for."""
    parents = {environment.name: environment.parent for environment in environments}
    found = [name]
    while (parent := parents.get(found[-1])) is not None:
        found.append(parent)
    return tuple(found)
