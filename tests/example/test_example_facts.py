"""A run of the example, compared with the same facts counted another way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from flight_facts import EXAMPLE, FLIGHT_ID, MEASURES, TABLES, one, rows, source

from workbench.model.dataset import Snapshot
from workbench.model.run import Run, State
from workbench.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STEPS = {"ingest", "clean", "join_weather", "delays", "explore_quality", "daily"}
ROWS = {
    "raw.flights": 336_776,
    "raw.weather": 26_115,
    "raw.planes": 3_322,
    "raw.airports": 1_458,
    "raw.airlines": 16,
    "clean.flights": 336_776,
    "clean.weather": 26_115,
    "clean.planes": 3_322,
    "clean.airports": 1_458,
    "features.flight_weather": 336_776,
    "marts.route_delays": 224,
    "marts.hourly_delays": 57,
    "marts.daily_delays": 1_095,
}


def current(project: Project) -> dict[str, Snapshot]:
    with project.store.reading() as transaction:
        pointers = transaction.datasets.pointers("prod")
        return {name: transaction.datasets.snapshot(snapshot) for name, snapshot in pointers.items()}


def states(run: Run) -> dict[str, State]:
    return {step.step: step.state for step in run.steps}


def explain(run: Run) -> str:
    return "\n".join(f"{step.step}: {step.state} {step.error or ''}" for step in run.steps)


def attach(connection: duckdb.DuckDBPyConnection, snapshots: dict[str, Snapshot]) -> None:
    """One view per dataset over the files of its current snapshot."""
    for name, snapshot in snapshots.items():
        connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        files = [file.path for file in snapshot.files]
        connection.execute(f"create or replace view {name} as select * from read_parquet({files!r})")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("example") / "flights"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".workbench", "__pycache__", ".ipynb_checkpoints"))
    with Project.open(folder) as project:
        yield project


@pytest.fixture(scope="module")
def run(project: Project) -> Run:
    run = project.run("flights")
    assert run.state is State.SUCCEEDED, explain(run)
    return run


@pytest.fixture(scope="module")
def both(project: Project, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The source's tables under their plain names, and what the run published under the names of the datasets."""
    with source(tmp_path_factory.mktemp("source")) as connection:
        attach(connection, current(project))
        yield connection


def differing(connection: duckdb.DuckDBPyConnection, ours: str, theirs: str) -> list[tuple[Any, ...]]:
    """The rows that only one of two queries gives; floating point is compared to nine digits."""
    left, right = ({_rounded(row) for row in rows(connection, query)} for query in (ours, theirs))
    return sorted(left ^ right, key=repr)


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in row)


def test_every_step_succeeds_and_two_leave_reports(project: Project, run: Run) -> None:
    assert states(run) == dict.fromkeys(STEPS, State.SUCCEEDED)
    assert {step.step for step in run.steps if step.report} == {"explore_quality", "daily"}


def test_row_counts(project: Project, run: Run) -> None:
    assert {name: snapshot.rows for name, snapshot in current(project).items()} == ROWS


def test_partitions_are_the_airports(project: Project, run: Run) -> None:
    snapshots = current(project)
    for name in ("marts.route_delays", "marts.hourly_delays", "marts.daily_delays"):
        assert sorted(file.partition["origin"] for file in snapshots[name].files) == ["EWR", "JFK", "LGA"]


def test_measures_and_records(run: Run) -> None:
    values = {step.step: step.values for step in run.steps}
    assert values["clean"]["cancelled_flights"] == 8_255
    assert values["clean"]["rows_dropped"] == 0
    assert values["clean"]["values_set_to_unknown"] == 9
    assert values["join_weather"]["flights_without_weather"] == 1_556
    assert values["delays"]["routes"] == 224
    assert values["daily"]["verdict"] == "a calm day"
    assert values["daily"]["late_share"] == pytest.approx(68 / 881)
    assert values["daily"]["cancelled_flights"] == 13


@pytest.mark.parametrize("table", TABLES)
def test_raw_tables_hold_what_the_files_hold(both: duckdb.DuckDBPyConnection, table: str) -> None:
    text = "time_hour::timestamp as time_hour" if table in ("flights", "weather") else ""
    ours = f"from raw.{table} select * replace ({text})" if text else f"from raw.{table}"
    assert one(both, f"select count(*) from ({ours} except all from {table})") == 0


def test_status_of_flights(both: duckdb.DuckDBPyConnection) -> None:
    found = dict(rows(both, "select status, count(*) from clean.flights group by 1"))
    assert found == {"cancelled": 8_255, "diverted": 1_175, "completed": 327_346}


def test_mean_delays_by_origin(both: duckdb.DuckDBPyConnection) -> None:
    means = "select origin, count(dep_delay), avg(dep_delay), count(arr_delay), avg(arr_delay) from {} group by 1"
    assert differing(both, means.format("clean.flights"), means.format("flights")) == []
    found = {origin: (round(dep, 3), round(arr, 3)) for origin, _, dep, _, arr in rows(both, means.format("flights"))}
    assert found == {"EWR": (15.108, 9.107), "JFK": (12.112, 5.551), "LGA": (10.347, 5.783)}


def test_utc_is_the_hour_that_the_source_gives(both: duckdb.DuckDBPyConnection) -> None:
    ours = "select flight_id, timezone('UTC', sched_dep_utc), timezone('UTC', dep_utc) from clean.flights"
    planned = "time_hour + to_minutes(minute)"
    theirs = f"select {FLIGHT_ID}, {planned}, {planned} + to_minutes(dep_delay::bigint) from flights f"
    assert one(both, f"select count(*) from ({ours} except all {theirs})") == 0


