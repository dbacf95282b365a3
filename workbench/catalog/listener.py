"""Told of every write: what a contract says of a dataset, people find it by from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.model.quality import Contract
from workbench.model.run import StepResult
from workbench.plugins import hookimpl
from workbench.store.transaction import Transaction


class Listener:
    """Describes the datasets that a step wrote, published or withheld; ``contracts`` gives the contracts by dataset."""

    def __init__(self, contracts: Callable[[], Mapping[str, Contract]]) -> None:
        self._contracts = contracts

    @hookimpl
    def publishing(self, transaction: Transaction, result: StepResult) -> None:
        contracts = self._contracts()
        for name in dict.fromkeys(write.dataset for write in result.finished.staged):
            contract = contracts.get(name)
            if contract is not None:
                about = " ".join(f"{promise.column} {promise.description}" for promise in contract.columns)
                transaction.datasets.describe(name, contract.description, contract.owner, contract.tags, about)
            elif transaction.datasets.get(name) is None:
                transaction.datasets.describe(name)
