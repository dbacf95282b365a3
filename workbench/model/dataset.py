"""Datasets, their schemas, their snapshots, and writes on their way to becoming one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Annotated

from workbench.model.frozen import dataclass


class Wide:
    """Marks whole numbers that may be greater than 2**53, which is as far as JavaScript can count."""


SnapshotId = Annotated[int, Wide]
"""The id of a snapshot, a random number of 63 bits: a JSON number in ``--json``, a text in answers over HTTP."""


class Mode(StrEnum):
    """How a write meets what is there."""

    APPEND = "append"
    OVERWRITE = "overwrite"
    UPSERT = "upsert"
    PARTITION = "partition"


@dataclass(frozen=True)
class Column:
    """One column; ``type`` is the Iceberg type as text (``long``, ``timestamptz``, ``list<string>``)."""

    name: str
    type: str
    doc: str = ""


@dataclass(frozen=True)
class Schema:
    """The columns of a snapshot, in order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def id(self) -> str:
        """A digest of names and types, equal for equal schemas."""
        text = "\n".join(f"{column.name}\t{column.type}" for column in self.columns)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class DataFile:
    """One immutable Parquet file; ``digest`` is the sha256 of its bytes, ``partition`` its values by column."""

    path: str
    rows: int
    bytes: int
    digest: str
    partition: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StagedWrite:
    """Files that a kernel wrote and nothing refers to yet; ``keys`` are upsert keys or partition columns.

    ``notes`` tell every conversion the frame went through (``"duration: timedelta stored as microseconds"``).
    """

    dataset: str
    mode: Mode
    schema: Schema
    files: tuple[DataFile, ...]
    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cell: int | None = None

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


@dataclass(frozen=True)
class Snapshot:
    """One immutable version of a dataset.

    ``id`` is the Iceberg snapshot id; ``version`` counts 1, 2, 3 … per dataset in order of publication and is what
    people see; ``digest`` is equal for equal content, file by file.
    """

    id: int
    dataset: str
    version: int
    parent: int | None
    schema: Schema
    files: tuple[DataFile, ...]
    mode: Mode
    created_at: str
    environment: str
    run: str = ""
    step: str = ""
    attempt: str = ""
    cell: int | None = None
    actor: str = ""
    withheld: bool = False
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def digest(self) -> str:
        return content_digest(self.schema, self.files)


@dataclass(frozen=True)
class Candidate:
    """What a dataset would be after the writes of a step; not current, maybe never.

    ``files`` are all files it would hold, ``added`` and ``removed`` the difference to ``base``. ``unchanged`` is true
    when the content would be the same as the base's, file by file.
    """

    dataset: str
    mode: Mode
    schema: Schema
    base: Snapshot | None
    files: tuple[DataFile, ...]
    added: tuple[DataFile, ...]
    removed: tuple[DataFile, ...]
    partition_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cell: int | None = None

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def unchanged(self) -> bool:
        return self.base is not None and self.base.digest == content_digest(self.schema, self.files)


@dataclass(frozen=True)
class Input:
    """A dataset resolved for reading: the snapshot, its schema and its files; all that a kernel needs."""

    dataset: str
    snapshot: int
    version: int
    schema: Schema
    files: tuple[DataFile, ...]


@dataclass(frozen=True)
class Read:
    """That a cell read a snapshot; ``columns`` is empty when it read all of them."""

    dataset: str
    snapshot: int
    cell: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What the catalog knows of a dataset; ``current`` maps each environment to its snapshot there."""

    name: str
    created_at: str
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    current: Mapping[str, Snapshot] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        return self.name.partition(".")[0]


def content_digest(schema: Schema, files: tuple[DataFile, ...]) -> str:
    """Equal for the same columns and the same file contents, wherever the files lie."""
    text = schema.id + "\n" + "\n".join(sorted(file.digest for file in files))
    return hashlib.sha256(text.encode()).hexdigest()
