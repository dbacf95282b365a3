"""How reports look in a list."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.text import Text

from workbench.model.names import short_id
from workbench.model.report import Report
from workbench.ui.cli.words import ago, plain


def draw(reports: Iterable[Report], state: Path) -> list[Text]:
    """Two lines a report: what it is, and the path of its file, unbroken so that it can be copied."""
    lines = []
    for report in reports:
        facts = f"  {report.pipeline}.{report.step}  {ago(report.created_at)}  run {short_id(report.run)}"
        lines.append(Text(plain(report.title), style="bold").append(facts, style="not bold dim"))
        lines.append(Text(f"  {state / report.path}", no_wrap=True, overflow="ignore"))
    return lines
