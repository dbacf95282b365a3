"""The warehouse: a catalog of Iceberg tables, each a folder of data files and metadata, open to every Iceberg engine.

The catalog is named ``default``, so that ``load_catalog(type="sql", uri=…, warehouse=…)`` finds the tables.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workbench import files
from workbench.model.dataset import Candidate
from workbench.model.errors import Conflict, NotFound, StorageError
from workbench.model.location import Location
from workbench.store.network import refuse_network

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.table import Table
    from pyiceberg.table.update import TableRequirement, TableUpdate

T = TypeVar("T")

STAGING = "wb_"
"""What the names of staging branches begin with."""
_TRIES = 12
_PROPERTIES = {
    "format-version": "2",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "write.parquet.compression-codec": "zstd",
    "commit.retry.num-retries": "0",
}


class Warehouse:
    """The tables of one project; may be used by several threads and several processes at once."""

    def __init__(self, location: Location, uri: str) -> None:
        """``uri`` is the address of the catalog, as ``load_catalog`` takes it."""
        self.location = files.reach(location)
        self.uri = uri
        self._opening = threading.Lock()

    def check(self) -> None:
        """Raise StorageError when it cannot be used: a bucket (WB-DSK-310 to 312), a network drive (WB-DB-511)."""
        files.check(self.location)
        if (file := sqlite_file(self.uri)) is not None:
            refuse_network(file.parent)

    def close(self) -> None:
        """Close the connections to the catalog."""
        opened = self.__dict__.pop("_catalog", None)
        if opened is not None:
            opened.close()

    def snapshot(self, candidate: Candidate, *, branch: str, properties: Mapping[str, str]) -> int:
        """Make one Iceberg snapshot of a candidate, on a staging branch; returns its id.

        Only metadata is written. Raises Conflict (WB-DAT-340) when others commit to the table all the time.
        """
        from pyiceberg.exceptions import CommitFailedException

        from workbench.data import iceberg

        def commit() -> int:
            table = self._table(candidate)
            prepared = iceberg.prepare(table, candidate, branch, properties)
            try:
                self._commit(table, prepared.requirements, prepared.updates)
            except CommitFailedException:
                iceberg.delete(table, prepared.written)
                raise
            if not self.location.remote:
                iceberg.flush_metadata(self._catalog.load_table(candidate.dataset), prepared.snapshot_id)
            return prepared.snapshot_id

        return self._retried(commit, candidate.dataset)

    def follow(self, dataset: str, branch: str, snapshot_id: int, drop: str | None = None) -> None:
        """Move a branch to a snapshot and drop a staging branch; does nothing where that is done already.

        Raises NotFound (WB-DAT-341) when the table does not know the snapshot.
        """
        self._retried(lambda: self._follow(dataset, branch, snapshot_id, drop), dataset)

    def drop(self, dataset: str, branch: str) -> None:
        """Drop a branch, if it is there; its snapshot stays in the table's history."""
        self._retried(lambda: self._drop(dataset, branch), dataset)

    def load(self, dataset: str) -> Table:
        """The PyIceberg table of a dataset. Raises NotFound (WB-DAT-330)."""
        from pyiceberg.exceptions import NoSuchTableError

        try:
            return self._catalog.load_table(dataset)
        except NoSuchTableError:
            raise NotFound("WB-DAT-330", f"there is no table {dataset} in the warehouse") from None

    def sweep(
        self, live_paths: Collection[str], older_than_seconds: float, since: float = float("-inf")
    ) -> tuple[str, ...]:
        """Remove data files that no snapshot holds and staging branches nobody finished; returns what was removed.

        Files and branches younger than ``older_than_seconds`` are left alone: somebody may be about to publish them.
        So are files from before the moment ``since`` (seconds of the epoch), of which the store may not know any more.
        """
        oldest = time.time() - older_than_seconds
        removed = []
        for found in filter(_is_data, files.below(self.location)):
            if found.path not in live_paths and since <= found.changed < oldest:
                files.remove(found.path)
                removed.append(found.path)
        for dataset, branch in self._stale_branches(oldest):
            self.drop(dataset, branch)
            removed.append(f"{dataset}@{branch}")
        return tuple(removed)

    @cached_property
    def _catalog(self) -> SqlCatalog:
        from pyiceberg.catalog.sql import SqlCatalog

        _quiet()
        with self._opening:
            properties = {"warehouse": self.location.address, **files.properties(self.location)}
            if (file := sqlite_file(self.uri)) is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                properties["uri"] = self.uri + ("&" if "?" in self.uri else "?") + "timeout=30"
            else:
                properties |= {"uri": self.uri, "pool_pre_ping": "true"}
            return self._retried(lambda: SqlCatalog("default", **properties), "the catalog")

    def _table(self, candidate: Candidate) -> Table:
        """The table of a candidate, created when it is the first of its dataset."""
        from pyiceberg.exceptions import NamespaceAlreadyExistsError, NoSuchTableError, TableAlreadyExistsError

        from workbench.data import iceberg

        dataset = candidate.dataset
        try:
            return self._catalog.load_table(dataset)
        except NoSuchTableError:
            namespace, _, name = dataset.partition(".")
        with suppress(NamespaceAlreadyExistsError):
            self._catalog.create_namespace_if_not_exists(namespace)
        schema = iceberg.first_schema(candidate.schema)
        location = self.location.at(namespace, name)
        properties = {**_PROPERTIES, iceberg.NAME_MAPPING: iceberg.mapping_of([schema])}
        try:
            return self._catalog.create_table(dataset, schema, location=location, properties=properties)
        except TableAlreadyExistsError:
            return self._catalog.load_table(dataset)

    def _follow(self, dataset: str, branch: str, snapshot_id: int, drop: str | None) -> None:
        from workbench.data import iceberg

        table = self.load(dataset)
        self._update(table, iceberg.following(table, branch, snapshot_id, drop))

    def _drop(self, dataset: str, branch: str) -> None:
        from workbench.data import iceberg

        table = self.load(dataset)
        self._update(table, iceberg.dropping(table, branch))

    def _update(self, table: Table, updates: tuple[TableUpdate, ...]) -> None:
        from pyiceberg.table.update import AssertTableUUID

        if updates:
            self._commit(table, (AssertTableUUID(uuid=table.metadata.table_uuid),), updates)

    def _commit(
        self, table: Table, requirements: tuple[TableRequirement, ...], updates: tuple[TableUpdate, ...]
    ) -> None:
        """Commit, and delete the metadata files that fell out of the table's log."""
        from workbench.data import iceberg

        now = self._catalog.commit_table(table, requirements, updates).metadata
        logged = {entry.metadata_file for entry in now.metadata_log}
        iceberg.delete(
            table, [old.metadata_file for old in table.metadata.metadata_log if old.metadata_file not in logged]
        )

    def _stale_branches(self, oldest: float) -> Iterator[tuple[str, str]]:
        if (file := sqlite_file(self.uri)) is not None and not file.exists():
            return
        for (namespace,) in self._catalog.list_namespaces():
            for identifier in self._catalog.list_tables(namespace):
                table = self._catalog.load_table(identifier)
                for branch, ref in table.metadata.refs.items():
                    snapshot = table.metadata.snapshot_by_id(ref.snapshot_id)
                    if branch.startswith(STAGING) and (snapshot is None or snapshot.timestamp_ms < oldest * 1000):
                        yield ".".join(identifier), branch

    def _retried(self, action: Callable[[], T], subject: str) -> T:
        """Try again after somebody else's commit, a little later each time."""
        from pyiceberg.exceptions import CommitFailedException
        from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

        for attempt in range(_TRIES):
            try:
                with files.explained(self.location.address):
                    return action()
            except (CommitFailedException, IntegrityError, OperationalError, ProgrammingError) as error:
                last: Exception = error
            except ValueError as error:
                if "sequence number" not in str(error):
                    raise
                last = error
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))
        cause = str(last).splitlines()[0]
        if isinstance(last, OperationalError | ProgrammingError) and sqlite_file(self.uri) is None:
            raise StorageError(
                "WB-DB-512",
                "the Iceberg catalog cannot be used",
                cause=cause,
                kept="Nothing was published.",
                next="check that its server is there and may be read and written",
            ) from last
        raise Conflict(
            "WB-DAT-340",
            f"{subject} is busy",
            cause=f"{_TRIES} attempts met somebody else's commit, the last one: {cause}",
            kept="Nothing was published.",
            next="run it again",
        )


def sqlite_file(uri: str) -> Path | None:
    """The file of a catalog on SQLite, ``None`` for one on a server."""
    from sqlalchemy import make_url

    url = make_url(uri)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _is_data(found: files.Found) -> bool:
    """Whether a file below the warehouse is a data file, or what was to become one."""
    folder, _, name = found.path.rpartition("/")
    return folder.endswith("/data") and (
        name.endswith(".parquet") or (name.startswith(".") and ".parquet." in name and name.endswith(".tmp"))
    )


def _quiet() -> None:
    """PyIceberg logs to stderr what we retry or explain ourselves."""
    logging.getLogger("pyiceberg").setLevel(logging.CRITICAL)
