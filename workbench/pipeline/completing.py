"""Where the cursor stands in a cell that is being written: in the name of a dataset, of a column, or elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.model.frozen import dataclass

_READING = re.compile(r"\b(?:wb|workbench)\s*\.\s*(?P<verb>read|write|check|dataset|profile|lineage|quality|sql)\s*\($")
_NAMED = re.compile(r"^\s*(?:(?P<key>\w+)\s*=\s*)?$")
_FIRST = {"read", "check", "dataset", "profile", "lineage", "quality"}
_WORD = re.compile(r"[A-Za-z_][\w.]*$")
_TABLE = re.compile(r"\b(?:from|join|,)\s+([a-z]\w*\.[a-z]\w*)(?:\s+(?:as\s+)?([a-z_]\w*))?", re.IGNORECASE)
_BEFORE_TABLE = re.compile(r"\b(?:from|join)\s+(?:[\w.]+(?:\s+\w+)?\s*,\s*)*$", re.IGNORECASE)
_KEYWORDS = frozenset(
    {
        *("on", "where", "group", "order", "left", "right", "inner", "outer", "cross"),
        *("full", "join", "using", "limit", "having", "union"),
    }
)
_SQL_CELL = re.compile(r"\s*%%wb[ \t]+sql\b[^\n]*\n")


@dataclass(frozen=True)
class Wanted:
    """What could be completed: ``kind`` is ``dataset``, ``column`` or empty; ``start`` is where the word begins.

    ``prefix`` is what is there of it. Columns are those of ``datasets``; with none of them known there is nothing.
    """

    kind: str = ""
    start: int = 0
    prefix: str = ""
    datasets: tuple[str, ...] = ()


def wanted(source: str, offset: int) -> Wanted:
    """What is wanted at ``offset`` (in characters) of the source of a cell, finished or not."""
    if cell := _SQL_CELL.match(source):
        return _in_sql(source, cell.end(), len(source), offset) if offset >= cell.end() else Wanted()
    inside = next((one for one in _strings(source) if one.start <= offset <= one.end), None)
    if inside is None:
        return Wanted()
    call = _call(source, inside.quote)
    if call is None:
        return Wanted()
    verb, arguments = call
    given = _split(arguments)
    key = _NAMED.match(given[-1])
    if verb == "sql":
        return _in_sql(source, inside.start, inside.end, offset) if len(given) == 1 else Wanted()
    text = source[inside.start : offset]
    if key is not None:
        named = key["key"] or ""
        place = len(given) - 1
        first = (verb in _FIRST and place == 0) or (verb in ("write", "check") and place == 1)
        if named in ("name", "dataset") or (not named and first):
            return Wanted("dataset", inside.start, text)
    if verb == "read" and re.match(r"\s*columns\s*=\s*\[", given[-1]):
        return Wanted("column", inside.start, text, _literals(given[0]))
    return Wanted()


def at(source: str, offset: int) -> str:
    """The word with a dot that ``offset`` stands in, as it could name a dataset; empty elsewhere."""
    for found in re.finditer(r"[a-z]\w*\.[a-z]\w*", source):
        if found.start() <= offset <= found.end():
            return found[0]
    return ""


@dataclass(frozen=True)
class _String:
    """A text in quotes: where its quotes begin, and its inside."""

    quote: int
    start: int
    end: int


def _strings(source: str) -> Iterator[_String]:
    """The texts of Python source, the last one open if it has no end; comments are passed over."""
    at, size = 0, len(source)
    while at < size:
        if source[at] == "#":
            at = source.find("\n", at)
            if at < 0:
                return
        elif source[at] in "\"'":
            mark = source[at : at + 3] if source[at : at + 3] in ('"""', "'''") else source[at]
            end = _end(source, at + len(mark), mark)
            yield _String(at, at + len(mark), end)
            at = end + len(mark)
        else:
            at += 1


def _end(source: str, at: int, mark: str) -> int:
    while at < len(source):
        if source[at] == "\\":
            at += 2
        elif source.startswith(mark, at) or (len(mark) == 1 and source[at] == "\n"):
            return at
        else:
            at += 1
    return len(source)


def _call(source: str, quote: int) -> tuple[str, str] | None:
    """The verb of ours whose call is open before a text, and the arguments so far."""
    quoted = [(one.quote, one.end) for one in _strings(source[:quote])]
    depth = 0
    for at in range(quote - 1, -1, -1):
        if any(first <= at <= last for first, last in quoted):
            continue
        if source[at] in ")]}":
            depth += 1
        elif source[at] in "([{":
            if depth == 0 and source[at] == "(":
                found = _READING.search(source[: at + 1])
                return (found["verb"], source[at + 1 : quote].rstrip("rRbBfFuU")) if found else None
            depth -= depth > 0
    return None


def _split(arguments: str) -> list[str]:
    """Arguments at the commas between them."""
    parts, depth, start = [], 0, 0
    quoted = [(one.quote, one.end) for one in _strings(arguments)]
    for at, letter in enumerate(arguments):
        if any(first <= at <= last for first, last in quoted):
            continue
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(arguments[start:at])
            start = at + 1
    return [*parts, arguments[start:]]


def _literals(argument: str) -> tuple[str, ...]:
    return tuple(argument[one.start : one.end] for one in _strings(argument))[:1]


def _in_sql(source: str, start: int, end: int, offset: int) -> Wanted:
    query, here = source[start:end], source[start:offset]
    word = _WORD.search(here)
    prefix = word[0] if word else ""
    begin = offset - len(prefix)
    if _BEFORE_TABLE.search(here[: len(here) - len(prefix)]):
        return Wanted("dataset", begin, prefix)
    named: dict[str, str] = {}
    for found in _TABLE.finditer(query):
        table, alias = found[1].lower(), (found[2] or "").lower()
        named[table] = table
        if alias and alias not in _KEYWORDS:
            named[alias] = table
    head, dot, rest = prefix.rpartition(".")
    if dot:
        table = named.get(head.lower(), "")
        return Wanted("column", offset - len(rest), rest, (table,)) if table else Wanted("dataset", begin, prefix)
    return Wanted("column", begin, prefix, tuple(dict.fromkeys(named.values())))
