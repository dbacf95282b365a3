"""How a run looks while it goes on: a tree of steps and running cells that redraws in place, or a line a change.

Hearing costs the run next to nothing; drawing takes time by the number of steps, and only as many lines as fit.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from workbench.model.events import Event, Kind, Progress
from workbench.model.names import short_id
from workbench.model.plan import Plan
from workbench.model.run import State
from workbench.ui.cli.console import style
from workbench.ui.cli.words import STATES, Look, beyond, clock, duration, look_of, plain, shorten

_RANKS: dict[str, int] = {
    State.RUNNING: 0,
    State.STAGED: 0,
    State.FAILED: 1,
    State.WITHHELD: 1,
    State.LOST: 1,
    State.CANCELLED: 1,
    State.SUCCEEDED: 2,
    State.QUEUED: 3,
}
"""Which steps stay in sight when the screen is too low for all: lower ones first, the rest is 4."""
_AGAIN = re.compile(r"(.*?); (attempt \d+ of \d+) (?:in (\d+) s|at once)", re.DOTALL)
MEMBERS = 4
"""Instances at work that are shown below the line of their step."""
MANY = 200
"""Steps from which on the tree is drawn less often, and a log leaves out what is unchanged."""


@dataclass
class Step:
    """One step as heard of so far; times are readings of the watch's clock.

    ``started`` is when its latest attempt began, ``began`` its first; ``again`` when a retry may start.
    """

    name: str
    base: str = ""
    expected: float | None = None
    state: str = State.QUEUED
    message: str = ""
    began: float | None = None
    started: float | None = None
    ended: float | None = None
    again: float | None = None
    attempt: int = 0
    cells: int | None = None
    cell: int | None = None
    cell_started: float = 0.0

    def hear(self, progress: Progress, now: float) -> None:
        """Take in a change of state or an event of the running attempt."""
        if progress.event is not None:
            self._happen(progress.event, now)
            return
        self.state, self.message, self.again = progress.state, progress.message, None
        if progress.state == State.RUNNING:
            self.attempt += 1
            self.began, self.started = now if self.began is None else self.began, now
        elif progress.state == State.QUEUED:
            self._wait(progress.message, now)
        elif progress.state != State.STAGED:
            self.ended, self.cell = now, None

    def _wait(self, message: str, now: float) -> None:
        self.cell = self.started = None
        if found := _AGAIN.fullmatch(message):
            self.message, self.again = found[2], now + float(found[3] or 0)

    def _happen(self, event: Event, now: float) -> None:
        match event.kind:
            case Kind.ATTEMPT_STARTED:
                self.cells = event.data.get("cells")
            case Kind.CELL_STARTED:
                self.cell, self.cell_started = event.data.get("number"), now
            case Kind.CELL_ENDED:
                self.cell = None
            case _:
                pass

    @property
    def seconds(self) -> float | None:
        """How long it took, once it has ended."""
        return None if self.began is None or self.ended is None else self.ended - self.began


@dataclass
class Watch:
    """What is known of a run that goes on; hand ``hear`` to ``Project.run``, draw it whenever you like."""

    pipeline: str
    environment: str
    now: Callable[[], float] = time.monotonic
    run: str = ""
    message: str = ""
    steps: dict[str, Step] = field(default_factory=dict)
    began: float = 0.0
    _open: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.began = self.now()

    def expect(self, plan: Plan) -> None:
        """Learn the names of the steps and how long each took before."""
        for step in plan.steps:
            self.steps[step.name] = Step(step.name, step.base, step.past.seconds if step.past else None)
            if step.fan is not None:
                self._open.add(step.name)

    def hear(self, progress: Progress) -> None:
        """Take in one message of the runner; messages that are about no step tell of the run."""
        self.run = progress.run or self.run
        if not progress.step:
            self.message = progress.message
            return
        self.message = ""
        step = self.steps.get(progress.step)
        if step is None:
            step = self.steps[progress.step] = Step(progress.step, self._base(progress.step))
        step.hear(progress, self.now())

    def _base(self, name: str) -> str:
        """The step that a newcomer is an instance of; that step itself is no line any more."""
        base = name.partition("[")[0]
        if base in self._open:
            self._open.discard(base)
            self.steps.pop(base, None)
        return base

    @property
    def redraws(self) -> int:
        """Times a second that it is worth to draw it again."""
        return 8 if len(self.steps) < MANY else 2

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = (options.height or console.height) - 2
        head = Text().append(self.pipeline, style="bold").append(f"  {self.environment}", style="dim")
        if self.run:
            head.append(f"  run {short_id(self.run)}", style="dim")
        head.append(f"  {clock(self.now() - self.began)}", style="dim")
        if self.message:
            head.append(f"  {plain(self.message)}")
        yield _fit(head, options.max_width)
        yield from self.lines(options.max_width, max(height, 3))

    def lines(self, width: int, height: int) -> list[Text]:
        """At most ``height`` lines: what runs and what failed first, then what ended last and what comes next."""
        groups = _groups(list(self.steps.values()))
        names = min(max((len(group.name) for group in groups), default=0), max(width // 3, 8))
        now = self.now()
        left = height if sum(group.height for group in groups) <= height else height - 1
        taken: dict[str, list[Text]] = {}
        for group in sorted(groups, key=_Group.interest):
            if group.height <= left:
                taken[group.name] = [_fit(line, width) for line in group.draw(names, now)]
                left -= group.height
            if not left:
                break
        lines = [line for group in groups for line in taken.get(group.name, ())]
        out = [step for group in groups if group.name not in taken for step in group.steps]
        hidden = Counter(_look(step).word for step in out)
        if hidden:
            told = ", ".join(f"{number} {word}" for word, number in hidden.items())
            lines.append(_fit(Text(f"… and {told}", style="dim"), width))
        return lines


class _Group:
    """The instances of one step, or that one step."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.name = f"{steps[0].base} ×{len(steps)}" if len(steps) > 1 else steps[0].name
        self.working = [step for step in steps if step.cell is not None or step.state == State.RUNNING]
        if len(steps) > 1:
            self.height = 1 + min(len(self.working), MEMBERS)
        else:
            self.height = 1 if steps[0].cell is None else 2

    def interest(self) -> tuple[int, float]:
        first = min(self.steps, key=_interest)
        return _interest(first)

    def draw(self, names: int, now: float) -> Iterator[Text]:
        if len(self.steps) == 1:
            (step,) = self.steps
            yield _line(_look(step), self.name, names, _said(step, now))
            if step.cell is not None:
                yield Text(f"    {_cell(step, now)}", style="dim")
            return
        states = Counter(str(step.state) for step in self.steps)
        words = Counter(_look(step).word for step in self.steps)
        worst = min(states, key=lambda state: _RANKS.get(state, 4))
        told = ", ".join(f"{number} {word}" for word, number in words.items())
        yield _line(STATES[worst], self.name, names, Text(told))
        for step in self.working[:MEMBERS]:
            cell = f"  {_cell(step, now)}" if step.cell is not None else ""
            yield Text(f"    {step.name}  {_running(step, now)}{cell}", style="dim")


