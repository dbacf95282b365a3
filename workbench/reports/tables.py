"""Tables as pandas and polars write them, told apart column by column: numbers stand to the right."""

from __future__ import annotations

import re

from workbench.reports.markdown import plain_text

_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[dh])((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL)
_SPAN = re.compile(r'colspan="(\d{1,4})"')
_NUMBER = re.compile(
    r"[-+−]?[$€£]?\s?(\d[\d,.\u202f\u00a0 ]*|\.\d+|inf)([eE][-+]?\d+)?\s?(%|[kKMGT]?B|ms|s|min|h|km|mi)?"
)
_NOTHING = frozenset({"", "nan", "none", "null", "nat", "<na>", "-", "–", "—", "...", "…"})
_COUNT = re.compile(r"</table>\s*<p>([\d,]+ rows × [\d,]+ columns)</p>")


def dress(html: str) -> str:
    """Sanitised ``html`` with its tables in frames that scroll, and a class on the cells of numeric columns."""
    counted = _COUNT.sub(lambda found: f"</table><p><small>{found[1]}</small></p>", html)
    return _TABLE.sub(lambda found: _framed(found[1]), counted)


def _framed(inner: str) -> str:
    if "<table" in inner:
        return f"<table>{inner}</table>"
    inner = _without_row_numbers(inner)
    numeric = _numeric(inner)
    body = _ROW.sub(lambda row: _row(row[1], numeric), inner)
    return f'<div class="table" tabindex="0"><table>{body}</table></div>'


def _without_row_numbers(inner: str) -> str:
    """The index that pandas gives by itself (0, 1, 2 …, without a name) tells a reader nothing."""
    rows = _ROW.findall(inner)
    cells = [_CELL.match(row.lstrip()) for row in rows]
    leading = [(cell[1], cell[2].strip(), plain_text(cell[3])) for cell in cells if cell]
    numbers = [str(number) for number in range(len(rows) - 1)]
    if len(leading) < 2 or leading != [("th", "", ""), *(("th", "", number) for number in numbers)]:
        return inner
    return _ROW.sub(lambda row: f"<tr>{_CELL.sub('', row[1].lstrip(), count=1)}</tr>", inner)


def _numeric(inner: str) -> frozenset[int]:
    """The columns, counted from the right (an index may span or lack cells at the left), that hold only numbers."""
    numbers: dict[int, int] = {}
    texts: set[int] = set()
    for row in _ROW.findall(inner):
        cells = _CELL.findall(row)
        for place, (kind, _, content) in enumerate(reversed(cells)):
            text = plain_text(content)
            if kind == "th" or text.lower() in _NOTHING:
                continue
            if _NUMBER.fullmatch(text):
                numbers[place] = numbers.get(place, 0) + 1
            else:
                texts.add(place)
    return frozenset(numbers.keys() - texts)


def _row(row: str, numeric: frozenset[int]) -> str:
    cells = list(_CELL.finditer(row))
    places: list[int] = []
    place = 0
    for cell in reversed(cells):
        places.append(place)
        span = _SPAN.search(cell[2])
        place += int(span[1]) if span else 1
    written = []
    for cell, at in zip(cells, reversed(places), strict=True):
        kind, attributes, content = cell[1], cell[2], cell[3]
        classes = ["number"] if at in numeric and not _SPAN.search(attributes) else []
        if kind == "td" and plain_text(content).lower() in _NOTHING - {"", "-", "–", "—", "...", "…"}:
            classes.append("null")
        marked = f' class="{" ".join(classes)}"' if classes else ""
        written.append(f"<{kind}{attributes}{marked}>{content}</{kind}>")
    return f"<tr>{''.join(written)}</tr>"
