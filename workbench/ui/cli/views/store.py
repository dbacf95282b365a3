"""How the care of the store looks: what was found, the backups there are, what took the place of what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.doctor import Finding
from workbench.model.upkeep import Backup
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, SUCCEEDED, ago, size


def findings(found: Sequence[Finding]) -> list[RenderableType]:
    """What was looked at, and the mend if anything is wrong."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for finding in found:
        look = SUCCEEDED if finding.ok else FAILED
        table.add_row(Text(look.glyph, style=style(look)), finding.subject, Text(finding.detail))
    if all(finding.ok for finding in found):
        return [table]
    return [table, Text("Next: ").append("wb store restore", style="bold")]


def backups(found: Sequence[Backup]) -> list[RenderableType]:
    """The backups, newest first."""
    if not found:
        return ["Backups would be here; every run makes one when an hour has passed.", "Next: wb store backup"]
    table = Table.grid(padding=(0, 2, 0, 0))
    for backup in found:
        table.add_row(Path(backup.path).name, ago(backup.at), size(backup.bytes))
    return [table, Text("Next: ").append("wb store restore last", style="bold")]


def restored(backup: Backup, kept: Path | None) -> list[RenderableType]:
    """What took the place of what."""
    lines: list[RenderableType] = [f"The store is as it was {ago(backup.at)}, by {Path(backup.path).name}."]
    if kept is not None:
        lines.append(Text("What was there is kept as ").append_text(path(str(kept))))
    return [*lines, Text("Next: ").append("wb doctor", style="bold")]


def path(of: str) -> Text:
    """A path that is not broken at the edge."""
    return Text(of, no_wrap=True, overflow="ignore")
