"""Two executed notebooks: which cell is which, and how their texts, tables, pictures and figures differ."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_pages import code, display, figure, markdown, stream

from workbench.model.comparison import CellPair, Change, Line, OutputPair, Piece
from workbench.model.errors import NotebookError
from workbench.reports import grids, pictures, texts
from workbench.reports.alignment import Cell, align
from workbench.reports.compare import compare


def notebook(path: Path, *cells: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}))
    return path


def named(identifier: str, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {**code(source, *outputs), "id": identifier}


def pairs(tmp_path: Path, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[CellPair, ...]:
    return compare(notebook(tmp_path / "a.ipynb", *before), notebook(tmp_path / "b.ipynb", *after))


def output(tmp_path: Path, before: dict[str, Any], after: dict[str, Any]) -> OutputPair:
    """One output of the same cell on both sides."""
    (cell,) = pairs(tmp_path, [named("c", "x", before)], [named("c", "x", after)])
    (only,) = cell.outputs
    return only


def cells(*sources: str, ids: str = "") -> list[Cell]:
    return [
        Cell(ids[number] if ids else f"code-{number + 1}", "code", source, number + 1)
        for number, source in enumerate(sources)
    ]


def matched(before: list[Cell], after: list[Cell]) -> list[tuple[int | None, int | None, bool]]:
    return [(one and one.number, other and other.number, by_id) for one, other, by_id in align(before, after)]


class TestAlignment:
    def test_cells_are_paired_by_id_wherever_they_stand(self) -> None:
        before, after = cells("import a", "x = 1", ids="pq"), cells("entirely different", "import a", ids="qp")
        assert matched(before, after) == [(2, 1, True), (1, 2, True)]

    def test_without_ids_they_are_paired_by_what_they_say(self) -> None:
        before = cells("import pandas as pd", "df = read('a')\nprint(df)", "df.plot()", "gone = 1")
        after = cells("import pandas as pd", "new = 2", "df = read('b')\nprint(df)", "df.plot()")
        assert matched(before, after) == [
            (1, 1, False),
            (None, 2, False),
            (2, 3, False),
            (3, 4, False),
            (4, None, False),
        ]

    def test_a_cell_with_a_new_id_is_found_by_what_it_says(self) -> None:
        assert matched(cells("x = 1", "y = 22", ids="pq"), cells("x = 1", "y = 23", ids="pz")) == [
            (1, 1, True),
            (2, 2, False),
        ]

    def test_nothing_in_common_is_removed_and_added(self) -> None:
        assert matched(cells("aaaa", ids="p"), cells("zzzz", ids="q")) == [(1, None, False), (None, 1, False)]
        assert matched([], []) == []
        assert matched([], cells("x")) == [(None, 1, False)]

    def test_large_notebooks_without_ids_are_matched_by_equal_cells(self) -> None:
        before = cells(*(f"value_{number} = {number}" for number in range(250)))
        after = cells("first = 1", *(f"value_{number} = {number}" for number in range(250)))
        assert matched(before, after)[1:] == [(number, number + 1, False) for number in range(1, 251)]

    def test_the_injected_parameters_are_no_cell_of_ours(self, tmp_path: Path) -> None:
        injected = {**code("day = 3", tags=("injected-parameters",)), "id": "i"}
        found = pairs(tmp_path, [named("a", "x"), injected, named("b", "y")], [named("a", "x"), named("b", "z")])
        assert [(pair.number_before, pair.number_after) for pair in found] == [(1, 1), (2, 2)]

    def test_a_file_that_is_no_notebook_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.ipynb").write_text("{")
        with pytest.raises(NotebookError, match="cannot be read as a notebook"):
            compare(tmp_path / "a.ipynb", tmp_path / "a.ipynb")


class TestTexts:
    def test_the_words_that_differ_are_marked(self) -> None:
        assert texts.compare("df = df[df.price > 2]", "df = df[df.price > 3]") == (
            Line(
                Change.CHANGED,
                (Piece("df = df[df.price > "), Piece("2", True), Piece("]")),
                (Piece("df = df[df.price > "), Piece("3", True), Piece("]")),
            ),
        )

    def test_lines_far_from_a_change_are_counted_only(self) -> None:
        lines = [f"line {number}" for number in range(20)]
        changed = [*lines[:10], "other words entirely", *lines[11:]]
        found = texts.compare("\n".join(lines), "\n".join(changed))
        assert [(line.change, line.skipped) for line in found] == [
            (Change.SAME, 8), (Change.SAME, 0), (Change.SAME, 0), (Change.REMOVED, 0), (Change.ADDED, 0),
            (Change.SAME, 0), (Change.SAME, 0), (Change.SAME, 7),
        ]  # fmt: skip

    def test_equal_texts_have_no_lines(self) -> None:
        assert texts.compare("same", "same") == ()

    def test_endless_lines_are_compared_whole(self) -> None:
        (line,) = texts.compare("a b " * 1000, "a b " * 1000 + "c")
        assert line.before[0].marked and line.change is Change.CHANGED

    def test_addresses_in_memory_are_no_difference(self, tmp_path: Path) -> None:
        one, other = (stream(f"<Axes at 0x7f{digit}a1b2c3d4e>") for digit in "12")
        assert output(tmp_path, one, other).change is Change.SAME

    def test_a_stream_that_differs_says_how(self, tmp_path: Path) -> None:
        found = output(tmp_path, stream("3 rows\n"), stream("2 rows\nand more\n"))
        assert (found.kind, found.change, found.said) == ("text", Change.CHANGED, "1 line added, 1 line changed")

    def test_messages_and_errors_are_told_apart_from_results(self, tmp_path: Path) -> None:
        failed = {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": []}
        (cell,) = pairs(tmp_path, [named("c", "x", stream("w", "stderr"))], [named("c", "x", failed)])
        assert [(out.kind, out.change) for out in cell.outputs] == [
            ("messages", Change.REMOVED),
            ("error", Change.ADDED),
        ]


TABLE = "<table><thead><tr><th></th><th>a</th><th>b</th></tr></thead><tbody>{}</tbody></table>"


def table(*rows: tuple[str, ...], columns: str = "ab") -> grids.Table:
    return grids.Table([*columns], [list(row) for row in rows])


def shape(grid: Any) -> list[tuple[str, ...]]:
    """Rows as their change and, of changed values, both."""
    return [
        (
            str(row.change),
            *(f"{cell.before}>{cell.after}" if cell.change != "same" else cell.after for cell in row.cells),
        )
        for row in grid.rows
    ]


class TestGrids:
    def test_a_table_of_pandas_is_read_with_its_labels(self) -> None:
        import pandas as pd

        frame = pd.DataFrame({"n": [1, 2], "word": ["<b>x</b>", None]}, index=pd.Index(["p", "q"], name="key"))
        read = grids.read(frame.to_html())
        assert read == grids.Table(["key", "n", "word"], [["p", "1", "<b>x</b>"], ["q", "2", "NaN"]], 1)

    def test_headers_of_several_levels_are_joined(self) -> None:
        import pandas as pd

        columns = pd.MultiIndex.from_tuples([("took", "min"), ("took", "max")])
        read = grids.read(pd.DataFrame([[1, 2]], columns=columns).to_html())
        assert read and read.columns == ["", "took min", "took max"]

    def test_a_table_of_polars_is_read(self) -> None:
        import polars as pl

        read = grids.read(pl.DataFrame({"n": [1], "word": ["x"]})._repr_html_())
        assert read and read.columns == ["n i64", "word str"] and [row[0] for row in read.rows] == ["1"]

    @pytest.mark.parametrize("html", ["", "<p>no table</p>", "<table></table>", "<table><tr>", "</table><td>x"])
    def test_what_is_no_table_is_none(self, html: str) -> None:
        assert grids.read(html) is None

    def test_values_rows_and_columns_that_differ_are_marked(self) -> None:
        grid = grids.compare(
            table(("x", "1"), ("y", "2"), ("z", "3")),
            table(("x", "1", "p"), ("y", "9", "q"), ("w", "4", "r"), columns="abc"),
        )
        assert [(column.name, str(column.change)) for column in grid.columns] == [
            ("a", "same"), ("b", "same"), ("c", "added"),
        ]  # fmt: skip
        assert shape(grid) == [
            ("same", "x", "1", "None>p"),
            ("changed", "y", "2>9", "None>q"),
            ("removed", "z>None", "3>None", None),
            ("added", "None>w", "None>4", "None>r"),
        ]
        assert grid.counts == {Change.SAME: 1, Change.CHANGED: 1, Change.REMOVED: 1, Change.ADDED: 1}

    def test_rows_with_labels_are_found_by_them_in_any_order(self) -> None:
        one = grids.Table(["k", "v"], [["a", "1"], ["b", "2"], ["c", "3"]], 1)
        other = grids.Table(["k", "v"], [["c", "3"], ["a", "5"]], 1)
        assert shape(grids.compare(one, other)) == [
            ("same", "c", "3"), ("changed", "a", "1>5"), ("removed", "b>None", "2>None"),
        ]  # fmt: skip

    def test_a_row_put_in_between_moves_no_other(self) -> None:
        def counted(*values: str) -> grids.Table:
            return grids.Table(["", "v"], [[str(n), value] for n, value in enumerate(values)], 1)

        assert shape(grids.compare(counted("p", "q"), counted("p", "new", "q"))) == [
            ("same", "p"), ("added", "None>new"), ("same", "q"),
        ]  # fmt: skip

    def test_long_tables_show_what_differs(self) -> None:
        one = [(str(n), "x") for n in range(3000)]
        grid = grids.compare(table(*one), table(*one[:1500], ("1500", "y"), *one[1501:]))
        assert [row.skipped for row in grid.rows] == [1499, 0, 0, 0, 1498]
        assert grid.counts[Change.SAME] == 2999

    def test_an_output_says_how_many_rows_differ(self, tmp_path: Path) -> None:
        one, other = (
            display({"text/html": TABLE.format(f"<tr><th>0</th><td>1</td><td>{value}</td></tr>"), "text/plain": ""})
            for value in (2, 3)
        )
        found = output(tmp_path, one, other)
        assert (found.kind, found.change, found.said) == ("table", Change.CHANGED, "1 of 1 rows differ")
        assert output(tmp_path, one, one).change is Change.SAME


def png(picture: Any) -> dict[str, Any]:
    return display({"image/png": base64.b64encode(pictures.encode(picture)).decode()})


WHITE = np.full((10, 20, 3), 255, np.uint8)


class TestPictures:
    def test_the_part_that_differs_is_measured_and_shown(self, tmp_path: Path) -> None:
        spot = WHITE.copy()
        spot[2, 3] = 0
        found = output(tmp_path, png(WHITE), png(spot))
        assert found.picture
        assert found.said == "0.5 % of its pixels differ"
        assert found.picture.share == 1 / 200 and found.picture.size_after == (20, 10)
        shown = pictures.pixels(base64.b64decode(found.picture.difference.partition(",")[2]))
        assert shown is not None
        assert (shown[:, :, 1] < 50).sum() == 1 and shown[2, 3, 0] > 200

    def test_another_size_is_said(self, tmp_path: Path) -> None:
        found = output(tmp_path, png(WHITE), png(WHITE[:5]))
        assert found.said == "20 × 10 → 20 × 5 pixels, 50.0 % of its pixels differ"

    def test_the_same_pixels_in_other_bytes_are_the_same(self, tmp_path: Path) -> None:
        content = pictures.encode(WHITE)
        text = content[:33] + b"\0\0\0\x03tEXta\0b" + b"\0\0\0\0" + content[33:]
        other = display({"image/png": base64.b64encode(text).decode()})
        assert output(tmp_path, png(WHITE), other).change is Change.SAME

    def test_pictures_of_other_kinds_are_shown_without_a_measure(self, tmp_path: Path) -> None:
        svg = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="{}"/></svg>'
        found = output(tmp_path, *(display({"image/svg+xml": svg.format(radius)}) for radius in (1, 2)))  # type: ignore[arg-type]
        assert found.picture and found.picture.share is None and found.said == "it looks different"

    @pytest.mark.parametrize("filters", [(0, 0, 0), (1, 2, 3), (4, 4, 4), (2, 3, 4)])
    @pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
    def test_every_filter_and_colour_of_png_is_read(self, filters: tuple[int, ...], colour: int, channels: int) -> None:
        picture = np.random.default_rng(7).integers(0, 256, (3, 5, channels), dtype=np.uint8)
        found = pictures.pixels(written(picture, filters, colour))
        assert found is not None
        grey = picture[:, :, :1]
        colours = picture[:, :, :3] if channels > 2 else np.concatenate([grey] * 3, axis=2)
        assert (found[:, :, :3] == colours).all()
        assert (found[:, :, 3] == (picture[:, :, -1] if channels in (2, 4) else 255)).all()

    @pytest.mark.parametrize("content", [b"", b"GIF89a", pictures.encode(WHITE)[:40], pictures.encode(WHITE)[:-30]])
    def test_what_is_damaged_or_no_png_is_not_read(self, content: bytes) -> None:
        assert pictures.pixels(content) is None


def written(picture: Any, filters: tuple[int, ...], colour: int) -> bytes:
    """A PNG whose lines went through these filters, as the standard defines them, one byte after another."""
    import struct
    import zlib

    height, width, channels = picture.shape
    flat = picture.reshape(height, width * channels).astype(int)
    lines = b""
    for y, kind in enumerate(filters):
        line = bytearray([kind])
        for x in range(width * channels):
            a = flat[y, x - channels] if x >= channels else 0
            b = flat[y - 1, x] if y else 0
            c = flat[y - 1, x - channels] if y and x >= channels else 0
            near = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line.append((flat[y, x] - (0, a, b, (a + b) // 2, near)[kind]) % 256)
        lines += bytes(line)
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


class TestFigures:
    def test_traces_and_layout_are_compared(self, tmp_path: Path) -> None:
        one, other = figure("Delays"), figure("Delays by day")
        found = output(tmp_path, one, other)
        assert (found.kind, found.said) == ("figure", "its layout differs in title.text")
        other["data"]["application/vnd.plotly.v1+json"]["data"][0]["y"] = [1, 4]
        found = output(tmp_path, one, other)
        assert found.said == "1 of 1 traces differ; its layout differs in title.text"
        assert found.grid
        assert found.grid.rows[0].cells[3].after == "2 values, 1 to 4, mean 2.5"

    def test_packed_numbers_are_read(self, tmp_path: Path) -> None:
        def packed(*values: float) -> dict[str, Any]:
            bdata = base64.b64encode(np.array(values, "<f8").tobytes()).decode()
            trace = {"type": "scatter", "y": {"dtype": "f8", "bdata": bdata}}
            return display({"application/vnd.plotly.v1+json": {"data": [trace], "layout": {}}})

        found = output(tmp_path, packed(1, 2), packed(1, 3))
        assert found.grid
        assert [cell.after for cell in found.grid.rows[0].cells][3] == "2 values, 1 to 3, mean 2"

    def test_what_the_summary_does_not_show_is_said_to_differ(self, tmp_path: Path) -> None:
        one, other = figure(), figure()
        other["data"]["application/vnd.plotly.v1+json"]["data"][0]["y"] = [2, 1]
        found = output(tmp_path, one, other)
        assert found.change is Change.CHANGED and "does not show" in found.said


def test_a_cell_that_one_side_has_alone_is_whole(tmp_path: Path) -> None:
    found = pairs(tmp_path, [], [named("c", "a\nb", stream("out"))])
    assert [(cell.change, len(cell.source), cell.outputs[0].change) for cell in found] == [
        (Change.ADDED, 2, Change.ADDED)
    ]


def test_markdown_counts_too(tmp_path: Path) -> None:
    one, other = ({**markdown(text), "id": "m"} for text in ("# Old", "# New"))
    (cell,) = pairs(tmp_path, [one], [other])
    assert (cell.kind, cell.change) == ("markdown", Change.CHANGED)
