"""Flows: from which columns a value comes and which decide on it; and relations, which are columns with their flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property

from workbench.model.frozen import dataclass
from workbench.model.lineage import DIRECT, INDIRECT, WHOLE

Flows = dict[tuple[str, str, str], float]
"""(dataset, column or ``WHOLE``, how) → confidence; how is one of ``DIRECT`` or ``INDIRECT``."""

ALL = 0.9
"""How far it is trusted that a star takes every column of a table of which nobody knows the columns."""
_STRENGTH = {how: number for number, how in enumerate(DIRECT)}


def stronger(outer: str, inner: str) -> str:
    """How a value came that came ``inner`` into something that went on ``outer``.

    What only decides goes on deciding as it did, unless what it decided on is itself only decided by.
    """
    if outer in INDIRECT or inner in INDIRECT:
        return outer if outer in INDIRECT else inner
    return max(outer, inner, key=_STRENGTH.__getitem__)


def add(into: Flows, more: Mapping[tuple[str, str, str], float], how: str = "identity", trust: float = 1.0) -> None:
    """Let ``more`` flow into ``into``, going on as ``how`` says; of two alike the surer one stays."""
    for (dataset, column, inner), confidence in more.items():
        key = (dataset, column, stronger(how, inner))
        into[key] = max(into.get(key, 0.0), confidence * trust)


def gathered(each: Iterable[Flows], how: str = "identity") -> Flows:
    """Several flows as one."""
    found: Flows = {}
    for flows in each:
        add(found, flows, how)
    return found


@dataclass(frozen=True)
class Made:
    """A column of a relation: its name, where its values come from, and the text that makes them."""

    name: str
    flows: Flows
    text: str = ""

    @property
    def aggregated(self) -> bool:
        return any(how == "aggregation" for _, _, how in self.flows)


@dataclass(frozen=True)
class Beyond:
    """Columns that nobody listed: of ``datasets`` with columns unknown, or of a function that ``made`` them."""

    datasets: tuple[tuple[str, float], ...] = ()
    made: Flows = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    def column(self, name: str) -> Flows | None:
        """What flows into the column ``name``, if there is one; None when it was taken out."""
        if name.casefold() in self.without:
            return None
        share = max(len(self.datasets), 1)
        return {(dataset, name, "identity"): trust / share for dataset, trust in self.datasets} | self.made

    def every(self) -> Flows:
        """What flows into all of them together."""
        return {(dataset, WHOLE, "identity"): trust * ALL for dataset, trust in self.datasets} | self.made


@dataclass(frozen=True)
class Relation:
    """What a query makes: its columns in order, those ``beyond``, what decides on its rows, and whose rows they are."""

    columns: tuple[Made, ...] = ()
    beyond: Beyond | None = None
    rows: Flows = field(default_factory=dict)
    tables: frozenset[str] = frozenset()

    @cached_property
    def _index(self) -> dict[str, list[Made]]:
        found: dict[str, list[Made]] = {}
        for made in self.columns:
            found.setdefault(made.name.casefold(), []).append(made)
        return found

    def listed(self, name: str) -> Made | None:
        """The column of this name, letters as written before letters in other case; None when it is not listed."""
        alike = self._index.get(name.casefold(), [])
        return next((made for made in alike if made.name == name), alike[0] if alike else None)

    def column(self, name: str) -> Flows | None:
        """What flows into a column by its name; None when there is no such column."""
        if (made := self.listed(name)) is not None:
            return made.flows
        return self.beyond.column(name) if self.beyond is not None else None

    def every(self) -> Flows:
        """What flows into any of the columns."""
        found = gathered(made.flows for made in self.columns)
        if self.beyond is not None:
            add(found, self.beyond.every())
        return found

    def renamed(self, names: Iterable[str]) -> Relation:
        """With the first columns named anew, as ``AS t(a, b)`` does; of unknown columns only the names are learnt."""
        names = list(names)
        if not names:
            return self
        if self.beyond is not None and len(self.columns) < len(names):
            flows = self.every()
            share = 2 if self.beyond.datasets else 1
            made = [Made(name, {key: trust / share for key, trust in flows.items()}) for name in names]
            return Relation(tuple(made), None, self.rows, self.tables)
        made = [Made(new, old.flows, old.text) for new, old in zip(names, self.columns, strict=False)]
        return Relation((*made, *self.columns[len(made) :]), self.beyond, self.rows, self.tables)

    def without(self, names: Iterable[str]) -> Relation:
        """Without the columns of these names."""
        gone = frozenset(name.casefold() for name in names)
        columns = tuple(made for made in self.columns if made.name.casefold() not in gone)
        beyond = self.beyond
        if beyond is not None:
            beyond = Beyond(beyond.datasets, beyond.made, beyond.without | gone)
        return Relation(columns, beyond, self.rows, self.tables)

    def called(self, names: Mapping[str, str]) -> Relation:
        """With datasets under other names."""

        def new(flows: Flows) -> Flows:
            return {
                (names.get(dataset, dataset), column, how): trust for (dataset, column, how), trust in flows.items()
            }

        beyond = self.beyond
        if beyond is not None:
            others = tuple((names.get(dataset, dataset), trust) for dataset, trust in beyond.datasets)
            beyond = Beyond(others, new(beyond.made), beyond.without)
        columns = tuple(Made(made.name, new(made.flows), made.text) for made in self.columns)
        tables = frozenset(names.get(dataset, dataset) for dataset in self.tables)
        return Relation(columns, beyond, new(self.rows), tables)

    def deciding(self, flows: Flows, how: str) -> Relation:
        """With ``flows`` that decide on the rows, as ``how`` says."""
        rows = dict(self.rows)
        add(rows, flows, how)
        return Relation(self.columns, self.beyond, rows, self.tables)

    def __iter__(self) -> Iterator[Made]:
        return iter(self.columns)


def table(dataset: str, columns: Iterable[str] | None, trust: float = 1.0) -> Relation:
    """The relation of a dataset itself; ``columns`` is None when nobody knows them."""
    tables = frozenset((dataset,))
    if columns is None:
        return Relation(beyond=Beyond(((dataset, trust),)), tables=tables)
    return Relation(tuple(Made(name, {(dataset, name, "identity"): trust}) for name in columns), tables=tables)


def both(first: Beyond | None, second: Beyond | None) -> Beyond | None:
    """The columns beyond either."""
    if first is None or second is None:
        return first or second
    made = dict(first.made)
    add(made, second.made)
    return Beyond(tuple(dict((*first.datasets, *second.datasets)).items()), made, first.without & second.without)
