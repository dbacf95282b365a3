"""Lineage of what is current: which edges count, in which environment, how far."""

from __future__ import annotations

import pytest

from workbench.lineage.service import LineageService
from workbench.model.dataset import Mode
from workbench.model.errors import NotFound, UsageError
from workbench.model.lineage import Graph
from workbench.store.transaction import Store


def ids(graph: Graph) -> set[str]:
    return {node.id for node in graph.nodes}


@pytest.fixture
def service(store: Store) -> LineageService:
    return LineageService(store)


@pytest.fixture
def flights(publish) -> None:
    publish("ingest", ["raw.flights", "raw.weather"])
    publish("clean", ["clean.flights"], ["raw.flights"])
    publish("join", ["clean.joined"], ["clean.flights", "raw.weather"])
    publish("daily", (), ["clean.joined"], report="Delays on 2013-01-15")


def test_both_directions_with_the_steps_and_reports_between(service: LineageService, flights: None) -> None:
    graph = service.show("clean.flights")
    assert ids(graph) == {
        "raw.flights", "clean.flights", "clean.joined",
        "step:flights.clean", "step:flights.join", "step:flights.daily", "report:flights.daily",
    }  # fmt: skip
    assert graph.focus == "clean.flights" and not graph.truncated
    assert ("raw.flights", "step:flights.clean") in graph.arrows and (
        "step:flights.clean",
        "clean.flights",
    ) in graph.arrows
    details = {node.id: node.detail for node in graph.nodes}
    assert (
        details["raw.flights"] == "version 1, 1,000 rows" and details["report:flights.daily"] == "Delays on 2013-01-15"
    )
    assert {node.id: node.kind for node in graph.nodes}["report:flights.daily"] == "report"


def test_one_direction_and_a_depth(service: LineageService, flights: None) -> None:
    assert ids(service.show("clean.joined", 1, direction="upstream")) == {
        "clean.joined", "step:flights.join", "clean.flights", "raw.weather",
    }  # fmt: skip
    assert service.show("clean.joined", 1, direction="upstream").truncated
    assert not service.show("clean.joined", 2, direction="upstream").truncated
    assert ids(service.show("raw.weather", direction="upstream")) == {"raw.weather"}
    assert "report:flights.daily" in ids(service.show("raw.weather", direction="downstream"))


def test_a_source_that_is_no_longer_read_is_left_out(service: LineageService, publish, flights: None) -> None:
    publish("join", ["clean.joined"], ["clean.flights"])
    assert "raw.weather" not in ids(service.show("clean.joined"))
    assert ids(service.show("raw.weather")) == {"raw.weather"}
    publish("daily", (), ["clean.flights"], report="Delays")
    assert "report:flights.daily" not in ids(service.show("clean.joined", direction="downstream"))


def test_what_was_appended_to_keeps_the_sources_of_all_its_parts(service: LineageService, publish) -> None:
    publish("ingest", ["raw.a", "raw.b", "raw.c"])
    publish("first", ["clean.all"], ["raw.a"])
    publish("second", ["clean.all"], ["raw.b"])
    publish("third", ["clean.all"], ["raw.c", "clean.all"], mode=Mode.APPEND)
    graph = service.show("clean.all", direction="upstream")
    assert {"raw.b", "raw.c", "clean.all"} <= ids(graph) and "raw.a" not in ids(graph)
    assert ("clean.all", "step:flights.third") in graph.arrows and ("step:flights.third", "clean.all") in graph.arrows


def test_a_withheld_write_has_no_edges(service: LineageService, publish) -> None:
    publish("ingest", ["raw.a"])
    publish("clean", ["clean.a"], ["raw.a"], withheld=True)
    assert ids(service.show("raw.a")) == {"raw.a"}
    assert ids(service.show("clean.a")) == {"clean.a"}


