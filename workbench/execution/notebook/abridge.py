"""Large messages of a kernel, read without ever holding all they say: long texts lose their middle.

A message of 100 MB takes 300 MB when it is parsed whole, several times a second when a cell prints without end. So the
JSON text is searched for where its values begin and end, and only what is to be kept of them is parsed.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from workbench.model.frozen import dataclass

_SPACE = re.compile(rb"[\s,:]*")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}]+")
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_ESCAPE = 12
"""Bytes of the longest escape, that of a character outside the basic plane: two times ``\\uXXXX``."""
_WINDOW = 1 << 20
_SURE = re.compile(rb"[^\\]{12}|[^\\](?=\\)")
_HIGH = "".join(map(chr, range(0xD800, 0xDC00)))
_LOW = "".join(map(chr, range(0xDC00, 0xE000)))
"""The halves of such a character, which are none alone."""


@dataclass(frozen=True)
class Cut:
    """A text without its middle; ``missing`` is the size of that in bytes."""

    head: str
    tail: str
    missing: int


@dataclass(frozen=True)
class TooLarge:
    """In place of a value that is not text and larger than what may be kept; ``size`` in bytes."""

    size: int


def members(text: bytes, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """The names in the JSON object that begins at ``start``, each with the place of its value. Raises ValueError."""
    place = _after(_SPACE, text, start)
    if text[place : place + 1] != b"{":
        raise ValueError("no object")
    place = _after(_SPACE, text, place + 1)
    while text[place : place + 1] == b'"':
        end = _after(_STRING, text, place)
        name = json.loads(text[place:end])
        place = _after(_SPACE, text, end)
        end = _end(text, place)
        yield name, place, end
        place = _after(_SPACE, text, end)


def value(text: bytes, start: int, end: int, room: int) -> Any:
    """The value at a place: itself where it has at most ``room`` bytes, else a ``Cut`` text, or ``TooLarge``."""
    size = end - start
    if size <= room:
        return json.loads(text[start:end])
    if text[start : start + 1] != b'"':
        return TooLarge(size)
    inside = memoryview(text)[start + 1 : end - 1]
    head, first = _beginning(inside, room // 2)
    tail, last = _ending(inside, room // 2)
    return Cut(head, tail, len(inside) - first - last)


def _beginning(inside: memoryview, length: int) -> tuple[str, int]:
    """At most ``length`` bytes of a JSON text from its beginning, and how many they were."""
    for end in range(length, max(0, length - _ESCAPE), -1):
        with contextlib.suppress(ValueError):
            text: str = json.loads(b'"%b"' % bytes(inside[:end]))
            return text.rstrip(_HIGH), end
    return "", 0


def _ending(inside: memoryview, length: int) -> tuple[str, int]:
    """The same from its end. What follows a part of an escape would parse too, so it begins where surely none is."""
    found = _SURE.search(inside, len(inside) - length)
    if found is None:
        return "", 0
    start = found.end()
    while start < len(inside) and inside[start] & 0xC0 == 0x80:  # within a character
        start += 1
    text: str = json.loads(b'"%b"' % bytes(inside[start:]))
    return text.lstrip(_LOW), len(inside) - start


def _end(text: bytes, place: int) -> int:
    """Where the value that begins at ``place`` ends."""
    first = text[place : place + 1]
    if first == b'"':
        return _end_of_text(text, place)
    if first not in (b"{", b"["):
        return _after(_SCALAR, text, place)
    depth = 0
    for token in _TOKEN.finditer(text, place):
        mark = text[token.start() : token.start() + 1]
        if mark != b'"':
            depth += 1 if mark in b"{[" else -1
        if not depth:
            return token.end()
    raise ValueError("no end")


def _end_of_text(text: bytes, place: int) -> int:
    """Ten times as fast as the pattern where escapes are many, as line ends are in what is printed."""
    place += 1
    while place < len(text):
        window = text[place : place + _WINDOW]
        if (len(window) - len(window.rstrip(b"\\"))) % 2:
            window += text[place + len(window) : place + len(window) + 1]
        quote = window.replace(b"\\\\", b"__").replace(b'\\"', b"__").find(b'"')
        if quote >= 0:
            return place + quote + 1
        place += len(window)
    raise ValueError("no end")


def _after(pattern: re.Pattern[bytes], text: bytes, place: int) -> int:
    found = pattern.match(text, place)
    if found is None:
        raise ValueError(f"not JSON at byte {place}")
    return found.end()
