"""How wide a text is going to be, without a browser: never narrower than the fonts of the systems we know draw it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_NARROW = dict.fromkeys("ijl'|", 0.28) | dict.fromkeys("ft!,./:;I[]\\ ", 0.33) | dict.fromkeys('r()-`{}"', 0.40)
_WIDE = dict.fromkeys("wCDGHNOQRU&", 0.76) | dict.fromkeys("mMW@%", 0.95) | dict.fromkeys("<>=+~^#", 0.84)
WIDTHS = _NARROW | _WIDE
"""Widths of characters in parts of the size of the font; what is not here is ``USUAL`` wide."""
USUAL, FULL = 0.60, 1.05
ELLIPSIS = "…"
STEERING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))
"""Characters that turn the direction of what follows; they are left out."""


@lru_cache(maxsize=4096)
def _wide(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF" or ord(char) > 0xFFFF:
        return FULL
    return WIDTHS.get(char, USUAL if ord(char) < 0x250 and not char.isupper() else 0.72)


def width(text: str, size: float) -> float:
    """Pixels that ``text`` takes in a font of ``size`` pixels, rather too many than too few."""
    return size * sum(map(_wide, text))


def cut(text: str, size: float, most: float) -> str:
    """``text`` with its middle left out where it is wider than ``most`` pixels; its end tells names apart."""
    if width(text[:200], size) <= most and len(text) <= 200:
        return text
    room = most / size - _wide(ELLIPSIS)
    tail, used = len(text), 0.0
    while tail and used + _wide(text[tail - 1]) <= room * 0.5:
        tail -= 1
        used += _wide(text[tail])
    head = 0
    while head < tail and used + _wide(text[head]) <= room:
        used += _wide(text[head])
        head += 1
    return f"{text[:head].rstrip()}{ELLIPSIS}{text[tail:].lstrip()}"


def tame(text: str) -> str:
    """Text on one line, without what no picture can hold: controls, marks of direction, halves of characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (
        char for char in text.translate(STEERING) if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs")
    )
    return " ".join("".join(kept).split())
