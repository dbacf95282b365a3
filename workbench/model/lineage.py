"""Lineage: an edge says that this was made from that, and which run proved it."""

from __future__ import annotations

from workbench.model.frozen import dataclass

DIRECT = ("identity", "transformation", "aggregation")
"""How values of one column become values of another; OpenLineage's subtypes of DIRECT, in small letters."""
INDIRECT = ("join", "group_by", "filter", "sort", "window", "conditional")
"""How a column decides on rows or values without becoming one of them; OpenLineage's subtypes of INDIRECT."""
WHOLE = ""
"""In the place of a column: the dataset as a whole, all of its columns and rows."""


@dataclass(frozen=True)
class Edge:
    """``target`` was written from ``source``; ``cell`` is the writing cell in the executed notebook."""

    source: str
    target: str
    source_snapshot: int
    target_snapshot: int
    run: str
    step: str
    attempt: str
    cell: int | None = None


@dataclass(frozen=True)
class ColumnEdge:
    """A column of ``target`` takes its values from a column of ``source``, or depends on it.

    ``kind`` is ``direct`` or ``indirect``, ``how`` one of ``DIRECT`` or ``INDIRECT``. Either column may be ``WHOLE``:
    the count of all rows comes from the whole source, and what filters rows decides on the whole target. ``method``
    says how it was learnt (``sql``: from the text of a statement), ``confidence`` from 0 to 1 how far to trust it, and
    ``expression`` is the text that makes the value, empty where nothing more can be said than the names do. Which run
    and cell proved it is said by the ``Edge`` between the same two datasets.
    """

    source: str
    source_column: str
    target: str
    target_column: str
    kind: str
    how: str
    method: str
    confidence: float = 1.0
    expression: str = ""


@dataclass(frozen=True)
class Node:
    """A node of a graph; ``kind`` is ``dataset``, ``step`` or ``report``; ``detail`` is one quiet fact."""

    id: str
    kind: str
    name: str
    detail: str = ""


@dataclass(frozen=True)
class Graph:
    """Nodes, and arrows between their ids in the direction the data flows."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[str, str], ...]
    focus: str = ""
    truncated: bool = False
