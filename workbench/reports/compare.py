"""Two executed notebooks against each other, cell by cell: code, texts, tables, pictures and figures."""

from __future__ import annotations

import base64
import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from workbench.model.comparison import CellPair, Change, Grid, Line, OutputPair, overall
from workbench.model.events import EVENT_MIME
from workbench.model.frozen import dataclass
from workbench.reports import grids, pictures, texts
from workbench.reports.alignment import Cell, align, cells
from workbench.reports.grids import Table
from workbench.reports.markdown import plain_text
from workbench.reports.outputs import shown_text
from workbench.reports.sanitize import clean_html, raster, vector

PLOTLY = "application/vnd.plotly.v1+json"
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
MOST_PATHS = 5
"""Places of a figure's layout that are named when they differ."""


@dataclass(frozen=True)
class Output:
    """One output in the form in which it is compared; ``content`` is text, a Table, a data URI or a specification."""

    kind: str
    content: Any


def compare(before: Path, after: Path) -> tuple[CellPair, ...]:
    """Every cell of two executed notebooks. Raises NotebookError (WB-REP-202) for one that cannot be read."""
    return tuple(_pair(one, other, by_id) for one, other, by_id in align(cells(before), cells(after)))


def _pair(one: Cell | None, other: Cell | None, by_id: bool) -> CellPair:
    present = other or one
    assert present is not None
    if one is None or other is None:
        change = Change.ADDED if one is None else Change.REMOVED
        source: tuple[Line, ...] = texts.whole(present.source, change)
        source_change = change
        outputs = tuple(_alone(output, change) for output in _outputs(present))
    else:
        source, source_change = texts.compare(one.source, other.source), Change.SAME
        source_change = Change.CHANGED if source else Change.SAME
        outputs = tuple(_output_pairs(list(_outputs(one)), list(_outputs(other))))
        change = overall([source_change, *(output.change for output in outputs)])
    return CellPair(
        present.id,
        present.kind,
        change,
        one.number if one else None,
        other.number if other else None,
        source_change,
        source,
        outputs,
        by_id,
    )


def _outputs(cell: Cell) -> Iterator[Output]:
    for output in cell.outputs:
        if made := _output(output):
            yield made


def _output(output: Mapping[str, Any]) -> Output | None:
    match output.get("output_type"):
        case "stream":
            text = shown_text(output.get("text", ""))
            return Output("messages" if output.get("name") == "stderr" else "text", text) if text.strip() else None
        case "error":
            return Output("error", shown_text(f"{output.get('ename', '')}: {output.get('evalue', '')}"))
        case "display_data" | "execute_result":
            data = output.get("data")
            return _display(data) if isinstance(data, Mapping) else None
    return None


def _display(data: Mapping[str, Any]) -> Output | None:
    """The form of an output that can best be compared."""
    if isinstance(data.get(PLOTLY), Mapping):
        return Output("figure", data[PLOTLY])
    for mime in _PICTURES:
        if mime in data and (uri := _picture(mime, _joined(data[mime]))):
            return Output("picture", uri)
    if "text/html" in data:
        html = clean_html(_joined(data["text/html"]))
        if table := grids.read(html):
            return Output("table", table)
        if text := plain_text(html):
            return Output("text", text)
    for mime in ("text/markdown", "text/latex", "text/plain"):
        if mime in data and (text := shown_text(data[mime])).strip():
            return Output("text", text)
    rest = {mime: value for mime, value in data.items() if mime != EVENT_MIME}
    return Output("other", json.dumps(rest, indent=1, sort_keys=True, default=str)) if rest else None


def _picture(mime: str, encoded: str) -> str | None:
    return vector(encoded) if mime == "image/svg+xml" else raster(mime, encoded)


def _output_pairs(before: Sequence[Output], after: Sequence[Output]) -> Iterator[OutputPair]:
    """The outputs of a cell, those of one kind paired in their order."""
    kinds = [output.kind for output in before], [output.kind for output in after]
    for tag, i, j, k, m in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (_compared(one, other) for one, other in zip(before[i:j], after[k:m], strict=True))
        else:
            yield from (_alone(output, Change.REMOVED) for output in before[i:j])
            yield from (_alone(output, Change.ADDED) for output in after[k:m])


def _compared(one: Output, other: Output) -> OutputPair:
    if one == other:
        return OutputPair(one.kind, Change.SAME)
    return _WAYS.get(one.kind, _texts)(one, other)


def _texts(one: Output, other: Output) -> OutputPair:
    lines = texts.compare(texts.settled(one.content), texts.settled(other.content))
    if not lines:
        return OutputPair(one.kind, Change.SAME)
    return OutputPair(one.kind, Change.CHANGED, _said_of_lines(lines), lines)


def _tables(one: Output, other: Output) -> OutputPair:
    grid = grids.compare(one.content, other.content)
    same = set(grid.counts) <= {Change.SAME} and all(column.change is Change.SAME for column in grid.columns)
    return OutputPair(
        "table", Change.SAME if same else Change.CHANGED, _said_of_grid(grid), grid=None if same else grid
    )


