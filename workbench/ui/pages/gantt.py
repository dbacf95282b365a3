"""A timeline as a picture: one bar a step, phases told by their fill, the critical path in the accent colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup

from workbench.execution.history.timeline import ticks
from workbench.model.timeline import Lane, Phase, Span, Timeline
from workbench.ui.cli.words import STATES, count, duration, moment_of, shorten
from workbench.ui.pages.shell import KINDS

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 1000, 220, 90, 28, 22, 12
"""Pixels of the picture, of the names, of the durations, of the axis, of a line, and of a bar in it."""
LONGEST_NAME = 25


def draw(timeline: Timeline) -> Markup:
    """The SVG element; empty where no step ran."""
    lanes = [lane for lane in timeline.lanes if lane.spans]
    if not lanes or not timeline.shown:
        return Markup("")
    height = TOP + ROW * len(lanes) + 6
    inside = [*_axis(timeline, height), *_path(timeline, lanes)]
    for index, lane in enumerate(lanes):
        inside += _lane(timeline, lane, TOP + ROW * index)
    label = f"{count(len(lanes), 'line')} over {duration(timeline.seconds)}; the same facts stand in the table below"
    return Markup('<svg class="gantt" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, label, Markup("\n").join(inside)
    )


def _x(timeline: Timeline, seconds: float) -> float:
    return round(LEFT + timeline.place(seconds) * (WIDTH - LEFT - RIGHT), 1)


def _axis(timeline: Timeline, height: int) -> Iterator[Markup]:
    for at in ticks(timeline, 8):
        x = _x(timeline, at)
        yield Markup('<line class="tick" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, TOP - 6, height)
        yield Markup('<text class="axis" x="{}" y="{}">{}</text>').format(x + 3, TOP - 10, moment_of(at))
    for start, end in timeline.cuts:
        told = f"{duration(end - start)} in which nothing ran are left out here"
        yield Markup('<line class="cut" x1="{0}" x2="{0}" y1="{1}" y2="{2}"><title>{3}</title></line>').format(
            _x(timeline, start), TOP - 6, height, told
        )


def _path(timeline: Timeline, lanes: Sequence[Lane]) -> Iterator[Markup]:
    """What joins the bars of the critical path: down from the end of one to the start of the next."""
    rows = {name: (index, lane) for index, lane in enumerate(lanes) for name in lane.steps}
    for before, after in pairwise(timeline.path.steps):
        if before in rows and after in rows and rows[before][0] != rows[after][0]:
            (row, lane), (next_row, next_lane) = rows[before], rows[after]
            x, next_x = _x(timeline, lane.end), max(_x(timeline, next_lane.start), _x(timeline, lane.end))
            middle, next_middle = TOP + ROW * row + ROW / 2, TOP + ROW * next_row + ROW / 2
            yield Markup('<polyline class="path" points="{0},{1} {0},{3} {2},{3}"/>').format(
                x, middle, next_x, next_middle
            )


def _lane(timeline: Timeline, lane: Lane, y: int) -> Iterator[Markup]:
    look = STATES[lane.state]
    classes = f"name {KINDS.get(lane.state, 'quiet')}{' critical' if lane.critical else ''}"
    yield Markup('<g><text class="{}" x="{}" y="{}"><title>{}: {}</title>{} {}</text>').format(
        classes, LEFT - 10, y + 15, lane.name, look.word, shorten(lane.name, LONGEST_NAME), look.glyph
    )
    if lane.members > 1:
        yield _density(timeline, lane, y)
    else:
        yield from (_bar(timeline, lane, span, y) for span in lane.spans)
    yield Markup('<text class="took" x="{}" y="{}">{}</text></g>').format(WIDTH - 4, y + 15, duration(lane.busy))


def _bar(timeline: Timeline, lane: Lane, span: Span, y: int) -> Markup:
    x, end = _x(timeline, span.start), _x(timeline, span.end)
    told = f"{lane.name}, attempt {span.attempt}: {span.phase} for {duration(span.end - span.start)}"
    told += f", from {duration(span.start)} on"
    if span.phase in (Phase.QUEUED, Phase.WAITING):
        return Markup('<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"><title>{4}</title></line>').format(
            span.phase, x, end, y + ROW / 2, told
        )
    kind = KINDS.get(span.state, "quiet")
    kind = ("critical" if lane.critical else "quiet") if kind == "succeeded" else kind
    return Markup('<rect class="{} {}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        span.phase, kind, x, y + (ROW - BAR) / 2, max(round(end - x, 1), 1.5), BAR, told
    )


def _density(timeline: Timeline, lane: Lane, y: int) -> Markup:
    """How many of several steps were at work, as a stepped area."""
    moves = sorted(
        move
        for span in lane.spans
        if span.phase in (Phase.RUNNING, Phase.PUBLISHING)
        for move in ((span.start, 1), (span.end, -1))
    )
    levels = [(0.0, 0)]
    for at, step in moves:
        levels.append((at, levels[-1][1] + step))
    most = max(level for _, level in levels)
    floor = y + ROW - 4
    points = []
    for (_, before), (at, level) in pairwise(levels):
        x = _x(timeline, at)
        points += [(x, floor - before / most * (ROW - 6)), (x, floor - level / most * (ROW - 6))]
    drawn = " ".join(f"{x},{round(height, 1)}" for x, height in points)
    told = f"{lane.name}: at most {most} at work at once"
    kind = "critical" if lane.critical else "quiet"
    return Markup('<polygon class="density {}" points="{}"><title>{}</title></polygon>').format(kind, drawn, told)
