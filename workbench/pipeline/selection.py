"""Which steps ``--select`` names: names, globs and tags, with graph operators, unions and intersections.

``clean`` is a step or all its instances, ``delays[EWR]`` one instance, ``delays*`` a glob, ``tag:mart`` all steps with
that tag. ``+clean`` adds everything before, ``clean+`` everything after, ``2+clean`` and ``clean+1`` so many edges far.
``a,b`` is either, ``a&b`` both; ``&`` binds closer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.frozen import dataclass

_TAG = "tag:"
_BEFORE = re.compile(r"(\d*)\+(?=.)")
_AFTER = re.compile(r"(?<=.)\+(\d*)$")


@dataclass(frozen=True)
class Node:
    """One step to select from; ``upstream`` may name a base, which stands for all its instances.

    ``open`` says that the step will become instances whose names are not known yet.
    """

    name: str
    base: str
    tags: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    open: bool = False


def select(expressions: Sequence[str], nodes: Sequence[Node]) -> frozenset[str]:
    """The names of the nodes that any of the expressions selects.

    Raises UsageError (WB-PIP-646) for what cannot be read, for a name, glob or tag that nothing has, and when nothing
    at all is selected.
    """
    graph = _Graph(nodes)
    found = frozenset[str]().union(*(_union(text, graph) for text in expressions))
    if not found:
        raise UsageError(
            "WB-PIP-646", f'--select "{", ".join(expressions)}" selects no step', next="join names by , to have either"
        )
    return found


def _union(text: str, graph: _Graph) -> frozenset[str]:
    return frozenset().union(*(_both(part, text, graph) for part in _split(text, ",")))


def _both(text: str, whole: str, graph: _Graph) -> frozenset[str]:
    return frozenset.intersection(*(_reach(part, whole, graph) for part in _split(text, "&")))


def _split(text: str, sign: str) -> list[str]:
    """The parts of ``text`` between signs that stand outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == sign and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _reach(text: str, whole: str, graph: _Graph) -> frozenset[str]:
    """What one atom with its operators selects."""
    before, after = _BEFORE.match(text), _AFTER.search(text)
    atom = text[before.end() if before else 0 : after.start() if after else len(text)]
    if not atom or atom.startswith("+"):
        raise UsageError(
            "WB-PIP-646",
            f'--select "{whole}" cannot be read',
            cause=f'"{text}" names no step' if text else "a name is missing",
            next="write names, globs or tag:NAME, as in --select clean+ or --select '+daily,tag:mart'",
        )
    found = set(graph.matching(atom))
    if before:
        found |= graph.reach(found, graph.up, int(before[1]) if before[1] else None)
    if after:
        found |= graph.reach(frozenset(graph.matching(atom)), graph.down, int(after[1]) if after[1] else None)
    return frozenset(found)


class _Graph:
    """The nodes with their edges; a base with several instances is a junction of its own, at no distance from them."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        names = {node.name for node in nodes}
        self._members: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            if node.base not in names:
                self._members[node.base].append(node.name)
        self.up: dict[str, list[str]] = defaultdict(list)
        self.down: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            for other in node.upstream:
                self.up[node.name].append(other)
                self.down[other].append(node.name)

    def matching(self, atom: str) -> list[str]:
        """The names that a name, a glob or a tag matches. Raises UsageError (WB-PIP-646) when there are none."""
        if atom.startswith(_TAG):
            fits = _glob(atom.removeprefix(_TAG))
            found = [node.name for node in self._nodes if any(map(fits.fullmatch, node.tags))]
        else:
            fits, stem = _glob(atom), atom.partition("[")[0]
            found = [node.name for node in self._nodes if self._is_meant(node, atom, fits, stem)]
        if not found:
            raise self._unknown(atom)
        return found

    def _is_meant(self, node: Node, atom: str, fits: re.Pattern[str], stem: str) -> bool:
        if fits.fullmatch(node.name) or fits.fullmatch(node.base):
            return True
        return node.open and "[" in atom and (stem == node.name or atom.startswith(node.name.removesuffix("]") + ","))

    def reach(self, start: Iterable[str], edges: Mapping[str, Sequence[str]], depth: int | None) -> set[str]:
        """What lies at most ``depth`` edges away, however far when it is None; the start too."""
        found, frontier = set(start), set(start)
        while frontier and depth != 0:
            origins = frontier | {self._junction(name) for name in frontier} if edges is self.down else frontier
            ahead = {other for name in origins for other in edges.get(name, ())}
            frontier = {one for name in ahead for one in self._members.get(name, (name,))} - found
            found |= frontier
            depth = None if depth is None else depth - 1
        return found

    def _junction(self, name: str) -> str:
        base = name.partition("[")[0]
        return base if base in self._members else ""

    def _unknown(self, atom: str) -> UsageError:
        if atom.startswith(_TAG):
            known = sorted({tag for node in self._nodes for tag in node.tags})
            hint = did_you_mean(atom.removeprefix(_TAG), known)
            cause = (f"tags: {', '.join(known)}." if known else "no step has a tag.") + hint
        else:
            bases = list(dict.fromkeys(node.base for node in self._nodes))
            names = [node.name for node in self._nodes if node.base == atom.partition("[")[0]] or bases
            shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            cause = f"steps: {shown}." + did_you_mean(atom, [*names, *bases])
        return UsageError(
            "WB-PIP-646", f'--select: no step is called "{atom}"', cause=cause, next="correct it, or leave --select out"
        )


def _glob(text: str) -> re.Pattern[str]:
    """``*`` is anything, ``?`` one letter; brackets are letters, since names of instances have them."""
    return re.compile(translate(text.replace("[", "[[]")))
