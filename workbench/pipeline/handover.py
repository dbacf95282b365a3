"""What a trigger hands to a pipeline: ``${run.date - 1d}`` and a few other names, a closed set, never evaluated.

A text that is nothing but one ``${…}`` becomes the value; inside a longer text it is written out. Times may be moved:
``- 1d``, ``+ 2h``. Days and weeks are those of the calendar, hours and minutes are elapsed time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workbench.model.pipeline import Partition
from workbench.model.schedule import FileTrigger, Trigger
from workbench.pipeline.partitions import last_whole
from workbench.pipeline.schedule import zone
from workbench.pipeline.substitution import references, substitute

_EXPRESSION = re.compile(r"\s*([a-z_.]+)\s*(?:([+-])\s*(\d{1,5})\s*([mhdw])\s*)?", re.ASCII)
_CALENDAR = {"d": 1, "w": 7}
_ELAPSED = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}
_TIMES = ("run.date", "run.nominal_time")


class BadExpression(ValueError):
    """A ``${…}`` that means nothing here; ``name`` is what it names, for did-you-mean."""

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(why)
        self.name = name


def names(trigger: Trigger) -> tuple[str, ...]:
    """What ``${…}`` may name in the parameters of a trigger."""
    if not isinstance(trigger, FileTrigger):
        return _TIMES
    return (*_TIMES, "files") if trigger.batch else (*_TIMES, "file", "file.name", "file.stem")


def check(text: str, known: tuple[str, ...]) -> None:
    """Raise BadExpression unless what stands between ``${`` and ``}`` names something in ``known``."""
    found = _EXPRESSION.fullmatch(text)
    if found is None:
        raise BadExpression("write it like ${run.date} or ${run.date - 1d}; the units are m, h, d and w")
    name, sign, _, unit = found.groups()
    if name not in known:
        raise BadExpression(f"known here: {', '.join(known)}", name)
    if sign and name not in _TIMES:
        raise BadExpression(f"{name} is no time, nothing can be added to it")
    if name == "run.date" and unit in _ELAPSED:
        raise BadExpression("a date is moved by days (d) or weeks (w)")


def hand_over(
    trigger: Trigger, at: datetime, facts: Mapping[str, Any] | None = None, partitions: Iterable[Partition] = ()
) -> dict[str, Any]:
    """The parameters of a trigger for the nominal time ``at``; dates and times as ISO text.

    ``facts`` are the further names of the kind: ``file`` or ``files``, absolute paths. A partition by day or hour that
    the trigger does not give is the last one that was over then, and left out where there is none.
    """
    clock = zone(trigger.timezone)
    local = at.astimezone(clock)
    known = {**_of_files(facts or {}), "run.nominal_time": local, "run.date": local.date()}
    values = {text: _text(_value(text, known, clock)) for text, _ in references(trigger.parameters)}
    given = dict(substitute(trigger.parameters, values))
    for partition in partitions:
        if partition.name not in given and (part := last_whole(partition, at)) is not None:
            given[partition.name] = part
    return given


def _of_files(facts: Mapping[str, Any]) -> dict[str, Any]:
    path = str(facts.get("file", ""))
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return {"files": list(facts.get("files", ())), "file": path, "file.name": name, "file.stem": stem}


def _value(text: str, known: Mapping[str, Any], clock: ZoneInfo) -> Any:
    found = _EXPRESSION.fullmatch(text)
    if found is None:
        raise BadExpression(f"${{{text}}} was not checked")
    name, sign, number, unit = found.groups()
    value = known[name]
    if not sign:
        return value
    count = int(number) * (1 if sign == "+" else -1)
    if unit in _ELAPSED:
        return (value.astimezone(UTC) + count * _ELAPSED[unit]).astimezone(clock)
    moved = value + timedelta(days=count * _CALENDAR[unit])
    # a wall time that the clocks leave out is told as the one that they show then
    return moved.astimezone(UTC).astimezone(clock) if isinstance(moved, datetime) else moved


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
