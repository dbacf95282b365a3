"""Datasets, their snapshots, the pointers of the environments, and who read what, as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, update

from workbench.model.catalog import Found, Narrow, SearchHit, Use
from workbench.model.dataset import Dataset, Mode, Read, Snapshot
from workbench.model.errors import Conflict, NotFound, did_you_mean
from workbench.store import tables
from workbench.store.rows import chunks, insert_all, now
from workbench.store.search import browse, find, keep_about, keep_columns
from workbench.store.snapshots import find_snapshots, insert_snapshot

_snapshot, _pointer, _dataset = tables.snapshot, tables.pointer, tables.dataset


class Datasets:
    """What data there is, and which of it is current where."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Dataset | None:
        """A dataset with its current snapshots, if there is one of that name."""
        found = self._find(_dataset.c.name == name)
        return found[0] if found else None

    def named(self, name: str) -> Dataset:
        """A dataset with its current snapshots. Raises NotFound (WB-CAT-401), with the name that was meant."""
        found = self.get(name)
        if found is not None:
            return found
        names = self.names()
        same_table = [known for known in names if known.endswith(f".{name}")]
        meant = f' Did you mean "{same_table[0]}"?' if same_table else did_you_mean(name, names)
        cause = "nothing was ever written to it." + meant
        raise NotFound("WB-CAT-401", f'there is no dataset "{name}"', cause=cause, next="wb catalog search")

    def all(self) -> tuple[Dataset, ...]:
        """Every dataset with its current snapshots, by name."""
        return self._find(_dataset.c.name.is_not(None))

    def names(self) -> tuple[str, ...]:
        """The names of all datasets, in order."""
        return tuple(self._connection.execute(select(_dataset.c.name).order_by(_dataset.c.name)).scalars())

    def describe(
        self, name: str, description: str = "", owner: str = "", tags: Sequence[str] = (), about: str = ""
    ) -> None:
        """Say what a dataset is, new or known; ``about`` is further text to find it by."""
        self._ensure(name)
        row = {"description": description, "owner": owner, "tags": list(tags)}
        self._connection.execute(update(_dataset).where(_dataset.c.name == name).values(row))
        keep_about(self._connection, name, [description, owner, *tags, about])

    def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Datasets in which every word of ``text`` occurs, best first; all of them when it is empty."""
        return find(self._connection, text, limit)

    def browse(self, text: str, narrow: Narrow, limit: int, offset: int, *, facets: bool = True) -> Found:
        """Part of what ``search`` finds, narrowed; with how many there are, and by what they can be narrowed."""
        return browse(self._connection, text, narrow, limit, offset, facets=facets)

    def add_snapshot(self, snapshot: Snapshot) -> Snapshot:
        """Keep a snapshot; returns it with the next version of its dataset, or 0 while it is withheld."""
        self._ensure(snapshot.dataset)
        kept = insert_snapshot(self._connection, snapshot)
        if not kept.withheld:
            keep_columns(self._connection, kept.dataset, kept.schema)
        return kept

    def snapshot(self, identifier: int) -> Snapshot:
        """A snapshot by its Iceberg id. Raises NotFound (WB-DAT-341)."""
        found = find_snapshots(self._connection, select(_snapshot).where(_snapshot.c.id == identifier))
        if not found:
            raise NotFound("WB-DAT-341", f"there is no snapshot {identifier}")
        return found[0]

    def snapshots(self, name: str, limit: int | None = None) -> tuple[Snapshot, ...]:
        """The snapshots of a dataset, newest first, withheld ones too."""
        statement = select(_snapshot).where(_snapshot.c.dataset == name)
        newest = (_snapshot.c.created_at.desc(), _snapshot.c.version.desc(), _snapshot.c.id.desc())
        return find_snapshots(self._connection, statement.order_by(*newest).limit(limit))

    def newest(self, dataset: str) -> int | None:
        """The snapshot of a dataset that was published last, in whichever environment."""
        published = select(_snapshot.c.id).where(_snapshot.c.dataset == dataset, _snapshot.c.version.is_not(None))
        return self._connection.execute(published.order_by(_snapshot.c.version.desc()).limit(1)).scalar_one_or_none()

    def sizes(self, identifiers: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Snapshot id → its version and its rows, without loading its files."""
        columns = (_snapshot.c.id, _snapshot.c.version, _snapshot.c.rows)
        return {
            row.id: (row.version or 0, row.rows)
            for some in chunks(identifiers)
            for row in self._connection.execute(select(*columns).where(_snapshot.c.id.in_(some)))
        }

    def built_on(self, pointed: Mapping[str, int]) -> dict[str, frozenset[int]]:
        """Dataset → the snapshot given and those before it whose rows it may hold, back to the last overwrite."""
        statement = select(_snapshot.c.id, _snapshot.c.parent, _snapshot.c.mode, _snapshot.c.dataset)
        known: dict[str, dict[int, tuple[int | None, str]]] = {name: {} for name in pointed}
        for row in self._connection.execute(statement.where(_snapshot.c.dataset.in_(list(pointed)))):
            known[row.dataset][row.id] = (row.parent, row.mode)
        return {name: self._line(known[name], identifier) for name, identifier in pointed.items()}

    @staticmethod
    def _line(known: Mapping[int, tuple[int | None, str]], identifier: int) -> frozenset[int]:
        found: set[int] = set()
        step: int | None = identifier
        while step is not None and step in known and step not in found:
            found.add(step)
            parent, mode = known[step]
            step = None if mode == Mode.OVERWRITE.value else parent
        return frozenset(found)

    def written_in(self, run: str) -> dict[str, tuple[Snapshot, ...]]:
        """Step → the snapshots that its attempts made in a run, withheld ones too; without steps that made none."""
        statement = select(_snapshot).where(_snapshot.c.run == run)
        found: dict[str, tuple[Snapshot, ...]] = {}
        for each in find_snapshots(self._connection, statement.order_by(_snapshot.c.dataset, _snapshot.c.created_at)):
            found[each.step] = (*found.get(each.step, ()), each)
        return found

    def pointers(self, environment: str) -> dict[str, int]:
        """Dataset → snapshot id of what is current in an environment itself, its parents left aside."""
        statement = select(_pointer.c.dataset, _pointer.c.snapshot).where(_pointer.c.environment == environment)
        return {row.dataset: row.snapshot for row in self._connection.execute(statement)}

    def current(self, chain: Sequence[str]) -> dict[str, int]:
        """Dataset → snapshot id of what is current in the first environment of ``chain`` that has one."""
        found: dict[str, int] = {}
        for environment in reversed(chain):
            found |= self.pointers(environment)
        return found

    def move_pointer(self, environment: str, dataset: str, expected: int | None, to: int) -> None:
        """Make ``to`` current in an environment where ``expected`` is (``None``: where nothing is yet).

        Raises Conflict (WB-DAT-320) when something else has become current meanwhile.
        """
        here = (_pointer.c.environment == environment) & (_pointer.c.dataset == dataset)
        current = self._connection.execute(select(_pointer.c.snapshot).where(here)).scalar_one_or_none()
        if current != expected:
            raise self._overtaken(environment, dataset, current)
        values = {"snapshot": to, "moved_at": now()}
        if expected is None:
            self._connection.execute(insert(_pointer).values(environment=environment, dataset=dataset, **values))
        else:
            self._connection.execute(update(_pointer).where(here).values(values))

    def unfollowed(self) -> tuple[tuple[str, str, int], ...]:
        """``(environment, dataset, snapshot)`` of every pointer that its Iceberg branch has not followed yet."""
        lagging = _pointer.c.followed.is_(None) | (_pointer.c.followed != _pointer.c.snapshot)
        statement = select(_pointer.c.environment, _pointer.c.dataset, _pointer.c.snapshot).where(lagging)
        rows = self._connection.execute(statement.order_by(_pointer.c.environment, _pointer.c.dataset))
        return tuple((environment, dataset, snapshot) for environment, dataset, snapshot in rows)

    def mark_followed(self, environment: str, dataset: str, snapshot: int) -> None:
        """The Iceberg branch of an environment points to ``snapshot`` now."""
        here = (_pointer.c.environment == environment) & (_pointer.c.dataset == dataset)
        self._connection.execute(update(_pointer).where(here).values(followed=snapshot))

    def live_paths(self) -> frozenset[str]:
        """The paths of all files that any snapshot holds."""
        return frozenset(self._connection.execute(select(tables.data_file.c.path)).scalars())

    def add_reads(self, attempt: str, reads: Iterable[Read]) -> None:
        """Keep what an attempt read."""
        insert_all(self._connection, tables.dataset_read, ({"attempt": attempt, **vars(read)} for read in reads))

    def reads(self, attempt: str) -> tuple[Read, ...]:
        """What an attempt read, in order."""
        table = tables.dataset_read
        rows = self._connection.execute(select(table).where(table.c.attempt == attempt).order_by(table.c.id)).mappings()
        return tuple(Read(row["dataset"], row["snapshot"], row["cell"], tuple(row["columns"])) for row in rows)

    def readers(self, dataset: str) -> tuple[Use, ...]:
        """The steps that read a dataset, each with its latest run."""
        table = tables.dataset_read
        return self._uses(select(table.c.attempt).where(table.c.dataset == dataset))

    def writers(self, dataset: str) -> tuple[Use, ...]:
        """The steps that wrote a dataset and published it, each with its latest run."""
        return self._uses(
            select(_snapshot.c.attempt).where(_snapshot.c.dataset == dataset, _snapshot.c.withheld.is_(False))
        )

    def _ensure(self, name: str) -> None:
        if self._connection.execute(select(_dataset.c.name).where(_dataset.c.name == name)).first() is None:
            row = {"name": name, "created_at": now(), "description": "", "owner": "", "tags": []}
            self._connection.execute(insert(_dataset).values(row))
            keep_about(self._connection, name, ())

    def _find(self, condition: ColumnElement[bool]) -> tuple[Dataset, ...]:
        current = select(_pointer).join(_dataset, _dataset.c.name == _pointer.c.dataset).where(condition)
        pointers = self._connection.execute(current.order_by(_pointer.c.environment)).all()
        pointed = current.with_only_columns(_pointer.c.snapshot)
        snapshots = find_snapshots(self._connection, select(_snapshot).where(_snapshot.c.id.in_(pointed)))
        by_id = {snapshot.id: snapshot for snapshot in snapshots}
        by_name: dict[str, dict[str, Snapshot]] = defaultdict(dict)
        for row in pointers:
            by_name[row.dataset][row.environment] = by_id[row.snapshot]
        rows = self._connection.execute(select(_dataset).where(condition).order_by(_dataset.c.name)).mappings()
        return tuple(
            Dataset(**{**row, "tags": tuple(row["tags"])}, current=by_name.get(row["name"], {})) for row in rows
        )

    def _uses(self, attempts: Select[tuple[str]]) -> tuple[Use, ...]:
        runs, steps, table = tables.run, tables.step_run, tables.attempt
        latest = (
            select(func.max(steps.c.id))
            .join(table, table.c.step_run == steps.c.id)
            .join(runs, runs.c.id == steps.c.run)
            .where(table.c.id.in_(attempts))
            .group_by(runs.c.pipeline, steps.c.step)
        )
        columns = (runs.c.pipeline, steps.c.step, steps.c.notebook, steps.c.run, steps.c.ended_at.label("at"))
        statement = select(*columns).join(runs, runs.c.id == steps.c.run).where(steps.c.id.in_(latest))
        rows = self._connection.execute(statement.order_by(runs.c.pipeline, steps.c.step)).mappings()
        return tuple(Use(**row) for row in rows)

    def _overtaken(self, environment: str, dataset: str, current: int | None) -> Conflict:
        cause = f"nothing is current in {environment}"
        if current is not None:
            other = self.snapshot(current)
            cause = f"version {other.version} became current in {environment}" + (
                f" by run {other.run}" if other.run else ""
            )
        return Conflict(
            "WB-DAT-320",
            f"{dataset} was changed by somebody else meanwhile",
            cause=cause,
            kept="Nothing of this write was published.",
            next="run it again on what is current now",
        )
