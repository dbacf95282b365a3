"""Scopes: what the names inside a query mean, and the budget of reading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from workbench.lineage.sql.flows import Flows, Made, Relation, add
from workbench.lineage.sql.schemas import Parts

MOST_WORK = 1_000_000
"""Nodes and flows that are looked at for one statement; a second or two."""
_OWN = frozenset(
    {"rowid", "rownum", "ctid", "oid", "tableoid", "filename", "_partitiontime", "_partitiondate", "level"}
)
"""Columns that engines add by themselves; they come from no column."""
ONE_OF_MANY = 0.9
"""How far it is trusted that a column that no known table has is of the only table of unknown columns."""


class TooMuch(Exception):
    """A statement takes more work than it is given."""


class Reading:
    """One statement being read: what it read, what could not be said, and the work that is left."""

    def __init__(self, tables: Callable[[Parts], tuple[Relation, str | None]], dialect: str | None) -> None:
        self.dialect = dialect
        self.reads: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.inside: list[tuple[exp.Expr, Scope]] = []
        """Changes inside a query, which gives what they return, each with its scope."""
        self._tables = tables
        self._left = MOST_WORK

    def spend(self, work: int = 1) -> None:
        """Take work from the budget. Raises TooMuch when there is none left."""
        self._left -= work
        if self._left < 0:
            raise TooMuch

    def note(self, text: str) -> None:
        """Say what could not be said."""
        self.notes[text] = None

    def table(self, parts: Parts) -> Relation:
        """The relation of a table by the parts of its name, of which it is noted that it was read."""
        relation, note = self._tables(parts)
        self.reads.update(dict.fromkeys(sorted(relation.tables)))
        if note is not None:
            self.note(note)
        self.spend(len(relation.columns))
        return relation


@dataclass
class Scope:
    """The sources of one query by alias, the queries named before it, and the scope around it.

    ``shared`` are columns that a join made one, ``named`` what the query itself has named so far, ``hidden`` the
    sources that a star does not take. ``ask`` reads a query inside an expression.
    """

    reading: Reading
    ask: Callable[[exp.Expr, Scope], Relation]
    ctes: Mapping[str, Relation] = field(default_factory=dict)
    outer: Scope | None = None
    sources: dict[str, Relation] = field(default_factory=dict)
    shared: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, Made] = field(default_factory=dict)
    windows: dict[str, exp.Expr] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def inner(self, ctes: Mapping[str, Relation]) -> Scope:
        """A scope inside this one, that knows more queries by name."""
        return Scope(self.reading, self.ask, ctes, self)

    def put(self, alias: str, relation: Relation) -> str:
        """Make a relation a source; a second one of the same alias gets another. Gives the alias."""
        key = alias.casefold()
        while key in self.sources:
            key += "\0"
        self.sources[key] = relation
        return key

    def column(self, parts: Parts) -> Flows:
        """What flows into a column by the parts of its name, from here outward; noted when there is none."""
        for look in (Scope._here, Scope._field):
            scope: Scope | None = self
            while scope is not None:
                self.reading.spend()
                if (found := look(scope, parts)) is not None:
                    self.reading.spend(len(found))
                    return found
                scope = scope.outer
        if parts[-1].casefold() not in _OWN:
            self.reading.note(f"it is not known where {'.'.join(parts)[:200]} comes from")
        return {}

    def _here(self, parts: Parts) -> Flows | None:
        if len(parts) == 1:
            return self._bare(parts[0])
        source = self.sources.get(parts[-2].casefold())
        return source.column(parts[-1]) if source is not None else None

    def _field(self, parts: Parts) -> Flows | None:
        """What flows into a field of a column that holds a structure."""
        for position, part in enumerate(parts[:-1]):
            source = self.sources.get(part.casefold())
            whole = source.column(parts[position + 1]) if source is not None else None
            whole = self._bare(part) if whole is None and position == 0 else whole
            if whole is not None:
                found: Flows = {}
                add(found, whole, "transformation")
                return found
        return None

    def _bare(self, name: str) -> Flows | None:
        key = name.casefold()
        holders = self.shared.get(key) or [
            alias for alias, source in self.sources.items() if source.listed(name) is not None
        ]
        found: Flows = {}
        for alias in holders:
            sure = 1.0 if key in self.shared else 1.0 / len(holders)
            add(found, self.sources[alias].column(name) or {}, trust=sure)
        if holders:
            return found
        open_ones = [source for source in self.sources.values() if source.beyond is not None]
        own = self.named.get(key)
        if own is not None and not (open_ones and any(column == name for _, column, _ in own.flows)):
            return own.flows
        if key in self.sources and not self.sources[key].tables:
            return self.sources[key].every()
        sure = (1.0 if len(self.sources) == 1 else ONE_OF_MANY) / max(len(open_ones), 1)
        hits = [flows for source in open_ones if (flows := source.column(name)) is not None]
        for flows in hits:
            add(found, flows, trust=sure)
        if hits:
            return found
        return self.sources[key].every() if key in self.sources else None