def _pictures(one: Output, other: Output) -> OutputPair:
    picture = pictures.compare(one.content, other.content)
    if picture.share == 0:
        return OutputPair("picture", Change.SAME, "other bytes, the same pixels")
    said = "it looks different"
    if picture.share is not None:
        said = f"{_percent(picture.share)} of its pixels differ"
    if picture.size_before != picture.size_after and picture.size_before and picture.size_after:
        sizes = (f"{width} × {height}" for width, height in (picture.size_before, picture.size_after))
        said = f"{' → '.join(sizes)} pixels, {said}"
    return OutputPair("picture", Change.CHANGED, said, picture=picture)


def _figures(one: Output, other: Output) -> OutputPair:
    """Two specifications of plotly: what their traces hold, as a table, and where their layouts differ."""
    grid = grids.compare(_traces(one.content), _traces(other.content))
    told = [_said_of_grid(grid, "trace")] if set(grid.counts) - {Change.SAME} else []
    paths = sorted(set(_differing(one.content.get("layout"), other.content.get("layout"))))
    if paths:
        more = f" and {len(paths) - MOST_PATHS} more" if len(paths) > MOST_PATHS else ""
        told.append(f"its layout differs in {', '.join(paths[:MOST_PATHS])}{more}")
    elif not told:
        told.append("its data differs in places that the summary of the traces does not show")
    return OutputPair(
        "figure", Change.CHANGED, "; ".join(told), grid=grid if set(grid.counts) - {Change.SAME} else None
    )


_WAYS: dict[str, Callable[[Output, Output], OutputPair]] = {
    "table": _tables,
    "picture": _pictures,
    "figure": _figures,
}


def _alone(output: Output, change: Change) -> OutputPair:
    """An output that one side has alone."""
    if output.kind == "picture":
        before, after = (output.content, "") if change is Change.REMOVED else ("", output.content)
        return OutputPair("picture", change, picture=pictures.compare(before, after))
    if output.kind in ("table", "figure"):
        table = output.content if output.kind == "table" else _traces(output.content)
        return OutputPair(output.kind, change, grid=grids.alone(table, change))
    return OutputPair(output.kind, change, lines=texts.whole(output.content, change))


def _traces(specification: Mapping[str, Any]) -> Table:
    """What the traces of a figure hold, a row each: how many points, and between which values."""
    rows = []
    traces = specification.get("data")
    for index, trace in enumerate(traces if isinstance(traces, list) else []):
        if isinstance(trace, Mapping):
            name = str(trace.get("name") or index + 1)
            kind = str(trace.get("type") or "scatter")
            rows.append([name, kind, *(_summary(trace.get(axis)) for axis in ("x", "y", "z"))])
    columns = ["trace", "type", "x", "y", "z"]
    if all(not row[4] for row in rows):
        columns, rows = columns[:4], [row[:4] for row in rows]
    return Table(columns, rows, labels=1)


def _summary(values: Any) -> str:
    """``24 values, 3 to 17, mean 9.2``; of texts the first and the last."""
    if isinstance(values, Mapping) and "bdata" in values:
        values = _decoded(values)
    if not isinstance(values, list) or not values:
        return ""
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    told = f"{len(flat):,} values"
    numbers = [value for value in flat if isinstance(value, int | float) and not isinstance(value, bool)]
    if numbers and len(numbers) >= len(flat) / 2:
        mean = sum(numbers) / len(numbers)
        return f"{told}, {min(numbers):.4g} to {max(numbers):.4g}, mean {mean:.4g}"
    return f"{told}, {flat[0]} … {flat[-1]}"


_TYPES = {"f8": "d", "f4": "f", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I"}


def _decoded(values: Mapping[str, Any]) -> list[Any] | None:
    """The numbers of plotly's packed arrays."""
    kind = _TYPES.get(str(values.get("dtype")))
    if kind is None:
        return None
    try:
        return array(kind, base64.b64decode(str(values.get("bdata")))).tolist()
    except ValueError:
        return None


def _differing(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two plain values differ: ``title.text``, ``xaxis.range``."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            if key != "template":
                yield from _differing(one.get(key), other.get(key), f"{path}.{key}" if path else str(key))
    elif one != other:
        yield path or "all of it"


def _said_of_lines(lines: Sequence[Line]) -> str:
    counted = Counter(line.change for line in lines if line.change is not Change.SAME)
    return ", ".join(f"{number:,} line{'s' * (number > 1)} {change}" for change, number in sorted(counted.items()))


def _said_of_grid(grid: Grid, noun: str = "row") -> str:
    whole = sum(grid.counts.values())
    told = [
        f"{number:,} of {whole:,} {noun}s {'differ' if change is Change.CHANGED else change}"
        for change, number in sorted(grid.counts.items())
        if change is not Change.SAME
    ]
    told += [f"column {column.name} {column.change}" for column in grid.columns if column.change is not Change.SAME]
    return ", ".join(told)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "less than 0.1 %"


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value) if isinstance(value, list) else json.dumps(value)
