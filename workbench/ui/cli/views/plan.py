"""How a plan looks: one line a step with its reason, the forecast at the end."""

from __future__ import annotations

from heapq import heappop, heappush

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.model.plan import Action, Plan, PlannedStep
from workbench.ui.cli.console import style
from workbench.ui.cli.views.steps import shown
from workbench.ui.cli.words import ACTIONS, beyond, count, duration, shorten

NAME_WIDTH = 28
BESIDE = 80


def draw(plan: Plan, *, slots: int, command: str, width: int) -> list[RenderableType]:
    """The steps, and the line that says what would happen; ``command`` would do it, ``slots`` steps at once."""
    beside = width >= BESIDE
    most = max(min(NAME_WIDTH, width // 3), 8)
    names = min(max((len(step.name) for step in plan.steps), default=0), most)
    rows: list[RenderableType] = []
    table = _grid()
    for step in plan.steps:
        look = ACTIONS[step.action]
        told = Text(beyond(look.word, step.reason.text))
        table.add_row(
            Text(look.glyph, style=style(look)),
            Text(f"{shorten(step.name, most):<{names}}", style="bold" if step.action is Action.RUN else ""),
            Text(f"{look.word:<9}", style=style(look)),
            told if beside else "",
            Text(_expected(step), style="dim"),
        )
        if told and not beside:
            rows += [table, Padding(told, (0, 0, 0, 4))]
            table = _grid()
    if table.rows:
        rows.append(table)
    parameters = ", ".join(f"{name}={shown(value)}" for name, value in plan.parameters.items())
    head = Text().append(plan.pipeline, style="bold").append(f"  {plan.environment}", style="dim")
    if parameters:
        head.append(f"  {parameters}", style="dim")
    return [head, *rows, Text(summary(plan, slots)), *_next(plan, command)]


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    return table


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


def _expected(step: PlannedStep) -> str:
    if step.action is Action.SKIP or step.past is None or step.past.seconds is None:
        return ""
    return f"~{duration(step.past.seconds)}"


def _next(plan: Plan, command: str) -> list[Text]:
    text = Text("Next: ", no_wrap=True, overflow="ignore")
    if all(step.action is Action.SKIP for step in plan.steps):
        return [text.append(f"{command} --force", style="bold").append(" runs it all the same", style="dim")]
    return [text.append(command, style="bold")]


def _count(plan: Plan, action: Action) -> int:
    return sum(step.action is action for step in plan.steps)
