"""Snapshots, their schemas and their files as rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.model.plain import to_plain
from workbench.store import contents
from workbench.store.rows import chunks, insert_all
from workbench.store.tables import data_file, data_schema, snapshot


def insert_snapshot(connection: Connection, new: Snapshot) -> Snapshot:
    """Keep a snapshot and return it with its version, 0 while withheld. Its dataset must be there."""
    version = None if new.withheld else _last_version(connection, new.dataset) + 1
    row = {key: value for key, value in vars(new).items() if key not in ("schema", "files")}
    row |= {"version": version, "mode": new.mode.value, "run": new.run or None, "attempt": new.attempt or None}
    row |= {"data_schema": _keep_schema(connection, new.schema), "rows": new.rows, "bytes": new.bytes}
    told = contents.tell(connection, _keep_files(connection, new.files), new.parent)
    connection.execute(insert(snapshot).values(row | {"root": told.root}))
    told.keep(connection, new.id)
    return replace(new, version=version or 0)


def find_snapshots(connection: Connection, statement: Select[Any]) -> tuple[Snapshot, ...]:
    """The snapshots that a select of whole snapshot rows finds, in its order, with schemas and files."""
    rows = connection.execute(statement).mappings().all()
    schemas = _schemas(connection, {row["data_schema"] for row in rows})
    files = _files(connection, [row["id"] for row in rows])
    return tuple(_noun(row, schemas[row["data_schema"]], tuple(files[row["id"]])) for row in rows)


def _last_version(connection: Connection, dataset: str) -> int:
    statement = select(func.max(snapshot.c.version)).where(snapshot.c.dataset == dataset)
    return connection.execute(statement).scalar() or 0


def _keep_schema(connection: Connection, schema: Schema) -> str:
    identifier = hashlib.sha256(json.dumps(to_plain(schema.columns)).encode()).hexdigest()
    if connection.execute(select(data_schema.c.id).where(data_schema.c.id == identifier)).first() is None:
        connection.execute(insert(data_schema).values(id=identifier, columns=schema.columns))
    return identifier


def _keep_files(connection: Connection, files: tuple[DataFile, ...]) -> list[int]:
    known = _file_ids(connection, files)
    new = {file.path: vars(file) for file in files if file.path not in known}
    insert_all(connection, data_file, new.values())
    if new:
        known = _file_ids(connection, files)
    return [known[file.path] for file in files]


def _file_ids(connection: Connection, files: Iterable[DataFile]) -> dict[str, int]:
    found: dict[str, int] = {}
    for paths in chunks(file.path for file in files):
        rows = connection.execute(select(data_file.c.path, data_file.c.id).where(data_file.c.path.in_(paths)))
        found.update({row.path: row.id for row in rows})
    return found


def _schemas(connection: Connection, identifiers: Iterable[str]) -> dict[str, Schema]:
    found = {}
    for some in chunks(identifiers):
        for row in connection.execute(select(data_schema).where(data_schema.c.id.in_(some))).mappings():
            found[row["id"]] = Schema(tuple(Column(**column) for column in row["columns"]))
    return found


def _files(connection: Connection, snapshots: Iterable[int]) -> Mapping[int, Sequence[DataFile]]:
    numbers = contents.find(connection, snapshots)
    files: dict[int, DataFile] = {}
    for some in chunks(dict.fromkeys(number for each in numbers.values() for number in each)):
        for identifier, *values in connection.execute(select(data_file).where(data_file.c.id.in_(some))):
            files[identifier] = DataFile(*values)
    return {owner: [files[number] for number in each] for owner, each in numbers.items()}


def _noun(row: Mapping[Any, Any], schema: Schema, files: tuple[DataFile, ...]) -> Snapshot:
    known = {key: value for key, value in row.items() if key not in ("data_schema", "rows", "bytes", "root")}
    known |= {"version": row["version"] or 0, "mode": Mode(row["mode"]), "notes": tuple(row["notes"])}
    return Snapshot(**known | {"run": row["run"] or "", "attempt": row["attempt"] or ""}, schema=schema, files=files)
