"""``flight_time.py`` of the example, around the two nights of 2013 in which the clock jumped."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

FILE = Path(__file__).parents[2] / "notebooks" / "flights" / "notebooks" / "flight_time.py"


@pytest.fixture(scope="module")
def flight_time() -> ModuleType:
    spec = importlib.util.spec_from_file_location("flight_time", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def hours(*texts: str) -> pd.DataFrame:
    moments = pd.to_datetime(pd.Series(texts)).dt
    parts = {"year": moments.year, "month": moments.month, "day": moments.day, "hour": moments.hour}
    return pd.DataFrame({**parts, "minute": moments.minute})


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2013-01-15 06:00", datetime(2013, 1, 15, 11, 0, tzinfo=UTC)),
        ("2013-03-10 01:59", datetime(2013, 3, 10, 6, 59, tzinfo=UTC)),
        ("2013-03-10 03:00", datetime(2013, 3, 10, 7, 0, tzinfo=UTC)),
        ("2013-07-04 12:30", datetime(2013, 7, 4, 16, 30, tzinfo=UTC)),
        ("2013-11-03 00:59", datetime(2013, 11, 3, 4, 59, tzinfo=UTC)),
        ("2013-11-03 01:30", datetime(2013, 11, 3, 5, 30, tzinfo=UTC)),
        ("2013-11-03 02:00", datetime(2013, 11, 3, 7, 0, tzinfo=UTC)),
        ("2013-12-31 23:59", datetime(2014, 1, 1, 4, 59, tzinfo=UTC)),
    ],
)
def test_to_utc(flight_time: ModuleType, local: str, utc: datetime) -> None:
    moments = flight_time.to_utc(flight_time.local_time(hours(local)))
    assert moments[0].to_pydatetime() == utc
    assert moments.dtype == "datetime64[us, UTC]"


def test_the_hour_that_happened_twice_is_two_hours(flight_time: ModuleType) -> None:
    log = hours("2013-11-03 00:00", "2013-11-03 01:00", "2013-11-03 01:00", "2013-11-03 02:00").assign(origin="JFK")
    log = pd.concat([log, log.assign(origin="LGA")], ignore_index=True)
    second = flight_time.second_passage(log, ["origin"])
    assert list(second) == [False, False, True, False] * 2
    moments = flight_time.to_utc(flight_time.local_time(log), second=second)
    assert list(moments.dt.hour) == [4, 5, 6, 7] * 2


def test_an_hour_that_the_clock_skipped_is_refused(flight_time: ModuleType) -> None:
    with pytest.raises(ValueError, match="2013-03-10 02:30"):
        flight_time.to_utc(flight_time.local_time(hours("2013-03-10 02:30")))


def test_without_minutes_the_full_hour_is_meant(flight_time: ModuleType) -> None:
    assert flight_time.local_time(hours("2013-01-15 06:15").drop(columns="minute"))[0] == pd.Timestamp(2013, 1, 15, 6)
