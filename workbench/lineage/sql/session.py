"""What is known while statements follow one another: tables they made, temporary ones, renames, edges so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from workbench.lineage.sql.flows import Flows, Made, Relation, add, stronger, table
from workbench.lineage.sql.schemas import Parts, Schemas, fold
from workbench.model.lineage import INDIRECT, WHOLE, ColumnEdge

MOST_EDGES = 100_000
METHOD = "sql"


class TooManyEdges(Exception):
    """Statements say more than is kept."""


@dataclass
class Held:
    """A table that statements made or changed: its columns as far as they are known.

    A ``temporary`` one is never named in an edge: in its place stand those that it was made from, its ``relation``.
    """

    name: str
    columns: tuple[str, ...] | None
    temporary: bool = False
    relation: Relation = field(default_factory=Relation)
    made: bool = False

    def spelled(self, name: str) -> str:
        """A column's name as the table writes it; as it is given where the table has none of that name."""
        return self._spelling.get(name) or self._spelling.get(name.casefold(), name)

    @cached_property
    def _spelling(self) -> Mapping[str, str]:
        columns = self.columns or ()
        return {each.casefold(): each for each in reversed(columns)} | {each: each for each in columns}


_Key = tuple[str, str, str, str, str]
_Known = tuple[
    dict[Parts, Held | None],
    dict[tuple[str, str], None],
    dict[str, None],
    dict[str, None],
    dict[_Key, ColumnEdge],
]


