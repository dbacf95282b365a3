"""How a run looks over time in a terminal: a line a step, as wide as there is room, its critical path marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.text import Text

from workbench.execution.history.timeline import ticks
from workbench.model.run import State
from workbench.model.timeline import Lane, Phase, Span, Timeline
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, STATES, count, duration, moment_of, share, shorten

LEAST = 12
"""Columns of bars below which a chart says nothing."""
BETWEEN_TICKS = 14
LEVELS = "▁▂▃▄▅▆▇█"
SIGNS = {Phase.WAITING: "╌", Phase.QUEUED: "·", Phase.RUNNING: "█", Phase.PUBLISHING: "▒"}
CRITICAL, CUT = "◆", "┊"
PATH_ENDS = 3
"""Steps that are named at each end of a long path."""


def draw(timeline: Timeline, width: int, whole: Timeline | None = None) -> list[Text]:
    """The chart and what it says in words; nothing where no step ran, or the terminal is too narrow for bars.

    ``whole`` is the timeline before lanes were folded, when they were.
    """
    ran = [lane for lane in timeline.lanes if lane.spans]
    names = min(max((len(lane.name) for lane in ran), default=0), max(width // 4, 8))
    took = max((len(duration(lane.busy)) for lane in ran), default=0)
    room = width - names - took - 6
    if not ran or not timeline.shown:
        return []
    lines = []
    if room >= LEAST:
        lines.append(_axis(timeline, names, room))
        lines += [_line(timeline, lane, names, room, took) for lane in ran]
        lines += _key(ran, width)
    return [*lines, *_words(whole or timeline)]


def _axis(timeline: Timeline, names: int, room: int) -> Text:
    """The marks of time above the bars; one that would touch the one before it is left out."""
    signs = [" "] * room
    free = 0
    for at in ticks(timeline, room // BETWEEN_TICKS):
        label, column = moment_of(at), min(int(timeline.place(at) * room), room - 1)
        start = min(column, room - len(label))
        if start >= free:
            signs[start : start + len(label)] = label
            free = start + len(label) + 1
    return Text(" " * (names + 3) + "".join(signs).rstrip(), style="dim", no_wrap=True)


def _line(timeline: Timeline, lane: Lane, names: int, room: int, took: int) -> Text:
    look = STATES[lane.state]
    line = Text(f"{CRITICAL if lane.critical else ' '} ", style="bold", no_wrap=True)
    line.append(f"{shorten(lane.name, names):<{names}} ", style="not bold default")
    line.append_text(_bars(timeline, lane, room))
    return line.append(f" {duration(lane.busy):>{took}} ", style="not bold default").append(
        look.glyph, style=style(look)
    )


def _bars(timeline: Timeline, lane: Lane, room: int) -> Text:
    """What happened in each column: of one step its phase, of several how many of them ran."""
    signs = _density(timeline, lane, room) if lane.members > 1 else _phases(timeline, lane, room)
    colour = style(STATES[State.SUCCEEDED if lane.members > 1 else lane.state])
    text = Text()
    for sign in signs:
        text.append(sign, style=style(FAILED) if sign == "✗" else "dim" if sign in " ·╌" else colour)
    return text


def _phases(timeline: Timeline, lane: Lane, room: int) -> list[str]:
    signs = [" "] * room
    for span in sorted(lane.spans, key=lambda one: list(SIGNS).index(one.phase)):
        first, last = _columns(timeline, span, room)
        for column in range(first, last + 1):
            if span.phase is Phase.RUNNING or signs[column] in " ·╌":
                signs[column] = SIGNS[span.phase]
    for before, after in pairwise(_ends(lane.spans)):
        if after.attempt != before.attempt:
            signs[_columns(timeline, before, room)[1]] = "✗"
    return signs


def _ends(spans: Sequence[Span]) -> Iterator[Span]:
    """The span in which each attempt was at work last."""
    last = {span.attempt: span for span in spans if span.phase in (Phase.RUNNING, Phase.PUBLISHING)}
    yield from last.values()


def _density(timeline: Timeline, lane: Lane, room: int) -> list[str]:
    levels = [0] * room
    for span in lane.spans:
        if span.phase in (Phase.RUNNING, Phase.PUBLISHING):
            first, last = _columns(timeline, span, room)
            for column in range(first, last + 1):
                levels[column] += 1
    most = max(levels)
    return [" " if not level else LEVELS[max(round(level / most * len(LEVELS)) - 1, 0)] for level in levels]


def _columns(timeline: Timeline, span: Span, room: int) -> tuple[int, int]:
    """The first and the last column of a span; what is shorter than a column has one all the same."""
    first = min(int(timeline.place(span.start) * room), room - 1)
    return first, max(min(round(timeline.place(span.end) * room) - 1, room - 1), first)


def _key(lanes: Sequence[Lane], width: int) -> Iterator[Text]:
    """What the signs mean that stand in the chart."""
    phases = {span.phase for lane in lanes if lane.members == 1 for span in lane.spans}
    told = [f"{sign} {phase}" for phase, sign in SIGNS.items() if phase in phases]
    told += ["✗ tried again"] if any(lane.attempts > 1 and lane.members == 1 for lane in lanes) else []
    told += [f"{LEVELS[0]}{LEVELS[-1]} few to many at work"] if any(lane.members > 1 for lane in lanes) else []
    told += [f"{CRITICAL} critical path"] if any(lane.critical for lane in lanes) else []
    line = ""
    for item in told:
        if line and len(line) + len(item) + 3 > width:
            yield Text(line, style="dim")
            line = ""
        line += f"{'   ' if line else '  '}{item}"
    yield Text(line, style="dim")


def _words(timeline: Timeline) -> Iterator[Text]:
    path = timeline.path
    steps = list(path.steps)
    if len(steps) > 2 * PATH_ENDS + 1:
        steps[PATH_ENDS:-PATH_ENDS] = [f"{len(steps) - 2 * PATH_ENDS:,} more"]
    told = f"{duration(path.busy)} at work"
    if timeline.seconds:
        told += f", {share(path.busy, timeline.seconds)} of {duration(timeline.seconds)}"
    if path.waited >= 0.05:
        told += f"; {duration(path.waited)} waiting"
    yield Text("Critical path: ").append(" → ".join(steps), style="bold").append(f": {told}", style="not bold")
    if timeline.most > 1:
        yield Text(f"At most {count(timeline.most, 'step')} at work at once.", style="dim")
    for start, end in timeline.cuts:
        yield Text(f"Left out: {duration(end - start)} after {moment_of(start)} in which nothing ran.", style="dim")
