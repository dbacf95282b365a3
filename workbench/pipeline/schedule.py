"""Cron and a time zone become nominal times: pure functions, with a rule of our own for clocks that change.

cronsim walks local times without a zone; here they become moments. A pattern is *steady* when its hours are all 24, or
when its minutes begin with ``*``: it runs by elapsed time, through the hour that comes twice and across the one that
is missing. Any other pattern means times of the day: one that is missing runs once, at the first moment after the gap,
and one that comes twice runs at the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from workbench.model.errors import did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.schedule import Catchup, Fire, Schedule

GRACE = timedelta(seconds=60)
"""How late a nominal time may be seen and still counts as on time."""
KEPT = 200
"""So many missed nominal times at least are told one by one; still older ones are told together."""

_LONGEST = 200
_SOME_DAY = datetime.fromisoformat("2000-01-01")
_REACH = timedelta(hours=26)
"""No zone was ever further from UTC, nor moved its clocks by more."""
_PROBE = timedelta(hours=3)
"""No zone ever changed its clocks and changed them back within this."""
_FIRST_SPAN, _LAST_SPAN = timedelta(hours=1), timedelta(days=8)


class BadCron(ValueError):
    """A text that is no pattern of cron, or one that never comes true; the text says why."""


@dataclass(frozen=True)
class Due:
    """What to do about nominal times: those that run, in order, and those that do not, each with its reason."""

    run: tuple[datetime, ...] = ()
    skipped: tuple[tuple[datetime, str], ...] = ()


def check_cron(text: str) -> None:
    """Raise BadCron unless ``text`` is five fields of cron that come true some day."""
    if len(text) > _LONGEST or len(text.split()) != 5:
        raise BadCron("cron has five fields: minute, hour, day of the month, month, day of the week")
    try:
        next(CronSim(text, _SOME_DAY))
    except CronSimError as error:
        raise BadCron(str(error)[:1].lower() + str(error)[1:]) from None
    except StopIteration:
        raise BadCron("it never comes true") from None


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises ValueError, with what was probably meant."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = did_you_mean(name, available_timezones())
        raise ValueError(f'there is no time zone "{name}".{close}') from None


def fires(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """The nominal times later than ``after``, in order, in UTC; without end unless the calendar itself ends."""
    clock, span = zone(schedule.timezone), _FIRST_SPAN
    cursor = after.astimezone(UTC)
    while True:
        until = cursor + span
        found = between(schedule, cursor, until)
        yield from found
        cursor, span = until, min(span * 2, _LAST_SPAN)
        if not found:
            local = cursor.astimezone(clock).replace(tzinfo=None)
            try:
                ahead = next(CronSim(schedule.cron, local - _REACH))
            except (StopIteration, OverflowError):
                return
            cursor = max(cursor, (ahead - _REACH).replace(tzinfo=UTC) - timedelta(seconds=1))


def between(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """The nominal times later than ``after`` and not later than ``until``, in order, in UTC."""
    clock = zone(schedule.timezone)
    after, until = after.astimezone(UTC), until.astimezone(UTC)
    offsets = _offsets(clock, after - _REACH, until + _REACH)
    first = (after + min(offsets)).replace(tzinfo=None)
    last = (until + max(offsets)).replace(tzinfo=None)
    walk = CronSim(schedule.cron, first - timedelta(seconds=1))
    found = set()
    for local in walk:
        if local > last:
            break
        if len(offsets) == 1:
            found.add((local - offsets[0]).replace(tzinfo=UTC))
        else:
            found.update(_moments(local, clock, steady=_is_steady(walk)))
    return sorted(at for at in found if after < at <= until)


def upcoming(schedule: Schedule, after: datetime, count: int) -> tuple[Fire, ...]:
    """The next ``count`` nominal times as people see them, in the schedule's own zone."""
    return tuple(fire(schedule, at) for at in islice(fires(schedule, after), count))


def fire(schedule: Schedule, at: datetime) -> Fire:
    """A nominal time as people see it."""
    local = at.astimezone(zone(schedule.timezone))
    return Fire(at.isoformat(), local.isoformat(), _note(schedule, at, local))


def due(schedule: Schedule, since: datetime, now: datetime) -> Due:
    """What to do about the nominal times after ``since`` and up to ``now``, by the schedule's ``catchup``.

    One seen within ``GRACE`` is on time and runs. Of those that were missed run none, the last one unless a later one
    is on time, or the last ``catchup_max``.
    """
    told, found = _newest(schedule, since, now)
    missed = [at for at in found if at < now - GRACE]
    prompt = found[len(missed) :]
    match schedule.catchup:
        case Catchup.NONE:
            made_up, why = [], "missed, and catchup is none"
        case Catchup.LATEST:
            made_up, why = ([] if prompt else missed[-1:]), "missed, and a later one stands for it"
        case Catchup.ALL:
            made_up, why = missed[-schedule.catchup_max :], f"missed, and more than {schedule.catchup_max} are due"
    left = missed[: len(missed) - len(made_up)]
    return Due((*made_up, *prompt), (*told, *((at, why) for at in left)))


def missed(schedule: Schedule, since: datetime, now: datetime, why: str) -> Due:
    """All nominal times after ``since`` and up to ``now`` as skipped."""
    told, found = _newest(schedule, since, now)
    return Due((), (*told, *((at, why) for at in found)))


def _newest(
    schedule: Schedule, since: datetime, now: datetime
) -> tuple[tuple[tuple[datetime, str], ...], list[datetime]]:
    """The newest nominal times, about ``KEPT`` of them, after one entry that stands for all earlier ones, if any."""
    span = timedelta(days=1)
    while now - span > since:
        found = between(schedule, now - span, now)
        if len(found) >= KEPT:
            first = next(fires(schedule, since))
            why = f"missed, and so were all others until {found[0].isoformat()}"
            return ((first, why),) if first < found[0] else (), found
        span *= 2
    return (), between(schedule, since, now)


def _is_steady(pattern: CronSim) -> bool:
    return len(pattern.hours) == 24 or pattern.parts[1].startswith("*")


def _offsets(clock: ZoneInfo, start: datetime, end: datetime) -> list[timedelta]:
    """The distances from UTC that a zone has from ``start`` to ``end``."""
    found = {_offset(clock, end)}
    while start < end:
        found.add(_offset(clock, start))
        start += _PROBE
    return list(found)


def _offset(clock: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(clock).utcoffset() or timedelta(0)


def _moments(local: datetime, clock: ZoneInfo, *, steady: bool) -> tuple[datetime, ...]:
    """The moments that a local time stands for: one as a rule, two or none on the clock when it is changed."""
    before, after = (local.replace(tzinfo=clock, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before < after:  # it comes twice
        return (before, after) if steady else (before,)
    if before > after:  # it is missing
        return (before,) if steady else (_end_of_gap(clock, after, before),)
    return (before,)


def _end_of_gap(clock: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The moment after ``low`` and not after ``high`` at which the clocks are put forward."""
    old = _offset(clock, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _offset(clock, middle) == old:
            low = middle
        else:
            high = middle
    return high


def _note(schedule: Schedule, at: datetime, local: datetime) -> str:
    if local.replace(tzinfo=None) != _wall(schedule, local):
        return "in place of a time that the clocks leave out"
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return f"the clocks are put back, this is the {'second' if local.fold else 'first'} of two"
    return ""


def _wall(schedule: Schedule, local: datetime) -> datetime:
    """The local time of the pattern at ``local`` or next after it."""
    naive = local.replace(tzinfo=None, fold=0)
    return next(CronSim(schedule.cron, naive - timedelta(seconds=1)))
