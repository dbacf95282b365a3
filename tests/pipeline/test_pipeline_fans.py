"""Steps that fan out: their instances, what these wait for, and what happens while the values are not known."""

import json
from datetime import date

import pytest
from pipeline_plans import lay_out, plan, standing, succeeded, told, without

from workbench.model.errors import GraphError, ParameterError, UsageError
from workbench.pipeline.instances import instance_names
from workbench.pipeline.planner import expand

SPEC = """\
parameters:
  origins: {type: list[str], default: [EWR, JFK]}
  day: {type: str, default: 2013-01-15}
steps:
  ingest: ingest.ipynb
  delays:
    notebook: delays.ipynb
    foreach: {origin: ${origins}, size: [1, 2]}
    max_parallel: 3
    parameters: {label: "${origin} of ${day}"}
    report: {title: "Delays from ${origin} on ${day}, ${size}"}
  daily: daily.ipynb
"""
NOTEBOOKS = {
    "ingest": "> raw.flights!",
    "delays": "raw.flights > marts.delays | origin: str; size: int = 0; label: str = ''; day: str = 'x'",
    "daily": "marts.delays > marts.daily!",
}
RECORDED = SPEC.replace("${origins}", "${ingest.origins}").replace(
    "  origins: {type: list[str], default: [EWR, JFK]}\n", ""
)
CURRENT = {"raw.flights": 1, "marts.delays": 2, "marts.daily": 3}


@pytest.fixture
def root(tmp_path):
    return lay_out(tmp_path, SPEC, NOTEBOOKS)


@pytest.fixture
def open_fan(tmp_path):
    return lay_out(tmp_path, RECORDED, NOTEBOOKS)


def injected(step):
    cells = json.loads(step.source)["cells"]
    return next(item["source"] for item in cells if "injected-parameters" in item["metadata"].get("tags", []))


def test_one_instance_for_each_combination(root):
    made = plan(root)
    names = ["delays[EWR,1]", "delays[EWR,2]", "delays[JFK,1]", "delays[JFK,2]"]
    assert [step.name for step in made.steps] == ["ingest", *names, "daily"]
    one = made.step("delays[JFK,2]")
    assert (one.base, one.key, one.max_parallel, one.fan) == ("delays", {"origin": "JFK", "size": 2}, 3, None)
    assert one.parameters == {"origin": "JFK", "size": 2, "label": "JFK of 2013-01-15", "day": "2013-01-15"}
    assert one.report.title == "Delays from JFK on 2013-01-15, 2"
    assert injected(one).splitlines()[1:] == [
        "day = '2013-01-15'",
        "label = 'JFK of 2013-01-15'",
        "origin = 'JFK'",
        "size = 2",
    ]
    assert one.upstream == ("ingest",)
    assert made.step("daily").upstream == ("delays",)
    assert len({step.fingerprint.digest for step in made.steps if step.base == "delays"}) == 4


def test_each_instance_has_a_past_of_its_own(root):
    past = succeeded(plan(root).steps, CURRENT)
    made = plan(root, standing(CURRENT, past))
    assert {action for action, _ in told(made).values()} == {"skip"}
    assert all(step.source == "" for step in made.steps)
    made = plan(root, standing(CURRENT, without(past, "delays[JFK,1]")))
    assert told(made)["delays[EWR,1]"] == ("skip", "unchanged")
    assert told(made)["delays[JFK,1]"] == ("run", "outputs_gone")
    assert made.step("daily").reason.text == "waits for delays; reruns only if marts.delays changes"


def test_more_values_run_only_the_new_instances(root):
    past = succeeded(plan(root).steps, CURRENT)
    made = plan(root, standing(CURRENT, past), given={"origins": "EWR,JFK,LGA"})
    assert [name for name, (action, _) in told(made).items() if action == "run"] == ["delays[LGA,1]", "delays[LGA,2]"]


def test_a_value_that_comes_twice_is_one_instance_and_none_is_a_skipped_step(root):
    made = plan(root, given={"origins": "EWR,EWR"})
    assert [step.name for step in made.steps if step.base == "delays"] == ["delays[EWR,1]", "delays[EWR,2]"]
    made = plan(root, given={"origins": ""})
    assert told(made)["delays"] == ("skip", "no_values")
    assert made.step("delays").reason.text == "there is no value of origin to fan out over"


