"""Walks over edges, and the graph that a walk makes; pure, whoever fetches the edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from workbench.model.frozen import dataclass
from workbench.model.lineage import Graph, Node

MOST_NODES = 500
_REPORT = "report:"
_STEP = "step:"


@dataclass(frozen=True)
class Link:
    """That ``target`` was made from ``source`` by ``maker``, the id of a step, empty for an interactive kernel."""

    source: str
    target: str
    maker: str = ""


@dataclass(frozen=True)
class Walk:
    """The links that a walk passed; ``cut`` when it stopped before the end of the graph."""

    links: tuple[Link, ...]
    cut: bool = False


def step_id(pipeline: str, step: str) -> str:
    """The id of a step in a graph."""
    return f"{_STEP}{pipeline}.{step}"


def report_id(pipeline: str, step: str) -> str:
    """The id of a step's report in a graph, and its name as the target of an edge; no dataset can be named so."""
    return f"{_REPORT}{pipeline}.{step}"


def kind(identifier: str) -> str:
    """Whether an id is that of a ``dataset``, a ``step`` or a ``report``."""
    if identifier.startswith(_STEP):
        return "step"
    return "report" if identifier.startswith(_REPORT) else "dataset"


def upstream(
    start: str, into: Callable[[Sequence[str]], Iterable[Link]], depth: int | None = None, most: int = MOST_NODES
) -> Walk:
    """What ``start`` was made from, ``depth`` levels far (``None``: to the end), at most ``most`` nodes of it.

    ``into`` gives the links whose target is one of the names it is given. A dataset made from itself ends there.
    """
    return _walk(start, into, lambda link: link.source, depth, most)


def downstream(
    start: str, out_of: Callable[[Sequence[str]], Iterable[Link]], depth: int | None = None, most: int = MOST_NODES
) -> Walk:
    """What was made from ``start``; as ``upstream``, the other way."""
    return _walk(start, out_of, lambda link: link.target, depth, most)


def assemble(focus: str, walks: Iterable[Walk], details: Mapping[str, str]) -> Graph:
    """The graph of some walks from ``focus``: datasets and reports with the steps between them.

    ``details`` holds the quiet fact of a node by its id.
    """
    walks = tuple(walks)
    arrows: dict[tuple[str, str], None] = {}
    nodes = {focus: None}
    for link in sorted({link for walk in walks for link in walk.links}, key=lambda link: (link.target, link.source)):
        path = (link.source, link.maker, link.target) if link.maker else (link.source, link.target)
        nodes.update(dict.fromkeys(path))
        arrows.update(dict.fromkeys(pairwise(path)))
    return Graph(
        tuple(Node(name, kind(name), _shown(name), details.get(name, "")) for name in sorted(nodes)),
        tuple(sorted(arrows)),
        focus,
        any(walk.cut for walk in walks),
    )


def _walk(
    start: str,
    fetch: Callable[[Sequence[str]], Iterable[Link]],
    far_end: Callable[[Link], str],
    depth: int | None,
    most: int,
) -> Walk:
    seen, nodes, edge = {start}, {start}, [start]
    kept: dict[Link, None] = {}
    level, cut = 0, False
    while edge and not cut:
        beyond: list[str] = []
        for link in sorted(fetch(edge), key=lambda link: (far_end(link), link.maker)):
            other = far_end(link)
            more = {other, link.maker or other} - nodes
            if other not in seen and (level == depth or len(nodes) + len(more) > most):
                cut = True
                continue
            if level != depth:
                kept[link] = None
                nodes |= more
                if other not in seen:
                    seen.add(other)
                    beyond.append(other)
        edge, level = beyond, level + 1
    return Walk(tuple(kept), cut)


def _shown(identifier: str) -> str:
    return identifier if kind(identifier) == "dataset" else identifier.rpartition(".")[2]