@pytest.mark.parametrize("day", ["2013-03-09", "2013-03-10", "2013-03-11", "2013-11-02", "2013-11-03", "2013-11-04"])
def test_utc_around_the_jumps_of_the_clock(both: duckdb.DuckDBPyConnection, day: str) -> None:
    query = f"""
        select sched_dep_local, timezone('UTC', sched_dep_utc) from clean.flights where flight_date = date '{day}'
    """
    found = rows(both, query)
    assert len(found) > 500
    for local, utc in found:
        assert local.replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC) == utc.replace(tzinfo=UTC)


def test_the_hour_that_happened_twice_is_kept_twice(both: duckdb.DuckDBPyConnection) -> None:
    query = """
        select timezone('UTC', hour_utc), count(*) from clean.weather
        where hour_local = timestamp '2013-11-03 01:00' group by 1 order by 1
    """
    assert rows(both, query) == [(datetime(2013, 11, 3, 5), 3), (datetime(2013, 11, 3, 6), 3)]  # noqa: DTZ001


def test_impossible_values_are_unknown_and_nothing_else_changed(both: duckdb.DuckDBPyConnection) -> None:
    known = "select count(air_time), count(tailnum), count(*) from {}"
    ours, theirs = (rows(both, known.format(name))[0] for name in ("clean.flights", "flights"))
    assert [after - before for after, before in zip(ours, theirs, strict=True)] == [-4, -4, 0]
    assert one(both, "select max(wind_mph) from clean.weather") < 100
    assert one(both, "select count(wind_mph) from clean.weather") == one(
        both, "select count(wind_speed) - 1 from weather"
    )
    places = rows(
        both, "select faa, round(lat), round(lon) from clean.airports where faa in ('DVT', 'EEN', 'MYF') order by 1"
    )
    assert places == [("DVT", 33, -112), ("EEN", 43, -72), ("MYF", 32, -118)]


def test_every_flight_has_the_weather_of_its_hour(both: duckdb.DuckDBPyConnection) -> None:
    ours = "select flight_id, weather_found, temp_f, gust_mph, precip_in, visibility_mi from features.flight_weather"
    theirs = f"""
        select {FLIGHT_ID}, w.origin is not null, w.temp, w.wind_gust, w.precip, w.visib
        from flights f left join weather w on w.origin = f.origin and w.time_hour = f.time_hour
    """
    assert one(both, f"select count(*) from ({ours} except all {theirs})") == 0
    assert one(both, "select count(*) from features.flight_weather where weather_found") == 335_220


def test_route_mart(both: duckdb.DuckDBPyConnection) -> None:
    ours = "from marts.route_delays select * exclude (dest_name), coalesce(dest_name, '')"
    theirs = f"""
        select origin, dest, {MEASURES}, 15, count(distinct carrier), any_value(distance), avg(arr_delay),
            quantile_cont(dep_delay, 0.9), coalesce(any_value(name), '')
        from flights left join airports on faa = dest group by origin, dest
    """
    assert differing(both, ours, theirs) == []


def test_hourly_mart(both: duckdb.DuckDBPyConnection) -> None:
    theirs = f"select origin, hour, {MEASURES}, 15 from flights group by all"
    assert differing(both, "from marts.hourly_delays", theirs) == []


def test_daily_mart(both: duckdb.DuckDBPyConnection) -> None:
    theirs = f"select origin, make_date(year, month, day), {MEASURES}, 15 from flights group by all"
    assert differing(both, "from marts.daily_delays", theirs) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"origins": ["EWR", "SFO"]}, "no flights leave from SFO"),
        ({"origins": []}, "no flights leave from no airport at all"),
        ({"day": "2014-05-01"}, "no flight was scheduled on 2014-05-01"),
    ],
)
def test_parameters_that_fit_no_data_are_told(project: Project, run: Run, given: dict[str, Any], message: str) -> None:
    before = current(project)
    failed = project.run("flights", given)
    assert failed.state is State.FAILED
    assert message in explain(failed)
    assert current(project) == before


@pytest.mark.timeout(900)
def test_what_later_runs_repeat(project: Project, run: Run) -> None:
    """A rerun runs nothing; another day only the report; a forced rerun gives the same bytes; one airport its files."""
    first = current(project)
    again = project.run("flights")
    assert states(again) == dict.fromkeys(STEPS, State.SKIPPED)

    blizzard = project.run("flights", {"day": "2013-02-08"})
    assert {name for name, state in states(blizzard).items() if state is State.SUCCEEDED} == {"daily"}, explain(
        blizzard
    )
    assert next(step.values for step in blizzard.steps if step.step == "daily")["cancelled_flights"] == 472

    forced = project.run("flights", force=True)
    assert states(forced) == dict.fromkeys(STEPS, State.SUCCEEDED), explain(forced)
    assert current(project) == first

    single = project.run("flights", {"origins": ["JFK"], "late_after_minutes": 30})
    assert single.state is State.SUCCEEDED, explain(single)
    then = current(project)
    assert {name for name in then if then[name] != first[name]} == {
        "marts.route_delays", "marts.hourly_delays", "marts.daily_delays"
    }  # fmt: skip
    kept = {file.digest for file in first["marts.route_delays"].files} & {
        file.digest for file in then["marts.route_delays"].files
    }
    assert len(kept) == 2
    with duckdb.connect() as connection:
        attach(connection, then)
        limits = rows(connection, "select distinct origin, late_after_minutes from marts.route_delays order by 1")
    assert limits == [("EWR", 15), ("JFK", 30), ("LGA", 15)]