def test_what_is_recorded_later_leaves_the_step_open(open_fan):
    made = plan(open_fan)
    fan = made.step("delays")
    assert told(made) == {
        "ingest": ("run", "first_run"),
        "delays": ("decide", "fans_out"),
        "daily": ("run", "first_run"),
    }
    assert (fan.reason.text, fan.upstream) == ("fans out over ingest.origins", ("ingest",))
    assert fan.fan.over == {"origin": "${ingest.origins}", "size": [1, 2]}
    instances = expand(open_fan, fan, {"ingest": {"origins": ["EWR", "LGA"], "rows": 3}}, standing())
    assert [step.name for step in instances] == ["delays[EWR,1]", "delays[EWR,2]", "delays[LGA,1]", "delays[LGA,2]"]
    last = instances[-1]
    assert last.parameters == {"origin": "LGA", "size": 2, "label": "LGA of 2013-01-15", "day": "2013-01-15"}
    assert (last.report.title, last.upstream, last.max_parallel) == (
        "Delays from LGA on 2013-01-15, 2",
        ("ingest",),
        3,
    )
    assert "origin = 'LGA'" in injected(last)
    assert expand(open_fan, fan, {"ingest": {"origins": []}}, standing()) == ()


def test_instances_are_the_same_whether_their_values_were_known_or_not(open_fan):
    fan = plan(open_fan).step("delays")
    late = expand(open_fan, fan, {"ingest": {"origins": ["EWR", "JFK"]}}, standing(CURRENT))
    past = succeeded([step for step in plan(open_fan).steps if step.base != "delays"], CURRENT)
    past["ingest"] = succeeded([plan(open_fan).step("ingest")], CURRENT, ingest={"origins": ["EWR", "JFK"]})["ingest"]
    early = plan(open_fan, standing(CURRENT, past))
    assert told(early)["ingest"] == ("skip", "unchanged")
    known = [step for step in early.steps if step.base == "delays"]
    assert [step.name for step in known] == [step.name for step in late]
    assert [step.fingerprint for step in known] == [step.fingerprint for step in late]
    assert [step.source for step in known] == [step.source for step in late]
    assert [step.reason for step in known] == [step.reason for step in late]


def test_the_plan_says_how_many_there_were_last_time(open_fan):
    past = succeeded([plan(open_fan).step("ingest")], CURRENT, ingest={"origins": ["EWR", "JFK", "LGA"]})
    made = plan(open_fan, standing(CURRENT, without(past, "ingest")))
    assert made.step("delays").reason.text == "fans out over ingest.origins, last time 3"


def test_forced_instances_are_forced_when_they_come_to_be(open_fan):
    fan = plan(open_fan, force=True).step("delays")
    known = succeeded(expand(open_fan, fan, {"ingest": {"origins": ["EWR"]}}, standing(CURRENT)), CURRENT)
    instances = expand(open_fan, fan, {"ingest": {"origins": ["EWR"]}}, standing(CURRENT, known))
    assert {step.reason.code for step in instances} == {"forced"}
    fan = plan(open_fan).step("delays")
    instances = expand(open_fan, fan, {"ingest": {"origins": ["EWR", "JFK"]}}, standing(CURRENT, known))
    assert [step.reason.code for step in instances] == ["unchanged", "unchanged", "first_run", "first_run"]


@pytest.mark.parametrize(
    ("recorded", "error", "says"),
    [
        ({}, GraphError, "WB-PIP-647.*which step ingest did not record.*it recorded nothing"),
        ({"origin": ["EWR"]}, GraphError, 'Did you mean "origin"'),
        ({"origins": "EWR"}, GraphError, "WB-PIP-643.*is 'EWR', and a list is needed"),
        ({"origins": [1]}, ParameterError, "expected str, got the number 1"),
        ({"origins": ["A"] * 3 + ["B"] * 3 + list("CDEF")}, GraphError, r"WB-PIP-642: step delays would become 12"),
    ],
)
def test_values_that_nobody_can_fan_out_over(open_fan, recorded, error, says):
    fan = plan(open_fan).step("delays")
    with pytest.raises(error, match=says):
        expand(open_fan, fan, {"ingest": recorded}, standing(most=10))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (
            SPEC.replace("origin: ${", "orign: ${").replace("${origin} ", "${orign} "),
            'unknown parameter "orign". Did you mean "origin"?',
        ),
        (SPEC.replace("[1, 2]", "[1, x]"), "expected int, got the text 'x'"),
        (SPEC.replace("[EWR, JFK]", "[[EWR], [JFK]]").replace("list[str]", "list[list[str]]"), "expected str"),
        (
            SPEC.replace("origin: ${origins}", "origin: ${day}").replace("${origin} of ${day}", "${origins}"),
            "WB-PIP-643: step delays cannot fan out over origin - ${day} is '2013",
        ),
    ],
)
def test_foreach_that_does_not_fit_the_notebook(tmp_path, spec, says):
    lay_out(tmp_path, spec, NOTEBOOKS | {"delays": NOTEBOOKS["delays"].replace("day: str = 'x'", "o: int = 1")})
    with pytest.raises((ParameterError, GraphError)) as caught:
        plan(tmp_path)
    assert says in "\n".join([str(caught.value), *caught.value.detail])


