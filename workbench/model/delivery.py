"""Environments: isolated names for data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Environment:
    """A set of pointers from datasets to snapshots; what it lacks is read from ``parent``."""

    name: str
    parent: str | None = None

    @property
    def branch(self) -> str:
        """The Iceberg branch that follows this environment, for engines that read the tables without us."""
        return "main" if self.name == "prod" else self.name
