"""The streams that commands write to: how wide, in which colours, with which signs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TextIO, cast

from workbench.ui.cli.words import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from workbench.ui.cli.words import Look

PIPED_WIDTH = 160
"""Columns when the output is not a terminal and ``COLUMNS`` does not say."""

ASCII = str.maketrans(
    {
        "✓": "+", "✗": "x", "●": "*", "○": "o", "–": "-", "▲": "!", "⊘": "#", "◌": "?", "◇": "^",
        "→": ">", "←": "<", "↑": "^", "…": "~", "·": "-", "—": "-", "×": "x",
        "─": "-", "│": "|", "├": "|", "└": "`", "╌": "-", "┊": ":", "◆": "*", "▒": "+", "█": "#",
        "▁": "1", "▂": "2", "▃": "3", "▄": "4", "▅": "5", "▆": "6", "▇": "7",
    }
)  # fmt: skip
"""Every sign of ours as one character of ASCII, so that widths stay."""


def make_console(stream: TextIO) -> Console:
    """A console on ``stream`` that reads no markup and knows ``NO_COLOR``, ``COLUMNS`` and ``WORKBENCH_ASCII``."""
    from rich.console import Console

    width = None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else PIPED_WIDTH
    file = stream if unicode(stream) else cast(TextIO, _AsciiStream(stream))
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def put(console: Console, line: RenderableType) -> None:
    """Print one thing; a text that must not be broken goes past the edge whole, so that it can be copied.

    A plain text may repeat what somebody typed or a file says, so nothing in it steers the terminal.
    """
    line = plain(line) if isinstance(line, str) else line
    console.print(line, soft_wrap=getattr(line, "no_wrap", None) is True)


def style(look: Look) -> str:
    """The colour of a state, for the ground the terminal has (dark unless ``COLORFGBG`` says otherwise)."""
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return look.light if ground in ("7", "15") else look.dark


def unicode(stream: TextIO) -> bool:
    """Whether more than ASCII may be written to a stream."""
    if os.environ.get("WORKBENCH_ASCII", "") not in ("", "0"):
        return False
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


class _AsciiStream:
    """A text stream that writes our signs as ASCII, and nothing that its encoding lacks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "ascii"

    def write(self, text: str) -> int:
        plain = text.translate(ASCII)
        return self._stream.write(plain.encode(self.encoding, "replace").decode(self.encoding))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
