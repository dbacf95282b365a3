"""One Iceberg snapshot made by metadata alone: the manifests, the manifest list and the updates for the catalog.

PyIceberg's own writers always start from a branch and refuse a first snapshot outside ``main``; an environment starts
from any snapshot, or from none, so the parent is given here. Reading, statistics, Avro and commits are PyIceberg's.

A column keeps one field id for good, found by its name: data files carry no ids, a name mapping gives them, and it is
one per table, so an id that changed hands would make old snapshots unreadable.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from pyarrow import types
from pyiceberg import types as iceberg
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import (
    DataFile,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
    write_manifest_list,
)
from pyiceberg.schema import Schema as IcebergSchema
from pyiceberg.table import Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.name_mapping import NameMapping
from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.snapshots import Operation, Snapshot, SnapshotSummaryCollector, Summary, update_snapshot_summaries
from pyiceberg.table.update import (
    AddSchemaUpdate,
    AddSnapshotUpdate,
    AssertCurrentSchemaId,
    AssertLastAssignedFieldId,
    AssertTableUUID,
    RemoveSnapshotRefUpdate,
    SetCurrentSchemaUpdate,
    SetPropertiesUpdate,
    SetSnapshotRefUpdate,
    TableRequirement,
    TableUpdate,
    update_table_metadata,
)
from pyiceberg.typedef import IcebergBaseModel

from workbench.data.types import arrow_schema
from workbench.durable import flush
from workbench.model.dataset import Candidate, Schema
from workbench.model.errors import NotFound, StorageError
from workbench.model.frozen import dataclass

MANIFEST_LIMIT = 50
"""More manifests than this are written as one, so that a dataset of many appends stays quick to plan."""
NAME_MAPPING = "schema.name-mapping.default"
_MAIN = "main"

M = TypeVar("M", bound=IcebergBaseModel)

Fields = dict[tuple[str, ...], int]
"""The field id of every column and nested field, by its path."""


class Untouched(AssertTableUUID):
    """That nobody committed to the table since it was loaded, whatever the branch: sequence numbers must not repeat."""

    sequence: int

    def validate(self, base_metadata: TableMetadata | None) -> None:  # type: ignore[override]
        """Raise CommitFailedException when the table has moved on."""
        from pyiceberg.exceptions import CommitFailedException

        super().validate(base_metadata)
        if base_metadata is None or _sequence(base_metadata) != self.sequence:
            raise CommitFailedException("Requirement failed: the table has another snapshot meanwhile")


@dataclass(frozen=True)
class Prepared:
    """A snapshot whose files are ``written``; ``updates`` and ``requirements`` make the catalog refer to it."""

    snapshot_id: int
    written: tuple[str, ...]
    updates: tuple[TableUpdate, ...]
    requirements: tuple[TableRequirement, ...]


def prepare(table: Table, candidate: Candidate, branch: str, properties: Mapping[str, str]) -> Prepared:
    """Write manifests for a candidate and the updates that put it on ``branch``, with its base as parent.

    The schema that readers of ``main`` see stays; ``follow`` moves it together with the branch.
    """
    metadata = table.metadata
    schema_updates = _schema_updates(metadata, candidate.schema)
    evolved = update_table_metadata(metadata, schema_updates)
    parent = metadata.snapshot_by_id(candidate.base.id) if candidate.base else None
    writer = _Writer(table, evolved, parent)
    snapshot = writer.snapshot(candidate, properties)
    updates: list[TableUpdate] = [*schema_updates]
    if branch in metadata.refs:
        updates.append(_made(RemoveSnapshotRefUpdate, ref_name=branch))
    updates += [
        _made(AddSnapshotUpdate, snapshot=snapshot),
        _made(SetSnapshotRefUpdate, ref_name=branch, type=SnapshotRefType.BRANCH, snapshot_id=snapshot.snapshot_id),
    ]
    if _MAIN in metadata.refs and evolved.current_schema_id != metadata.current_schema_id:
        updates.append(_made(SetCurrentSchemaUpdate, schema_id=metadata.current_schema_id))
    requirements = (
        _made(Untouched, uuid=metadata.table_uuid, sequence=_sequence(metadata)),
        _made(AssertCurrentSchemaId, current_schema_id=metadata.current_schema_id),
        _made(AssertLastAssignedFieldId, last_assigned_field_id=metadata.last_column_id),
    )
    return Prepared(snapshot.snapshot_id, tuple(writer.written), tuple(updates), requirements)


def following(table: Table, branch: str, snapshot_id: int, drop: str | None) -> tuple[TableUpdate, ...]:
    """The updates that move a branch to a snapshot, with its schema if it is ``main``, and drop another branch.

    Empty when all is so already. Raises NotFound (WB-DAT-341) when the table has no such snapshot.
    """
    metadata = table.metadata
    snapshot = metadata.snapshot_by_id(snapshot_id)
    if snapshot is None:
        raise NotFound("WB-DAT-341", f"the table {metadata.location} has no snapshot {snapshot_id}", next="wb doctor")
    updates: list[TableUpdate] = []
    if branch == _MAIN and snapshot.schema_id not in (None, metadata.current_schema_id):
        updates.append(_made(SetCurrentSchemaUpdate, schema_id=snapshot.schema_id))
    here = metadata.refs.get(branch)
    if here is None or here.snapshot_id != snapshot_id:
        kind = SnapshotRefType.BRANCH
        updates.append(_made(SetSnapshotRefUpdate, ref_name=branch, type=kind, snapshot_id=snapshot_id))
    return (*updates, *dropping(table, drop))


def dropping(table: Table, branch: str | None) -> tuple[TableUpdate, ...]:
    """The update that drops a branch, if it is there."""
    return (_made(RemoveSnapshotRefUpdate, ref_name=branch),) if branch in table.metadata.refs else ()


def first_schema(schema: Schema) -> IcebergSchema:
    """The Iceberg schema of a table that is about to be created."""
    return _schema(schema, {}, count(1))


def mapping_of(schemas: Iterable[IcebergSchema]) -> str:
    """The name mapping, as JSON, under which the files of all these schemas can be read."""
    known: Fields = {}
    for schema in schemas:
        known.update(_field_ids(schema))
    return NameMapping.model_validate(_mapped(known, ())).model_dump_json()


def delete(table: Table, places: Iterable[str]) -> None:
    """Delete metadata files that nothing refers to; one that cannot be deleted is no harm."""
    for place in places:
        with suppress(OSError):
            table.io.delete(place)


def flush_metadata(table: Table, snapshot_id: int) -> None:
    """Flush to the disk the metadata that a local table needs to read a snapshot."""
    snapshot = table.metadata.snapshot_by_id(snapshot_id)
    if snapshot is None:
        return
    new = [item.manifest_path for item in snapshot.manifests(table.io) if item.added_snapshot_id == snapshot_id]
    for place in (*new, snapshot.manifest_list, table.metadata_location):
        path = Path(place.removeprefix("file://"))
        if path.is_file():
            flush(path)
    folder = Path(table.metadata_location.removeprefix("file://")).parent
    first = (folder.parent, folder.parent.parent) if snapshot.parent_snapshot_id is None else ()
    for each in (folder, *first):
        if each.is_dir():
            flush(each)


def _made(kind: type[M], **fields: Any) -> M:
    """A value of one of PyIceberg's models, whose fields have two names each."""
    return kind(**fields)


