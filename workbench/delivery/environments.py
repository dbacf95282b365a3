"""Environments: which there are, whose data each reads when it has none of its own, and how much each holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.model.delivery import Environment, chain
from workbench.model.frozen import dataclass

if TYPE_CHECKING:
    from workbench.store.transaction import Store, Transaction


@dataclass(frozen=True)
class Standing:
    """An environment and the number of datasets that it has a snapshot of its own for."""

    environment: Environment
    pointers: int


class EnvironmentService:
    """What others ask about environments."""

    def __init__(self, store: Store, environments: Sequence[Environment]) -> None:
        self._store = store
        self._environments = tuple(environments)

    def list(self) -> tuple[Standing, ...]:
        """Every environment, in the order the project names them."""
        with self._store.reading() as transaction:
            return tuple(
                Standing(environment, len(transaction.datasets.pointers(environment.name)))
                for environment in self._environments
            )

    def pointers(self, transaction: Transaction, name: str) -> dict[str, int]:
        """Dataset → id of the snapshot that is current in an environment, taken from its parents where it has none."""
        return transaction.datasets.current(chain(self._environments, name))
