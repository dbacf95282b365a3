"""Which files make up a snapshot: all of them, or what came and went since the snapshot that it was built on.

A list is told whole again once the changes since the last whole one, its root, would outgrow it. So a thousand
partitions that are published one by one are kept in a few thousand rows, and to read one costs no more than its files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from sqlalchemy import Connection, select

from workbench.model.frozen import dataclass
from workbench.store.rows import chunks, insert_all
from workbench.store.tables import snapshot, snapshot_file

GONE = -1
"""The position of a file that the snapshot before has and this one has not."""


@dataclass(frozen=True)
class Told:
    """How the files of a new snapshot are told, in ``links``: against ``root``, or all of them when that is None."""

    root: int | None
    links: Sequence[tuple[int, int]]

    def keep(self, connection: Connection, identifier: int) -> None:
        """Keep them for a snapshot, which must be there."""
        rows = ({"snapshot": identifier, "position": position, "file": number} for position, number in self.links)
        insert_all(connection, snapshot_file, rows)


def tell(connection: Connection, numbers: Sequence[int], parent: int | None) -> Told:
    """How to tell the numbers of the files of a new snapshot, in their order, that is built on ``parent``."""
    whole = Told(None, list(enumerate(numbers)))
    if parent is None:
        return whole
    trails = _Trails(connection, [parent])
    before = trails.numbers(parent)
    now, then = set(numbers), set(before)
    stay = [number for number in before if number in now]
    new = [number for number in numbers if number not in then]
    changes = trails.changes(parent) + len(before) - len(stay) + max(len(new), 1)
    if [*stay, *new] != list(numbers) or changes >= len(numbers):
        return whole
    return Told(trails.root(parent), [*((GONE, number) for number in before if number not in now), *enumerate(new)])


def find(connection: Connection, identifiers: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Snapshot id → the numbers of its files, in their order; none for a snapshot that is not there."""
    wanted = list(dict.fromkeys(identifiers))
    trails = _Trails(connection, wanted)
    return {identifier: trails.numbers(identifier) for identifier in wanted}


@dataclass(frozen=True)
class _Link:
    """What a snapshot changes in the one before it, or all its files."""

    gone: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)


class _Trails:
    """The ways from some snapshots back to their roots, read at once."""

    def __init__(self, connection: Connection, wanted: Sequence[int]) -> None:
        columns = select(snapshot.c.id, snapshot.c.parent, snapshot.c.root)
        self._before: dict[int, tuple[int | None, int | None]] = {}
        for some in chunks(wanted):
            for row in connection.execute(columns.where(snapshot.c.id.in_(some))):
                self._before[row.id] = (row.parent, row.root)
        roots = {root for _, root in self._before.values() if root is not None}
        for some in chunks(roots):
            for row in connection.execute(columns.where(snapshot.c.root.in_(some))):
                self._before[row.id] = (row.parent, row.root)
        needed = {each for identifier in wanted for each in self._trail(identifier)}
        self._links: Mapping[int, _Link] = _links(connection, needed)
        self._known: dict[int, tuple[int, ...]] = {}

    def root(self, identifier: int) -> int:
        """The snapshot at the end of the way, which may be the one it began with."""
        return self._trail(identifier)[-1]

    def changes(self, identifier: int) -> int:
        """Rows on the way to the root, at least one for each snapshot."""
        links = (self._links[each] for each in self._trail(identifier)[:-1])
        return sum(max(len(link.gone) + len(link.new), 1) for link in links)

    def numbers(self, identifier: int) -> tuple[int, ...]:
        """The numbers of the files of a snapshot, in their order."""
        ahead: list[int] = []
        files: dict[int, None] = {}
        for each in self._trail(identifier):
            if each in self._known:
                files = dict.fromkeys(self._known[each])
                break
            ahead.append(each)
        for each in reversed(ahead):
            link = self._links[each]
            for number in link.gone:
                files.pop(number, None)
            files |= dict.fromkeys(link.new)
        self._known[identifier] = tuple(files)
        return self._known[identifier]

    def _trail(self, identifier: int) -> list[int]:
        """A snapshot and those before it, up to its root."""
        trail = [identifier]
        parent, root = self._before.get(identifier, (None, None))
        while root is not None and trail[-1] != root and parent is not None:
            trail.append(parent)
            parent, _ = self._before.get(parent, (None, None))
        return trail


def _links(connection: Connection, identifiers: Iterable[int]) -> Mapping[int, _Link]:
    found: dict[int, _Link] = defaultdict(_Link)
    columns = select(snapshot_file.c.snapshot, snapshot_file.c.file, snapshot_file.c.position)
    for some in chunks(identifiers):
        chosen = columns.where(snapshot_file.c.snapshot.in_(some)).order_by(snapshot_file.c.position)
        for owner, file, position in connection.execute(chosen):
            (found[owner].gone if position == GONE else found[owner].new).append(file)
    return found
