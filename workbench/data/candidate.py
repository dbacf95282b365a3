"""What a dataset would be after the writes of a step: its files and its schema, computed before anything is current."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.data.evolve import conform, union
from workbench.data.merge import without_keys, without_partitions
from workbench.model.dataset import Candidate, DataFile, Mode, Schema, Snapshot, StagedWrite
from workbench.model.errors import InternalError
from workbench.model.location import Location


def candidate(writes: Sequence[StagedWrite], base: Snapshot | None, warehouse: Location) -> Candidate:
    """Apply the writes of one step to one dataset, in their order, to the snapshot that is current.

    An append adds files; an overwrite leaves its own alone; an upsert and a partition overwrite replace rows. New
    files are written where rows of an old one are replaced. Raises FrameError (WB-DAT-316) and StorageError.
    """
    if len({write.dataset for write in writes}) != 1:
        raise InternalError("WB-INT-999", "a candidate is made from the writes of one dataset")
    schema, files = (base.schema, base.files) if base else (None, ())
    for write in writes:
        schema, files = _apply(write, schema, files, warehouse)
    assert schema is not None
    before = {file.path for file in base.files} if base else set()
    after = {file.path for file in files}
    keys = [write.keys for write in writes if write.mode is Mode.PARTITION]
    return Candidate(
        dataset=writes[0].dataset,
        mode=_mode(writes),
        schema=schema,
        base=base,
        files=files,
        added=tuple(file for file in files if file.path not in before),
        removed=tuple(file for file in base.files if file.path not in after) if base else (),
        partition_by=keys[-1] if keys else (),
        notes=tuple(dict.fromkeys(note for write in writes for note in write.notes)),
        cell=writes[-1].cell,
    )


def _apply(
    write: StagedWrite, schema: Schema | None, files: tuple[DataFile, ...], warehouse: Location
) -> tuple[Schema, tuple[DataFile, ...]]:
    if write.mode is Mode.OVERWRITE or schema is None:
        return write.schema, write.files
    target = union(write.dataset, schema, write.schema, files, write.files)
    old = conform(files, target, warehouse, write.dataset, keep_promoted=True)
    new = conform(write.files, target, warehouse, write.dataset, keep_promoted=False)
    place = (warehouse, write.dataset)
    match write.mode:
        case Mode.UPSERT:
            old = without_keys(old, write.keys, new, target, place)
        case Mode.PARTITION:
            old = without_partitions(old, write.keys, new, target, place)
    return target, (*old, *new)


def _mode(writes: Sequence[StagedWrite]) -> Mode:
    """The mode that tells the whole story: overwrite as soon as one write replaced everything."""
    modes = {write.mode for write in writes}
    return Mode.OVERWRITE if Mode.OVERWRITE in modes else writes[-1].mode
