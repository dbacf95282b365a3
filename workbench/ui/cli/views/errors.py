"""How an error looks: the code, what failed, what is kept, the next step, and details below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from workbench.model.errors import WorkbenchError
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, plain


def draw(error: Mapping[str, Any], *, terminal: bool = True) -> list[Text]:
    """An error from its dict; on a terminal the parts stand on lines of their own, else it is its one message.

    Lines that hold commands and paths are never broken, so that they can be copied.
    """
    shown = WorkbenchError(
        error.get("code") or "WB-INT-999",
        plain(error.get("what", "")),
        cause=plain(error.get("cause", "")),
        kept=plain(error.get("kept", "")),
        next=plain(error.get("next", "")),
        detail=[plain(line) for line in error.get("detail", ())],
    )
    if not terminal:
        return [_whole(str(shown))]
    said = str(WorkbenchError(shown.code, shown.what, cause=shown.cause)).removeprefix(shown.code)
    lines = [Text().append(shown.code, style=f"bold {style(FAILED)}").append(said)]
    if shown.kept:
        lines.append(Text(shown.kept))
    lines += [_whole(f"  {line}", "dim") for line in shown.detail]
    if shown.next:
        lines.append(_whole("Next: ").append(shown.next, style="bold"))
    return lines


def _whole(text: str, how: str = "") -> Text:
    return Text(text, style=how, no_wrap=True, overflow="ignore")
