"""Notebooks read without running them, and made ready to be executed; the file itself is never touched."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from workbench.model.errors import InvalidName, NotebookError, ParameterError, WorkbenchError
from workbench.model.pipeline import Cell, Notebook, Parameter
from workbench.pipeline import references
from workbench.pipeline.cells import parse
from workbench.pipeline.contract import parse_cell
from workbench.pipeline.notebook_format import check
from workbench.pipeline.rendering import TAG as INJECTED

LIMIT_BYTES = 50_000_000
TICK_NS = 2_000_000_000
"""Nanoseconds in which a file may change twice and bear the same time: some file systems count in two seconds."""
PARAMETERS = "parameters"
TOLERANT = frozenset({references.SKIPPED, "raises-exception"})
"""Tags of cells whose syntax errors do not matter: they do not run, or are meant to fail."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_BEHAVIOUR = (PARAMETERS, "raises-exception", references.SKIPPED)
_FOREIGN = ("papermill", "execution")
_KEPT_METADATA = ("kernelspec", "language_info", "title", "authors")


def read_notebook(root: Path, path: str, *, limit_bytes: int = LIMIT_BYTES) -> Notebook:
    """The notebook at ``path``, which is relative to the project's folder ``root``.

    Raises NotebookError: WB-NB-600 missing, WB-NB-601 not a notebook, WB-NB-602 a format that we do not read, WB-NB-603
    too large or too deep, WB-NB-604 two parameters cells, WB-NB-605 a syntax error, WB-NB-606 outside the project; and
    ParameterError or InvalidName, with the place, for what its cells say.
    """
    return _parsed(_load(root, path, limit_bytes), path)


class Template:
    """A notebook made ready to be executed with parameters that are still to come.

    Outputs, execution counts and an old injected cell are gone.
    """

    def __init__(self, raw: Mapping[str, Any], notebook: Notebook) -> None:
        keep = [INJECTED not in cell.tags for cell in notebook.cells]
        self._at = sum(keep[: notebook.parameters_cell + 1]) if notebook.parameters_cell is not None else 0
        self._taken = {cell.id for cell, kept in zip(notebook.cells, keep, strict=True) if kept}
        self._cells = [
            json.dumps(_prepared(cell, item.id))
            for cell, item, kept in zip(raw["cells"], notebook.cells, keep, strict=True)
            if kept
        ]
        metadata = {key: value for key, value in raw["metadata"].items() if key in _KEPT_METADATA}
        metadata.setdefault("kernelspec", {"name": notebook.kernel, "display_name": notebook.kernel})
        self._metadata = json.dumps(metadata)

    @classmethod
    def read(cls, root: Path, notebook: Notebook) -> Self:
        """Of the file that was read. Raises NotebookError (WB-NB-607) when it is no longer as it was."""
        raw = _load(root, notebook.path, LIMIT_BYTES)
        if _cells(raw) != notebook.cells:
            raise NotebookError(
                "WB-NB-607", f"{notebook.path} changed while it was being planned", next="run the command again"
            )
        return cls(raw, notebook)

    @classmethod
    def parse(cls, source: str, path: str) -> tuple[Self, Notebook]:
        """Of a text that ``with_parameters`` made, and the notebook that it is. Raises as ``read_notebook`` does."""
        raw = json.loads(source)
        notebook = _parsed(raw, path)
        return cls(raw, notebook), notebook

    def with_parameters(self, injected: str = "") -> str:
        """The notebook as JSON in nbformat 4.5; ``injected`` follows the parameters cell, or comes first."""
        cells = list(self._cells)
        if injected:
            cells.insert(self._at, json.dumps(_injected_cell(injected, self._taken)))
        return f'{{"cells": [{", ".join(cells)}], "metadata": {self._metadata}, "nbformat": 4, "nbformat_minor": 5}}'


def _parsed(raw: dict[str, Any], path: str) -> Notebook:
    cells = _cells(raw)
    kernel, language = _kernel(raw)
    index = _parameters_cell(cells, path)
    python = language == "python"
    if python:
        _refuse_syntax_errors(cells, path)
    try:
        parameters: tuple[Parameter, ...] = ()
        if index is not None:
            parameters = parse_cell(cells[index].source, language, kernel)
        found = references.find(cells) if python else references.References((), (), ())
    except (ParameterError, InvalidName, NotebookError) as error:
        raise _placed(error, path) from None
    return Notebook(
        path,
        kernel,
        language,
        cells,
        parameters,
        index,
        reads=found.reads,
        writes=found.writes,
        imports=found.imports,
        code=_digests(cells, python),
    )


