"""What the text of the example's notebooks claims of the source is true of the source."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from flight_facts import FLIGHT_ID, one, rows, source


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with source(tmp_path_factory.mktemp("source")) as connection:
        yield connection


@pytest.mark.parametrize(
    ("claim", "query", "expected"),
    [
        ("flights", "select count(*) from flights", 336_776),
        ("weather hours", "select count(*) from weather", 26_115),
        ("aircraft", "select count(*) from planes", 3_322),
        ("airports", "select count(*) from airports", 1_458),
        ("airlines", "select count(*) from airlines", 16),
        ("cancelled", "select count(*) from flights where dep_time is null", 8_255),
        ("unfinished", "select count(*) from flights where dep_time is not null and arr_delay is null", 1_175),
        ("no departure, no delay", "select count(*) from flights where (dep_time is null) <> (dep_delay is null)", 0),
        ("repeated flights", f"select count(*) - count(distinct {FLIGHT_ID}) from flights f", 0),
        ("too fast", "select count(*) from flights where distance / (air_time / 60.0) > 600", 4),
        ("fastest, mph", "select round(max(distance / (air_time / 60.0))) from flights", 703),
        ("no US registration", "select count(*) from flights where tailnum not like 'N%'", 4),
        ("N942DN is nowhere", "select count(*) from (from flights select tailnum union all from planes select tailnum) "
                              "where tailnum = 'N942DN'", 0),
        ("wind above 150 mph", "select count(*) from weather where wind_speed > 150", 1),
        ("aircraft without a speed", "select count(*) from planes where speed is null", 3_299),
        ("airports in the east", "select count(*) from airports where lon > 0 and faa in ('DVT', 'MYF', 'EEN')", 3),
        ("airports without a zone", "select count(*) from airports where tzone is null", 3),
        ("hours logged twice", "select count(*) - count(distinct (origin, year, month, day, hour)) from weather", 3),
        ("UTC hours logged twice", "select count(*) - count(distinct (origin, time_hour)) from weather", 0),
        ("flights at the jumps", "select count(*) from flights "
                                 "where (month, day) in ((3, 10), (11, 3)) and hour < 5", 0),
        ("flights with weather", "select count(*) from flights semi join weather using (origin, time_hour)", 335_220),
        ("without, on the last day", "select count(*) from flights anti join weather using (origin, time_hour) "
                                     "where month = 12 and day = 31", 776),
        ("last hour of weather", "select max(time_hour)::varchar from weather", "2013-12-30 23:00:00"),
        ("without an aircraft", "select count(*) from flights anti join planes using (tailnum)", 52_606),
        ("of these AA and MQ", "select count(*) from flights anti join planes using (tailnum) "
                               "where carrier in ('AA', 'MQ')", 47_955),
        ("tiny aircraft", "select count(*) from flights join planes using (tailnum) where seats < 20", 2_421),
        ("routes", "select count(distinct (origin, dest)) from flights", 224),
    ],
)  # fmt: skip
def test_claims(flights: duckdb.DuckDBPyConnection, claim: str, query: str, expected: object) -> None:
    assert one(flights, query) == expected, claim


def test_destinations_without_an_airport(flights: duckdb.DuckDBPyConnection) -> None:
    found = rows(flights, "select distinct dest from flights where dest not in (select faa from airports) order by 1")
    assert found == [("BQN",), ("PSE",), ("SJU",), ("STT",)]


def test_scheduled_plus_delay_is_the_departure(flights: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*) from flights
        where (hour * 60 + minute + dep_delay - (dep_time // 100 * 60 + dep_time % 100)) % 1440 <> 0
    """
    assert one(flights, query) == 0


def test_fifteenth_of_january(flights: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(*) - count(dep_time), count(*) filter (where dep_delay >= 15), max(dep_delay)
        from flights where month = 1 and day = 15
    """
    assert rows(flights, query) == [(894, 13, 68, 170)]