def _sequence(metadata: TableMetadata) -> int:
    return int(getattr(metadata, "last_sequence_number", 0))


class _Writer:
    """Writes the manifests of one new snapshot of one table."""

    def __init__(self, table: Table, metadata: TableMetadata, parent: Snapshot | None) -> None:
        self._io: FileIO = table.io
        self._places = table.location_provider()
        self._metadata = metadata
        self._parent = parent
        self._id = metadata.new_snapshot_id()
        self._commit = uuid.uuid4()
        self._numbers = count()
        self.written: list[str] = []

    def snapshot(self, candidate: Candidate, properties: Mapping[str, str]) -> Snapshot:
        """The snapshot noun, with its manifest list written."""
        files = candidate.added if self._parent else candidate.files
        added = [parquet_file_to_data_file(self._io, self._metadata, file.path) for file in files]
        kept, removed = self._kept({file.path for file in candidate.removed})
        manifests = [*self._manifest(self._entry(ManifestEntryStatus.ADDED, file) for file in added), *kept]
        manifests += self._manifest(removed)
        sequence = self._metadata.next_sequence_number()
        place = self._places.new_metadata_location(f"snap-{self._id}-0-{self._commit}.avro")
        parent_id = self._parent.snapshot_id if self._parent else None
        self.written.append(place)
        with write_manifest_list(2, self._io.new_output(place), self._id, parent_id, sequence, "deflate") as writer:
            writer.add_manifests(manifests)
        return _made(
            Snapshot,
            snapshot_id=self._id,
            parent_snapshot_id=parent_id,
            manifest_list=place,
            sequence_number=sequence,
            summary=self._summary(added, [entry.data_file for entry in removed], properties),
            schema_id=self._metadata.current_schema_id,
        )

    def _kept(self, removed: set[str]) -> tuple[list[ManifestFile], list[ManifestEntry]]:
        """The manifests of what stays of the parent, and the entries that say what goes."""
        if self._parent is None:
            return [], []
        manifests: list[ManifestFile] = []
        rewritten: list[ManifestEntry] = []
        gone: list[ManifestEntry] = []
        before = self._parent.manifests(self._io)
        merge = len(before) > MANIFEST_LIMIT
        if not removed and not merge:
            return [item for item in before if item.has_added_files() or item.has_existing_files()], []
        for manifest in before:
            entries = manifest.fetch_manifest_entry(self._io, discard_deleted=True)
            leaving = [entry for entry in entries if entry.data_file.file_path in removed]
            if entries and not leaving and not merge:
                manifests.append(manifest)
                continue
            gone += [self._entry(ManifestEntryStatus.DELETED, entry.data_file, entry) for entry in leaving]
            rewritten += [
                self._entry(ManifestEntryStatus.EXISTING, entry.data_file, entry)
                for entry in entries
                if entry.data_file.file_path not in removed
            ]
        if len(gone) != len(removed):
            raise StorageError(
                "WB-DAT-342",
                f"the table at {self._metadata.location} does not hold the files it should",
                cause=f"{len(removed) - len(gone)} files to replace are not in its snapshot {self._parent.snapshot_id}",
                kept="Nothing was published.",
                next="wb doctor",
            )
        return [*manifests, *self._manifest(rewritten)], gone

    def _entry(self, status: ManifestEntryStatus, file: DataFile, before: ManifestEntry | None = None) -> ManifestEntry:
        own = before is None or status is ManifestEntryStatus.DELETED
        return ManifestEntry.from_args(
            status=status,
            snapshot_id=self._id if own or before is None else before.snapshot_id,
            sequence_number=before.sequence_number if before else None,
            file_sequence_number=before.file_sequence_number if before else None,
            data_file=file,
        )

    def _manifest(self, entries: Iterable[ManifestEntry]) -> list[ManifestFile]:
        """The entries as one manifest, or as none."""
        entries = list(entries)
        if not entries:
            return []
        place = self._places.new_metadata_location(f"{self._commit}-m{next(self._numbers)}.avro")
        self.written.append(place)
        schema, spec = self._metadata.schema(), self._metadata.spec()
        with write_manifest(2, spec, schema, self._io.new_output(place), self._id, "deflate") as writer:
            for entry in entries:
                if entry.status is ManifestEntryStatus.ADDED:
                    writer.add(entry)
                else:
                    writer.add_entry(entry)
        return [writer.to_manifest_file()]

    def _summary(
        self, added: Sequence[DataFile], removed: Sequence[DataFile], properties: Mapping[str, str]
    ) -> Summary:
        collector = SnapshotSummaryCollector()
        for file in added:
            collector.add_file(file, self._metadata.schema(), self._metadata.spec())
        for file in removed:
            collector.remove_file(file, self._metadata.schema(), self._metadata.spec())
        operation = Operation.OVERWRITE if removed or not added else Operation.APPEND
        return update_snapshot_summaries(
            Summary(operation=operation, **{**collector.build(), **properties}),
            self._parent.summary.additional_properties if self._parent and self._parent.summary else None,
        )