class Session:
    """The state between statements; one per text, or per cell, as they were carried out."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._held: dict[Parts, Held | None] = {}
        self.pairs: dict[tuple[str, str], None] = {}
        self.reads: dict[str, None] = {}
        self.writes: dict[str, None] = {}
        self._edges: dict[_Key, ColumnEdge] = {}
        self._kept: _Known | None = None

    @property
    def edges(self) -> tuple[ColumnEdge, ...]:
        return tuple(self._edges.values())

    # -- tables ------------------------------------------------------------------------------------------------------

    def table(self, parts: Parts) -> tuple[Relation, str | None]:
        """The relation of a table by its name in a statement; with it what is to be noted."""
        held = self.held(parts)
        if held is not None and held.temporary:
            return held.relation, None
        if held is not None:
            return table(held.name, held.columns), None
        name, sure = self._schemas.find(parts)
        columns = self._schemas.columns(name)
        return table(name, columns, sure), f"the columns of {name} are not known" if columns is None else None

    def held(self, parts: Parts) -> Held | None:
        """What statements before made of a table; by its last part where only one of that name was made."""
        folded = fold(parts)
        if folded in self._held:
            return self._held[folded]
        alike = [
            held
            for key, held in self._held.items()
            if held is not None and (key[-len(folded) :] == folded or folded[-len(key) :] == key)
        ]
        return alike[0] if len(alike) == 1 else None

    def target(self, parts: Parts) -> Held:
        """The table that a statement writes; an unknown one has no known columns."""
        held = self.held(parts)
        if held is None:
            name, _ = self._schemas.find(parts)
            held = Held(name, self._schemas.columns(name))
        return held

    def make(self, parts: Parts, columns: Iterable[str] | None, temporary: bool = False) -> Held:
        """A table that a statement makes anew."""
        name, _ = self._schemas.find(parts)
        known = tuple(columns) if columns is not None else None
        relation = Relation(tuple(Made(each, {}) for each in known or ()))
        held = Held(name, known, temporary, relation, made=True)
        self._held[fold(parts)] = held
        return held

    def replaced(self, parts: Parts) -> Mapping[str, str] | None:
        """Set a table aside that statements made and another one is to take the place of; None when there is none.

        Gives the name that it has from now on, by its old one; ``fold`` takes it out of the edges.
        """
        held = self.held(parts)
        if held is None or not held.made or held.temporary:
            return None
        names = {held.name: f"{held.name}\0"}
        self._rename_all(names, names)
        self._forget(parts, held)
        return names

    def drop(self, parts: Parts) -> None:
        """Forget a table; one that was made and dropped here is folded: what it gave came from what it was made of."""
        held = self.held(parts)
        self._forget(parts, held)
        if held is not None and held.made and not held.temporary:
            self.fold(held.name)

    def rename(self, parts: Parts, new: Parts) -> None:
        """A table goes on under another name, and with it the edges to it."""
        held = self.held(parts)
        if len(new) == 1 and len(parts) > 1:
            new = (*parts[:-1], *new)
        name, _ = self._schemas.find(new)
        old = held if held is not None else self.target(parts)
        self._forget(parts, held)
        self._held[fold(parts)] = None
        self._held[fold(new)] = Held(name, old.columns, old.temporary, old.relation, old.made)
        if old.temporary or name == old.name:
            return
        self._rename_all({old.name: name} if old.made else {}, {old.name: name})
        if not old.made:
            for column in old.columns if old.columns is not None else (WHOLE,):
                self.edge(ColumnEdge(old.name, column, name, column, "direct", "identity", METHOD))
            self.wrote(name, (old.name,))

    def swap(self, one: Parts, other: Parts) -> None:
        """Two tables change names: what was made here has the other name, and what was there before goes over to it."""
        first, second = self.target(one), self.target(other)
        names = {each.name: new.name for each, new in ((first, second), (second, first)) if each.made}
        self._rename_all(names, names)
        for each, new in ((first, second), (second, first)):
            if not each.made:
                for column in each.columns if each.columns is not None else (WHOLE,):
                    self.edge(ColumnEdge(each.name, column, new.name, column, "direct", "identity", METHOD))
                self.wrote(new.name, (each.name,))
        self._held[fold(one)] = replace(second, name=first.name)
        self._held[fold(other)] = replace(first, name=second.name)

    def add_column(self, parts: Parts, name: str) -> None:
        """A table has a column more."""
        held = self.target(parts)
        if held.columns is not None:
            self._held[fold(parts)] = replace(held, columns=(*held.columns, name))

    def drop_column(self, parts: Parts, name: str) -> None:
        """A table has a column less."""
        held = self.target(parts)
        columns = tuple(each for each in held.columns or () if each.casefold() != name.casefold())
        relation = held.relation.without((name,))
        self._held[fold(parts)] = replace(
            held, columns=columns if held.columns is not None else None, relation=relation
        )

    def rename_column(self, parts: Parts, old: str, new: str) -> None:
        """A column of a table goes on under another name."""
        held = self.target(parts)
        same = old.casefold()
        columns = tuple(new if each.casefold() == same else each for each in held.columns or ()) or None
        if held.temporary:
            made = [
                Made(new if each.name.casefold() == same else each.name, each.flows, each.text)
                for each in held.relation
            ]
            held.relation = replace(held.relation, columns=tuple(made))
        elif held.made:
            edges = [
                replace(edge, target_column=new)
                if edge.target == held.name and edge.target_column.casefold() == same
                else edge
                for edge in self.edges
            ]
            self._replace(edges)
        else:
            self.edge(ColumnEdge(held.name, old, held.name, new, "direct", "identity", METHOD))
            self.wrote(held.name, (held.name,))
        self._held[fold(parts)] = replace(held, columns=columns)

    def mark(self) -> None:
        """Remember what is known now: a transaction begins."""
        self._kept = (dict(self._held), dict(self.pairs), dict(self.reads), dict(self.writes), dict(self._edges))

    def undo(self) -> None:
        """Know again what was known when the transaction began, if one did."""
        if self._kept is not None:
            self._held, self.pairs, self.reads, self.writes, self._edges = self._kept
        self._kept = None

    # -- edges -------------------------------------------------------------------------------------------------------

    def wrote(self, target: str, sources: Iterable[str]) -> None:
        """That a statement wrote a dataset from others."""
        self.writes[target] = None
        self.pairs.update(dict.fromkeys((source, target) for source in sources))

    def flow(self, held: Held, column: str, flows: Flows, text: str = "") -> None:
        """What flows into a column of a table, or into ``WHOLE`` of it."""
        if held.temporary:
            self._flow_inside(held, column, flows, text)
            return
        for (source, source_column, how), trust in flows.items():
            kind = "indirect" if how in INDIRECT else "direct"
            shown = text if kind == "direct" and how != "identity" else ""
            trust = round(trust, 3)
            self.edge(ColumnEdge(source, source_column, held.name, column, kind, how, METHOD, trust, shown))

    def edge(self, edge: ColumnEdge) -> None:
        """Keep an edge; of two alike the surer one stays. Raises TooManyEdges."""
        key = (edge.source, edge.source_column, edge.target, edge.target_column, edge.how)
        before = self._edges.get(key)
        if before is None or edge.confidence > before.confidence:
            self._edges[key] = edge
        if len(self._edges) > MOST_EDGES:
            raise TooManyEdges
        if edge.target:
            self.pairs[(edge.source, edge.target)] = None

    def _flow_inside(self, held: Held, column: str, flows: Flows, text: str) -> None:
        relation = held.relation
        if column == WHOLE:
            rows = dict(relation.rows)
            add(rows, flows)
            held.relation = replace(relation, rows=rows)
            return
        before = relation.listed(column)
        merged = dict(before.flows) if before is not None else {}
        add(merged, flows)
        made = Made(before.name if before is not None else column, merged, text or (before.text if before else ""))
        others = [made if each is before else each for each in relation]
        held.relation = replace(relation, columns=tuple(others if before is not None else (*others, made)))

    def _forget(self, parts: Parts, held: Held | None) -> None:
        self._held = {key: each for key, each in self._held.items() if each is None or each is not held}
        self._held[fold(parts)] = None

    def _rename_all(self, sources: Mapping[str, str], targets: Mapping[str, str]) -> None:
        """Name datasets anew where edges come from, and where they lead to."""
        edges = [
            replace(edge, source=sources.get(edge.source, edge.source), target=targets.get(edge.target, edge.target))
            for edge in self.edges
        ]
        self._replace(edges)
        self.pairs = {(sources.get(one, one), targets.get(other, other)): None for one, other in self.pairs}
        self.writes = {targets.get(name, name): None for name in self.writes}
        self.reads = {sources.get(name, name): None for name in self.reads}

    def fold(self, name: str) -> None:
        """Take a table out of the edges: what led to it leads on to where it led."""
        into = [edge for edge in self.edges if edge.target == name]
        out = [edge for edge in self.edges if edge.source == name and edge.target != name]
        kept = [edge for edge in self.edges if name not in (edge.source, edge.target)]
        befores = [source for source, target in self.pairs if target == name and source != name]
        afters = [target for source, target in self.pairs if source == name and target != name]
        self._replace(kept)
        self.pairs = {pair: None for pair in self.pairs if name not in pair}
        self.pairs.update(dict.fromkeys((before, after) for before in befores for after in afters))
        for later in out:
            for earlier in into:
                fits = WHOLE in (later.source_column, earlier.target_column) or (
                    later.source_column == earlier.target_column
                )
                if fits and earlier.source != name:
                    self.edge(_through(earlier, later))
        self.writes.pop(name, None)
        self.reads.pop(name, None)

    def _replace(self, edges: Iterable[ColumnEdge]) -> None:
        self._edges = {}
        for edge in edges:
            key = (edge.source, edge.source_column, edge.target, edge.target_column, edge.how)
            self._edges[key] = edge


def _through(earlier: ColumnEdge, later: ColumnEdge) -> ColumnEdge:
    """One edge in the place of two that follow each other."""
    how = stronger(later.how, earlier.how)
    kind = "indirect" if how in INDIRECT else "direct"
    column = later.target_column
    if earlier.target_column == WHOLE and kind == "indirect":
        column = WHOLE
    elif later.source_column == WHOLE and later.target_column == WHOLE and kind == "direct":
        column = earlier.target_column
    return replace(
        earlier,
        target=later.target,
        target_column=column,
        kind=kind,
        how=how,
        confidence=round(earlier.confidence * later.confidence, 3),
        expression=later.expression or earlier.expression,
    )
