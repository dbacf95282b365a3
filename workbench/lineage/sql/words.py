"""The tables that a text names where it cannot be read: by the words in front of them, without any grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.lineage.sql.schemas import Parts, is_file

_TOKEN = re.compile(
    r"""(?P<gone>--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)"""
    r"""|(?P<text>'(?:[^']|'')*'?)"""
    r"""|(?P<quoted>"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]\n]{1,200}\])"""
    r"""|(?P<word>[^\W\d][\w$]*)"""
    r"""|(?P<mark>[.(),;=])""",
)
_READ = frozenset({"FROM", "JOIN", "USING"})
_WRITE = frozenset({"INTO", "UPDATE", "OVERWRITE"})
_MADE = frozenset({"TABLE", "VIEW"})
_BETWEEN_TEXT = """
IF NOT EXISTS ONLY LATERAL TEMP TEMPORARY OR REPLACE MATERIALIZED TABLE IGNORE UNLOGGED TRANSIENT
"""
_BETWEEN = frozenset(_BETWEEN_TEXT.split())
_NO_TABLE_TEXT = """
SELECT VALUES WITH SET WHERE UNNEST DISTINCT AS ON FROM JOIN INTO UPDATE USING NAME
"""
_NO_TABLE = frozenset(_NO_TABLE_TEXT.split())
_OWN_FROM = frozenset({"EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"})
MOST = 1_000_000
"""Characters that are looked at."""


def tables(text: str) -> tuple[tuple[Parts, ...], tuple[Parts, ...]]:
    """The names of the tables and files that ``text`` seems to read, and of those that it seems to write.

    In time that grows with the text alone, whatever the text is; at most the first ``MOST`` characters.
    """
    reads: dict[Parts, None] = {}
    writes: dict[Parts, None] = {}
    named: set[str] = set()
    tokens = list(_tokens(text[:MOST]))
    opened: list[str] = []
    previous = before = ""
    copying = False
    place = 0
    while place < len(tokens):
        kind, value = tokens[place]
        word = value.upper() if kind == "word" else value
        if word == "(":
            opened.append(previous)
        elif word == ")" and opened:
            opened.pop()
        elif (
            word == "AS"
            and place
            and tokens[place + 1 : place + 2] == [("mark", "(")]
            and before in ("WITH", "RECURSIVE", ",", "")
        ):
            named.add(tokens[place - 1][1].casefold())
        goal = _goal(word, previous, before, opened[-1] if opened else "") if kind == "word" else None
        if word in ("COPY", ";"):
            copying = word == "COPY"
        if word == "TO" and copying:
            goal = "write"
        previous, before = word, previous
        place += 1
        while goal is not None:
            parts, place = _name(tokens, place, called=goal == "read")
            known = len(parts) == 1 and parts[0].casefold() in named
            if goal == "copy":
                goal = "write" if tokens[place : place + 1] and tokens[place][1].upper() == "FROM" else "read"
            if parts and not known:
                (writes if goal == "write" else reads)[parts] = None
            place, goal = (_behind_comma(tokens, place), goal) if goal == "read" and parts else (place, None)
            if goal is not None and tokens[place - 1] != ("mark", ","):
                goal = None
    return tuple(reads), tuple(writes)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "gone":
            yield kind, match.group()


def _goal(word: str, previous: str, before: str, opener: str) -> str | None:
    """Whether a name that is read or written follows a word."""
    if word in _READ:
        if previous == "DELETE":
            return "write"
        own = word == "FROM" and (opener in _OWN_FROM or (previous == "DISTINCT" and before in ("IS", "NOT")))
        return None if own else "read"
    if word in _WRITE:
        return None if word == "UPDATE" and previous in ("DO", "FOR", "THEN", "ON", "KEY") else "write"
    if word == "TABLE" and previous == "AS":
        return "read"
    if word in _MADE:
        made = {"CREATE", "REPLACE", "TEMP", "TEMPORARY", "OVERWRITE", "INTO", "MATERIALIZED", "TRANSIENT", "UNLOGGED"}
        return "write" if previous in made and previous != "INTO" else None
    if word in ("PIVOT", "UNPIVOT"):
        return "read" if previous in ("", ";") else None
    return "copy" if word == "COPY" and previous in ("", ";") else None


def _behind_comma(tokens: list[tuple[str, str]], place: int) -> int:
    """The place behind a comma that follows a name and its alias; the same place when there is none."""
    for skipped in range(3):
        if tokens[place + skipped : place + skipped + 1] == [("mark", ",")]:
            return place + skipped + 1
        if place + skipped >= len(tokens) or tokens[place + skipped][0] not in ("word", "quoted"):
            break
    return place


def _name(tokens: list[tuple[str, str]], place: int, *, called: bool) -> tuple[Parts, int]:
    """The dotted name or the file at a place, none for anything else; and the place behind it.

    With ``called``, a name before a parenthesis is a function, of which only the file counts that it reads.
    """
    while place < len(tokens) and tokens[place][0] == "word" and tokens[place][1].upper() in _BETWEEN:
        place += 1
    parts: list[str] = []
    while place < len(tokens):
        kind, value = tokens[place]
        if kind == "text" and not parts:
            return (((value.strip("'"),) if is_file((value.strip("'"),)) else ()), place + 1)
        if kind not in ("word", "quoted") or (kind == "word" and not parts and value.upper() in _NO_TABLE):
            return (), place
        parts.append(value if kind == "word" else value[1:].rstrip('"`]'))
        place += 1
        if tokens[place : place + 1] != [("mark", ".")]:
            break
        place += 1
    if called and tokens[place : place + 1] == [("mark", "(")]:
        kind, value = (tokens[place + 1 : place + 2] or [("", "")])[0]
        path = value.strip("'")
        return ((path,) if kind == "text" and is_file((path,)) else ()), place
    return tuple(parts), place
