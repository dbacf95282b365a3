"""How a check-up looks: what a run needs, and the mend for each miss."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.doctor import Finding
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, SUCCEEDED, WARNING, count


def draw(findings: Sequence[Finding]) -> list[RenderableType]:
    """Every finding, and the verdict as the last line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for finding in findings:
        look = (WARNING if finding.warning else SUCCEEDED) if finding.ok else FAILED
        told = Text(finding.detail)
        if finding.mend and look is not SUCCEEDED:
            told.append("\nNext: ").append(finding.mend, style="bold")
        table.add_row(Text(look.glyph, style=style(look)), finding.subject, told)
    misses = sum(not finding.ok for finding in findings)
    if misses:
        return [
            table,
            Text(f"{FAILED.glyph} ", style=style(FAILED)).append(f"{count(misses, 'miss', 'misses')} to mend"),
        ]
    ready = Text(f"{SUCCEEDED.glyph} ", style=style(SUCCEEDED)).append(
        "Everything a run needs is there", style="default"
    )
    return [table, ready, Text("Next: ").append("wb plan PIPELINE", style="bold")]
