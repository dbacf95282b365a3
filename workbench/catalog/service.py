"""What others ask of the catalog: find a dataset, and show all that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workbench.model.catalog import CatalogEntry, ColumnEntry, Found, InputEntry, Narrow, SearchHit
from workbench.model.dataset import Dataset, Snapshot
from workbench.model.delivery import BUILTIN_ENVIRONMENTS, Environment, chain
from workbench.model.errors import NotFound
from workbench.model.quality import Contract
from workbench.model.run import Run, StepRun
from workbench.store.transaction import Store, Transaction

EVERYTHING = Narrow()


class CatalogService:
    """The catalog of a project; ``contracts`` gives its contracts by dataset."""

    def __init__(
        self,
        store: Store,
        contracts: Callable[[], Mapping[str, Contract]],
        environments: Sequence[Environment] = BUILTIN_ENVIRONMENTS,
    ) -> None:
        self._store = store
        self._contracts = contracts
        self._environments = tuple(environments)

    def search(self, text: str = "", limit: int = 50) -> tuple[SearchHit, ...]:
        """Datasets whose name, columns, description, tags or owner hold every word of ``text``, best first.

        A word that is found nowhere is replaced by a close one, and the hits say so. Empty text lists all datasets.
        """
        with self._store.reading() as transaction:
            return transaction.datasets.search(text, limit)

    def browse(
        self, text: str = "", narrow: Narrow = EVERYTHING, *, limit: int = 50, offset: int = 0, facets: bool = True
    ) -> Found:
        """As ``search``, narrowed and from the ``offset``-th on; with the total and the facets of what was found."""
        with self._store.reading() as transaction:
            return transaction.datasets.browse(text, narrow, limit, offset, facets=facets)

    def show(self, name: str, environment: str = "prod", history: int = 20) -> CatalogEntry:
        """All that is known of a dataset, with its last ``history`` snapshots.

        Where the environment has nothing of its own, what its parents have is shown, or else the newest version.
        Raises NotFound: WB-CAT-401 unknown, WB-CAT-402 promised by a contract but never written.
        """
        contract = self._contracts().get(name)
        with self._store.reading() as transaction:
            if contract is not None and transaction.datasets.get(name) is None:
                raise NotFound(
                    "WB-CAT-402",
                    f'dataset "{name}" has no data yet',
                    cause=f"{contract.path} promises it, but nothing was ever written to it",
                    next="run the pipeline that writes it",
                )
            dataset = transaction.datasets.named(name)
            return _entry(transaction, dataset, chain(self._environments, environment), contract, history)


def _entry(
    transaction: Transaction, dataset: Dataset, places: Sequence[str], contract: Contract | None, limit: int
) -> CatalogEntry:
    history = transaction.datasets.snapshots(dataset.name, limit)
    snapshot = _current(transaction, dataset, places)
    newest = history[0] if history else None
    run, step = _origin(transaction, snapshot)
    return CatalogEntry(
        dataset=dataset,
        environment=places[0],
        snapshot=snapshot,
        columns=_columns(transaction, snapshot, contract),
        history=history,
        contract=contract,
        results=transaction.quality.results(snapshot.id) if snapshot else (),
        withheld=transaction.quality.results(newest.id) if newest and newest.withheld else (),
        readers=transaction.datasets.readers(dataset.name),
        writers=transaction.datasets.writers(dataset.name),
        inputs=_inputs(transaction, snapshot),
        run=run,
        step=step,
    )


def _current(transaction: Transaction, dataset: Dataset, places: Sequence[str]) -> Snapshot | None:
    for name in places:
        if name in dataset.current:
            return dataset.current[name]
    newest = transaction.datasets.newest(dataset.name)
    return None if newest is None else transaction.datasets.snapshot(newest)


def _columns(transaction: Transaction, snapshot: Snapshot | None, contract: Contract | None) -> tuple[ColumnEntry, ...]:
    if snapshot is None:
        return ()
    profile = transaction.quality.profile(snapshot.id)
    measured = {column.column: column for column in profile.columns} if profile else {}
    promised = {promise.column: promise.description for promise in contract.columns} if contract else {}
    return tuple(
        ColumnEntry(
            column.name,
            column.type,
            promised.get(column.name) or column.doc,
            *((found.nulls, found.minimum, found.maximum) if (found := measured.get(column.name)) else ()),
        )
        for column in snapshot.schema.columns
    )


def _inputs(transaction: Transaction, snapshot: Snapshot | None) -> tuple[InputEntry, ...]:
    edges = transaction.lineage.of_snapshot(snapshot.id) if snapshot else ()
    sources = dict.fromkeys((edge.source, edge.source_snapshot) for edge in edges)
    sizes = transaction.datasets.sizes(identifier for _, identifier in sources)
    return tuple(InputEntry(name, identifier, *sizes.get(identifier, (0, 0))) for name, identifier in sources)


def _origin(transaction: Transaction, snapshot: Snapshot | None) -> tuple[Run | None, StepRun | None]:
    """The run, without its steps, and the step run that wrote a snapshot; an interactive kernel leaves neither."""
    if snapshot is None or not snapshot.attempt:
        return None, None
    step = transaction.runs.step_run(transaction.runs.attempt(snapshot.attempt).step_run)
    return transaction.runs.head(step.run), step
