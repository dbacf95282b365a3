"""Search: what is found, in which order, by what, and how fast with many datasets."""

from __future__ import annotations

import pytest

from workbench.catalog.service import CatalogService
from workbench.model.catalog import Narrow
from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.store.transaction import Store


def names(service: CatalogService, text: str, limit: int = 50) -> list[str]:
    return [hit.dataset for hit in service.search(text, limit)]


@pytest.fixture(autouse=True)
def data(publish) -> None:
    publish("raw.flights", "flight carrier")
    publish("raw.weather", "origin wind_speed")
    publish("clean.flights", "origin dep_delay tail")
    publish("marts.flights_by_route", "origin route")
    publish("marts.route_delays", "mean_dep_delay flights")


def test_empty_text_lists_all_by_name(service: CatalogService) -> None:
    everything = ["clean.flights", "marts.flights_by_route", "marts.route_delays", "raw.flights", "raw.weather"]
    assert names(service, "") == names(service, "  ") == everything
    assert names(service, "", 2) == everything[:2]


def test_the_closer_the_name_the_earlier_the_hit(service: CatalogService) -> None:
    assert names(service, "raw.flights") == ["raw.flights"]
    assert names(service, "flights") == ["clean.flights", "raw.flights", "marts.flights_by_route", "marts.route_delays"]
    assert names(service, "route") == ["marts.route_delays", "marts.flights_by_route"]
    assert names(service, "dep_delay") == ["clean.flights", "marts.route_delays"]


def test_a_hit_says_by_what_it_was_found_and_what_is_latest(service: CatalogService) -> None:
    (hit,) = service.search("wind")
    assert (hit.dataset, hit.matched, hit.version, hit.rows) == ("raw.weather", "column wind_speed", 1, 20)
    assert hit.written_at and not hit.corrected
    assert service.search("weather")[0].matched == "name"


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("PII", "tag pii"),
        ("ops", "owner"),
        ("york", "description"),
        ("registration", "description"),
        ("clean delay", "name, column dep_delay"),
    ],
)
def test_what_the_contract_says_is_found_too(service: CatalogService, text: str, matched: str) -> None:
    assert [(hit.dataset, hit.matched) for hit in service.search(text)] == [("clean.flights", matched)]


def test_every_word_has_to_occur(service: CatalogService) -> None:
    assert names(service, "flights route") == ["marts.flights_by_route", "marts.route_delays"]
    assert names(service, "flights nonsense_that_is_nowhere") == []


@pytest.mark.parametrize("text", ["%", "_%_", "\\", "'", '"; drop table dataset', "é", "\0", "\ud800", "a " * 5000])
def test_strange_text_finds_nothing_and_breaks_nothing(service: CatalogService, text: str) -> None:
    service.search(text)
    assert "%" in text or names(service, "%") == []


@pytest.mark.parametrize(
    ("text", "corrected", "first"),
    [
        ("wether", "weather", "raw.weather"),
        ("wheather", "weather", "raw.weather"),
        ("weahter", "weather", "raw.weather"),
        ("clean flihgts", "clean flights", "clean.flights"),
        ("york flihgts", "york flights", "clean.flights"),
        ("carier", "carrier", "raw.flights"),
    ],
)
def test_a_typo_finds_what_was_meant_and_says_so(
    service: CatalogService, text: str, corrected: str, first: str
) -> None:
    hit = service.search(text)[0]
    assert (hit.dataset, hit.corrected) == (first, corrected)


def test_a_part_says_how_many_there_are_wherever_it_begins(service: CatalogService) -> None:
    parts = [service.browse("flights", limit=3, offset=offset, facets=False) for offset in (0, 3, 50)]
    assert [part.total for part in parts] == [4, 4, 4]
    assert [hit.dataset for part in parts for hit in part.hits] == names(service, "flights")


def test_a_word_that_only_the_narrowing_leaves_out_is_not_replaced(service: CatalogService) -> None:
    found = service.browse("weather", Narrow(namespace="clean"), facets=False)
    assert (found.hits, found.total) == ((), 0)
    assert [hit.dataset for hit in service.browse("wether", Narrow(namespace="raw"), facets=False).hits] == [
        "raw.weather"
    ]


def test_a_column_that_is_gone_is_no_longer_found(service: CatalogService, publish) -> None:
    publish("raw.weather", "origin")
    assert names(service, "wind_speed") == []


@pytest.mark.slow
def test_among_a_thousand_datasets(service: CatalogService, store: Store) -> None:
    schema = Schema(tuple(Column(f"column_{number}", "long") for number in range(20)))
    with store.writing() as transaction:
        for number in range(1000):
            files = (DataFile(f"many/{number}.parquet", 1, 1, str(number)),)
            transaction.datasets.add_snapshot(
                Snapshot(10**6 + number, f"many.table_{number}", 0, None, schema, files, Mode.APPEND, "x", "prod")
            )
    assert names(service, "table_77", 3) == ["many.table_77", "many.table_770", "many.table_771"]
    assert len(service.search("column_7")) == 50
    assert names(service, "tabel_999")[:1] == ["many.table_999"]