def _groups(steps: Iterable[Step]) -> list[_Group]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.base or step.name, []).append(step)
    return [_Group(group) for group in found.values()]


def _look(step: Step) -> Look:
    return look_of(step.state, step.message)


def _line(look: Look, name: str, names: int, told: Text) -> Text:
    line = Text(f"{look.glyph} ", style=style(look))
    return line.append(f"{shorten(name, names):<{names}}  ", style="default").append_text(told)


def _said(step: Step, now: float) -> Text:
    """What stands behind the name of one step."""
    look = _look(step)
    if step.state == State.QUEUED and step.message:
        left = f" in {clock(step.again - now)}" if step.again is not None and step.again > now else ""
        return Text(look.word, style=style(look)).append(f"  {plain(step.message)}{left}", style="dim")
    if step.ended is None and step.started is not None:
        told = Text(look.word + _running(step, now).removeprefix("running"), style=style(look))
        return told.append(f"  ~{duration(step.expected)}", style="dim") if step.expected else told
    told = Text(look.word, style=style(look))
    if step.seconds is not None and step.state != State.SKIPPED:
        told.append(f"  {duration(step.seconds)}", style="dim")
    return told


def _running(step: Step, now: float) -> str:
    again = f", attempt {step.attempt}" if step.attempt > 1 else ""
    return f"running {clock(now - (step.started or now))}{again}"


def _cell(step: Step, now: float) -> str:
    of = f" of {step.cells}" if step.cells else ""
    return f"cell {step.cell}{of}  {clock(now - step.cell_started)}"


def log_lines(watch: Watch, progress: Progress) -> Iterable[str]:
    """What a log says of one message, after the watch has heard it: a line for each change of a step's state.

    Of many steps, those that are unchanged have no line.
    """
    if not progress.state and not (progress.message and not progress.step):
        return
    if not progress.step:
        if progress.message:
            yield f"{watch.pipeline}: {plain(progress.message)}"
        return
    if progress.state == State.SKIPPED and len(watch.steps) >= MANY:
        return
    step = watch.steps[progress.step]
    look = _look(step)
    parts = [f"{progress.step}: {look.word}"]
    if step.ended is not None and progress.state != State.SKIPPED and step.seconds is not None:
        parts.append(f"in {duration(step.seconds)}")
    elif progress.state == State.RUNNING and step.attempt > 1:
        parts.append(f"again, attempt {step.attempt}")
    elif progress.state == State.RUNNING and step.expected:
        parts.append(f"(took {duration(step.expected)} before)")
    quiet = progress.state in (State.RUNNING, State.SUCCEEDED)
    if not quiet and (told := beyond(look.word, plain(progress.message))):
        parts.append(told if told != progress.message else f"- {told}")
    yield " ".join(parts)


def _interest(step: Step) -> tuple[int, float]:
    return _RANKS.get(step.state, 4), -(step.ended or 0.0)


def _fit(line: Text, width: int) -> Text:
    line.truncate(width, overflow="ellipsis")
    line.no_wrap = True
    return line
