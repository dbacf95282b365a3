"""Every file that must survive a crash is written here: aside, flushed, renamed, and its folder flushed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench import failpoints
from workbench.model.errors import StorageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; when the block ends well it durably takes the place of ``path``.

    When it does not, ``path`` is as it was. Raises StorageError (WB-DSK-301 full, WB-DSK-302 otherwise).
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        with explained(path):
            make_folder(path.parent)
            yield aside
            flush(aside)
            failpoints.reach("durable.before_rename")
            aside.replace(path)
            failpoints.reach("durable.after_rename")
            flush(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, as durably as the files that are going to lie in it."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        flush(folder.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` durably and all at once. Raises StorageError."""
    with replacing(path) as aside:
        aside.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write ``content`` to ``path`` as UTF-8, durably and all at once. Raises StorageError."""
    write_bytes(path, content.encode())


def check_room(folder: Path, floor_mb: int) -> None:
    """Make ``folder``, and see that its disk has so many megabytes free. Raises StorageError (WB-DSK-301, 302, 303)."""
    with explained(folder):
        folder.mkdir(exist_ok=True)
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < floor_mb:
        raise StorageError(
            "WB-DSK-303",
            f"{free} MB are free at {folder}",
            cause=f"a run wants {floor_mb} MB at least",
            kept="Nothing was started.",
            next="free some space, or lower disk_floor_mb in workbench.toml",
        )


def flush(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError that happens in the block into a StorageError that names ``path``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                "WB-DSK-301",
                f"cannot write {path}",
                cause="the disk is full",
                kept="What was there before is unchanged.",
                next="free some space, then run the command again",
            ) from error
        raise StorageError(
            "WB-DSK-302",
            f"cannot write {path}",
            cause=error.strerror or str(error),
            kept="What was there before is unchanged.",
            next="check the permissions of the folder",
        ) from error
