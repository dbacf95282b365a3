"""SQLite keeps its promises only where file locks and shared memory work, which network drives do not grant."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.model.errors import StorageError

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "ceph", "lustre", "gpfs", "beegfs", "davfs"}
)
_MOUNTED = frozenset({"sshfs", "s3fs", "rclone", "glusterfs", "ceph", "ceph-fuse", "gcsfuse", "smbnetfs", "curlftpfs"})
"""Network drives that a program mounts; the system calls them ``fuse.`` and its name."""


def refuse_network(folder: Path) -> None:
    """Raise StorageError (WB-DB-511) when ``folder`` lies on a network drive, as far as the system lists its mounts."""
    if not _MOUNTS.is_file():
        return
    kind = _file_system(folder.resolve(), _MOUNTS.read_text(encoding="utf-8", errors="replace"))
    if kind in _NETWORK or (kind.startswith("fuse.") and kind.removeprefix("fuse.") in _MOUNTED):
        raise StorageError(
            "WB-DB-511",
            f"the store cannot be kept in {folder}",
            cause=f"that is a network drive ({kind}), on which SQLite loses data",
            kept="Nothing was written.",
            next="set storage.store in workbench.toml to a local path, or to a PostgreSQL address",
        )


def _file_system(folder: Path, mounts: str) -> str:
    """The kind of the innermost mount that holds ``folder``; a later line hides an earlier one at the same place."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind
