"""How check results look: each check's outcome, failing rows and cost, then the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.quality import CheckResult, Outcome, Severity
from workbench.ui.cli.console import style
from workbench.ui.cli.views.steps import shown
from workbench.ui.cli.words import (
    FAILED,
    NOT_CHECKED,
    OUTCOMES,
    SUCCEEDED,
    WARNING,
    Look,
    count,
    duration,
    share,
    shorten,
)

SAMPLE_ROWS = 3


def draw(subject: str, results: Sequence[CheckResult], *, width: int) -> list[RenderableType]:
    """Every result, a few failing rows below it, and the verdict as the last line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for result in results:
        look = look_of(result)
        word = look.word + (" (warn)" if result.check.severity is Severity.WARN and look.word != "pass" else "")
        table.add_row(
            Text(look.glyph, style=style(look)),
            Text(word, style=style(look)),
            Text("\n").join(_told(result, width)),
            Text(duration(result.seconds), style="dim"),
        )
    return [Text(subject, style="bold"), table, verdict(subject, results)]


def look_of(result: CheckResult) -> Look:
    """How the outcome of a check shows; one that fails without withholding is a warning."""
    look = OUTCOMES[result.outcome]
    if result.outcome is not Outcome.PASS and not result.blocks:
        return Look(WARNING.glyph, look.word, WARNING.light, WARNING.dark)
    return look


def verdict(subject: str, results: Sequence[CheckResult]) -> Text:
    """``6 checks: 5 pass, 1 fail``."""
    if not results:
        line = Text(f"{NOT_CHECKED.glyph} ").append(f"{subject} has no checks.")
        return line.append("\nNext: ").append(f"write contracts/{subject}.odcs.yaml", style="bold")
    outcomes = [result.outcome for result in results]
    look = FAILED if any(result.blocks for result in results) else WARNING
    look = SUCCEEDED if set(outcomes) == {Outcome.PASS} else look
    told = ", ".join(f"{outcomes.count(outcome)} {OUTCOMES[outcome].word}" for outcome in dict.fromkeys(outcomes))
    return Text(f"{look.glyph} ", style=style(look)).append(f"{count(len(results), 'check')}: {told}", style="default")


def failing(results: Sequence[CheckResult]) -> Iterator[Text]:
    """What did not pass, a line each."""
    for result in results:
        if result.outcome is not Outcome.PASS:
            look = look_of(result)
            told = result.error or f"{result.observed}, expected {result.expected}"
            yield Text(f"{look.glyph} ", style=style(look)).append(f"{title(result)}: {told}", style="default")


def title(result: CheckResult) -> str:
    """``not_null(origin)``, or the name that the contract gives the check."""
    check = result.check
    if check.name:
        return check.name
    arguments = ", ".join(f"{name}={shown(value)}" for name, value in check.arguments.items())
    return f"{check.kind}({', '.join(part for part in (check.column, arguments) if part)})"


def _told(result: CheckResult, width: int) -> Iterator[Text]:
    yield Text(title(result))
    if result.error:
        yield Text(result.error, style="dim")
    elif result.outcome is not Outcome.PASS:
        failing = f"{count(result.failing, 'row')} of {result.rows:,} ({share(result.failing, result.rows)}): "
        yield Text(f"{failing if result.failing else ''}{result.observed}, expected {result.expected}", style="dim")
        for row in result.sample[:SAMPLE_ROWS]:
            yield Text(shorten(_row(row), max(width - 20, 20)), style="dim")


def _row(row: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}={shown(value)}" for name, value in row.items())
