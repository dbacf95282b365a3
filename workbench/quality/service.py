"""What others ask of quality: how a dataset or a file stands against its contract, now and when it was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.model.delivery import BUILTIN_ENVIRONMENTS, Environment, chain
from workbench.model.errors import NotFound, UsageError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.names import parse_dataset
from workbench.model.quality import Outcome, Standing, Stands
from workbench.quality.contracts import FOLDER, load_contract
from workbench.quality.listener import ContractBook
from workbench.quality.relation import missing_file

if TYPE_CHECKING:
    from workbench.model.dataset import Snapshot
    from workbench.model.quality import CheckResult, Contract, Profile
    from workbench.store.transaction import Store, Transaction

FILE_ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv")


@dataclass(frozen=True)
class Checked:
    """How something stands: ``subject`` is the dataset or file; ``version`` and ``snapshot`` are 0 for a file."""

    subject: str
    contract: str
    rows: int
    results: tuple[CheckResult, ...]
    snapshot: int = 0
    version: int = 0
    profile: Profile | None = None

    @property
    def passed(self) -> bool:
        """Whether no result would withhold a write."""
        return not any(result.blocks for result in self.results)


class QualityService:
    """The quality of a project's datasets; ``environments`` tell which parent an environment falls back to."""

    def __init__(self, store: Store, root: Path, environments: Sequence[Environment] = BUILTIN_ENVIRONMENTS) -> None:
        self.store = store
        self.environments = tuple(environments)
        self.book = ContractBook(root)

    def contracts(self) -> Mapping[str, Contract]:
        """The contracts of the project, by dataset. Raises SpecError."""
        return self.book.contracts()

    def check(self, name_or_file: str, contract_path: Path | None = None, environment: str = "prod") -> Checked:
        """Evaluate a contract on the current snapshot of a dataset, or on a Parquet or CSV file.

        The contract is the dataset's own unless ``contract_path`` gives one; a file needs it. Nothing is stored.
        Raises NotFound: WB-CHK-720 no such dataset, WB-CHK-721 no contract, WB-CHK-712 no such file; UsageError
        (WB-CHK-722) for a file without a contract; SpecError for a contract that is wrong.
        """
        if name_or_file.lower().endswith(FILE_ENDINGS):
            return self._check_file(name_or_file, contract_path)
        dataset = parse_dataset(name_or_file)
        snapshot = self._current(dataset, environment)
        contract = self.contract(dataset, contract_path)
        results = _evaluate(contract, [file.path for file in snapshot.files], snapshot)
        return Checked(dataset, contract.path, snapshot.rows, results, snapshot.id, snapshot.version)

    def latest(self, name: str, environment: str = "prod") -> Checked:
        """How the current snapshot of a dataset stood when it was published. Raises NotFound (WB-CHK-720)."""
        snapshot = self._current(parse_dataset(name), environment)
        with self.store.reading() as transaction:
            results = tuple(transaction.quality.results(snapshot.id))
            profile = transaction.quality.profile(snapshot.id)
        contract = self.book.contracts().get(name)
        path = contract.path if contract is not None else ""
        return Checked(name, path, snapshot.rows, results, snapshot.id, snapshot.version, profile)

    def standings(self, environment: str = "prod") -> tuple[Stands, ...]:
        """Every dataset that has data in an environment or its parents, the worst first, as it was published last."""
        places = chain(self.environments, environment)
        with self.store.reading() as transaction:
            current = transaction.datasets.current(places)
            found = [_stands(transaction, name, current.get(name)) for name in transaction.datasets.names()]
        order = list(Standing)
        return tuple(sorted(filter(None, found), key=lambda one: (order.index(one.standing), one.dataset)))

    def contract(self, dataset: str, path: Path | None = None) -> Contract:
        """The contract of a dataset, from ``path`` when given. Raises NotFound: WB-CHK-721, WB-CHK-712 no such file."""
        if path is not None and not path.exists():
            raise missing_file(str(path))
        found = dict(self.book.contracts()) if path is None else _by_dataset(path)
        if dataset in found:
            return found[dataset]
        if path is not None and len(found) == 1:
            return next(iter(found.values()))
        raise NotFound(
            "WB-CHK-721",
            f"there is no contract for {dataset}",
            cause=did_you_mean(dataset, found).strip() or f"{path or FOLDER} promises {', '.join(found) or 'nothing'}",
            next=f"write {FOLDER}/{dataset}.odcs.yaml, or name a contract with --contract FILE",
        )

    def _check_file(self, file: str, contract_path: Path | None) -> Checked:
        if not Path(file).exists():
            raise missing_file(file)
        if contract_path is None:
            raise UsageError(
                "WB-CHK-722", f"{file} is a file, which has no contract of its own", next="add --contract FILE"
            )
        contract = self.contract("", contract_path)
        results = _evaluate(contract, [file], None)
        return Checked(file, contract.path, results[0].rows if results else 0, results)

    def _current(self, dataset: str, environment: str) -> Snapshot:
        with self.store.reading() as transaction:
            known = transaction.datasets.get(dataset)
            names = transaction.datasets.names()
        if known is None:
            raise NotFound(
                "WB-CHK-720",
                f"there is no dataset {dataset}",
                cause=did_you_mean(dataset, names).strip(),
                next="run the pipeline that writes it",
            )
        places = [place for place in chain(self.environments, environment) if place in known.current]
        if not places:
            raise NotFound(
                "WB-CHK-720",
                f"{dataset} has no snapshot in {environment}",
                cause=f"it has one in {', '.join(known.current)}" if known.current else "nothing of it was published",
                next="run the pipeline that writes it",
            )
        return known.current[places[0]]


def _stands(transaction: Transaction, name: str, current: int | None) -> Stands | None:
    """How a dataset stands; ``None`` when there is no data of it."""
    newest = next(iter(transaction.datasets.snapshots(name, 1)), None)
    if newest is None:
        return None
    shown = newest if newest.withheld or current in (None, newest.id) else transaction.datasets.snapshot(current or 0)
    results = transaction.quality.results(shown.id)
    bad = tuple(result for result in results if result.outcome is not Outcome.PASS)
    if shown.withheld:
        standing = Standing.WITHHELD
    elif any(result.blocks for result in bad):
        standing = Standing.FAILING
    elif bad:
        standing = Standing.WARNED
    else:
        standing = Standing.GOOD if results else Standing.UNCHECKED
    return Stands(name, standing, len(results), bad, shown.id, shown.version, shown.rows, shown.created_at)


def _by_dataset(path: Path) -> dict[str, Contract]:
    return {contract.dataset: contract for contract in load_contract(path, str(path))}


def _evaluate(contract: Contract, files: list[str], snapshot: Snapshot | None) -> tuple[CheckResult, ...]:
    from workbench.quality.compiler import evaluate

    return evaluate(contract.checks, files, snapshot.schema if snapshot is not None else None)
