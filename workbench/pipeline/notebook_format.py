"""The bytes of a notebook file held to the notebook format, as far as reading and executing rely on it.

nbformat's own validation is complete but costs its import, which is longer than planning a whole pipeline; it is used
only to bring notebooks of format 3 up to date.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from workbench.model.errors import NotebookError

_KINDS = ("code", "markdown", "raw")
MAX_CELLS = 20_000


def check(content: bytes, path: str) -> dict[str, Any]:
    """The notebook as nbformat 4 JSON, its outputs dropped; ``path`` is for errors.

    Raises NotebookError: WB-NB-601 no JSON, WB-NB-602 not a format that we read, WB-NB-603 too many cells. Lets
    RecursionError pass for JSON that is nested too deep.
    """
    raw = _json(content, path)
    if not isinstance(raw, dict):
        _refuse(path, "", f"the file holds {_called(raw)} where a notebook is an object", code="WB-NB-601")
    raw = _current(raw, path)
    cells = raw.get("cells")
    if not isinstance(cells, list):
        _refuse(path, "/cells", "the list of cells is missing")
    if len(cells) > MAX_CELLS:
        raise NotebookError("WB-NB-603", f"{path}: more than {MAX_CELLS:,} cells")
    metadata = raw.get("metadata", {})
    if not isinstance(metadata, dict):
        _refuse(path, "/metadata", f"found {_called(metadata)} where an object belongs")
    for key in ("kernelspec", "language_info"):
        if not isinstance(metadata.get(key) or {}, dict):
            _refuse(path, f"/metadata/{key}", f"found {_called(metadata[key])} where an object belongs")
        for inner in ("name", "language"):
            if not isinstance((metadata.get(key) or {}).get(inner) or "", str):
                _refuse(path, f"/metadata/{key}/{inner}", "it is not text")
    stripped = {"metadata": metadata, "cells": [_cell(cell, f"/cells/{n}", path) for n, cell in enumerate(cells)]}
    json.dumps(stripped)  # what is too deep to be written again is refused here
    return stripped


def _json(content: bytes, path: str) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _damaged(path, "it is not text in UTF-8") from None
    if not text.strip():
        raise _damaged(path, "the file is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        ends = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        cause = f"its JSON ends at line {error.lineno}" if ends else f"its JSON is broken at line {error.lineno}"
        raise _damaged(path, f"{cause}, column {error.colno} ({error.msg})") from None
    except ValueError as error:
        raise _damaged(path, str(error)) from None


def _damaged(path: str, cause: str) -> NotebookError:
    return NotebookError(
        "WB-NB-601",
        f"{path}: not a notebook",
        cause=cause,
        next="restore the file, for example with git checkout, or save it again from JupyterLab",
    )


def _current(raw: dict[str, Any], path: str) -> dict[str, Any]:
    major = raw.get("nbformat")
    if type(major) is not int:
        _refuse(path, "/nbformat", "the version of the format is missing", code="WB-NB-601")
    if major == 4:
        return raw
    if major != 3:
        _refuse(path, "/nbformat", f"format {major} is not one that is read here; 4 is (and 3 is brought up to it)")
    return _upgraded(raw, path)


def _upgraded(raw: dict[str, Any], path: str) -> dict[str, Any]:
    """A notebook of format 3 as format 4, without the cell ids that nbformat would draw anew each time."""
    from nbformat import convert, from_dict

    try:
        upgraded: dict[str, Any] = json.loads(json.dumps(convert(from_dict(raw), 4)))
    except RecursionError:
        raise
    except Exception as error:  # the converter raises whatever the damage leads it to
        _refuse(path, "", f"it cannot be brought up from format 3: {type(error).__name__} {error}".strip())
    for cell in upgraded["cells"]:
        cell.pop("id", None)
    return upgraded


def _cell(cell: Any, pointer: str, path: str) -> dict[str, Any]:
    if not isinstance(cell, dict):
        _refuse(path, pointer, f"found {_called(cell)} where a cell belongs")
    if cell.get("cell_type") not in _KINDS:
        _refuse(path, f"{pointer}/cell_type", f"{json.dumps(cell.get('cell_type'))[:60]} is no kind of cell")
    source = cell.get("source")
    if not isinstance(source, str) and not (isinstance(source, list) and all(isinstance(line, str) for line in source)):
        _refuse(path, f"{pointer}/source", "the source is missing or not text")
    metadata = cell.get("metadata", {})
    if not isinstance(metadata, dict):
        _refuse(path, f"{pointer}/metadata", f"found {_called(metadata)} where an object belongs")
    tags = metadata.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        _refuse(path, f"{pointer}/metadata/tags", "tags are a list of texts")
    if not isinstance(cell.get("attachments", {}), dict):
        _refuse(path, f"{pointer}/attachments", "attachments are an object")
    kept = {key: cell[key] for key in ("cell_type", "id", "source", "attachments") if key in cell}
    return {**kept, "metadata": metadata}


def _called(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _refuse(path: str, pointer: str, cause: str, code: str = "WB-NB-602") -> NoReturn:
    what = f"{path}: not a notebook" if code == "WB-NB-601" else f"{path}: not a notebook of a format that is read here"
    raise NotebookError(
        code,
        what,
        cause=f"at {pointer}: {cause}" if pointer else cause,
        next="open it in JupyterLab and save it again",
    )
