"""Where everything stands in a text of YAML, to the letter, so that a part of it can be changed and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from workbench.documents import Path, parse_events, unveil
from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class Part:
    """A value: the letters from ``start`` to ``end`` of the text, equal for a value that is left out.

    ``flow`` marks ``{…}`` and ``[…]``; ``entries`` are those of a mapping or a list, in the order of the text.
    """

    kind: Literal["mapping", "list", "scalar"]
    start: int
    end: int
    flow: bool = False
    entries: tuple[Entry, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether a key is there without its value."""
        return self.start == self.end

    def at(self, key: str | int) -> Entry | None:
        """The entry of a key, or the one of that number in a list."""
        return next((entry for entry in self.entries if entry.key == key), None)


@dataclass(frozen=True)
class Entry:
    """One entry of a mapping, or of a list; its key (in a list, the value) begins at ``start``, ``key_end`` ends it."""

    key: str | int
    start: int
    key_end: int
    value: Part


def outline(text: str) -> Part | None:
    """The parts of a text that ``load_yaml`` accepts, without a byte order mark; None where it holds no value."""
    events = parse_events(text)
    for event in events:
        if _kind(event) is not None:
            return _part(event, events, text)
    return None


def find(root: Part | None, path: Path) -> list[Entry] | None:
    """The entries that lead to a path, outermost first; None when there is nothing at it."""
    found: list[Entry] = []
    part = root
    for key in path:
        entry = part.at(key) if part else None
        if entry is None:
            return None
        found.append(entry)
        part = entry.value
    return found


def _kind(event: Any) -> Literal["mapping", "list", "scalar"] | None:
    """What an event begins. Events are told apart by name, so that only ``documents`` knows the parser."""
    match type(event).__name__:
        case "MappingStartEvent":
            return "mapping"
        case "SequenceStartEvent":
            return "list"
        case "ScalarEvent":
            return "scalar"
    return None


def _part(event: Any, events: Iterator[Any], text: str) -> Part:
    kind = _kind(event)
    start, end = event.start_mark.index, event.end_mark.index
    if kind == "scalar":  # a block of text ends where the next thing begins
        return Part("scalar", start, start + len(text[start:end].rstrip()))
    assert kind is not None
    entries: list[Entry] = []
    while _kind(inner := next(events)) is not None:
        if kind == "list":
            value = _part(inner, events, text)
            entries.append(Entry(len(entries), value.start, value.start, value))
            continue
        key = _part(inner, events, text)
        entries.append(Entry(unveil(inner.value), key.start, key.end, _part(next(events), events, text)))
    flow = bool(event.flow_style)
    stop = inner.end_mark.index if flow or not entries else max(entries[-1].value.end, entries[-1].key_end)
    return Part(kind, start, stop, flow, tuple(entries))
