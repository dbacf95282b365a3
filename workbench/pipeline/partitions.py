"""Partitions: parameters whose values cut the data into parts, and which values they have.

Days are days of a calendar. Hours are hours of real time, named by the local time they begin at with its offset, so
that a day on which clocks are set has 23 or 25 of them and no two share a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workbench.documents import Section
from workbench.model.errors import UsageError, did_you_mean
from workbench.model.pipeline import MISSING, Every, Kind, Parameter, ParameterType, Partition
from workbench.pipeline.contract import name_fault
from workbench.pipeline.keys import PARTITION_KEYS, names
from workbench.pipeline.substitution import in_text
from workbench.pipeline.values import Refused, from_text

_HOUR = timedelta(hours=1)
_KINDS = {Every.DAY: (Kind.DATE, Kind.STR, Kind.ANY), Every.HOUR: (Kind.DATETIME, Kind.STR, Kind.ANY)}


def read_partitions(
    top: Section, parameters: Sequence[Parameter]
) -> tuple[tuple[Partition, ...], tuple[Parameter, ...]]:
    """What ``partitions:`` says, and the parameters with those that it adds to them. Raises SpecError."""
    section = top.section("partitions")
    declared = {parameter.name: parameter for parameter in parameters}
    found = tuple(_partition(section, name) for name in section)
    for partition in found:
        if partition.name in declared:
            _check_type(section, partition, declared[partition.name])
        else:
            declared[partition.name] = _parameter(partition)
    return found, tuple(declared.values())


def values(partition: Partition, now: datetime) -> tuple[str, ...]:
    """Every value of a partition, in order; one of time without an end ends with the one that ``now`` is in."""
    if partition.every is None:
        return partition.values
    first, last = _bounds(partition, now)
    return _between(partition, first, last)


def last_whole(partition: Partition, at: datetime) -> str | None:
    """The day or hour that was over last at the moment ``at``; None when the partition has none, or not that one."""
    length = {Every.DAY: timedelta(days=1), Every.HOUR: _HOUR}.get(partition.every) if partition.every else None
    if length is None:
        return None
    for value in reversed(values(partition, at)):
        begins = _instant(datetime.fromisoformat(value), partition)
        if timedelta(0) <= _as_begun(partition, at) - begins - length < length:
            return value
    return None


def chosen(partition: Partition, text: str, now: datetime) -> tuple[str, ...]:
    """The values that ``text`` names: ``a``, ``a,b``, ``a..b``, ``a..``, ``..b``, empty for all; in order, each once.

    Raises UsageError (WB-PIP-641) for what is none of its values.
    """
    known = values(partition, now)
    if not text.strip():
        return known
    wanted: set[str] = set()
    for part in text.split(","):
        start, dots, end = (piece.strip() for piece in part.partition(".."))
        wanted |= _range(partition, start, end if dots else start, known, part.strip(), now)
    return tuple(value for value in known if value in wanted)


def partition_text(partition: Partition, value: Any) -> str:
    """The value of the parameter as the value of the partition that it stands for."""
    if partition.every is Every.HOUR and isinstance(value, datetime):
        return _hour_text(_instant(value, partition), partition)
    return in_text(value)


def spellings(value: str, *, stored: bool = False) -> tuple[str, ...]:
    """Texts of which a value of a partition and one that a data file bears (``stored``) share one if they are the same.

    Times are compared as moments, or as local times where one of them has no zone.
    """
    try:
        moment = datetime.fromisoformat(value.strip()) if value[:4].isdigit() and "-" in value else None
    except ValueError:
        moment = None
    if moment is None:
        return (value,)
    local = moment.replace(tzinfo=None).isoformat()
    if moment.tzinfo is None:
        return (value, f"local {local}") if stored else (value, f"local {local}", f"zoned {local}")
    utc = f"utc {moment.timestamp()}"
    return (value, utc, f"zoned {local}") if stored else (value, utc, f"local {local}")


# -- parsing -----------------------------------------------------------------------------------------------------------


def _partition(section: Section, name: str) -> Partition:
    if fault := name_fault(name):
        raise section.error("WB-CFG-628", f"{name!a} cannot be a partition", name, key=True, cause=fault)
    value = section[name]
    if isinstance(value, list):
        return Partition(name, _listed(section, name))
    entry = section.section(name, names(PARTITION_KEYS))
    if "values" in entry:
        for key in entry:
            if key != "values":
                raise entry.error("WB-CFG-625", f'"{key}" does not go with "values"', key, key=True)
        return Partition(name, _listed(entry, "values"))
    every = entry.text("every")
    if every not in list(Every):
        raise entry.wrong("every", "day or hour")
    partition = Partition(
        name,
        every=Every(every),
        start=_time(entry, "start", Every(every)),
        end=_time(entry, "end", Every(every)) if "end" in entry else "",
        timezone=_zone(entry),
    )
    first, last = _bounds(partition, datetime.max.replace(tzinfo=UTC) - timedelta(days=2))
    if last < first:
        raise entry.error("WB-CFG-625", '"end" is before "start"', "end")
    return partition


def _listed(section: Section, key: str) -> tuple[str, ...]:
    items = section.items_at(key)
    texts = [in_text(item) for item in items if isinstance(item, str | int | float | bool)]
    if not texts or len(texts) < len(items) or not all(texts):
        raise section.wrong(key, "a list of texts or numbers, at least one")
    for index, text in enumerate(texts):
        if text in texts[:index]:
            raise section.error("WB-CFG-625", f'"{text}" stands twice', key, index)
    return tuple(texts)


def _time(entry: Section, key: str, every: Every) -> str:
    text = entry.text(key)
    try:
        date.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if every is Every.DAY or moment is None:
            example = "2013-01-15" if every is Every.DAY else "2013-01-15 or 2013-01-15T06:00"
            raise entry.wrong(key, f"a {every} such as {example}") from None
        if moment.minute or moment.second or moment.microsecond:
            raise entry.wrong(key, "a whole hour, such as 2013-01-15T06:00") from None
    return text


def _zone(entry: Section) -> str:
    name = entry.text("timezone", "UTC")
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # a name that is none, or a folder of names
        from zoneinfo import available_timezones

        hint = did_you_mean(name, available_timezones()).strip()
        raise entry.error("WB-CFG-625", f'there is no time zone "{name}"', "timezone", cause=hint) from None


def _check_type(section: Section, partition: Partition, parameter: Parameter) -> None:
    if partition.every is not None:
        if parameter.type.kind not in _KINDS[partition.every]:
            wanted = _KINDS[partition.every][0]
            cause = f'the parameter "{partition.name}" is {parameter.type}, and {partition.every}s are {wanted}'
            raise section.error("WB-CFG-625", "the parameter does not fit", partition.name, key=True, cause=cause)
        return
    for value in partition.values:
        try:
            from_text(parameter.type, value)
        except Refused as error:
            what = f'"{value}" does not fit the parameter "{partition.name}"'
            raise section.error("WB-CFG-625", what, partition.name, cause=str(error)) from None


def _parameter(partition: Partition) -> Parameter:
    match partition.every:
        case Every.DAY:
            kind = ParameterType(Kind.DATE)
        case Every.HOUR:
            kind = ParameterType(Kind.DATETIME)
        case _:
            kind = ParameterType(Kind.LITERAL, choices=partition.values)
    return Parameter(partition.name, kind, MISSING, "partition")


# -- time --------------------------------------------------------------------------------------------------------------


def _bounds(partition: Partition, now: datetime) -> tuple[datetime, datetime]:
    """The moments at which the first and the last partition begin; the last is before the first when there is none."""
    end = partition.end or _now_text(partition, now)
    return _first(partition, partition.start), _last(partition, end)


def _now_text(partition: Partition, now: datetime) -> str:
    local = now.astimezone(ZoneInfo(partition.timezone))
    return local.date().isoformat() if partition.every is Every.DAY else local.isoformat()


def _first(partition: Partition, text: str) -> datetime:
    """The moment at which the partition that ``text`` names, or the first of the day it names, begins."""
    return _instant(datetime.fromisoformat(text), partition)


def _last(partition: Partition, text: str) -> datetime:
    """The last moment at which the partition that ``text`` names, or the last of the day it names, may begin."""
    moment = datetime.fromisoformat(text)
    if partition.every is Every.HOUR and len(text) == len("2013-01-15"):
        return _instant(moment + timedelta(days=1), partition) - timedelta.resolution
    return _instant(moment.replace(fold=1), partition)


def _as_begun(partition: Partition, at: datetime) -> datetime:
    """A moment on the scale on which partitions begin: days are counted on the calendar of their zone."""
    if partition.every is Every.DAY:
        return at.astimezone(ZoneInfo(partition.timezone)).replace(tzinfo=UTC)
    return at.astimezone(UTC)


def _instant(moment: datetime, partition: Partition) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if partition.every is Every.DAY else ZoneInfo(partition.timezone))
    return moment.astimezone(UTC)


def _between(partition: Partition, first: datetime, last: datetime) -> tuple[str, ...]:
    """The partitions that begin from ``first`` to ``last``, both included."""
    if last < first:
        return ()
    step = timedelta(days=1) if partition.every is Every.DAY else _HOUR
    moments = (first + step * number for number in range((last - first) // step + 1))
    if partition.every is Every.DAY:
        return tuple(moment.date().isoformat() for moment in moments)
    return tuple(_hour_text(moment, partition) for moment in moments)


def _hour_text(moment: datetime, partition: Partition) -> str:
    return moment.astimezone(ZoneInfo(partition.timezone)).isoformat(timespec="minutes")


def _range(partition: Partition, start: str, end: str, known: Sequence[str], part: str, now: datetime) -> set[str]:
    if partition.every is None:
        for text in (start, end):
            if text and text not in known:
                raise _unknown(partition, text, known)
        found = set(known[known.index(start) if start else 0 : known.index(end) + 1 if end else None])
        if not found:
            raise _unknown(partition, part, known, turned=True)
    else:
        lowest, highest = _bounds(partition, now)
        if partition.every is Every.HOUR and not partition.end:
            highest = _last(partition, _now_text(partition, now)[:10])  # the rest of today is asked for in vain
        try:
            first = _first(partition, start) if start else lowest
            last = _last(partition, end) if end else highest
        except ValueError:
            raise _unknown(partition, part, known) from None
        if first < lowest or last > highest or last < first:
            raise _unknown(partition, part, known, turned=last < first)
        found = {value for value in known if first <= _first(partition, value) <= last}
    if not found:
        raise _unknown(partition, part, known)
    return found


def _unknown(partition: Partition, text: str, known: Sequence[str], *, turned: bool = False) -> UsageError:
    if partition.every is None:
        cause = f"its values: {', '.join(known)}." + did_you_mean(text, known)
    else:
        cause = f"it goes from {known[0]} to {known[-1]}" if known else "it has not begun yet"
    if turned:
        cause = f"the range ends before it begins; {cause}"
    return UsageError(
        "WB-PIP-641",
        f'"{text}" is nothing of the partition "{partition.name}"',
        cause=cause,
        kept="Nothing was started.",
        next=f"write values or a range, such as {partition.name}={'..'.join(dict.fromkeys([*known[:1], *known[-1:]]))}",
    )
