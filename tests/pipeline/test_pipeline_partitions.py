"""Partitions: their values over days and hours, also where clocks are set, and how a range of them is named."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.errors import SpecError, UsageError
from workbench.model.pipeline import MISSING, Every, Kind, Partition
from workbench.pipeline.partitions import chosen, partition_text, spellings, values
from workbench.pipeline.spec import parse_pipeline

NOW = datetime(2013, 3, 12, 5, 30, tzinfo=UTC)
NEW_YORK = "America/New_York"
DAYS = Partition("day", every=Every.DAY, start="2013-03-09", timezone=NEW_YORK)
HOURS = Partition("hour", every=Every.HOUR, start="2013-03-10", end="2013-03-10", timezone=NEW_YORK)
ORIGINS = Partition("origin", ("EWR", "JFK", "LGA"))


def parse(partitions, parameters="{}"):
    text = f"name: p\nparameters: {parameters}\npartitions: {partitions}\nsteps: {{a: a.ipynb}}"
    return parse_pipeline(text, "pipelines/p.yaml", "p")


def test_days_go_up_to_today_where_they_are_counted():
    assert values(DAYS, NOW) == ("2013-03-09", "2013-03-10", "2013-03-11", "2013-03-12")
    assert values(DAYS, datetime(2013, 3, 12, 3, 30, tzinfo=UTC))[-1] == "2013-03-11"
    assert values(DAYS, datetime(2013, 3, 1, tzinfo=UTC)) == ()


def test_a_day_on_which_clocks_go_forward_has_23_hours_and_one_on_which_they_go_back_25():
    forward = values(HOURS, NOW)
    assert len(forward) == 23
    assert forward[1:3] == ("2013-03-10T01:00-05:00", "2013-03-10T03:00-04:00")
    back = values(Partition("hour", (), Every.HOUR, "2013-11-03", "2013-11-03", NEW_YORK), NOW)
    assert len(back) == 25
    assert back[1:3] == ("2013-11-03T01:00-04:00", "2013-11-03T01:00-05:00")


def test_hours_without_an_end_stop_at_the_one_that_goes_on():
    open_ended = Partition("hour", (), Every.HOUR, "2013-03-12T00:00", "", NEW_YORK)
    assert values(open_ended, NOW) == ("2013-03-12T00:00-04:00", "2013-03-12T01:00-04:00")
    assert chosen(open_ended, "2013-03-12", NOW) == values(open_ended, NOW)


@given(
    st.sampled_from(["UTC", NEW_YORK, "Europe/Kyiv", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]),
    st.dates(date(1975, 1, 1), date(2030, 1, 1)),
    st.integers(0, 5),
)
def test_hours_are_hours_of_real_time_whatever_clocks_do(zone, first, days):
    last = first + timedelta(days=days)
    found = values(Partition("hour", (), Every.HOUR, first.isoformat(), last.isoformat(), zone), NOW)
    moments = [datetime.fromisoformat(value) for value in found]
    assert len({*found}) == len(found)
    assert all(later - earlier == timedelta(hours=1) for earlier, later in pairwise(moments))
    assert all(first <= moment.astimezone(ZoneInfo(zone)).date() <= last for moment in moments)
    assert abs(len(found) - 24 * (days + 1)) <= 2


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_a_range_of_days_holds_what_lies_between(first, before, length, after):
    def day(number):
        return (first + timedelta(days=number)).isoformat()

    partition = Partition("day", (), Every.DAY, day(0), day(before + length + after))
    start, end = day(before), day(before + length)
    assert chosen(partition, f"{start}..{end}", NOW) == tuple(
        value for value in values(partition, NOW) if start <= value <= end
    )


@pytest.mark.parametrize(
    ("partition", "text", "found"),
    [
        (ORIGINS, "", ("EWR", "JFK", "LGA")),
        (ORIGINS, "LGA,EWR,LGA", ("EWR", "LGA")),
        (ORIGINS, "JFK..", ("JFK", "LGA")),
        (ORIGINS, "..JFK", ("EWR", "JFK")),
        (ORIGINS, "EWR..JFK", ("EWR", "JFK")),
        (DAYS, "2013-03-10", ("2013-03-10",)),
        (DAYS, " 2013-03-09 , 2013-03-11.. ", ("2013-03-09", "2013-03-11", "2013-03-12")),
        (HOURS, "2013-03-10T21:00..", tuple(f"2013-03-10T{hour}:00-04:00" for hour in (21, 22, 23))),
        (HOURS, "2013-03-10T01:00..2013-03-10T03:00", ("2013-03-10T01:00-05:00", "2013-03-10T03:00-04:00")),
    ],
)
def test_ranges(partition, text, found):
    assert chosen(partition, text, NOW) == found


@pytest.mark.parametrize(
    ("partition", "text", "says"),
    [
        (ORIGINS, "LGB", 'Did you mean "LGA"?'),
        (ORIGINS, "LGA..EWR", "the range ends before it begins; its values: EWR, JFK, LGA"),
        (DAYS, "2013-03-08", "it goes from 2013-03-09 to 2013-03-12"),
        (DAYS, "2013-03-10..2013-03-13", "it goes from 2013-03-09 to 2013-03-12"),
        (DAYS, "2013-03-11..2013-03-10", "the range ends before it begins; it goes from"),
        (DAYS, "monday", "it goes from"),
        (HOURS, "2013-03-11", "it goes from 2013-03-10T00:00-05:00 to 2013-03-10T23:00-04:00"),
    ],
)
def test_what_a_partition_does_not_have_is_refused(partition, text, says):
    with pytest.raises(UsageError, match="WB-PIP-641") as caught:
        chosen(partition, text, NOW)
    assert says in caught.value.cause


def test_the_parameter_of_a_partition_need_not_be_declared():
    found = parse(
        "{day: {every: day, start: 2013-01-01}, hour: {every: hour, start: 2013-01-01T06:00}, origin: [A, B]}"
    )
    assert [(item.name, item.type.kind, item.default) for item in found.parameters] == [
        ("day", Kind.DATE, MISSING),
        ("hour", Kind.DATETIME, MISSING),
        ("origin", Kind.LITERAL, MISSING),
    ]
    declared = parse("{day: {every: day, start: 2013-01-01}, n: [1, 2]}", "{day: 2013-01-15, n: {type: int}}")
    assert [item.name for item in declared.parameters] == ["day", "n"]
    assert declared.partitions[1] == Partition("n", ("1", "2"))


@pytest.mark.parametrize(
    ("partitions", "parameters", "place", "says"),
    [
        ("{day: {every: week, start: 2013-01-01}}", "{}", "3:27", "day or hour"),
        ("{day: {every: day}}", "{}", "3:19", '"start" is missing'),
        ("{day: {every: day, start: 2013-02-30}}", "{}", "3:39", "a day such as"),
        ("{day: {every: day, start: 2013-01-01T06:00}}", "{}", "3:39", "a day such as"),
        ("{h: {every: hour, start: '2013-01-01T06:30'}}", "{}", "3:38", "a whole hour"),
        ("{day: {every: day, start: 2013-01-02, end: 2013-01-01}}", "{}", "3:56", "before"),
        ("{day: {every: day, start: 2013-01-02, zone: UTC}}", "{}", "3:51", "unknown key"),
        ("{day: {every: day, start: 2013-01-02, timezone: America/NewYork}}", "{}", "3:61", "America/New_York"),
        ("{o: {values: [a], start: 2013-01-02}}", "{}", "3:31", 'does not go with "values"'),
        ("{o: []}", "{}", "3:17", "at least one"),
        ("{o: [a, b, a]}", "{}", "3:24", '"a" stands twice'),
        ("{o: [[a]]}", "{}", "3:17", "a list of texts or numbers"),
        ("{class: [a]}", "{}", "3:14", "keyword"),
        ("{day: {every: day, start: 2013-01-02}}", "{day: 5}", "3:14", "days are date"),
        ("{n: [1, x]}", "{n: 5}", "3:17", '"x" does not fit'),
    ],
)
def test_faults_are_told_with_their_place(partitions, parameters, place, says):
    with pytest.raises(SpecError) as caught:
        parse(partitions, parameters)
    assert caught.value.what.startswith(f"pipelines/p.yaml:{place}: ")
    assert says in str(caught.value)


def test_the_value_of_a_parameter_names_its_partition():
    eastern = timezone(timedelta(hours=-5))
    hour = Partition("hour", (), Every.HOUR, "2013-01-01", "", NEW_YORK)
    assert partition_text(DAYS, date(2013, 3, 9)) == "2013-03-09"
    assert partition_text(DAYS, "2013-03-09") == "2013-03-09"
    assert partition_text(hour, datetime(2013, 1, 15, 6, tzinfo=eastern)) == "2013-01-15T06:00-05:00"
    assert partition_text(hour, datetime(2013, 1, 15, 11, tzinfo=UTC)) == "2013-01-15T06:00-05:00"
    assert partition_text(hour, datetime.fromisoformat("2013-01-15T06:00")) == "2013-01-15T06:00-05:00"
    assert partition_text(Partition("n", ("1", "2")), 2) == "2"


@pytest.mark.parametrize(
    ("value", "stored", "same"),
    [
        ("EWR", "EWR", True),
        ("EWR", "JFK", False),
        ("2013-01-15", "2013-01-15", True),
        ("2013-01-15", "2013-01-15 00:00:00.000000", True),
        ("2013-01-15", "2013-01-16", False),
        ("2013-01-15", "2013-01-15 00:00:00.000000Z", True),
        ("2013-01-15T06:00-05:00", "2013-01-15 11:00:00.000000Z", True),
        ("2013-01-15T06:00-05:00", "2013-01-15 06:00:00.000000Z", False),
        ("2013-01-15T06:00-05:00", "2013-01-15 06:00:00.000000", True),
        ("2013-11-03T01:00-04:00", "2013-11-03 06:00:00Z", False),
        ("20", "20", True),
        ("2013", "2013-01-01", False),
    ],
)
def test_values_are_recognized_as_files_bear_them(value, stored, same):
    assert bool({*spellings(value)} & {*spellings(stored, stored=True)}) is same
