"""How a plan looks: one line a step with its reason, the changes below it, the forecast at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.plan import Action, Change, Plan, PlannedStep
from workbench.ui.cli.console import style
from workbench.ui.cli.views.run import shown
from workbench.ui.cli.words import ACTIONS, count, duration, shorten

NAME_WIDTH = 28
MOST_CHANGES = 6


def draw(plan: Plan, *, slots: int, target: str, width: int) -> list[RenderableType]:
    """The steps, and the line that says what would happen; ``slots`` is how many steps run at once."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    name_width = max(min(NAME_WIDTH, width // 3), 8)
    for step in plan.steps:
        look = ACTIONS[step.action]
        table.add_row(
            Text(look.glyph, style=style(look)),
            Text(shorten(step.name, name_width), style="bold" if step.action is Action.RUN else ""),
            Text(look.word, style=style(look)),
            Text("\n").join(_reason(step)),
            Text(_expected(step), style="dim"),
        )
    parameters = ", ".join(f"{name}={shown(value)}" for name, value in plan.parameters.items())
    head = Text(plan.pipeline, style="bold").append(f"  {plan.environment}", style="dim")
    if parameters:
        head.append(f"  {parameters}", style="dim")
    return [head, table, Text(summary(plan, slots)), *_next(plan, target)]


def summary(plan: Plan, slots: int) -> str:
    """``3 of 7 steps run, 2 are decided on the way, 2 are unchanged; about 1 min 20 s.``"""
    run, decide, skip = (_count(plan, action) for action in (Action.RUN, Action.DECIDE, Action.SKIP))
    if not run and not decide:
        return f"Nothing to run: {'all ' if skip > 1 else ''}{count(skip, 'step')} unchanged."
    parts = [f"{run} of {count(len(plan.steps), 'step')} {'runs' if run == 1 else 'run'}"]
    if decide:
        parts.append(f"{decide} {'is' if decide == 1 else 'are'} decided on the way")
    if skip:
        parts.append(f"{skip} {'is' if skip == 1 else 'are'} unchanged")
    seconds, whole = forecast(plan, slots)
    if seconds:
        parts[-1] += f"; {'up to' if decide and whole else 'about' if whole else 'at least'} {duration(seconds)}"
    return ", ".join(parts) + "."


def forecast(plan: Plan, slots: int) -> tuple[float, bool]:
    """Seconds until the last step ends when ``slots`` run at once, and whether every step has run before."""
    ended: dict[str, float] = {}
    busy: list[float] = []
    known = True
    for step in plan.steps:
        ready = max((ended.get(name, 0.0) for name in step.upstream), default=0.0)
        if step.action is Action.SKIP:
            ended[step.name] = ready
            continue
        seconds = step.past.seconds if step.past else None
        known = known and seconds is not None
        free = heappop(busy) if len(busy) >= max(slots, 1) else 0.0
        ended[step.name] = max(ready, free) + (seconds or 0.0)
        heappush(busy, ended[step.name])
    return max(ended.values(), default=0.0), known


def _reason(step: PlannedStep) -> Iterator[Text]:
    yield Text(step.reason.text)
    for line in _changes(step.reason.changes):
        yield Text(line, style="dim")


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    lines = [f"{change.component}  {change.subject} {change.detail}" for change in changes]
    yield from lines[:MOST_CHANGES]
    if len(lines) > MOST_CHANGES:
        yield f"and {count(len(lines) - MOST_CHANGES, 'more change')}; wb plan --json lists them all"


def _expected(step: PlannedStep) -> str:
    if step.action is Action.SKIP or step.past is None or step.past.seconds is None:
        return ""
    return f"~{duration(step.past.seconds)}"


def _next(plan: Plan, target: str) -> list[Text]:
    if all(step.action is Action.SKIP for step in plan.steps):
        return [
            Text("Next: ").append(f"wb run {target} --force", style="bold").append(" runs it all the same", style="dim")
        ]
    return [Text("Next: ").append(f"wb run {target}", style="bold")]


def _count(plan: Plan, action: Action) -> int:
    return sum(step.action is action for step in plan.steps)
