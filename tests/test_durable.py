"""What is told to be durable was flushed first, in an order that no crash can turn into half of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench import durable
from workbench.model.errors import StorageError

Calls = list[tuple[str, Path]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Flushes and renames, in the order in which the system is asked for them."""
    made: Calls = []
    fsync, replace = os.fsync, os.replace

    def flushed(handle: int) -> None:
        made.append(("flush", Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    def renamed(source: Path, target: Path) -> None:
        made.append(("rename", Path(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    return made


def aside(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(".tmp")


def test_a_file_is_flushed_then_renamed_then_its_folder_is_flushed(tmp_path: Path, calls: Calls) -> None:
    durable.write_text(tmp_path / "file", "text")
    assert [kind for kind, _ in calls] == ["flush", "rename", "flush"]
    assert aside(calls[0][1]) and calls[1][1] == tmp_path / "file" and calls[2][1] == tmp_path


def test_folders_that_had_to_be_made_are_flushed_into_those_above_them(tmp_path: Path, calls: Calls) -> None:
    durable.write_text(tmp_path / "a" / "b" / "file", "text")
    assert calls[:2] == [("flush", tmp_path), ("flush", tmp_path / "a")]
    assert calls[-1] == ("flush", tmp_path / "a" / "b")


@pytest.mark.parametrize("call", ["fsync", "replace", "write"])
def test_what_fails_leaves_what_was_there_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*given: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "file"
    durable.write_text(file, "before")
    if call == "write":
        monkeypatch.setattr(Path, "write_bytes", fail)
    else:
        monkeypatch.setattr(os, call, fail)
    with pytest.raises(StorageError, match="WB-DSK-301"):
        durable.write_text(file, "after")
    monkeypatch.undo()
    assert file.read_text() == "before" and list(tmp_path.iterdir()) == [file]


WRITERS: list[Callable[[Path], None]] = [
    lambda path: durable.write_text(path, "text"),
    lambda path: durable.write_bytes(path, b"bytes"),
]


@pytest.mark.parametrize("write", WRITERS)
def test_every_writer_goes_the_same_way(tmp_path: Path, calls: Calls, write: Callable[[Path], None]) -> None:
    write(tmp_path / "file")
    assert [kind for kind, _ in calls] == ["flush", "rename", "flush"]