def _digests(cells: Sequence[Cell], python: bool) -> dict[str, str]:
    """What each code cell does, by its id: a digest of its syntax tree, and the tags that change how it is executed."""
    found = {}
    for cell in cells:
        if cell.kind != "code" or INJECTED in cell.tags:
            continue
        tags = [tag for tag in _BEHAVIOUR if tag in cell.tags]
        if python:
            parsed = parse(cell.source)
            empty, digest = parsed.empty, parsed.digest
        else:
            empty, digest = not cell.source, _digest(cell.source)
        if not empty or tags:
            found[cell.id] = "+".join([digest, *tags])
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _load(root: Path, path: str, limit_bytes: int) -> dict[str, Any]:
    """The checked JSON of the notebook without its outputs; not to be changed, for it is kept between calls."""
    file = _locate(root, path)
    try:
        status = file.stat()
    except OSError as error:
        raise _missing(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
        raise NotebookError("WB-NB-601", f"{path}: not a notebook", cause=f"it is {kind}")
    if status.st_size > limit_bytes:
        raise NotebookError(
            "WB-NB-603",
            f"{path}: larger than {limit_bytes // 1_000_000} MB",
            cause=f"it has {status.st_size // 1_000_000} MB, nearly always outputs",
            next="clear its outputs, and write data with wb.write",
        )
    key = (str(file), path, status.st_mtime_ns, status.st_size, status.st_ino)
    return _kept(*key) if settled(status) else _read(*key)


def settled(status: os.stat_result) -> bool:
    """Whether a file has been left alone for so long that its times will tell when it changes again."""
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > TICK_NS


def _read(file: str, path: str, modified: int, size: int, inode: int) -> dict[str, Any]:
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise _missing(path, error) from None
    try:
        return check(content, path)
    except RecursionError:
        raise NotebookError("WB-NB-603", f"{path}: nested too deep") from None


_kept = lru_cache(maxsize=64)(_read)


def _locate(root: Path, path: str) -> Path:
    parts = path.replace("\\", "/").split("/")
    if "\0" in path or path.startswith(("/", "\\", "~")) or ":" in parts[0] or ".." in parts:
        raise _outside(path)
    if not path.endswith(".ipynb"):
        raise NotebookError("WB-NB-601", f"{path}: not a notebook", cause="its name does not end in .ipynb")
    try:
        file = (root / path).resolve()
    except (OSError, RuntimeError) as error:
        raise _missing(path, error) from None
    if not file.is_relative_to(root.resolve()):
        raise _outside(path)
    return file


def _outside(path: str) -> NotebookError:
    return NotebookError(
        "WB-NB-606",
        f"{ascii(path)[:200]} is not a path inside the project",
        cause="notebooks are named relative to the project, without .., and no link leads out of it",
        next="move the notebook into the project",
    )


def _missing(path: str, error: Exception) -> NotebookError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotebookError("WB-NB-600", f"{path}: there is no such notebook", next="check the path")
    reason = getattr(error, "strerror", None) or str(error)
    return NotebookError("WB-NB-600", f"{path}: cannot be read", cause=reason, next="check its permissions")


def _cells(raw: dict[str, Any]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    seen: set[str] = set()
    counts: dict[str, int] = {}
    for index, cell in enumerate(raw["cells"]):
        kind = cell["cell_type"]
        counts[kind] = counts.get(kind, 0) + 1
        identifier = cell.get("id")
        if not isinstance(identifier, str) or not _ID.fullmatch(identifier) or identifier in seen:
            identifier = f"{kind}-{counts[kind]}"
        while identifier in seen:
            identifier += "-again"
        seen.add(identifier)
        source = _joined(cell["source"]).rstrip()
        cells.append(Cell(index, identifier, kind, source, tuple(cell["metadata"].get("tags", ()))))
    return tuple(cells)


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _kernel(raw: dict[str, Any]) -> tuple[str, str]:
    """The kernel's name and its language, in lower case for Python; a notebook without either is ``python3``."""
    kernelspec = raw["metadata"].get("kernelspec") or {}
    info = raw["metadata"].get("language_info") or {}
    kernel: str = kernelspec.get("name") or "python3"
    language: str = kernelspec.get("language") or info.get("name") or "python"
    return kernel, "python" if language.lower() in ("python", "ipython") else language


def _parameters_cell(cells: Sequence[Cell], path: str) -> int | None:
    tagged = [cell.index for cell in cells if PARAMETERS in cell.tags and cell.kind == "code"]
    if len(tagged) > 1:
        raise NotebookError(
            "WB-NB-604",
            f"{path}: {len(tagged)} cells are tagged parameters",
            cause="cells " + ", ".join(str(index + 1) for index in tagged),
            next="keep the tag on one of them",
        )
    return tagged[0] if tagged else None


def _refuse_syntax_errors(cells: Sequence[Cell], path: str) -> None:
    for cell in cells:
        fault = parse(cell.source).fault if cell.kind == "code" and not TOLERANT & {*cell.tags} else None
        if fault is not None:
            lines = cell.source.splitlines()
            shown = lines[fault.line - 1].strip() if fault.line <= len(lines) else ""
            raise NotebookError(
                "WB-NB-605",
                f"{path}: syntax error in cell {cell.index + 1}, line {fault.line}",
                cause=fault.message,
                detail=[f"  {shown[:100]}"] if shown else [],
            )


def _placed(error: WorkbenchError, path: str) -> WorkbenchError:
    return type(error)(
        error.code,
        f"{path}: {error.what}",
        cause=error.cause,
        kept=error.kept,
        next=error.next,
        detail=error.detail,
    )


def _prepared(cell: dict[str, Any], identifier: str) -> dict[str, Any]:
    metadata = {key: value for key, value in cell["metadata"].items() if key not in _FOREIGN}
    made: dict[str, Any] = {"cell_type": cell["cell_type"], "id": identifier, "metadata": copy.deepcopy(metadata)}
    if "attachments" in cell and cell["cell_type"] != "code":
        made["attachments"] = cell["attachments"]
    made["source"] = _joined(cell["source"])
    if cell["cell_type"] == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


def _injected_cell(source: str, taken: set[str]) -> dict[str, Any]:
    identifier = INJECTED
    while identifier in taken:
        identifier += "-again"
    return {
        "cell_type": "code",
        "id": identifier,
        "metadata": {"tags": [INJECTED]},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
