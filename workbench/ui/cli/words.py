"""How numbers, times, names and states are written in a terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from workbench.model.frozen import dataclass
from workbench.model.plan import NOT_SELECTED, Action
from workbench.model.quality import Outcome
from workbench.model.run import AttemptState, CellState, State


@dataclass(frozen=True)
class Look:
    """How a state shows: always a glyph and a word beside the colour, which has a light and a dark form."""

    glyph: str
    word: str
    light: str
    dark: str


SUCCEEDED = Look("✓", "succeeded", "#2e7d32", "#81c784")
RUNNING = Look("●", "running", "#1565c0", "#64b5f6")
QUEUED = Look("○", "queued", "#607d8b", "#90a4ae")
UNCHANGED = Look("–", "unchanged", "#78909c", "#90a4ae")
WARNING = Look("▲", "warn", "#b26a00", "#ffb74d")
WITHHELD = Look("⊘", "withheld", "#ad1457", "#f48fb1")
FAILED = Look("✗", "failed", "#c62828", "#ef9a9a")
CANCELLED = Look("◌", "cancelled", "#5d4037", "#bcaaa4")
NOT_CHECKED = Look("–", "not checked", "", "")

STATES: dict[str, Look] = {
    State.QUEUED: QUEUED,
    State.RUNNING: RUNNING,
    State.STAGED: Look("●", "publishing", RUNNING.light, RUNNING.dark),
    State.SUCCEEDED: SUCCEEDED,
    State.SKIPPED: UNCHANGED,
    State.FAILED: FAILED,
    State.WITHHELD: WITHHELD,
    State.CANCELLED: CANCELLED,
    State.UPSTREAM_FAILED: Look("◇", "upstream failed", CANCELLED.light, CANCELLED.dark),
    State.LOST: Look("◌", "lost", CANCELLED.light, CANCELLED.dark),
    AttemptState.CLAIMED: Look("●", "starting", RUNNING.light, RUNNING.dark),
    AttemptState.COMMITTED: SUCCEEDED,
    CellState.RESTORED: Look(UNCHANGED.glyph, "restored", UNCHANGED.light, UNCHANGED.dark),
    CellState.NOT_RUN: Look("○", "not run", QUEUED.light, QUEUED.dark),
}
"""How each state of a run, a step, an attempt or a cell shows."""

ACTIONS: dict[Action, Look] = {
    Action.RUN: Look("●", "run", RUNNING.light, RUNNING.dark),
    Action.SKIP: UNCHANGED,
    Action.DECIDE: Look("○", "decide", QUEUED.light, QUEUED.dark),
}

LEFT_OUT = Look(UNCHANGED.glyph, NOT_SELECTED, UNCHANGED.light, UNCHANGED.dark)
"""How a step shows that a run was told to leave alone."""

OUTCOMES: dict[Outcome, Look] = {
    Outcome.PASS: Look("✓", "pass", SUCCEEDED.light, SUCCEEDED.dark),
    Outcome.FAIL: Look("✗", "fail", FAILED.light, FAILED.dark),
    Outcome.ERROR: Look("✗", "error", FAILED.light, FAILED.dark),
}

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_CONTROLS = {code: None for code in [*range(32), *range(127, 160)] if chr(code) not in "\n\t"}


def look_of(state: str, reason: str) -> Look:
    """How a step shows that is in this state for that reason."""
    return LEFT_OUT if state == State.SKIPPED and reason == NOT_SELECTED else STATES[state]


def duration(seconds: float | None) -> str:
    """``40 ms``, ``1.2 s``, ``3 min 10 s``, ``2 h 5 min``; empty when it is not known."""
    if seconds is None:
        return ""
    if seconds < 0.0995:
        return f"{max(seconds, 0.0) * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment_of(seconds: float) -> str:
    """A mark of a time axis: ``0``, ``0.5 s``, ``30 s``, ``1 min 30 s``, ``2 h``."""
    if seconds < 60:
        return f"{seconds:g} s" if seconds else "0"
    whole = round(seconds)
    parts = [(whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value)


def times(factor: float) -> str:
    """``4.1×``, ``12×``."""
    return f"{factor:.1f}×" if factor < 9.95 else f"{factor:.0f}×"


def clock_time(at: str) -> str:
    """An ISO time as people here read it from a clock: ``14:05``, with its day when that is another one."""
    when = datetime.fromisoformat(at).astimezone()
    return f"{when:%H:%M}" if when.date() == datetime.now().astimezone().date() else f"{when:%d %b %H:%M}"


def clock(seconds: float) -> str:
    """Elapsed time that ticks in place: ``0:42``, ``12:03``, ``1:02:03``."""
    whole = max(int(seconds), 0)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def number(value: int) -> str:
    """``336,776``."""
    return f"{value:,}"


def count(value: int, noun: str, plural: str = "") -> str:
    """``1 step``, ``336,776 rows``."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def size(count: int | None) -> str:
    """Bytes as ``441 MB``; empty when it is not known."""
    if count is None:
        return ""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def share(part: float, whole: float) -> str:
    """``2.3 %``; a share that is not nothing never shows as ``0.0 %``."""
    if not part or not whole:
        return "0 %"
    percent = 100 * part / whole
    return "< 0.1 %" if percent < 0.05 else f"{percent:.1f} %"


def ago(at: str, now: datetime | None = None) -> str:
    """An ISO time as ``12 s ago``, ``3 h ago``, ``2 days ago``; empty for an empty text."""
    if not at:
        return ""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(at)).total_seconds()
    if seconds < 1:
        return "just now"
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {name} ago"
    return f"{count(int(seconds // 86400), 'day')} ago"


def ahead(at: str, now: datetime | None = None) -> str:
    """An ISO time as ``in 12 s``, ``in 3 h 5 min``, ``in 2 days``; ``now`` when it has come."""
    seconds = (datetime.fromisoformat(at) - (now or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return "now"
    if seconds < 60:
        return f"in {int(seconds)} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"in {minutes} min"
    if minutes < 2 * 1440:
        return f"in {minutes // 60} h {minutes % 60} min"
    return f"in {count(minutes // 1440, 'day')}"


def plain(text: str) -> str:
    """Text from elsewhere without what could steer the terminal, and without what a carriage return wrote over."""
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rpartition("\r")[2] for line in lines).translate(_CONTROLS)


def moment(text: str) -> str:
    """A timestamp from the data as ``2013-01-01 05:15``, anything else as it is."""
    return f"{text[:10]} {text[11:16]}" if _TIMESTAMP.match(text) else text


def beyond(word: str, text: str) -> str:
    """What ``text`` adds to a word that stands beside it: ``unchanged since run 4`` → ``since run 4``."""
    return text.removeprefix(word).lstrip()


def shorten(text: str, width: int) -> str:
    """``text`` with its middle replaced by ``…`` when it is longer than ``width``."""
    if len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    head = (width - 1 + 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
