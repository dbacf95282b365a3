"""How tests of notebooks look: a line each, and of those that failed every difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from workbench.testing.freezing import Frozen
from workbench.testing.running import shortened
from workbench.testing.verdict import Result
from workbench.ui.cli.console import style
from workbench.ui.cli.views import diff, errors
from workbench.ui.cli.words import FAILED, SUCCEEDED, WARNING, count, duration, plain


def line(result: Result) -> Text:
    """One test as it ends."""
    look = FAILED if not result.passed else WARNING if result.updated else SUCCEEDED
    text = Text(f"{look.glyph} ", style=style(look)).append(result.case.id, style="default")
    told = "updated" if result.updated else "failed" if not result.passed else ""
    if told:
        text.append(f"  {told}", style=style(look))
    return text.append(f"  {duration(result.seconds)}", style="dim default")


def failure(result: Result, width: int) -> Iterator[RenderableType]:
    """What was wrong with a test, or what was accepted."""
    for difference in result.differences:
        yield Padding(Text(plain(str(difference)), overflow="fold"), (0, 0, 0, 4), expand=False)
        if difference.grid is not None:
            yield from (Padding(part, (0, 0, 0, 6), expand=False) for part in diff.grid(difference.grid, width - 8))
    if result.error is not None and not result.updated:
        for part in errors.draw(result.error):
            yield (
                Text("    ", no_wrap=True).append_text(part)
                if part.no_wrap
                else Padding(part, (0, 0, 0, 4), expand=False)
            )
        for told in shortened(result.traceback):
            yield Padding(Text(plain(told), style="dim", overflow="fold"), (0, 0, 0, 6), expand=False)
    if result.executed is not None:
        yield Text(f"    Executed notebook: {result.executed}", no_wrap=True, overflow="ignore")


def verdict(results: Sequence[Result]) -> list[Text]:
    """The last lines: how many passed, and the next command."""
    bad = [result for result in results if not result.passed]
    updated = sum(result.updated for result in results)
    look = FAILED if bad else SUCCEEDED
    parts = [f"{len(results) - len(bad) - updated:,} passed"]
    parts += [f"{updated:,} updated"] if updated else []
    parts += [f"{len(bad):,} failed"] if bad else []
    told = f"{count(len(results), 'test')}: {', '.join(parts)}"
    lines = [Text(f"{look.glyph} ", style=style(look)).append(told, style="bold default")]
    next_ = ""
    if accept := [result for result in bad if result.differences and result.error is None]:
        next_ = f"wb test {accept[0].case.id} --update"
    elif updated:
        next_ = "git diff tests/notebooks"
    return [*lines, Text("Next: ").append(next_, style="bold")] if next_ else lines


def frozen(made: Frozen) -> Iterator[Text]:
    """A test that was made from a run."""
    look = SUCCEEDED
    yield Text(f"{look.glyph} ", style=style(look)).append(made.case.id, style="bold default")
    yield Text(f"  {made.case.folder}", no_wrap=True, overflow="ignore")
    for dataset, how in made.sampled.items():
        yield Text(f"  {dataset}: {how}", style="dim")
    for what in made.varies:
        yield Text(f"  {WARNING.glyph} {what} differs from run to run and is not compared", style=style(WARNING))
    yield Text("Next: ").append(f"wb test {made.case.id}", style="bold")
