"""What a kernel needs to read a dataset."""

from __future__ import annotations

from workbench.model.dataset import Input, Snapshot


def as_input(snapshot: Snapshot) -> Input:
    """A snapshot as the input of a step: its files and schema, nothing of where it came from."""
    return Input(snapshot.dataset, snapshot.id, snapshot.version, snapshot.schema, snapshot.files)
