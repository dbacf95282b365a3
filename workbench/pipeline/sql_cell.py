"""``%%wb sql [NAME] [--as KIND]``: a cell that is one query, read the same way by planning and by the kernel."""

from __future__ import annotations

import keyword
import shlex

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.frozen import dataclass

MAGIC = "wb"
VERB = "sql"
KINDS = ("pandas", "polars", "arrow", "duckdb")
_USAGE = "begin the cell with %%wb sql, or with %%wb sql NAME --as polars to keep its rows as NAME"


@dataclass(frozen=True)
class SqlCell:
    """One query; its rows are kept as the variable ``name``, if that is given, as a frame of that ``kind``."""

    query: str
    name: str = ""
    kind: str = "pandas"


def read(line: str, body: str) -> SqlCell:
    """What a cell asks for: ``line`` follows ``%%wb``, ``body`` stands below. Raises UsageError (WB-NB-608)."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise _faulty(f"%%{MAGIC} {line.strip()}", str(error)) from None
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if verb != VERB:
        known = f"{VERB} is what there is." + did_you_mean(verb, (VERB,))
        raise _faulty(f"there is no %%{MAGIC} {verb}".rstrip(), known)
    if not body.strip():
        raise _faulty("the cell holds no query", "")
    name, kind = _options(rest)
    return SqlCell(body.strip(), name, kind)


def as_python(head: str, body: str) -> str | None:
    """What a cell does, as one line of Python to be parsed, never run; None when it cannot be read."""
    try:
        cell = read(head.removeprefix(f"%%{MAGIC}"), body)
    except UsageError:
        return None
    target = f"{cell.name} = " if cell.name else ""
    return f"import workbench as _wb; __magic__({head!r}); {target}_wb.sql({cell.query!r})"


def _options(words: list[str]) -> tuple[str, str]:
    name, kind = "", KINDS[0]
    rest = iter(words)
    for word in rest:
        if word == "--as":
            kind = next(rest, "")
            if kind not in KINDS:
                cause = f"it is one of {', '.join(KINDS)}." + did_you_mean(kind, KINDS)
                raise _faulty(f"there is no kind of frame {kind!a}", cause)
        elif name or not word.isidentifier() or keyword.iskeyword(word):
            raise _faulty(f"{word!a} cannot be the name to keep the rows as", "")
        else:
            name = word
    return name, kind


def _faulty(what: str, cause: str) -> UsageError:
    return UsageError("WB-NB-608", what, cause=cause, next=_USAGE)
