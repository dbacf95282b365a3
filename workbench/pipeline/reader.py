"""What planning reads of a project: notebooks, modules, versions; each is parsed once and then kept until it changes.

What was parsed rests in one file of the state folder. An entry stands for a file only while size, times and inode are
as they were, and when the file had been left alone for a while before it was read: one that was changed twice within a
tick of its clock is read again. The file is of use to nobody else; when it is damaged, or made by another version of us
or of Python, everything is read anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench import durable
from workbench.model.errors import StorageError
from workbench.model.pipeline import Cell, Notebook, Parameter, Reference
from workbench.model.plain import from_plain, to_plain
from workbench.pipeline.installed import installed, kernel_environment
from workbench.pipeline.modules import Finder, Modules, Source, read_module
from workbench.pipeline.notebook import TICK_NS, read_notebook

FILE = "cache/read.json"
_KINDS = ("notebooks", "modules")


class Reader:
    """Reads notebooks and what they import, as of one moment; ``state`` is the folder that keeps what was parsed."""

    def __init__(self, root: Path, state: Path | None = None) -> None:
        self._root = root
        self._file = state / FILE if state else None
        self._kept = _load(self._file)
        self._new = False
        self._state = ""
        self._finder = Finder(root, self._module)
        self._parameters: dict[str, tuple[Parameter, ...]] = {}
        self._surroundings: dict[Any, tuple[Modules, Mapping[str, str]]] = {}

    def notebook(self, path: str) -> Notebook:
        """The notebook at ``path``, relative to the project. Raises as ``notebook.read_notebook`` does."""
        place = f"{self._root}/{path}"
        mark, at = _mark(place), time.time_ns()
        kept = _standing(self._kept["notebooks"].get(path), mark)
        if kept is not None:
            return self._decoded(path, kept)
        read = read_notebook(self._root, path)
        self._keep("notebooks", path, mark, at, _encoded(read))
        return read

    def surroundings(self, notebook: Notebook) -> tuple[Modules, Mapping[str, str]]:
        """The project's modules behind a notebook, and the environment that all of them together need."""
        folder = notebook.path.rpartition("/")[0]
        key = (folder, notebook.kernel, notebook.language, notebook.imports)
        if key not in self._surroundings:
            modules = self._finder.modules(notebook.path, notebook.imports)
            environment = kernel_environment(notebook.kernel, notebook.language, modules.imported, self._versions)
            self._surroundings[key] = modules, environment
        return self._surroundings[key]

    def save(self) -> None:
        """Keep what was read anew; a state folder that cannot be written to keeps nothing."""
        if not self._new or self._file is None:
            return
        for kind in _KINDS:
            known = self._kept[kind]
            for path in [path for path in known if not Path(self._place(kind, path)).exists()]:
                del known[path]
        body = json.dumps(self._kept, separators=(",", ":")).encode()
        with contextlib.suppress(StorageError, OSError):
            durable.write_bytes(self._file, _seal(body) + b"\n" + body)
        self._new = False

    def _place(self, kind: str, path: str) -> str:
        return f"{self._root}/{path}" if kind == "notebooks" else path.partition("\0")[0]

    def _keep(self, kind: str, path: str, mark: list[int] | None, at: int, value: Any) -> None:
        if mark is not None:
            self._kept[kind][path] = [mark, at, value]
            self._new = True

    def _module(self, file: Path, package: str) -> Source | None:
        key = f"{file}\0{package}"
        mark, at = _mark(str(file)), time.time_ns()
        kept = _standing(self._kept["modules"].get(key), mark)
        if kept is not None:
            return kept[0], tuple(kept[1])
        source = read_module(file, package)
        if source is not None:
            self._keep("modules", key, mark, at, source)
        return source

    def _versions(self, module: str) -> Mapping[str, str]:
        """The distributions behind a module; looked up again when something was installed or removed."""
        state = self._state = self._state or _installation()
        if self._kept["versions"].get("state") != state:
            self._kept["versions"] = {"state": state, "of": {}}
        known = self._kept["versions"]["of"]
        if module not in known:
            known[module] = dict(installed(module))
            self._new = True
        return dict(known[module])

    def _decoded(self, path: str, value: list[Any]) -> Notebook:
        kernel, language, cells, parameters, at, reads, writes, imports, code = value
        if parameters not in self._parameters:
            self._parameters[parameters] = tuple(from_plain(Parameter, item) for item in json.loads(parameters))
        return Notebook(
            path,
            kernel,
            language,
            tuple(
                Cell(index, name, kind, source, tuple(tags)) for index, (name, kind, source, tags) in enumerate(cells)
            ),
            self._parameters[parameters],
            at,
            tuple(Reference(*item) for item in reads),
            tuple(Reference(*item) for item in writes),
            tuple(imports),
            code,
        )


def _encoded(read: Notebook) -> list[Any]:
    return [
        read.kernel,
        read.language,
        [[cell.id, cell.kind, cell.source, cell.tags] for cell in read.cells],
        json.dumps(to_plain(read.parameters)),
        read.parameters_cell,
        _listed(read.reads),
        _listed(read.writes),
        read.imports,
        dict(read.code),
    ]


def _listed(references: Iterable[Reference]) -> list[list[Any]]:
    return [[one.dataset, one.cell, one.line, one.computed, one.mode] for one in references]


def _mark(place: str) -> list[int] | None:
    """What tells that a file is still the same: its size, its times and its inode."""
    try:
        status = os.stat(place)  # noqa: PTH116 - a thousand paths are not to be taken apart first
    except (OSError, ValueError):
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _standing(kept: list[Any] | None, mark: list[int] | None) -> list[Any] | None:
    """What was kept of a file that bears the same mark still, if that was no longer fresh when the file was read."""
    if kept is None or mark is None or kept[0] != mark or kept[1] - max(mark[1], mark[2]) <= TICK_NS:
        return None
    value: list[Any] = kept[2]
    return value


def _load(file: Path | None) -> dict[str, dict[str, Any]]:
    empty: dict[str, dict[str, Any]] = {"notebooks": {}, "modules": {}, "versions": {}}
    try:
        seal, _, body = file.read_bytes().partition(b"\n") if file else (b"", b"", b"")
        return json.loads(body) if body and seal == _seal(body) else empty
    except (OSError, ValueError):
        return empty


def _seal(body: bytes) -> bytes:
    """A digest of the content, and of what reads it: our own source files and the version of Python."""
    with os.scandir(Path(__file__).parent) as found:
        ours = sorted((entry.name, entry.stat().st_mtime_ns) for entry in found if entry.name.endswith(".py"))
    digest = hashlib.blake2b(repr((sys.version, ours)).encode(), digest_size=32)
    digest.update(body)
    return digest.hexdigest().encode()


def _installation() -> str:
    """What changes when a distribution is installed or removed: the folders of the search path, but the program's."""
    marks = [(place, _mark(place)) for place in sys.path[1:]]
    return hashlib.blake2b(repr(marks).encode(), digest_size=16).hexdigest()
