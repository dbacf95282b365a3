"""Row F22 of the table of faults, as far as a process can see: all that a commit refers to was flushed before it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from data_bench import Bench

from workbench.model.run import Finished, StepResult


def test_f22_what_a_commit_refers_to_is_on_the_disk_before_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: set[Path] = set()
    real = os.fsync

    def fsync(handle: int) -> None:
        flushed.add(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    seen: list[Path] = []

    def look(result: StepResult) -> None:
        for snapshot in result.snapshots:
            table = bench.tables.warehouse.load(snapshot.dataset)
            made = table.metadata.snapshot_by_id(snapshot.id)
            assert made is not None, "the Iceberg snapshot is made after the commit that refers to it"
            places = [made.manifest_list, table.metadata_location]
            places += [manifest.manifest_path for manifest in made.manifests(table.io)]
            paths = [
                Path(place.removeprefix("file://")) for place in (*places, *(file.path for file in snapshot.files))
            ]
            folders = {folder for path in paths for folder in (path.parent, path.parent.parent, path.parents[2])}
            seen.extend(paths)
            assert [path.name for path in (*paths, *folders) if not _flushed(path, flushed)] == []

    monkeypatch.setattr(os, "fsync", fsync)
    bench.witness.before_commit = look
    for value in (1, 2):
        staged = [bench.tables.stage(pd.DataFrame({"n": [value]}), name) for name in ("raw.one", "raw.two")]
        bench.publisher.publish(Finished("prod", "ann", tuple(staged), (), {}))
    assert len(seen) >= 16


def _flushed(path: Path, flushed: set[Path]) -> bool:
    """Whether a file was flushed, under the name it had before it was renamed perhaps."""
    before = f".{path.name}."
    return path in flushed or any(each.name.startswith(before) and each.parent == path.parent for each in flushed)