def test_an_interactive_write_has_no_step(service: LineageService, publish) -> None:
    publish("ingest", ["raw.a"])
    publish("", ["play.a"], ["raw.a"], interactive=True, environment="dev")
    graph = service.show("play.a", direction="upstream")
    assert graph.arrows == (("raw.a", "play.a"),)


def test_an_environment_sees_its_own_and_else_what_prod_has(service: LineageService, publish) -> None:
    publish("ingest", ["raw.a", "raw.b"])
    publish("clean", ["clean.a"], ["raw.a"])
    publish("clean", ["clean.a"], ["raw.b"], environment="dev")
    assert "raw.b" not in ids(service.show("clean.a"))
    dev = ids(service.show("clean.a", environment="dev"))
    assert "raw.b" in dev and "raw.a" not in dev


def test_reads_of_several_cells_are_one_edge(store: Store, publish) -> None:
    publish("ingest", ["raw.a"])
    publish("clean", ["clean.a"], ["raw.a"])
    with store.reading() as transaction:
        (edge,) = transaction.lineage.into("clean.a")
    assert (edge.source, edge.source_snapshot, edge.target_snapshot, edge.step, edge.cell) == (
        "raw.a",
        1,
        2,
        "clean",
        5,
    )
    assert edge.run and edge.attempt


def test_an_unknown_dataset_is_named_with_the_one_that_was_meant(service: LineageService, flights: None) -> None:
    with pytest.raises(NotFound, match=r'WB-CAT-401.*Did you mean "clean.flights"'):
        service.show("clean.flihgts")
    with pytest.raises(NotFound, match=r'Did you mean "clean.joined"'):
        service.show("joined")
    with pytest.raises(UsageError, match="WB-LIN-801"):
        service.show("clean.flights", direction="sideways")


def test_a_column_is_told_apart_from_a_dataset(service: LineageService, flights: None) -> None:
    with pytest.raises(UsageError, match=r"WB-LIN-802.*by dataset.*wb lineage show clean\.flights"):
        service.show("clean.flights.a")
    with pytest.raises(NotFound, match=r'WB-LIN-803: clean\.flights has no column "b".*its columns are a'):
        service.show("clean.flights.b")


def test_an_arrow_is_proved_by_the_edges_behind_it(service: LineageService, flights: None) -> None:
    whole = service.evidence("raw.flights", "clean.flights")
    assert {(edge.source, edge.target, edge.step) for edge in whole} == {("raw.flights", "clean.flights", "clean")}
    assert service.evidence("raw.flights", "step:flights.clean") == whole
    assert service.evidence("step:flights.clean", "clean.flights") == whole
    assert {edge.source for edge in service.evidence("step:flights.join", "clean.joined")} == {
        "clean.flights",
        "raw.weather",
    }
    assert [edge.step for edge in service.evidence("step:flights.daily", "report:flights.daily")][:1] == ["daily"]


def test_what_was_replaced_since_proves_nothing(service: LineageService, publish, flights: None) -> None:
    before = {edge.run for edge in service.evidence("clean.flights", "clean.joined")}
    publish("join", ["clean.joined"], ["clean.flights"])
    after = {edge.run for edge in service.evidence("clean.flights", "clean.joined")}
    assert len(after) == 1 and not before & after
    assert service.evidence("raw.weather", "clean.joined") == ()


def test_what_is_no_arrow_has_no_proof(service: LineageService, flights: None) -> None:
    assert service.evidence("clean.joined", "raw.flights") == ()
    assert service.evidence("step:flights.nowhere", "clean.joined") == ()
    assert service.evidence("raw.flights", "step:other.clean") == ()
    with pytest.raises(NotFound, match="WB-CAT-401"):
        service.evidence("raw.nowhere", "clean.joined")


def test_a_graph_holds_no_more_than_is_asked_for(service: LineageService, flights: None) -> None:
    graph = service.show("raw.flights", direction="downstream", most=3)
    assert graph.truncated and len(graph.nodes) <= 3