def _schema_updates(metadata: TableMetadata, schema: Schema) -> tuple[TableUpdate, ...]:
    """What makes ``schema`` the current one of the table: nothing, a past schema, or a new one."""
    known: Fields = {}
    for past in metadata.schemas:
        known.update(_field_ids(past))
    wanted = _schema(schema, known, count(metadata.last_column_id + 1))
    same = next((past for past in reversed(metadata.schemas) if past.fields == wanted.fields), None)
    if same is not None:
        if same.schema_id == metadata.current_schema_id:
            return ()
        return (_made(SetCurrentSchemaUpdate, schema_id=same.schema_id),)
    new = wanted.model_copy(update={"schema_id": max(past.schema_id for past in metadata.schemas) + 1})
    return (
        _made(AddSchemaUpdate, schema=new),
        _made(SetCurrentSchemaUpdate, schema_id=new.schema_id),
        _made(SetPropertiesUpdate, updates={NAME_MAPPING: mapping_of([*metadata.schemas, new])}),
    )


def _schema(schema: Schema, known: Fields, fresh: Iterable[int]) -> IcebergSchema:
    """The Iceberg schema with the ids that the names had before, and fresh ones for new names."""
    numbers = iter(fresh)

    def identify(path: tuple[str, ...]) -> int:
        if path not in known:
            known[path] = next(numbers)
        return known[path]

    known = dict(known)
    columns = arrow_schema(schema)
    tops = [identify((field.name,)) for field in columns]
    docs = {column.name: column.doc or None for column in schema.columns}
    return IcebergSchema(
        *(
            iceberg.NestedField(top, field.name, _type(field.type, (field.name,), identify), False, docs[field.name])
            for top, field in zip(tops, columns, strict=True)
        )
    )


