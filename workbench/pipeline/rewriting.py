"""A notebook rewritten so that it runs from top to bottom and takes parameters; the rest of it stays as it is."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.model.pipeline import Cell
from workbench.pipeline.candidates import Found
from workbench.pipeline.remarks import unmet

PARAMETERS = "parameters"


def in_order(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Code cells, those that others above need moved up no further than needed; as they are when that has no end."""
    order = list(cells)
    for _ in range(len(cells) * len(cells)):
        wrong = next(((at, later[0]) for at, _, _, later in unmet(order) if later), None)
        if wrong is None:
            return tuple(order)
        at, maker = wrong
        order.insert(at, order.pop(maker))
    return tuple(cells)


def rewritten(
    raw: Mapping[str, Any], cells: Sequence[Cell], order: Sequence[Cell], taken: Sequence[Found]
) -> dict[str, Any]:
    """The notebook ``raw`` (nbformat 4 JSON) with its code cells in that order and ``taken`` in the parameters cell.

    ``cells`` are all its cells as they were read, ``order`` its code cells that run; other cells keep their places.
    """
    made = copy.deepcopy(dict(raw))
    kept: list[dict[str, Any]] = made["cells"]
    for cell, one in zip(cells, kept, strict=True):
        one["id"] = cell.id
    sources = {cell.index: _without(cell, taken) for cell in cells}
    moving = iter(order)
    runs = {cell.index for cell in order}
    result = []
    for cell in cells:
        here = next(moving) if cell.index in runs else cell
        one, text = kept[here.index], sources[here.index]
        if text is not None:
            one["source"] = _split(text)
        if text is None or text.strip():  # else nothing is left of it
            result.append(one)
    if taken:
        _declare(result, taken, {cell.id for cell in cells})
    made["cells"] = result
    made["nbformat"], made["nbformat_minor"] = 4, max(5, int(made.get("nbformat_minor") or 0))
    return made


def written(raw: Mapping[str, Any]) -> str:
    """A notebook as the text of a file, as Jupyter writes it."""
    return json.dumps(raw, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def script(raw: Mapping[str, Any]) -> str:
    """The cells of a notebook as text, one below the other: what its diff is made of."""
    parts = []
    for cell in raw["cells"]:
        tags = cell.get("metadata", {}).get("tags") or []
        head = f"# %% {cell['cell_type']}" + (f" [{', '.join(tags)}]" if tags else "")
        parts.append(f"{head}\n{_joined(cell['source']).rstrip()}\n")
    return "\n".join(parts)


def diff(before: str, after: str, path: str) -> str:
    """The difference of two texts in unified form, empty when there is none."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _without(cell: Cell, taken: Sequence[Found]) -> str | None:
    """The source of a cell without the lines that became parameters; None when none did."""
    gone = {line for one in taken if one.candidate.cell == cell.index + 1 for line in range(one.first, one.last + 1)}
    if not gone:
        return None
    lines = [text for number, text in enumerate(cell.source.split("\n"), start=1) if number not in gone]
    return "\n".join(lines).strip("\n")


def _declare(cells: list[dict[str, Any]], taken: Sequence[Found], known: set[str]) -> None:
    """Put the lines into the parameters cell, or into a new one before the first code cell."""
    imports = list(dict.fromkeys(line for one in taken for line in one.imports))
    lines = [one.candidate.source for one in taken]
    there = next((cell for cell in cells if _is_parameters(cell)), None)
    if there is not None:
        old = _joined(there["source"]).rstrip()
        new = [line for line in imports if line not in old.split("\n")]
        there["source"] = _split("\n".join([*new, *([old] if old else []), *lines]))
        return
    identifier = PARAMETERS
    while identifier in known:
        identifier += "-1"
    source = "\n".join([*imports, *([""] if imports else []), *lines])
    first = next((at for at, cell in enumerate(cells) if cell["cell_type"] == "code"), len(cells))
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": identifier,
        "metadata": {"tags": [PARAMETERS]},
        "outputs": [],
        "source": _split(source),
    }
    cells.insert(first, cell)


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "code" and PARAMETERS in (cell.get("metadata", {}).get("tags") or [])


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _split(text: str) -> list[str]:
    return text.splitlines(keepends=True)
