"""Which columns the tables have that a statement names, and which dataset a name means."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

Parts = tuple[str, ...]
_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')
_FILE = re.compile(r"[/\\*]|\.(csv|tsv|txt|parquet|json|jsonl|ndjson|feather|arrow|ipc|orc|avro|xlsx|gz|zst|db)$", re.I)
_UNBROKEN = re.compile(r"[^\s'\"]+")
_FORMATS = frozenset({"parquet", "csv", "json", "orc", "avro", "delta", "text"})
"""Before the path of a file in the SQL of Spark."""
_DEFAULTS = frozenset({"main", "public", "dbo", "default"})
"""Schemas that a table may be named with or without."""
GUESSED = 0.9
"""How far a name is trusted that only one known table ends with, or is the end of."""


class Schemas:
    """The columns of datasets by name, in order, at the snapshots that were read.

    Names are dotted (``clean.orders``); a part that holds a dot stands in double quotes (``"a.b".c``); a file's name is
    its path, whole. A dataset whose columns nobody knows can be named with None, so that its name is found. ``digest``
    is equal for equal names, columns and order of columns.
    """

    def __init__(self, columns: Mapping[str, Sequence[str] | None] | None = None) -> None:
        self._columns = {name: tuple(each) if each is not None else None for name, each in (columns or {}).items()}

    @cached_property
    def digest(self) -> str:
        text = json.dumps(sorted(self._columns.items(), key=lambda item: item[0]))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def columns(self, name: str) -> tuple[str, ...] | None:
        """The columns of a dataset by the name that ``find`` gave; None when nobody knows them."""
        return self._columns.get(name)

    def find(self, parts: Parts) -> tuple[str, float]:
        """The dataset that a name of a statement means, and how sure that is; an unknown one as it is written.

        As written, before in other letters, before the only one that ends with it or is the end of it.
        """
        if len(parts) == 1 and parts[0] in self._columns:
            return parts[0], 1.0
        if (name := joined(parts)) in self._columns:
            return name, 1.0
        folded = fold(parts)
        whole = self._folded.get(folded, ())
        if whole:
            return whole[0], 1.0 if len(whole) == 1 else GUESSED
        if is_file(parts):
            return without_secrets(parts[0]), 1.0
        if len(parts) == 2 and folded[0] in _FORMATS and is_file(parts[1:]):
            return self.find(parts[1:])
        ends = self._ends.get(folded, ())
        if len(ends) == 1:
            return ends[0], GUESSED
        last = len(folded) if folded[-2:-1] and folded[-2] in _DEFAULTS else len(folded) - 1
        for start in range(1, last):
            inner = self._folded.get(folded[start:], ())
            if len(inner) == 1:
                return inner[0], GUESSED
        return name, 1.0

    @cached_property
    def _folded(self) -> Mapping[Parts, list[str]]:
        found: dict[Parts, list[str]] = defaultdict(list)
        for name in self._columns:
            found[fold(split(name))].append(name)
        return found

    @cached_property
    def _ends(self) -> Mapping[Parts, list[str]]:
        found: dict[Parts, list[str]] = defaultdict(list)
        for name in self._columns:
            parts = fold(split(name))
            for start in range(1, len(parts)):
                found[parts[start:]].append(name)
        return found


def fold(parts: Sequence[str]) -> Parts:
    """The parts of a name as they are compared where letters do not matter."""
    return tuple(part.casefold() for part in parts)


def split(name: str) -> Parts:
    """The parts of a dotted name, of which those in double quotes may hold dots; a path is one part."""
    if "/" in name or "\\" in name:
        return (name,)
    return tuple(quoted.replace('""', '"') if quoted else bare for quoted, bare in _PART.findall(name)) or (name,)


def joined(parts: Sequence[str]) -> str:
    """The dotted name of some parts; the inverse of ``split``. A file's path stays as it is, without secrets."""
    if is_file(parts):
        return without_secrets(parts[0])
    return ".".join('"{}"'.format(part.replace('"', '""')) if re.search(r'[."]', part) else part for part in parts)


def is_file(parts: Sequence[str]) -> bool:
    """Whether a name of a statement is that of a file: one part that looks like a path."""
    return len(parts) == 1 and _FILE.search(parts[0]) is not None


def without_secrets(text: str) -> str:
    """``text`` with the users, passwords and queries of its URLs left out; in time that grows with the text alone."""
    return _UNBROKEN.sub(lambda match: _address(match.group()), text) if "://" in text else text


def _address(text: str) -> str:
    if "://" not in text:
        return text
    scheme, *rest = text.partition("?")[0].split("://")
    hosts = [each.partition("/") for each in rest]
    return "://".join([scheme, *(host.rpartition("@")[2] + slash + path for host, slash, path in hosts)])
