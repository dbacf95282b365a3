"""Lineage as text: a tree to read in a terminal, and Mermaid to draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from workbench.model.lineage import Graph, Node

_LINES = {False: ("├── ", "└── ", "│   ", "    "), True: ("|-- ", "`-- ", "|   ", "    ")}
_SHAPES = {"dataset": '{id}("{label}")', "step": '{id}["{label}"]', "report": '{id}@{{ shape: doc, label: "{label}" }}'}
_PLAIN = frozenset(" _.,-")
FEW = 3
"""Instances of a step that are named each by itself."""


def tree(graph: Graph, *, plain: bool = False) -> str:
    """What the focus was made from, as a tree, and below it what is made from it; ``plain`` draws in ASCII.

    Every line names a dataset or report, its version and rows, and the steps that made it. What was drawn before is
    marked and not drawn again.
    """
    nodes = {node.id: node for node in graph.nodes}
    above, makers = _makers(graph, nodes)
    below: dict[str, set[str]] = defaultdict(set)
    for target, sources in above.items():
        for source in sources - {target}:
            below[source].add(target)
    drawn = _Tree(nodes, makers, _LINES[plain], "(*)" if plain else "↑")
    drawn.branch(graph.focus, above)
    if below.get(graph.focus):
        drawn.lines += ["", "used by"]
        drawn.children(graph.focus, below)
    if drawn.repeated:
        drawn.lines += ["", f"{drawn.mark} drawn above"]
    if graph.truncated:
        drawn.lines += ["", "... and more" if plain else "… and more"]
    return "\n".join(drawn.lines) + "\n"


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart: datasets rounded, steps squared, reports as pages.

    Only our own ids and escaped labels are written, so no name can end its label or become Mermaid or HTML.
    """
    ids = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        label = "<br/>".join(_escape(text) for text in (node.name, node.detail) if text)
        lines.append("    " + _SHAPES[node.kind].format(id=ids[node.id], label=label))
    lines += [f"    {ids[source]} --> {ids[target]}" for source, target in graph.arrows]
    if graph.focus in ids:
        lines.append(f"    style {ids[graph.focus]} stroke-width:3px")
    return "\n".join(lines) + "\n"


class _Tree:
    """Lines being drawn; walks with a stack of its own, for lineage may be deeper than Python's."""

    def __init__(self, nodes: Mapping[str, Node], makers: Mapping[str, set[str]], lines: tuple[str, ...], mark: str):
        self.lines: list[str] = []
        self.repeated = False
        self.mark = mark
        self._nodes = nodes
        self._makers = makers
        self._more, self._last, self._bar, self._gap = lines
        self._drawn: set[str] = set()

    def branch(self, root: str, beyond: Mapping[str, set[str]]) -> None:
        """Draw ``root``, then what is beyond it."""
        self.lines.append(self._label(root))
        self.children(root, beyond)

    def children(self, root: str, beyond: Mapping[str, set[str]]) -> None:
        """Draw what is beyond ``root``."""
        self._drawn.add(root)
        waiting = self._level(root, "", beyond)
        while waiting:
            identifier, lead, is_last = waiting.pop()
            line = lead + (self._last if is_last else self._more) + self._label(identifier)
            if identifier in self._drawn:
                self.repeated = True
                self.lines.append(f"{line} {self.mark}")
                continue
            self._drawn.add(identifier)
            self.lines.append(line)
            waiting += self._level(identifier, lead + (self._gap if is_last else self._bar), beyond)

    def _level(self, root: str, lead: str, beyond: Mapping[str, set[str]]) -> list[tuple[str, str, bool]]:
        found = sorted(beyond.get(root, ()), reverse=True)
        return [(identifier, lead, number == 0) for number, identifier in enumerate(found)]

    def _label(self, identifier: str) -> str:
        node = self._nodes[identifier]
        name = node.name if node.kind == "dataset" else f"{node.kind} {node.name}"
        by = ", ".join(_folded(self._makers.get(identifier, ())))
        return "  ".join(
            part for part in (name, node.detail, f"by {by}" if by and node.kind == "dataset" else "") if part
        )


def _folded(names: Iterable[str]) -> list[str]:
    """Names of steps in order, many instances of one as ``clean[…] × 20``."""
    instances: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        instances[name.partition("[")[0]].append(name)
    alike = {base: [f"{base}[…] × {len(each):,}"] if len(each) > FEW else each for base, each in instances.items()}
    return [name for each in alike.values() for name in each]


def _makers(graph: Graph, nodes: Mapping[str, Node]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Target → what it was made from, past the steps between; and target → the names of those steps."""
    read: dict[str, set[str]] = defaultdict(set)
    for source, target in graph.arrows:
        if nodes[target].kind == "step":
            read[target].add(source)
    above: dict[str, set[str]] = defaultdict(set)
    makers: dict[str, set[str]] = defaultdict(set)
    for source, target in graph.arrows:
        if nodes[target].kind == "step":
            continue
        if nodes[source].kind == "step":
            makers[target].add(nodes[source].name)
            above[target] |= read[source]
        else:
            above[target].add(source)
    return above, makers


def _escape(text: str) -> str:
    """Letters, digits and a few marks as they are; everything else as Mermaid's code of the character."""
    shown = " ".join(text.split())
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in shown)
