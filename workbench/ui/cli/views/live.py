"""How a run looks while it goes on: a tree of steps and running cells that redraws in place, or a line a change."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from workbench.model.events import Event, Kind, Progress
from workbench.model.names import short_id
from workbench.model.plan import Plan
from workbench.model.run import State
from workbench.ui.cli.console import style
from workbench.ui.cli.words import STATES, beyond, clock, duration, shorten

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


@dataclass
class Step:
    """One step as heard of so far; times are readings of the watch's clock."""

    name: str
    expected: float | None = None
    state: str = State.QUEUED
    message: str = ""
    started: float | None = None
    ended: float | None = None
    cells: int | None = None
    cell: int | None = None
    cell_started: float = 0.0

    def hear(self, progress: Progress, now: float) -> None:
        """Take in a change of state or an event of the running attempt."""
        if progress.event is not None:
            self._happen(progress.event, now)
            return
        self.state, self.message = progress.state, progress.message
        if progress.state == State.RUNNING and self.started is None:
            self.started = now
        elif progress.state not in (State.QUEUED, State.RUNNING, State.STAGED):
            self.ended, self.cell = now, None

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
        return None if self.started is None or self.ended is None else self.ended - self.started


@dataclass
class Watch:
    """What is known of a run that goes on; hand ``hear`` to ``Project.run``, draw it whenever you like."""

    pipeline: str
    environment: str
    now: Callable[[], float] = time.monotonic
    run: str = ""
    steps: dict[str, Step] = field(default_factory=dict)
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.now()

    def expect(self, plan: Plan) -> None:
        """Learn the names of the steps and how long each took before."""
        for step in plan.steps:
            self.steps[step.name] = Step(step.name, step.past.seconds if step.past else None)

    def hear(self, progress: Progress) -> None:
        """Take in one message of the runner; messages that are about no step tell of the run."""
        self.run = progress.run or self.run
        if progress.step:
            self.steps.setdefault(progress.step, Step(progress.step)).hear(progress, self.now())

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = (options.height or console.height) - 2
        head = Text().append(self.pipeline, style="bold").append(f"  {self.environment}", style="dim")
        if self.run:
            head.append(f"  run {short_id(self.run)}", style="dim")
        head.append(f"  {clock(self.now() - self.began)}", style="dim")
        yield _fit(head, options.max_width)
        yield from self.lines(options.max_width, max(height, 3))

    def lines(self, width: int, height: int) -> list[Text]:
        """At most ``height`` lines: what runs and what failed first, then what ended last and what comes next."""
        steps = list(self.steps.values())
        taken: dict[str, list[Text]] = {}
        left = height if sum(map(_height, steps)) <= height else height - 1
        for step in sorted(steps, key=_interest):
            drawn = self._draw(step, width)
            if len(drawn) <= left:
                taken[step.name] = drawn
                left -= len(drawn)
        lines = [line for step in steps for line in taken.get(step.name, ())]
        hidden = Counter(STATES[step.state].word for step in steps if step.name not in taken)
        if hidden:
            told = ", ".join(f"{number} {word}" for word, number in hidden.items())
            lines.append(_fit(Text(f"… and {told}", style="dim"), width))
        return lines

    def _draw(self, step: Step, width: int) -> list[Text]:
        look = STATES[step.state]
        names = min(max((len(name) for name in self.steps), default=0), max(width // 3, 8))
        line = Text(f"{look.glyph} ", style=style(look)).append(
            f"{shorten(step.name, names):<{names}}  ", style="default"
        )
        line.append(look.word)
        if step.ended is None and step.started is not None:
            line.append(f" {clock(self.now() - step.started)}")
            if step.expected:
                line.append(f"  ~{duration(step.expected)}", style="dim")
        elif step.seconds is not None and step.state != State.SKIPPED:
            line.append(f"  {duration(step.seconds)}", style="dim")
        lines = [_fit(line, width)]
        if step.cell is not None:
            of = f" of {step.cells}" if step.cells else ""
            text = f"    cell {step.cell}{of}  {clock(self.now() - step.cell_started)}"
            lines.append(_fit(Text(text, style="dim"), width))
        return lines


def log_lines(watch: Watch, progress: Progress) -> Iterable[str]:
    """What a log says of one message, after the watch has heard it: a line for each change of a step's state."""
    if not progress.step or not progress.state:
        return
    step = watch.steps[progress.step]
    look = STATES[progress.state]
    parts = [f"{progress.step}: {look.word}"]
    if step.ended is not None and progress.state != State.SKIPPED and step.seconds is not None:
        parts.append(f"in {duration(step.seconds)}")
    elif progress.state == State.RUNNING and step.expected:
        parts.append(f"(took {duration(step.expected)} before)")
    quiet = progress.state in (State.RUNNING, State.QUEUED, State.SUCCEEDED)
    if not quiet and (told := beyond(look.word, progress.message)):
        parts.append(told if told != progress.message else f"- {told}")
    yield " ".join(parts)


def _interest(step: Step) -> tuple[int, float]:
    return _RANKS.get(step.state, 4), -(step.ended or 0.0)


def _height(step: Step) -> int:
    return 1 if step.cell is None else 2


def _fit(line: Text, width: int) -> Text:
    line.truncate(width, overflow="ellipsis")
    line.no_wrap = True
    return line
