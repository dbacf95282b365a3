"""Folders in which nothing may be written, as the machine refuses it: mounted so by root, by permissions else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def only_read(root: Path, place: Path) -> Iterator[Path]:
    """Where ``root`` can be read and not written for the block: ``place``, which may be ``root`` itself, or ``root``.

    Skips the test where this machine grants neither.
    """
    if os.geteuid() == 0:
        place.mkdir(parents=True, exist_ok=True)
        mounted = _done("mount", "--bind", "-o", "ro", str(root), str(place))
        try:
            if not mounted or os.access(place, os.W_OK):
                pytest.skip("this machine does not let root mount a folder to be only read")
            yield place
        finally:
            if mounted:
                _done("umount", "-l", str(place))
        return
    modes = {path: path.lstat().st_mode for path in (root, *root.rglob("*")) if not path.is_symlink()}
    try:
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        yield root
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def _done(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
