"""Walks over any graph: complete, bounded, and never in circles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from workbench.lineage.graph import Link, assemble, downstream, upstream


def into(links: Iterable[Link]) -> Callable[[Sequence[str]], list[Link]]:
    return lambda names: [link for link in links if link.target in names]


def out_of(links: Iterable[Link]) -> Callable[[Sequence[str]], list[Link]]:
    return lambda names: [link for link in links if link.source in names]


def reachable(start: str, pairs: set[tuple[str, str]]) -> set[str]:
    found, before = {start}, set[str]()
    while found != before:
        before = found
        found = found | {target for source, target in pairs if source in found}
    return found


@st.composite
def dags(draw: st.DrawFn) -> list[Link]:
    size = draw(st.integers(2, 12))
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).map(sorted)
    found = draw(st.lists(pairs, max_size=40))
    loops = draw(st.lists(st.integers(0, size - 1), max_size=3))
    ends = [tuple(pair) for pair in found if pair[0] != pair[1]] + [(loop, loop) for loop in loops]
    return [Link(f"d.n{source}", f"d.n{target}", f"step:p.s{target}") for source, target in dict.fromkeys(ends)]


@given(dags())
def test_a_walk_finds_all_that_can_be_reached_and_nothing_else(links: list[Link]) -> None:
    pairs = {(link.source, link.target) for link in links}
    down = downstream("d.n0", out_of(links))
    ends = {end for link in down.links for end in (link.source, link.target)} | {"d.n0"}
    assert not down.cut and ends == reachable("d.n0", pairs)
    assert len(set(down.links)) == len(down.links)
    up = upstream("d.n11", into(links))
    ends = {end for link in up.links for end in (link.source, link.target)} | {"d.n11"}
    assert not up.cut and ends == reachable("d.n11", {(target, source) for source, target in pairs})


@given(dags(), st.integers(0, 4))
def test_a_depth_is_kept_and_what_it_cuts_is_told(links: list[Link], depth: int) -> None:
    walk = downstream("d.n0", out_of(links), depth)
    pairs = {(link.source, link.target) for link in links}
    level, known = {"d.n0"}, {"d.n0"}
    for _ in range(depth):
        level = {target for source, target in pairs if source in level} - known
        known |= level
    assert {end for link in walk.links for end in (link.source, link.target)} | {"d.n0"} == known
    assert walk.cut == (known != reachable("d.n0", pairs))


@given(dags())
def test_every_arrow_of_a_graph_joins_two_of_its_nodes(links: list[Link]) -> None:
    graph = assemble("d.n0", [upstream("d.n0", into(links)), downstream("d.n0", out_of(links))], {})
    known = {node.id for node in graph.nodes}
    assert len(known) == len(graph.nodes) and "d.n0" in known
    assert all(source in known and target in known for source, target in graph.arrows)
    assert all((node.kind == "step") == node.id.startswith("step:") for node in graph.nodes)


def test_a_graph_of_thousands_is_cut_at_the_limit() -> None:
    links = [Link("d.hub", f"d.n{number}", f"step:p.s{number}") for number in range(2000)]
    walk = downstream("d.hub", out_of(links))
    graph = assemble("d.hub", [walk], {})
    assert graph.truncated and 490 <= len(graph.nodes) <= 500


def test_a_dataset_made_from_itself_ends_the_walk() -> None:
    links = [Link("d.a", "d.a", "step:p.s"), Link("d.a", "d.b"), Link("d.b", "d.a")]
    assert {(link.source, link.target) for link in upstream("d.a", into(links)).links} == {
        ("d.a", "d.a"), ("d.b", "d.a"), ("d.a", "d.b"),
    }  # fmt: skip
