"""How a plan looks: one line a step with its reason, the forecast at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.model.plan import Action, Plan, PlannedStep
from workbench.ui.cli.console import style
from workbench.ui.cli.views.steps import shown
from workbench.ui.cli.words import ACTIONS, UNCHANGED, Look, beyond, count, duration, shorten

NAME_WIDTH = 40
NOT_SELECTED = "not_selected"
NOTHING = Look("–", "nothing", UNCHANGED.light, UNCHANGED.dark)
LINES = 60
"""Lines up to which a plan also shows each step that is unchanged."""
UNFOLDED = 3
"""Instances of a step that have a line each although the same is to be said of them."""
BESIDE = 80
SHOWN = 2
"""Names up to which steps that never ran are named."""


def draw(plan: Plan, *, command: str, width: int) -> list[RenderableType]:
    """The steps, and the line that says what would happen; ``command`` would do it.

    Steps that are not selected are counted, in a long plan those that are unchanged too; many instances of a step of
    which the same is to be said share a line.
    """
    lines = list(_folded([step for step in plan.steps if step.reason.code != NOT_SELECTED]))
    hidden = sum(len(line) for line in lines if _is_unchanged(line[0])) if len(lines) > LINES else 0
    lines = [line for line in lines if not hidden or not _is_unchanged(line[0])]
    beside = width >= BESIDE
    most = max(min(NAME_WIDTH, width // 3), 8)
    names = min(max((len(_name(line)) for line in lines), default=0), most)
    rows: list[RenderableType] = []
    table = _grid()
    for line in lines:
        step = line[0]
        look = NOTHING if step.reason.code == "no_values" else ACTIONS[step.action]
        says = Text(beyond(look.word, step.reason.text))
        table.add_row(
            Text(look.glyph, style=style(look)),
            Text(f"{shorten(_name(line), most):<{names}}", style="bold" if step.action is Action.RUN else ""),
            Text(f"{look.word:<9}", style=style(look)),
            says if beside else "",
            Text(_expected(step), style="dim"),
        )
        if says and not beside:
            rows += [table, Padding(says, (0, 0, 0, 4))]
            table = _grid()
    if table.rows:
        rows.append(table)
    rest = [(hidden, "unchanged"), (_left_out(plan), "not selected")]
    if any(number for number, _ in rest):
        told = [f"{count(number, 'step is', 'steps are')} {word}" for number, word in rest if number]
        rows.append(Text(", ".join(told) + ".", style="dim"))
    parameters = ", ".join(f"{name}={shown(value)}" for name, value in plan.parameters.items())
    head = Text().append(plan.pipeline, style="bold").append(f"  {plan.environment}", style="dim")
    if parameters:
        head.append(f"  {parameters}", style="dim")
    return [head, *rows, Text(summary(plan)), *_expectation(plan), *_next(plan, command)]


def _folded(steps: Iterable[PlannedStep]) -> Iterator[list[PlannedStep]]:
    """The steps of each line: neighbours of one base with the same action and reason, when they are many."""
    for _, group in groupby(steps, lambda step: (step.base or step.name, step.action, step.reason.code)):
        alike = list(group)
        if len(alike) > UNFOLDED:
            yield alike
        else:
            yield from ([step] for step in alike)


def _name(line: Sequence[PlannedStep]) -> str:
    """The name of a step; for several their base with the first and the last of what tells them apart."""
    first, last = line[0], line[-1]
    if first is last:
        return first.name
    apart = [step.name.removeprefix(step.base).strip("[]") for step in (first, last)]
    return f"{first.base}[{apart[0]} … {apart[1]}] × {len(line):,}"


def _is_unchanged(step: PlannedStep) -> bool:
    return step.reason.code == "unchanged"


def _left_out(plan: Plan) -> int:
    return sum(step.reason.code == NOT_SELECTED for step in plan.steps)


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    return table


def summary(plan: Plan) -> str:
    """``3 of 7 steps run, 2 are decided on the way, 2 are unchanged.``"""
    run, decide, skip = (_count(plan, action) for action in (Action.RUN, Action.DECIDE, Action.SKIP))
    left = _left_out(plan)
    skip -= left
    if not run and not decide:
        return f"Nothing to run: {'all ' if skip > 1 and not left else ''}{count(skip, 'step')} unchanged."
    parts = [f"{run} of {count(len(plan.steps), 'step')} {'runs' if run == 1 else 'run'}"]
    if decide:
        parts.append(f"{decide} {'is' if decide == 1 else 'are'} decided on the way")
    if skip:
        parts.append(f"{skip} {'is' if skip == 1 else 'are'} unchanged")
    return ", ".join(parts) + "."


def expects(plan: Plan) -> str:
    """``About 40 s, at most 1 min 10 s in 85 of 100 runs; by 23 earlier runs.``, or why that is not known.

    Empty for a plan that runs nothing.
    """
    able = [step for step in plan.steps if step.action is not Action.SKIP]
    if not able:
        return ""
    unknown = [step.base for step in able if not step.forecast]
    if plan.forecast is None:
        return f"How long is not known yet: {_listed(unknown)} never ran."
    likely, longest = duration(plan.forecast.p50), duration(plan.forecast.p85)
    if unknown:
        return f"More than {likely}: {_listed(unknown)} never ran."
    told = f"{'Up to' if any(step.action is Action.DECIDE for step in able) else 'About'} {likely}"
    if plan.forecast.samples > 1 and longest != likely:
        told += f", at most {longest} in 85 of 100 runs"
    return f"{told}; by {count(plan.forecast.samples, 'earlier run')}."


def _listed(names: Iterable[str]) -> str:
    """``clean``, ``clean and daily``, ``clean, daily and 3 others``."""
    each = list(dict.fromkeys(names))
    if len(each) > SHOWN + 1:
        each[SHOWN:] = [f"{len(each) - SHOWN} others"]
    return " and ".join(filter(None, [", ".join(each[:-1]), each[-1]])) if each else "something"


def _expectation(plan: Plan) -> list[Text]:
    told = expects(plan)
    return [Text(told, style="dim")] if told else []


def _expected(step: PlannedStep) -> str:
    return f"~{duration(step.forecast.p50)}" if step.forecast else ""


def _next(plan: Plan, command: str) -> list[Text]:
    text = Text("Next: ", no_wrap=True, overflow="ignore")
    if all(step.action is Action.SKIP for step in plan.steps):
        return [text.append(f"{command} --force", style="bold").append(" runs it all the same", style="dim")]
    return [text.append(command, style="bold")]


def _count(plan: Plan, action: Action) -> int:
    return sum(step.action is action for step in plan.steps)
