"""Lineage as text, beside files that hold how it should look."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.lineage.graph import Link, Walk, assemble
from workbench.lineage.text import mermaid, tree
from workbench.model.lineage import Graph, Node

GOLDEN = Path(__file__).with_name("golden")
DETAILS = {
    "raw.flights": "version 1, 336,776 rows",
    "raw.weather": "version 1, 26,115 rows",
    "clean.flights": "version 7, 336,776 rows",
    "clean.joined": "version 2, 1 row",
    "marts.delays": "version 3, 224 rows",
    "report:flights.daily": "Delays on 2013-01-15",
}
LINKS = (
    Link("raw.flights", "clean.flights", "step:flights.clean"),
    Link("clean.flights", "clean.flights", "step:flights.clean"),
    Link("clean.flights", "clean.joined", "step:flights.join"),
    Link("raw.weather", "clean.joined", "step:flights.join"),
    Link("raw.flights", "clean.joined", "step:flights.join"),
    Link("clean.joined", "marts.delays", "step:flights.delays"),
    Link("clean.joined", "report:flights.daily", "step:flights.daily"),
    Link("marts.delays", "report:flights.daily", "step:flights.daily"),
    Link("clean.joined", "play.sample"),
)
FLIGHTS = assemble("clean.joined", [Walk(LINKS)], DETAILS)
HOSTILE = [
    '"]; click n0 "javascript:alert(1)"',
    "<script>alert(1)</script>",
    "a`b`#35;{}()|",
    "x\n  n0 --> n9\n%%{init: {}}%%",
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flights.txt", tree(FLIGHTS)),
        ("flights_ascii.txt", tree(FLIGHTS, plain=True)),
        ("flights.mmd", mermaid(FLIGHTS)),
        ("alone.txt", tree(assemble("raw.flights", [], DETAILS))),
        ("cut.txt", tree(assemble("clean.flights", [Walk(LINKS[:2], cut=True)], DETAILS))),
    ],
)
def test_it_looks_as_it_should(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_many_instances_of_a_step_are_told_as_one() -> None:
    days = tuple(Link("raw.flights", "clean.flights", f"step:flights.clean[2013-01-{day:02}]") for day in range(1, 32))
    others = tuple(Link("raw.flights", "clean.flights", f"step:flights.join[{airport}]") for airport in ("EWR", "JFK"))
    told = tree(assemble("clean.flights", [Walk((*days, *others))], {})).splitlines()[0]
    assert told == "clean.flights  by clean[…] × 31, join[EWR], join[JFK]"


def test_a_chain_deeper_than_python_is_drawn() -> None:
    links = tuple(Link(f"d.n{number + 1}", f"d.n{number}") for number in range(3000))
    assert tree(assemble("d.n0", [Walk(links)], {})).count("\n") == 3001


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_mermaid_or_html(name: str) -> None:
    check(name)


@given(st.text())
def test_no_text_at_all_becomes_mermaid_or_html(name: str) -> None:
    check(name)


def check(name: str) -> None:
    nodes = tuple(Node(f"{kind}:{name}", kind, name, name) for kind in ("dataset", "step", "report"))
    lines = mermaid(Graph(nodes, ((nodes[0].id, nodes[1].id),), nodes[0].id)).splitlines()
    label = r'"[^"<>`\\{}\[\]()|;\n]*(?:#\d+;[^"<>`\\{}\[\]()|;\n]*)*(?:<br/>[^"<>`\\{}\[\]()|\n]*)?"'
    assert lines[0] == "flowchart LR" and lines[4:] == ["    n0 --> n1", "    style n0 stroke-width:3px"]
    assert re.fullmatch(rf"    n0\({label}\)", lines[1])
    assert re.fullmatch(rf"    n1\[{label}\]", lines[2])
    assert re.fullmatch(rf"    n2@\{{ shape: doc, label: {label} \}}", lines[3])