def _type(kind: pa.DataType, path: tuple[str, ...], identify: Any) -> iceberg.IcebergType:
    if types.is_decimal(kind):
        return iceberg.DecimalType(kind.precision, kind.scale)
    if types.is_list(kind):
        inner = (*path, "element")
        return iceberg.ListType(identify(inner), _type(kind.value_type, inner, identify), False)
    if types.is_map(kind):
        key, value = (*path, "key"), (*path, "value")
        keys, values = _type(kind.key_type, key, identify), _type(kind.item_type, value, identify)
        return iceberg.MapType(identify(key), keys, identify(value), values, False)
    if types.is_struct(kind):
        inner_paths = [(*path, field.name) for field in kind]
        return iceberg.StructType(
            *(
                iceberg.NestedField(identify(inner), field.name, _type(field.type, inner, identify), False)
                for inner, field in zip(inner_paths, kind, strict=True)
            )
        )
    return _PRIMITIVES[kind]


_PRIMITIVES: dict[pa.DataType, iceberg.IcebergType] = {
    pa.bool_(): iceberg.BooleanType(),
    pa.int32(): iceberg.IntegerType(),
    pa.int64(): iceberg.LongType(),
    pa.float32(): iceberg.FloatType(),
    pa.float64(): iceberg.DoubleType(),
    pa.date32(): iceberg.DateType(),
    pa.time64("us"): iceberg.TimeType(),
    pa.timestamp("us"): iceberg.TimestampType(),
    pa.timestamp("us", "UTC"): iceberg.TimestamptzType(),
    pa.string(): iceberg.StringType(),
    pa.binary(): iceberg.BinaryType(),
}


def _field_ids(schema: IcebergSchema) -> Fields:
    found: Fields = {}

    def walk(kind: iceberg.IcebergType, path: tuple[str, ...]) -> None:
        match kind:
            case iceberg.StructType():
                for field in kind.fields:
                    found[(*path, field.name)] = field.field_id
                    walk(field.field_type, (*path, field.name))
            case iceberg.ListType():
                found[(*path, "element")] = kind.element_id
                walk(kind.element_type, (*path, "element"))
            case iceberg.MapType():
                found[(*path, "key")], found[(*path, "value")] = kind.key_id, kind.value_id
                walk(kind.key_type, (*path, "key"))
                walk(kind.value_type, (*path, "value"))

    walk(schema.as_struct(), ())
    return found


def _mapped(known: Fields, path: tuple[str, ...]) -> list[dict[str, Any]]:
    """The level of a name mapping below ``path``."""
    below: defaultdict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for each in known:
        below[each[:-1]].append(each)

    def level(of: tuple[str, ...]) -> list[dict[str, Any]]:
        return [{"field-id": known[each], "names": [each[-1]], "fields": level(each)} for each in below[of]]

    return level(path)
