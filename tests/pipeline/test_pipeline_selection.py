"""``--select``: names, globs, tags and instances, with what lies before and after them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_plans import lay_out, plan, standing, succeeded, told

from workbench.model.errors import GraphError, UsageError
from workbench.pipeline.selection import Node, select

NODES = [
    Node("ingest", "ingest", ("source",)),
    Node("clean", "clean", (), ("ingest",)),
    Node("delays[EWR,1]", "delays", ("mart", "slow"), ("clean",)),
    Node("delays[EWR,2]", "delays", ("mart", "slow"), ("clean",)),
    Node("delays[JFK,1]", "delays", ("mart", "slow"), ("clean",)),
    Node("weather", "weather", ("source",)),
    Node("daily", "daily", ("mart",), ("delays", "weather")),
    Node("mail", "mail", (), ("daily",)),
]
DELAYS = {"delays[EWR,1]", "delays[EWR,2]", "delays[JFK,1]"}


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("clean", {"clean"}),
        ("clean+", {"clean", *DELAYS, "daily", "mail"}),
        ("+clean", {"ingest", "clean"}),
        ("+clean+", {"ingest", "clean", *DELAYS, "daily", "mail"}),
        ("+daily", {"ingest", "clean", *DELAYS, "weather", "daily"}),
        ("1+daily", {*DELAYS, "weather", "daily"}),
        ("2+daily", {"clean", *DELAYS, "weather", "daily"}),
        ("0+daily", {"daily"}),
        ("clean+1", {"clean", *DELAYS}),
        ("1+clean+2", {"ingest", "clean", *DELAYS, "daily"}),
        ("delays", DELAYS),
        ("delays[EWR,1]", {"delays[EWR,1]"}),
        ("delays[EWR,*]", {"delays[EWR,1]", "delays[EWR,2]"}),
        ("delays[*,1]", {"delays[EWR,1]", "delays[JFK,1]"}),
        ("delays[EWR,?]+", {"delays[EWR,1]", "delays[EWR,2]", "daily", "mail"}),
        ("d*", {*DELAYS, "daily"}),
        ("*l*", {"clean", *DELAYS, "daily", "mail"}),
        ("tag:mart", {*DELAYS, "daily"}),
        ("tag:s*", {"ingest", "weather", *DELAYS}),
        ("tag:source+1", {"ingest", "weather", "clean", "daily"}),
        ("ingest,mail", {"ingest", "mail"}),
        (" ingest , mail ", {"ingest", "mail"}),
        ("tag:mart&delays", DELAYS),
        ("+daily&clean+", {"clean", *DELAYS, "daily"}),
        ("weather,tag:mart&tag:slow", {"weather", *DELAYS}),
        ("delays[EWR,1],delays[JFK,1]", {"delays[EWR,1]", "delays[JFK,1]"}),
    ],
)
def test_expressions(expression, names):
    assert select([expression], NODES) == names


def test_several_expressions_are_a_union():
    assert select(["ingest", "tag:mart&daily"], NODES) == {"ingest", "daily"}


def test_signs_inside_brackets_belong_to_the_name():
    nodes = [Node(f"clean[2013-11-03T01:00{zone},a&b]", "clean") for zone in ("+02:00", "+03:00")]
    assert select(["clean[2013-11-03T01:00+02:00,a&b]"], nodes) == {nodes[0].name}
    assert select(["+clean[*+03:00,*]+"], nodes) == {nodes[1].name}


def test_a_step_whose_instances_are_not_known_is_meant_by_any_of_them():
    nodes = [Node("a", "a"), Node("b", "b", (), ("a",), open=True), Node("c[1]", "c", (), ("b",), open=True)]
    assert select(["b[x]"], nodes) == {"b"}
    assert select(["c[1,x]"], nodes) == {"c[1]"}
    with pytest.raises(UsageError):
        select(["a[x]"], nodes)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("claen", 'Did you mean "clean"?'),
        ("delays[EWR,3]", "steps: delays[EWR,1], delays[EWR,2], delays[JFK,1]"),
        ("x*", "steps: ingest, clean, delays, weather, daily, mail"),
        ("tag:mrat", 'tags: mart, slow, source. Did you mean "mart"?'),
        ("", "a name is missing"),
        ("clean,", "a name is missing"),
        ("+", '"+" names no step'),
        ("++clean", '"++clean" names no step'),
        ("clean & ", "a name is missing"),
        ("ingest&mail", "selects no step"),
    ],
)
def test_what_nothing_is_called_is_refused(expression, says):
    with pytest.raises(UsageError, match="WB-PIP-646") as caught:
        select([expression], NODES)
    assert says in str(caught.value)


@given(st.integers(1, 30), st.data())
def test_before_and_after_are_what_a_walk_reaches(count, data):
    edges = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=60))
    before = {number: {a for a, b in edges if b == number and a < b} for number in range(count)}
    nodes = [Node(f"s{n}", f"s{n}", (), tuple(f"s{m}" for m in sorted(before[n]))) for n in range(count)]
    start = data.draw(st.integers(0, count - 1))
    above, below = {start}, {start}
    for number in reversed(range(count)):
        above |= before[number] if number in above else set()
    for number in range(count):
        below |= {number} if before[number] & below else set()
    assert select([f"+s{start}"], nodes) == {f"s{n}" for n in above}
    assert select([f"s{start}+"], nodes) == {f"s{n}" for n in below}
    near = [select([f"s{start}+{depth}"], nodes) for depth in range(count + 1)]
    assert near[0] == {f"s{start}"}
    assert all(less <= more for less, more in pairwise(near))
    assert near[-1] == select([f"s{start}+"], nodes)


SPEC = """\
steps:
  ingest: {notebook: ingest.ipynb, tags: [source]}
  clean: clean.ipynb
  daily: daily.ipynb
