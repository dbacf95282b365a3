"""Where the checkpoints of a step lie: private, whole or not there, and held against their digests before use."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from workbench import durable
from workbench.execution.checkpoint.namespace import REQUEST
from workbench.model.dataset import StagedWrite
from workbench.model.events import Event, Kind
from workbench.model.frozen import dataclass
from workbench.model.plain import from_plain, to_plain

CONTENT = "content.json"
VERSION = 1
KEPT = 7 * 86400.0
"""Seconds for which the checkpoint of a step that failed waits for its repair."""


@dataclass(frozen=True)
class Content:
    """What is known of a checkpoint outside the kernel.

    ``key`` stands for all that must be the same for it to be of use; ``cells`` are the cells up to and with the one at
    ``index``, as their digests. ``outputs`` (lists of nbformat outputs) and ``counts`` are those of these cells, and
    ``events`` what they told of reads, writes and values. ``files`` maps each file to its sha256.
    """

    key: str
    index: int
    cells: tuple[str, ...]
    outputs: tuple[Any, ...] = ()
    counts: tuple[int | None, ...] = ()
    events: tuple[Event, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    version: int = VERSION


class Shelf:
    """The checkpoints of one step in one run; the newest counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lay_out(self, request: Mapping[str, Any]) -> Path:
        """A private folder for a new checkpoint, with the kernel's orders in it. Raises StorageError."""
        with durable.explained(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in self.folder.glob("new-*"):
                shutil.rmtree(left, ignore_errors=True)
            aside = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
            (aside / REQUEST).write_text(json.dumps(request))
        return aside

    def keep(self, aside: Path, content: Content) -> int:
        """Put a checkpoint on the shelf in place of older ones, all at once; its size in bytes. Raises StorageError."""
        with durable.explained(self.folder):
            (aside / REQUEST).unlink()
            files = {path.name: _digest(path) for path in sorted(aside.iterdir())}
            kept = to_plain(Content(**{**vars(content), "files": files}))
            (aside / CONTENT).write_text(json.dumps({**kept, "digest": _text_digest(kept)}))
            for path in aside.iterdir():
                durable.flush(path)
            durable.flush(aside)
            older = self._numbers()
            place = self.folder / f"{(older or [0])[-1] + 1:06d}"
            aside.rename(place)
            durable.flush(self.folder)
        for number in older:
            shutil.rmtree(self.folder / f"{number:06d}", ignore_errors=True)
        return sum(path.stat().st_size for path in place.iterdir())

    def find(self, key: str, cells: Sequence[str]) -> tuple[Path, Content] | str:
        """The newest checkpoint, when it is for these cells and ``key``; else why it is of no use, or nothing."""
        numbers = self._numbers()
        if not numbers:
            return ""
        place = self.folder / f"{numbers[-1]:06d}"
        try:
            plain = json.loads((place / CONTENT).read_text())
            if plain.pop("digest") != _text_digest(plain) or plain["version"] != VERSION:
                return "the checkpoint is damaged"
            content = from_plain(Content, plain)
            if content.key != key:
                return "the parameters, the inputs or the environment of the step have changed since the checkpoint"
            if tuple(cells[: len(content.cells)]) != content.cells:
                return "a cell above the checkpoint has changed"
            if any(_digest(place / name) != digest for name, digest in content.files.items()):
                return "the checkpoint is damaged"
        except (OSError, ValueError, KeyError, TypeError):
            return "the checkpoint is damaged"
        if lost := next((file for file in _staged(content) if not _is_there(*file)), None):
            return f"a file that was staged before the checkpoint is gone: {lost[0]}"
        return place, content

    def discard(self) -> None:
        """Remove everything on the shelf."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _numbers(self) -> list[int]:
        if not self.folder.is_dir():
            return []
        return sorted(int(path.name) for path in self.folder.iterdir() if path.name.isdigit())


def of_step(attempt: str) -> str:
    """The folder of a step's checkpoints, beside those of its attempts."""
    return str(Path(attempt).parent / "checkpoint")


def digest_of(cell: Mapping[str, Any]) -> str:
    """What a cell is, as far as its work goes: kind, tags and source."""
    tags = [tag for tag in cell["metadata"].get("tags", []) if tag != "failed"]
    return _text_digest([cell["cell_type"], tags, cell["source"].strip()])


def outside(environment: Mapping[str, str]) -> dict[str, str]:
    """Digests of the environment that a kernel gets, to tell later what the notebook changed."""
    from workbench.execution.checkpoint.namespace import digest

    return {name: digest(value) for name, value in environment.items()}


def _staged(content: Content) -> list[tuple[str, str]]:
    writes = [from_plain(StagedWrite, event.data) for event in content.events if event.kind is Kind.STAGED]
    return [(file.path, file.digest) for write in writes for file in write.files]


def _is_there(path: str, digest: str) -> bool:
    """Whether a data file is as it was written; one that lies elsewhere than on this machine is not asked for."""
    try:
        return _digest(Path(path)) == digest
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text_digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def sweep(runs: Path) -> None:
    """Remove the checkpoints under ``runs`` that nobody has come back for."""
    for folder in runs.glob("*/*/checkpoint"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > KEPT:
                shutil.rmtree(folder, ignore_errors=True)
