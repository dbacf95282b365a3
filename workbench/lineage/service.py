"""What others ask of lineage: what a dataset was made from, and what is made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from workbench.lineage.graph import MOST_NODES, Link, Walk, assemble, downstream, kind, step_id, upstream
from workbench.model.delivery import BUILTIN_ENVIRONMENTS, Environment, chain
from workbench.model.errors import NotFound, UsageError, did_you_mean
from workbench.model.lineage import Edge, Graph
from workbench.model.report import Report
from workbench.store.transaction import Store, Transaction

_WAYS = {"upstream": (True, False), "downstream": (False, True), "both": (True, True)}


class LineageService:
    """The lineage of a project."""

    def __init__(self, store: Store, environments: Sequence[Environment] = BUILTIN_ENVIRONMENTS) -> None:
        self._store = store
        self._environments = tuple(environments)

    def show(
        self,
        name: str,
        depth: int | None = None,
        *,
        direction: str = "both",
        environment: str = "prod",
        most: int = MOST_NODES,
    ) -> Graph:
        """The datasets, steps and reports around a dataset, as far as they led to what is current.

        ``depth`` counts datasets, ``None`` goes to the end; ``direction`` is upstream, downstream or both; each way has
        at most ``most`` nodes. Raises
        NotFound (WB-CAT-401 dataset, WB-LIN-803 column), UsageError for another direction (WB-LIN-801), and for a
        column (WB-LIN-802), as lineage is known by dataset.
        """
        if direction not in _WAYS:
            raise UsageError(
                "WB-LIN-801", f'"{direction}" is no direction of lineage', next=f"one of {', '.join(_WAYS)}"
            )
        up, down = _WAYS[direction]
        with self._store.reading() as transaction:
            _refuse_column(transaction, name)
            transaction.datasets.named(name)
            current = _Current(transaction, chain(self._environments, environment))
            walks: list[Walk] = []
            if up:
                walks.append(upstream(name, current.into, depth, most))
            if down:
                walks.append(downstream(name, current.out_of, depth, most))
            ends = {end for walk in walks for link in walk.links for end in (link.source, link.target)}
            return assemble(name, walks, current.details(ends | {name}))

    def path(self, name: str, other: str, *, environment: str = "prod") -> Graph:
        """All ways from one dataset to another, whichever of them comes first; without arrows when there is none.

        Raises what ``show`` raises.
        """
        for start, end in ((name, other), (other, name)):
            down = self.show(start, direction="downstream", environment=environment)
            up = self.show(end, direction="upstream", environment=environment)
            between = {node.id for node in down.nodes} & {node.id for node in up.nodes}
            if start in between and end in between:
                nodes = tuple(node for node in down.nodes if node.id in between)
                arrows = tuple(arrow for arrow in down.arrows if between.issuperset(arrow) and arrow in up.arrows)
                return Graph(nodes, arrows, name, down.truncated or up.truncated)
        ends = tuple(node for node in (*down.nodes, *up.nodes) if node.id in (name, other))
        return Graph(ends, (), name, down.truncated or up.truncated)

    def evidence(self, source: str, target: str, *, environment: str = "prod") -> tuple[Edge, ...]:
        """The edges behind an arrow between two nodes of a graph, newest first; none where there is no such arrow.

        Each says which run proved it, and in which cell. Raises NotFound (WB-CAT-401) for an unknown dataset.
        """
        with self._store.reading() as transaction:
            for name in (source, target):
                if kind(name) == "dataset":
                    transaction.datasets.named(name)
            current = _Current(transaction, chain(self._environments, environment))
            into = kind(target) != "step"
            fetch = transaction.lineage.into if into else transaction.lineage.out_of
            found = current.proved([target] if into else [source], fetch)
        step, other = (source, "") if into and kind(source) == "step" else ("" if into else target, source)
        return tuple(edge for edge, maker in reversed(found) if (maker == step if step else edge.source == other))


def _refuse_column(transaction: Transaction, name: str) -> None:
    """Raise when ``name`` is a dataset and something after it: a column that it has or has not."""
    dataset, _, column = name.rpartition(".")
    found = transaction.datasets.get(dataset)
    newest = transaction.datasets.newest(dataset) if found is not None else None
    if newest is None:
        return
    columns = [each.name for each in transaction.datasets.snapshot(newest).schema.columns]
    if column not in columns:
        cause = f"its columns are {', '.join(columns)}." + did_you_mean(column, columns)
        raise NotFound("WB-LIN-803", f'{dataset} has no column "{column}"', cause=cause)
    raise UsageError(
        "WB-LIN-802",
        f"there is no lineage of the column {name}",
        cause="lineage is known by dataset",
        next=f"wb lineage show {dataset}",
    )


class _Current:
    """The edges behind what is current in an environment; those of content that was since replaced are left out."""

    def __init__(self, transaction: Transaction, places: Sequence[str]) -> None:
        self._transaction = transaction
        self._current: dict[str, int | None] = dict(transaction.datasets.current(places))
        self._held: dict[str, frozenset[int]] = {}
        self._reports: dict[str, Report | None] = {}

    def into(self, names: Sequence[str]) -> Iterable[Link]:
        return self._links(names, self._transaction.lineage.into)

    def out_of(self, names: Sequence[str]) -> Iterable[Link]:
        return self._links(names, self._transaction.lineage.out_of)

    def details(self, names: Iterable[str]) -> dict[str, str]:
        """One quiet fact of each dataset (version and rows) and report (its title)."""
        told = {}
        pointed = {name: found for name in names if (found := self._pointed(name)) is not None}
        sizes = self._transaction.datasets.sizes(pointed.values())
        for name, identifier in pointed.items():
            version, rows = sizes[identifier]
            told[name] = f"version {version}, {rows:,} {'row' if rows == 1 else 'rows'}"
        titles = {name: report.title for name in names if (report := self._report(name)) is not None}
        return told | titles

    def _pointed(self, name: str) -> int | None:
        """What is current of a dataset: here, else in the parents, else the newest there is."""
        if kind(name) == "dataset" and name not in self._current:
            self._current[name] = self._transaction.datasets.newest(name)
        return self._current.get(name)

    def proved(self, names: Sequence[str], fetch: Callable[..., tuple[Edge, ...]]) -> list[tuple[Edge, str]]:
        """The edges that count, oldest first, each with the id of the step that made it, empty for none."""
        every = fetch(*names)
        self._hold(edge.target for edge in every)
        edges = [edge for edge in every if self._counts(edge)]
        pipelines = self._transaction.runs.pipelines({edge.run for edge in edges if edge.run})
        makers = (step_id(pipelines[edge.run], edge.step) if pipelines.get(edge.run) else "" for edge in edges)
        return list(zip(edges, makers, strict=True))

    def _links(self, names: Sequence[str], fetch: Callable[..., tuple[Edge, ...]]) -> Iterable[Link]:
        return [Link(edge.source, edge.target, maker) for edge, maker in self.proved(names, fetch)]

    def _counts(self, edge: Edge) -> bool:
        """Whether what the edge led to is part of what is current; a report is what its last run made of it."""
        if kind(edge.target) == "report":
            report = self._report(edge.target)
            return report is not None and report.run == edge.run
        return edge.target_snapshot in self._held[edge.target]

    def _report(self, name: str) -> Report | None:
        if kind(name) == "report" and name not in self._reports:
            pipeline, _, step = name.partition(":")[2].partition(".")
            self._reports[name] = self._transaction.reports.latest(pipeline, step)
        return self._reports.get(name)

    def _hold(self, names: Iterable[str]) -> None:
        """Learn which snapshots have rows in what is current of datasets, of all of them at once."""
        unknown = {name for name in names if kind(name) == "dataset"} - self._held.keys()
        pointed = {name: found for name in unknown if (found := self._pointed(name)) is not None}
        built = self._transaction.datasets.built_on(pointed) if pointed else {}
        self._held |= {name: built.get(name, frozenset()) for name in unknown}
