"""Reading snapshots: frames of every kind, columns, conditions and SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from data_bench import Tables, anywhere, read

from workbench.data import query
from workbench.data.inputs import as_input
from workbench.model.dataset import Snapshot
from workbench.model.errors import MissingExtra, NotFound, StorageError, UsageError

FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "origin": ["JFK", "LGA", "JFK"],
        "moment": pd.to_datetime(["2013-01-01 05:15", "2013-01-02 00:00", None], utc=True),
        "stops": [[1, 2], [], None],
    }
)


@pytest.fixture
def flights(tables: Tables) -> Snapshot:
    return tables.write(FRAME)


@anywhere
def test_every_kind_of_frame_holds_the_same(flights: Snapshot) -> None:
    arrow = read(flights, as_="arrow")
    assert isinstance(arrow, pa.Table)
    assert read(flights, as_="polars").equals(pl.from_arrow(arrow))
    assert read(flights, as_="duckdb").to_arrow_table().cast(arrow.schema).equals(arrow)
    assert read(flights)["moment"].dtype == "datetime64[us, UTC]"
    assert read(flights, where="true", as_="arrow").equals(arrow)


def test_columns_come_in_the_order_asked_for(flights: Snapshot) -> None:
    assert list(read(flights, columns=["origin", "id"]).columns) == ["origin", "id"]
    assert read(flights, columns=["id"], where="origin = 'JFK'")["id"].tolist() == [1, 3]


def test_an_empty_dataset_keeps_its_types(tables: Tables) -> None:
    full = tables.write(FRAME, name="clean.full")
    empty = tables.write(read(full, as_="arrow")[:0])
    assert read(empty, as_="arrow").schema == read(full, as_="arrow").schema
    assert read(empty, as_="duckdb").types == read(full, as_="duckdb").types
    assert len(read(empty, where="id > 0")) == 0


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a column": ({"columns": ["orgin"]}, NotFound, r'WB-DAT-333.*Did you mean "origin"'),
    "a text for columns": ({"columns": "id"}, UsageError, r"WB-DAT-333.*columns=\[\"id\"\]"),
    "no columns": ({"columns": []}, UsageError, "WB-DAT-333"),
    "a column in a condition": ({"where": "orgin = 1"}, UsageError, "WB-DAT-334.*orgin"),
    "half a condition": ({"where": "id >"}, UsageError, "WB-DAT-334"),
    "a condition that breaks out": ({"where": "true); drop view flights; --"}, UsageError, "WB-DAT-334"),
    "a value that does not convert": ({"where": "origin::int = 1"}, UsageError, "WB-DAT-334.*JFK"),
    "a kind": ({"as_": "spark"}, UsageError, "WB-DAT-336"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_read_says_what_is_wrong(flights: Snapshot, case: str) -> None:
    options, kind, message = WRONG[case]
    with pytest.raises(kind, match=message) as caught:
        read(flights, **options)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_polars_is_an_extra(flights: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtra, match="WB-EXT-901"):
        read(flights, as_="polars")


def test_a_lost_or_damaged_file_is_named(flights: Snapshot) -> None:
    path = Path(flights.files[0].path)
    path.write_bytes(path.read_bytes()[:-20])
    for as_ in ("pandas", "duckdb"):
        with pytest.raises(StorageError, match="WB-DAT-311") as caught:
            read(flights, as_=as_)
        assert str(path) in str(caught.value)
    path.unlink()
    for as_ in ("pandas", "duckdb"):
        with pytest.raises(StorageError, match="WB-DAT-310"):
            read(flights, as_=as_)


@anywhere
def test_sql_joins_datasets_of_several_namespaces_and_frames(tables: Tables, flights: Snapshot) -> None:
    airports = tables.write(pd.DataFrame({"origin": ["JFK"], "name": ["Kennedy"]}), name="raw.airports")
    inputs = {"clean.flights": as_input(flights), "raw.airports": as_input(airports)}
    text = "select name, count(*) as n, max(w) as w from clean.flights join raw.airports using (origin), w group by 1"
    relation = query.sql(text, inputs, {"w": pd.DataFrame({"w": [7]})})
    assert relation.fetchall() == [("Kennedy", 2, 7)]


@anywhere
def test_a_relation_outlives_the_call(flights: Snapshot) -> None:
    import gc

    first, second = (read(flights, as_="duckdb") for _ in range(2))
    gc.collect()
    assert first.filter("id > 1").aggregate("count(*)").fetchall() == [(2,)]
    assert len(second.to_arrow_table()) == 3


def test_duckdb_installs_nothing(flights: Snapshot) -> None:
    with query.connect({"clean.flights": as_input(flights)}) as connection:
        settings = connection.execute(
            "select name, value from duckdb_settings() where name like 'auto%known_extensions' order by 1"
        ).fetchall()
        assert settings == [("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false")]


NAMES: dict[str, tuple[str, ...]] = {
    "select * from clean.flights": ("clean.flights",),
    'select * from "clean"."flights" f join raw.planes using (tail)': ("clean.flights", "raw.planes"),
    "with jfk as (select * from clean.flights) select * from jfk": ("clean.flights",),
    "select (select max(n) from raw.a) from b where x in (select y from raw.c)": ("b", "raw.a", "raw.c"),
    "from clean.flights": ("clean.flights",),
    "select 1": (),
    "select 'from clean.no' -- from clean.neither": (),
    "select * from clean.a union all select * from clean.b": ("clean.a", "clean.b"),
}


@pytest.mark.parametrize("text", NAMES)
def test_the_tables_of_a_query_are_found(text: str) -> None:
    assert set(query.table_names(text)) == set(NAMES[text])


@pytest.mark.parametrize("text", ["selec 1", "drop table x", "select 1; select 2", "", "copy x to 'f'", None, 5])
def test_anything_but_one_select_is_refused(text: Any) -> None:
    with pytest.raises(UsageError, match="WB-DAT-335"):
        query.table_names(text)
