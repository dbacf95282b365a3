"""What is to be drawn: boxes and arrows, wherever they come from; many alike are folded into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from workbench.model.frozen import dataclass

MOST = 150
"""Boxes beyond which groups are folded, the largest first."""
FEWEST = 6
"""Boxes that a folded chart has at least; rather than fewer, a group stays open."""
PREFIX = "group:"
"""How the id of a folded group begins."""
URGENT = (
    *("failed", "error", "lost", "withheld", "cancelled", "upstream_failed", "warn", "stale"),
    *("running", "staged", "queued", "succeeded", "skipped"),
)
"""States, the one that most calls for a look first; it is the state of a group."""


@dataclass(frozen=True)
class Box:
    """One box: ``kind`` is ``dataset``, ``step``, ``report``, ``column`` or ``group``; ``detail`` is one quiet fact.

    ``state`` is that of a run or a check, empty for none. ``group`` is what it can be folded into; ``href`` is where it
    leads. ``members`` counts what a group stands for.
    """

    id: str
    kind: str
    name: str
    detail: str = ""
    state: str = ""
    href: str = ""
    group: str = ""
    members: int = 0


@dataclass(frozen=True)
class Chart:
    """Boxes, and arrows between their ids; ``focus`` is the id of the box that it is about, if there is one.

    ``folded`` maps the groups that are folded to how many boxes each holds; ``truncated`` says that there is more.
    """

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...] = ()
    focus: str = ""
    truncated: bool = False
    folded: Mapping[str, int] = field(default_factory=dict)


def fold(chart: Chart, most: int = MOST, opened: Collection[str] = ()) -> Chart:
    """The chart with its largest groups folded until it has at most ``most`` boxes, then what is joined alike.

    ``opened`` groups stay open, and so does what the chart is about. Arrows within a group are not drawn.
    """
    groups = Counter(box.group for box in chart.boxes if box.group and box.id != chart.focus)
    many = len(chart.boxes)
    chosen: set[str] = set()
    for name, size in sorted(groups.items(), key=lambda item: (-item[1], item[0])):
        if many <= most or size < 2:
            break
        if name not in opened and many - size + 1 >= FEWEST:
            chosen.add(name)
            many -= size - 1
    folded = fold_groups(chart, chosen)
    return _fold_twins(folded, opened) if len(folded.boxes) > most else folded


def _fold_twins(chart: Chart, opened: Collection[str]) -> Chart:
    """The chart with boxes of one kind as one that are joined to the very same others."""
    joined: dict[str, tuple[set[str], set[str]]] = {box.id: (set(), set()) for box in chart.boxes}
    for source, target in chart.arrows:
        joined[source][1].add(target)
        joined[target][0].add(source)
    twins: dict[tuple[str, frozenset[str], frozenset[str]], list[Box]] = {}
    for box in chart.boxes:
        before, after = joined[box.id]
        if (before or after) and box.kind != "group" and box.id != chart.focus:
            twins.setdefault((box.kind, frozenset(before), frozenset(after)), []).append(box)
    names = {
        box.id: f"{alike[0].name} … {alike[-1].name}" for alike in twins.values() if len(alike) > 2 for box in alike
    }
    marked = tuple(replace(box, group=names.get(box.id, "")) for box in chart.boxes)
    folded = fold_groups(replace(chart, boxes=marked), set(names.values()) - set(opened))
    groups = {box.id: box.group for box in chart.boxes}
    return replace(folded, boxes=tuple(replace(box, group=groups.get(box.id, box.group)) for box in folded.boxes))


def fold_groups(chart: Chart, chosen: Collection[str]) -> Chart:
    """The chart with the named groups folded; each stands where its first box stood."""
    members: dict[str, list[Box]] = {name: [] for name in chosen}
    stands_for: dict[str, str] = {}
    order: list[str | Box] = []
    for box in chart.boxes:
        if box.group in members and box.id != chart.focus:
            if not members[box.group]:
                order.append(box.group)
            members[box.group].append(box)
            stands_for[box.id] = PREFIX + box.group
        else:
            order.append(box)
    boxes = tuple(item if isinstance(item, Box) else _group(item, members[item]) for item in order)
    arrows = dict.fromkeys((stands_for.get(one, one), stands_for.get(two, two)) for one, two in chart.arrows)
    kept = tuple((one, two) for one, two in arrows if one != two or not one.startswith(PREFIX))
    folded = {**chart.folded, **{name: len(found) for name, found in members.items() if found}}
    return replace(chart, boxes=boxes, arrows=kept, folded=folded)


def worst(states: Iterable[str]) -> str:
    """The state that most calls for a look."""
    found = set(states)
    return next((state for state in URGENT if state in found), "")


def _group(name: str, members: Sequence[Box]) -> Box:
    kinds = Counter(box.kind for box in members)
    detail = ", ".join(f"{many:,} {kind}{'s' if many > 1 else ''}" for kind, many in kinds.items())
    state = worst(box.state for box in members)
    if state and (alike := sum(box.state == state for box in members)) < len(members):
        detail += f", {alike:,} {state.replace('_', ' ')}"
    href = members[0].href if all(box.href == members[0].href for box in members) else ""
    return Box(PREFIX + name, "group", name, detail, state, href, members=len(members))
