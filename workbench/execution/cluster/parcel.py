"""What a step needs of the project's files, as one archive named by its content, to be carried out far from them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from workbench.model.errors import StorageError
from workbench.model.frozen import dataclass

ALWAYS = ("workbench.toml", "contracts/*.yaml")
"""Patterns of what every step gets: by them ``wb.check`` finds the project and its contracts."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Parcel:
    """An archive; ``digest`` is the sha256 of its content, equal for equal files."""

    digest: str
    content: bytes


def pack(root: Path, files: Iterable[str], patterns: Iterable[str] = ()) -> Parcel:
    """Pack files of the project at ``root``: those named, those that match a pattern, and what every step gets.

    Raises StorageError (WB-DSK-302) for a file that cannot be read.
    """
    names = set(files)
    for pattern in (*ALWAYS, *patterns):
        names |= {path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(names):
            try:
                content = (root / name).read_bytes()
            except OSError as error:
                raise StorageError(
                    "WB-DSK-302", f"cannot read {root / name}", cause=error.strerror or str(error), next="check it"
                ) from error
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    content = buffer.getvalue()
    return Parcel(hashlib.sha256(content).hexdigest(), content)


def unpack(archive: Path, folder: Path) -> None:
    """Lay the files of an archive out below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
