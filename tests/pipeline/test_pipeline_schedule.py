"""Nominal times against zoneinfo itself: six and more zones, many years, every way in which clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.model.schedule import Catchup, Schedule
from workbench.pipeline.schedule import BadCron, between, check_cron, due, fires, upcoming, zone

ZONES = [
    "America/New_York",
    "America/Sao_Paulo",  # changed at midnight until 2019
    "Europe/London",
    "Europe/Dublin",  # winter time is the exception
    "Africa/Casablanca",  # changes around Ramadan
    "Asia/Kathmandu",  # 5:45 ahead
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # left out a whole day
    "Asia/Pyongyang",  # changed its mind twice
    "UTC",
]
WHOLE_HOURS = ["America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Dublin", "America/Chicago", "UTC"]


@cache
def changes(name: str) -> list[date]:
    """The days from 1971 to 2037 on which the clocks of a zone were or will be changed; a few others when none was."""
    clock, first = ZoneInfo(name), datetime(1971, 1, 1, tzinfo=UTC)
    noons = [first + timedelta(days=number) for number in range(66 * 365)]
    shifts = [day.astimezone(clock).utcoffset() for day in noons]
    found = [day.date() for day, (one, other) in zip(noons[1:], pairwise(shifts), strict=True) if one != other]
    return found or [date(1999, 12, 31), date(2024, 2, 29)]


@st.composite
def around_changes(draw: st.DrawFn, names: list[str]) -> tuple[str, date]:
    """A zone, and a day shortly before its clocks are changed."""
    name = draw(st.sampled_from(names))
    return name, draw(st.sampled_from(changes(name))) - timedelta(days=draw(st.integers(1, 4)))


hours, minutes = st.integers(0, 23), st.integers(0, 59)


def at(text: str, name: str = "UTC", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(name), fold=fold).astimezone(UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def locals_of(schedule: Schedule, after: str, count: int) -> list[str]:
    start = at(after, schedule.timezone)
    return [fire.local for fire in upcoming(schedule, start, count)]


class TestFixedTimes:
    def test_f44_a_time_in_a_gap_runs_once_at_the_first_moment_after_it(self) -> None:
        schedule = Schedule("30 2 * * *", "America/New_York")
        assert locals_of(schedule, "2024-03-09T00:00", 4) == [
            "2024-03-09T02:30:00-05:00",
            "2024-03-10T03:00:00-04:00",
            "2024-03-11T02:30:00-04:00",
            "2024-03-12T02:30:00-04:00",
        ]
        (_, missing, _) = upcoming(schedule, at("2024-03-09T00:00", "America/New_York"), 3)
        assert missing.note == "in place of a time that the clocks leave out"

    def test_f44_a_time_that_comes_twice_runs_at_the_first(self) -> None:
        schedule = Schedule("30 1 * * *", "America/New_York")
        assert locals_of(schedule, "2024-11-02T12:00", 2) == ["2024-11-03T01:30:00-04:00", "2024-11-04T01:30:00-05:00"]
        first = upcoming(schedule, at("2024-11-02T12:00", "America/New_York"), 1)[0]
        assert first.note == "the clocks are put back, this is the first of two"

    def test_f44_several_times_in_one_gap_are_one(self) -> None:
        schedule = Schedule("0,15,30 2,3 * * *", "Europe/Berlin")
        day = between(schedule, at("2024-03-31T00:00", "Europe/Berlin"), at("2024-03-31T12:00", "Europe/Berlin"))
        assert [time.astimezone(zone("Europe/Berlin")).strftime("%H:%M") for time in day] == ["03:00", "03:15", "03:30"]

    def test_a_day_that_a_country_left_out(self) -> None:
        schedule = Schedule("0 6 30 12 *", "Pacific/Apia")
        assert locals_of(schedule, "2011-12-01T00:00", 1) == ["2011-12-31T00:00:00+14:00"]

    @given(around_changes(ZONES), hours, minutes)
    @settings(max_examples=200, deadline=None)
    def test_f44_each_day_has_its_time_once(self, start_in: tuple[str, date], hour: int, minute: int) -> None:
        name, day = start_in
        clock, start, end = ZoneInfo(name), midnight(day), midnight(day) + timedelta(days=9)
        found = between(Schedule(f"{minute} {hour} * * *", name), start, end)
        assert all(one < other for one, other in pairwise(found))
        wanted = set()
        for offset in range(-3, 13):
            local = datetime.combine(day + timedelta(days=offset), datetime.min.time().replace(hour, minute))
            wanted.add(brute(local, clock))
        assert found == sorted(time for time in wanted if start < time <= end)

    @given(
        around_changes(ZONES),
        st.integers(0, 200),
        st.sampled_from(["15 2 * * *", "0 1-3 * * 1", "30 0 1 * *", "5 12 L * *"]),
    )
    @settings(max_examples=50, deadline=None)
    def test_walking_on_and_looking_at_a_stretch_agree(self, start_in: tuple[str, date], hours: int, cron: str) -> None:
        schedule, start = Schedule(cron, start_in[0]), midnight(start_in[1])
        middle, end = start + timedelta(hours=hours), start + timedelta(days=40)
        whole = between(schedule, start, end)
        assert between(schedule, start, middle) + between(schedule, middle, end) == whole
        assert list(islice(fires(schedule, start), len(whole))) == whole


def brute(local: datetime, clock: ZoneInfo) -> datetime:
    """The first moment at or after which the clock shows ``local``, found by asking zoneinfo minute by minute."""
    moment = local.replace(tzinfo=clock, fold=0).astimezone(UTC)
    if moment.astimezone(clock).replace(tzinfo=None) == local:
        return moment
    moment = local.replace(tzinfo=clock, fold=1).astimezone(UTC)
    while moment.astimezone(clock).replace(tzinfo=None) < local:
        moment += timedelta(minutes=1)
    return moment


class TestSteadyPatterns:
    @given(around_changes(WHOLE_HOURS), minutes)
    @settings(max_examples=100, deadline=None)
    def test_f44_hourly_is_every_hour(self, start_in: tuple[str, date], minute: int) -> None:
        start = midnight(start_in[1])
        found = between(Schedule(f"{minute} * * * *", start_in[0]), start, start + timedelta(days=10))
        assert {other - one for one, other in pairwise(found)} == {timedelta(hours=1)}
        assert len(found) == 10 * 24

    @given(around_changes(ZONES), st.sampled_from([1, 5, 15]))
    @settings(max_examples=20, deadline=None)
    def test_f44_minutes_are_elapsed_minutes(self, start_in: tuple[str, date], step: int) -> None:
        start = midnight(start_in[1])
        found = between(Schedule(f"*/{step} * * * *", start_in[0]), start, start + timedelta(days=5))
        assert {other - one for one, other in pairwise(found)} == {timedelta(minutes=step)}

    def test_f44_where_clocks_change_by_half_an_hour_no_hour_is_left_out(self) -> None:
        name = "Australia/Lord_Howe"
        for day in changes(name):
            start, end = midnight(day) - timedelta(days=1), midnight(day) + timedelta(days=2)
            found = between(Schedule("15 * * * *", name), start, end)
            quarters = [start + timedelta(minutes=15 * number) for number in range(1, 4 * 72 + 1)]
            assert {time for time in quarters if time.astimezone(ZoneInfo(name)).minute == 15} <= set(found)
            assert max(other - one for one, other in pairwise(found)) <= timedelta(minutes=90)

    def test_f44_a_night_of_minutes_goes_through_the_hour_that_comes_twice(self) -> None:
        night = Schedule("*/30 1-2 * * *", "America/New_York")
        times = locals_of(night, "2024-11-03T00:00", 6)
        assert [time[11:16] + time[19:22] for time in times] == [
            "01:00-04",
            "01:30-04",
            "01:00-05",
            "01:30-05",
            "02:00-05",
            "02:30-05",
        ]


class TestCatchingUp:
    now = at("2026-03-02T12:00:30")

    def hours(self, catchup: Catchup, since: str, now: datetime | None = None, most: int = 24) -> tuple[list[str], int]:
        schedule = Schedule("0 * * * *", "UTC", catchup, most)
        found = due(schedule, at(since), now or self.now)
        return [time.strftime("%H:%M") for time in found.run], len(found.skipped)

    def test_f45_nothing_missed_is_nothing_to_make_up(self) -> None:
        for catchup in Catchup:
            assert self.hours(catchup, "2026-03-02T11:00") == (["12:00"], 0)
            assert self.hours(catchup, "2026-03-02T12:00") == ([], 0)

    def test_f45_none_runs_what_is_on_time_alone(self) -> None:
        assert self.hours(Catchup.NONE, "2026-03-02T06:00") == (["12:00"], 5)
        assert self.hours(Catchup.NONE, "2026-03-02T06:00", at("2026-03-02T12:20")) == ([], 6)

    def test_f45_latest_runs_one(self) -> None:
        assert self.hours(Catchup.LATEST, "2026-03-02T06:00") == (["12:00"], 5)
        assert self.hours(Catchup.LATEST, "2026-03-02T06:00", at("2026-03-02T12:20")) == (["12:00"], 5)

    def test_f45_all_runs_the_last_ones(self) -> None:
        late = at("2026-03-02T12:20")
        assert self.hours(Catchup.ALL, "2026-03-02T09:00", late) == (["10:00", "11:00", "12:00"], 0)
        assert self.hours(Catchup.ALL, "2026-03-02T06:00", late, most=2) == (["11:00", "12:00"], 4)

    def test_f45_years_of_missed_minutes_are_told_in_bounded_time(self) -> None:
        schedule = Schedule("* * * * *", "Europe/Berlin", Catchup.LATEST)
        found = due(schedule, at("2016-01-01"), at("2026-03-02T12:00:30"))
        assert found.run == (at("2026-03-02T12:00"),)
        assert 200 <= len(found.skipped) <= 1500
        first, why = found.skipped[0]
        assert first == at("2016-01-01T00:01")
        assert why.startswith("missed, and so were all others until 2026-03-0")

    def test_f45_a_rare_schedule_is_made_up_after_months(self) -> None:
        schedule = Schedule("0 6 1 * *", "UTC", Catchup.LATEST)
        found = due(schedule, at("2025-08-15"), at("2026-03-02"))
        assert found.run == (at("2026-03-01T06:00"),)
        assert len(found.skipped) == 6


class TestWhatIsNoPattern:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "five fields"),
            ("* * * *", "five fields"),
            ("* * * * * *", "five fields"),
            ("60 * * * *", "bad minute"),
            ("0 24 * * *", "bad hour"),
            ("0 0 0 * *", "bad day-of-month"),
            ("0 0 30 2 *", "bad day-of-month"),
            ("0 0 * 13 *", "bad month"),
            ("0 0 * * 8", "bad day-of-week"),
            ("*/0 * * * *", "bad minute"),
            ("0 22-6 * * *", "bad hour"),
            ("٣ * * * *", "bad minute"),
            ("9" * 5000 + " * * * *", "five fields"),
        ],
    )
    def test_it_is_refused_with_the_field(self, text: str, why: str) -> None:
        with pytest.raises(BadCron, match=why):
            check_cron(text)

    @pytest.mark.parametrize("name", ["America/New_Yrok", "", "../../etc/passwd", "/etc/passwd", "America", "EST5\0"])
    def test_a_zone_that_is_none(self, name: str) -> None:
        with pytest.raises(ValueError, match="there is no time zone"):
            zone(name)

    def test_a_zone_that_was_meant(self) -> None:
        with pytest.raises(ValueError, match='Did you mean "America/New_York"'):
            zone("America/New_Yrok")