def test_too_many_instances_are_refused_before_they_are_made(root):
    with pytest.raises(GraphError, match=r"WB-PIP-642: step delays would become 4 steps - 2 of origin × 2 of size"):
        plan(root, standing(most=3))


def test_instances_that_would_replace_each_other_are_refused(root):
    lay_out(root, SPEC, {"delays": NOTEBOOKS["delays"].replace("> marts.delays", "> marts.delays!")})
    with pytest.raises(
        GraphError, match=r"WB-PIP-644.*overwritten whole at delays.ipynb, cell 4, line 1.*by=\"origin\""
    ):
        plan(root)


def test_a_step_cannot_fan_out_over_what_each_instance_of_another_records(tmp_path):
    spec = SPEC + "  more: {notebook: more.ipynb, foreach: {x: '${delays.rows}'}}\n"
    lay_out(tmp_path, spec, NOTEBOOKS | {"more": "| x: int"})
    with pytest.raises(GraphError, match=r"WB-PIP-645: step more fans out over what step delays records"):
        plan(tmp_path)


def test_who_waits_for_what_it_fans_out_over_is_part_of_the_order(tmp_path):
    spec = "steps:\n  b: {notebook: b.ipynb, foreach: {x: '${a.xs}'}}\n  a: a.ipynb\n"
    lay_out(tmp_path, spec, {"a": "", "b": "| x: int"})
    assert [step.name for step in plan(tmp_path).steps] == ["a", "b"]
    lay_out(tmp_path, spec.replace("a: a.ipynb", "a: {notebook: a.ipynb, after: b}"), {})
    with pytest.raises(GraphError, match="WB-PIP-630") as caught:
        plan(tmp_path)
    assert "  b waits for a: foreach in pipelines/p.yaml" in caught.value.detail


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("EWR", "s[EWR]"),
        (2, "s[2]"),
        (True, "s[true]"),
        (None, "s[none]"),
        (0.5, "s[0.5]"),
        (date(2013, 1, 15), "s[2013-01-15]"),
        ("New York", "s[New York]"),
        ("Київ", "s[Київ]"),
    ],
)
def test_names_of_instances_show_their_values(value, name):
    assert instance_names("s", [(value,)]) == (name,)


def test_names_of_instances_suit_folders_and_differ():
    values = ["a/b", "a_b", "a\\b", "..", "", " ", "x" * 300, "x" * 301, "a,b", "a]", "ewr", "EWR", "a\n", "\0", 1, "1"]
    names = instance_names("s", [(value,) for value in values])
    assert len({name.casefold() for name in names}) == len(values)
    for name in names:
        assert not set(name) & set("/\\\0\n\r\t")
        assert name.count("[") == name.count("]") == 1
        assert len(name.encode()) < 200
        assert name.isprintable()


def test_one_instance_alone_can_be_selected(root, open_fan):
    lay_out(root, SPEC, NOTEBOOKS)
    past = succeeded(plan(root).steps, CURRENT)
    made = plan(root, standing(CURRENT, past), select=["delays[JFK,2]+"], force=True)
    assert [step.name for step in made.steps if step.action == "run"] == ["delays[JFK,2]", "daily"]
    lay_out(root, RECORDED, {})
    with pytest.raises(UsageError, match=r"WB-PIP-646.*instances of delays that are not known yet"):
        plan(root, select=["ingest,delays[EWR,1]"])


def test_unselected_steps_still_tell_what_they_recorded(open_fan):
    past = succeeded([plan(open_fan).step("ingest")], CURRENT, ingest={"origins": ["EWR"]})
    made = plan(open_fan, standing(CURRENT, without(past, "ingest")), select=["delays"])
    assert told(made) == {
        "ingest": ("skip", "not_selected"),
        "delays[EWR,1]": ("run", "first_run"),
        "delays[EWR,2]": ("run", "first_run"),
        "daily": ("skip", "not_selected"),
    }
    made = plan(open_fan, standing(CURRENT, without(past, "ingest")), select=["delays[EWR,2]"])
    assert told(made)["delays[EWR,1]"] == ("skip", "not_selected")
    with pytest.raises(GraphError, match=r"WB-PIP-648: step ingest is not selected.*--select ingest"):
        plan(open_fan, standing(CURRENT), select=["delays"])
