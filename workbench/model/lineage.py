"""Lineage: an edge says that this was made from that, and which run proved it."""

from __future__ import annotations

from dataclasses import dataclass


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