"""
CURRENT = {"raw.x": 1, "clean.x": 2, "marts.x": 3}


@pytest.fixture
def root(tmp_path):
    return lay_out(tmp_path, SPEC, {"ingest": "> raw.x!", "clean": "raw.x > clean.x!", "daily": "clean.x > marts.x!"})


def test_steps_that_are_not_selected_are_skipped(root):
    made = plan(root, standing(CURRENT), select=["clean+"])
    assert told(made) == {
        "ingest": ("skip", "not_selected"),
        "clean": ("run", "first_run"),
        "daily": ("run", "first_run"),
    }
    assert made.step("clean").fingerprint.inputs == {"raw.x": "1"}
    assert (made.step("ingest").reason.text, made.step("ingest").source) == ("not selected", "")


def test_a_selected_step_that_is_unchanged_is_skipped_unless_forced(root):
    past = succeeded(plan(root).steps, CURRENT)
    assert told(plan(root, standing(CURRENT, past), select=["clean"]))["clean"] == ("skip", "unchanged")
    made = plan(root, standing(CURRENT, past), select=["clean"], force=True)
    assert told(made) == {
        "ingest": ("skip", "not_selected"),
        "clean": ("run", "forced"),
        "daily": ("skip", "not_selected"),
    }


def test_a_selected_step_needs_the_data_of_those_that_are_not(root):
    with pytest.raises(
        GraphError, match=r"WB-PIP-648: step clean needs raw.x, of which prod has no data yet"
    ) as caught:
        plan(root, select=["clean"])
    assert caught.value.next == "select what comes before it too: --select '+clean'"
    assert told(plan(root, select=["+clean"]))["ingest"] == ("run", "first_run")
    with pytest.raises(GraphError, match=r"needs clean\.x"):
        plan(root, standing({"raw.x": 1}), select=["ingest,daily"])


def test_selecting_nothing_is_told(root):
    with pytest.raises(UsageError, match=r"WB-PIP-646: --select \"ingest&daily\" selects no step"):
        plan(root, select=["ingest&daily"])
