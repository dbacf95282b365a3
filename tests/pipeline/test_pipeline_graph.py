"""The graph: inferred, ordered, and refused with the place and the mend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.errors import GraphError
from workbench.model.pipeline import Notebook, Pipeline, Reference, StepSpec
from workbench.pipeline.graph import build


def notebook(name, reads=(), writes=(), computed_reads=(), computed_writes=()):
    def refs(names, computed):
        found = [Reference(item, cell, 1) for cell, item in enumerate(names, 1)]
        return tuple(found + [Reference("", 9, 2, text) for text in computed])

    return Notebook(
        f"notebooks/{name}.ipynb",
        "python3",
        "python",
        (),
        reads=refs(reads, computed_reads),
        writes=refs(writes, computed_writes),
    )


def graph(steps, known=(), **specs):
    pipeline = Pipeline(
        "p",
        "pipelines/p.yaml",
        tuple(StepSpec(name, f"notebooks/{name}.ipynb", **specs.get(name, {})) for name in steps),
    )
    notebooks = {name: notebook(name, *item) if isinstance(item, tuple) else item for name, item in steps.items()}
    return build(pipeline, notebooks, known)


def refused(*args, **more):
    with pytest.raises(GraphError) as caught:
        graph(*args, **more)
    return caught.value


def test_edges_follow_from_reads_and_writes_whatever_the_order_of_the_file():
    found = graph(
        {
            "daily": (["marts.delays"], []),
            "marts": (["clean.flights", "clean.weather"], ["marts.delays"]),
            "clean": (["raw.flights"], ["clean.flights"]),
            "weather": (["raw.weather"], ["clean.weather"]),
            "ingest": ([], ["raw.flights", "raw.weather"]),
        }
    )
    assert [(step.name, step.upstream) for step in found.steps] == [
        ("ingest", ()),
        ("clean", ("ingest",)),
        ("weather", ("ingest",)),
        ("marts", ("clean", "weather")),
        ("daily", ("marts",)),
    ]
    assert found.writers["marts.delays"] == "marts"


def test_independent_steps_keep_the_order_of_the_file_and_after_adds_edges():
    steps = {"c": ([], []), "a": ([], []), "b": ([], [])}
    assert [step.name for step in graph(steps).steps] == ["c", "a", "b"]
    assert [step.name for step in graph(steps, c={"after": ("b",)}).steps] == ["a", "b", "c"]


def test_declared_names_complete_the_found_ones():
    found = graph(
        {"a": notebook("a", computed_writes=["f'raw.{x}'"]), "b": notebook("b", ["raw.y"], computed_reads=["Q"])},
        a={"writes": ("raw.x", "raw.y")},
        b={"reads": ("raw.x",)},
    )
    assert found.step("b").reads == ("raw.y", "raw.x")
    assert found.step("b").upstream == ("a",)


def test_a_step_may_read_what_it_writes_itself():
    found = graph({"a": (["raw.x", "ext.y"], ["raw.x"])}, known=["ext.y"])
    (step,) = found.steps
    assert step.upstream == ()
    assert step.reads == ("raw.x", "ext.y")
    assert step.inputs == ("ext.y",)


@pytest.mark.parametrize(
    ("item", "key", "verb"),
    [
        (notebook("a", computed_reads=["f'raw.{x}'", "T"]), "reads", "read"),
        (notebook("a", computed_writes=["f'raw.{x}'", "T"]), "writes", "written"),
    ],
)
def test_a_computed_name_says_where_and_how_to_mend(item, key, verb):
    error = refused({"a": item})
    assert error.code == "WB-PIP-633"
    assert error.what == f"step a: which dataset is {verb} cannot be told at notebooks/a.ipynb, cell 10, line 2"
    assert "f'raw.{x}'" in error.cause
    assert f"under {key}: of step a in pipelines/p.yaml" in error.next
    assert error.detail == ("  also cell 10, line 2: T",)
    other = {"reads": "writes", "writes": "reads"}[key]
    assert refused({"a": item}, known=["raw.x"], a={other: ("raw.x",)}).code == "WB-PIP-633"


def test_two_writers():
    error = refused({"a": ([], ["raw.x"]), "b": ([], [])}, b={"writes": ("raw.x",)})
    assert error.code == "WB-PIP-631"
    assert error.what == "two steps write raw.x: a and b"
    assert error.detail == (
        "  a: notebooks/a.ipynb, cell 2, line 1",
        "  b: pipelines/p.yaml, writes of step b",
    )


def test_unknown_datasets():
    error = refused({"a": ([], ["raw.flights"]), "b": (["raw.flight", "raw.none"], [])}, known=["ext.y"])
    assert error.code == "WB-PIP-632"
    assert error.what.startswith("step b reads raw.flight, which no step writes")
    assert "notebooks/b.ipynb, cell 2, line 1" in error.cause
    assert 'Did you mean "raw.flights"?' in error.cause
    assert error.detail == ("  also b: raw.none, at notebooks/b.ipynb, cell 3, line 1",)
    assert graph({"b": (["ext.y"], [])}, known=["ext.y"])


def test_a_cycle_is_shown_edge_by_edge():
    error = refused(
        {
            "start": ([], ["raw.x"]),
            "a": (["raw.x", "c.c"], ["a.a"]),
            "b": (["a.a"], ["b.b"]),
            "c": (["b.b"], ["c.c"]),
            "end": (["c.c"], []),
        }
    )
    assert error.code == "WB-PIP-630"
    ring = error.what.rpartition(": ")[2].split(" → ")
    assert ring[0] == ring[-1]
    assert sorted(ring[1:]) == ["a", "b", "c"]
    assert "  a writes a.a: notebooks/a.ipynb, cell 2, line 1" in error.detail
    assert "  b reads a.a: notebooks/b.ipynb, cell 2, line 1" in error.detail
    assert len(error.detail) == 6


def test_a_cycle_through_after_says_so():
    error = refused({"a": ([], ["a.a"]), "b": (["a.a"], [])}, a={"after": ("b",)})
    assert error.code == "WB-PIP-630"
    assert "  a waits for b: after in pipelines/p.yaml" in error.detail


@st.composite
def dags(draw):
    """Steps in random file order; step n may read what steps before n write."""
    count = draw(st.integers(1, 12))
    edges = {n: draw(st.sets(st.integers(0, n - 1), max_size=4)) if n else set() for n in range(count)}
    order = draw(st.permutations(range(count)))
    return {f"s{n}": ([f"d.d{m}" for m in sorted(edges[n])], [f"d.d{n}"]) for n in order}


@given(dags())
def test_every_step_follows_its_upstream(steps):
    found = graph(steps)
    position = {step.name: index for index, step in enumerate(found.steps)}
    assert set(position) == set(steps)
    for step in found.steps:
        assert set(step.upstream) == {f"s{name.removeprefix('d.d')}" for name in steps[step.name][0]}
        assert all(position[other] < position[step.name] for other in step.upstream)
    assert graph(steps) == found


@given(dags(), st.data())
def test_every_cycle_is_found(steps, data):
    last = data.draw(st.sampled_from(sorted(steps)))
    reachable = {last}
    while (
        more := {s for s, (reads, _) in steps.items() if {f"s{r.removeprefix('d.d')}" for r in reads} & reachable}
        - reachable
    ):
        reachable |= more
    first = data.draw(st.sampled_from(sorted(reachable)))
    reads, writes = steps[last]
    error_expected = first != last
    steps = {**steps, last: ([*reads, steps[first][1][0]], writes)}
    if error_expected:
        assert refused(steps).code == "WB-PIP-630"
    else:
        assert graph(steps)
