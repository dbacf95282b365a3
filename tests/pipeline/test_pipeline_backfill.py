"""Plans over many partitions, which of them are meant, and the matrix of what became of each."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pipeline_plans import SCHEMA, lay_out, plan, standing, succeeded, told, without

from workbench.model.dataset import DataFile, Input
from workbench.model.errors import GraphError, UsageError
from workbench.model.matrix import Latest
from workbench.model.run import State
from workbench.pipeline.backfill import Only, dimensions, matrix, places, spread
from workbench.pipeline.inputs import Inputs
from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.planner import expand
from workbench.pipeline.spec import load_pipeline

SPEC = """\
parameters: {limit: 5}
partitions:
  day: {every: day, start: 2013-01-01, end: 2013-01-31, timezone: America/New_York}
  origin: [EWR, JFK]
steps:
  source: source.ipynb
  clean: {notebook: clean.ipynb, parameters: {label: "on ${day}"}}
  delays: delays.ipynb
  total: {notebook: total.ipynb, report: {title: "Total"}}
  daily: {notebook: daily.ipynb, report: {title: "Delays on ${day}"}}
"""
NOTEBOOKS = {
    "source": "> raw.flights! | limit: int = 1",
    "clean": "raw.flights > clean.flights | label: str = ''",
    "delays": "clean.flights > marts.delays | day: str; origin: str",
    "total": "marts.delays > marts.total!",
    "daily": "marts.delays > marts.daily",
}
NOW = datetime(2013, 6, 1, tzinfo=UTC)
DAYS = ("2013-01-15", "2013-01-16")
CURRENT = {"raw.flights": 1, "clean.flights": 2, "marts.delays": 3, "marts.total": 4, "marts.daily": 5}


def file(name, **partition):
    return DataFile(name, 1, 1, f"digest of {name}", partition)


FILES = {
    "raw.flights": (file("raw"),),
    "clean.flights": tuple(file(f"clean {day}", day=day) for day in DAYS),
    "marts.delays": tuple(
        file(f"delays {day} {origin}", day=day, origin=origin) for day in DAYS for origin in ("EWR", "JFK")
    ),
    "marts.total": (file("total"),),
    "marts.daily": tuple(file(f"daily {day}", day=day) for day in DAYS),
}


@pytest.fixture
def root(tmp_path):
    spec = SPEC.replace("parameters: {limit: 5}", "parameters: {limit: 5, day: {type: str}}")
    return lay_out(tmp_path, spec, NOTEBOOKS)


def ran(made, files=FILES):
    """The history after all steps of a plan ran, with their inputs counted as a runner counts them."""
    inputs = {name: Input(name, CURRENT[name], 1, SCHEMA, files[name]) for name in CURRENT}
    past = succeeded(made.steps, CURRENT)
    for step in made.steps:
        bare = replace(step, fingerprint=step.fingerprint.with_inputs({}))
        seen = Inputs().settled(bare, {name: inputs[name] for name in step.reads})
        past[step.name] = replace(past[step.name], fingerprint=seen)
    return past


def test_steps_times_partitions_with_what_they_share_once(root):
    made = plan(root, over={"day": DAYS, "origin": ("EWR", "JFK")})
    assert [step.name for step in made.steps] == [
        "source",
        *(f"clean[{day}]" for day in DAYS),
        *(f"delays[{day},{origin}]" for day in DAYS for origin in ("EWR", "JFK")),
        "total",
        *(f"daily[{day}]" for day in DAYS),
    ]
    clean, delays, daily = (
        made.step(name) for name in ("clean[2013-01-16]", "delays[2013-01-16,JFK]", "daily[2013-01-16]")
    )
    assert (clean.base, clean.partition, clean.upstream) == ("clean", {"day": "2013-01-16"}, ("source",))
    assert clean.parameters == {"label": "on 2013-01-16"}
    assert (delays.partition, delays.upstream) == ({"day": "2013-01-16", "origin": "JFK"}, ("clean[2013-01-16]",))
    assert delays.parameters == {"day": "2013-01-16", "origin": "JFK"}
    assert daily.upstream == ("delays[2013-01-16,EWR]", "delays[2013-01-16,JFK]")
    assert daily.report.title == "Delays on 2013-01-16"
    assert made.step("total").upstream == ("delays",)
    assert made.parameters == {"limit": 5, "day": "2013-01-15, 2013-01-16", "origin": "EWR, JFK"}


def test_a_run_whose_parameter_is_a_partition_is_about_that_one(root):
    made = plan(root, given={"day": "2013-01-15", "origin": "EWR"})
    assert [step.name for step in made.steps] == ["source", "clean", "delays", "total", "daily"]
    assert made.step("delays").partition == {"day": "2013-01-15", "origin": "EWR"}
    assert made.step("total").partition == {}
    spread_ = plan(root, over={"day": DAYS[:1], "origin": ("EWR",)})
    assert made.step("delays").fingerprint == spread_.step("delays[2013-01-15,EWR]").fingerprint


def test_only_the_part_of_an_input_counts_that_a_step_is_about(root):
    over = {"day": DAYS, "origin": ("EWR", "JFK")}
    past = ran(plan(root, over=over))
    made = plan(root, standing(CURRENT, past, FILES), over=over)
    assert {action for action, _ in told(made).values()} == {"skip"}
    other = {**FILES, "clean.flights": (FILES["clean.flights"][0], file("clean again", day=DAYS[1]))}
    made = plan(root, standing({**CURRENT, "clean.flights": 22}, past, other), over=over)
    assert [name for name, (action, _) in told(made).items() if action == "run"] == [
        "delays[2013-01-16,EWR]",
        "delays[2013-01-16,JFK]",
    ]
    assert made.step("delays[2013-01-16,EWR]").reason.text == "input clean.flights is new"
    assert told(made)["daily[2013-01-15]"] == ("skip", "unchanged")
    assert told(made)["daily[2013-01-16]"] == ("decide", "waits")
    assert told(made)["total"] == ("decide", "waits")
    more = {**FILES, "clean.flights": (*FILES["clean.flights"], file("clean 17", day="2013-01-17"))}
    made = plan(root, standing({**CURRENT, "clean.flights": 23}, past, more), over=over)
    assert {action for action, _ in told(made).values()} == {"skip"}


def test_a_dataset_that_is_not_cut_counts_whole(root):
    over = {"day": DAYS, "origin": ("EWR",)}
    uncut = {**FILES, "clean.flights": (file("one"), file("two", day=DAYS[0]))}
    past = ran(plan(root, over=over), uncut)
    made = plan(root, standing({**CURRENT, "clean.flights": 22}, past, uncut), over=over)
    assert {told(made)[f"delays[{day},EWR]"] for day in DAYS} == {("run", "input_changed")}


def test_a_step_that_takes_the_value_by_another_name_may_look_at_other_parts(root):
    lay_out(
        root,
        (root / "pipelines" / "p.yaml")
        .read_text()
        .removeprefix("name: p\n")
        .replace("  daily: {notebook: daily.ipynb,", "  daily: {notebook: daily.ipynb, parameters: {until: '${day}'},"),
        {"daily": "marts.delays > marts.daily | until: str"},
    )
    over = {"day": DAYS, "origin": ("EWR", "JFK")}
    past = ran(plan(root, over=over))
    other = {**FILES, "marts.delays": (*FILES["marts.delays"][:3], file("again", day=DAYS[1], origin="JFK"))}
    made = plan(root, standing({**CURRENT, "marts.delays": 33}, past, other), over=over)
    assert {told(made)[f"daily[{day}]"] for day in DAYS} == {("run", "input_changed")}


def test_a_partition_that_failed_holds_up_no_other(root):
    over = {"day": DAYS, "origin": ("EWR",)}
    past = ran(plan(root, over=over))
    made = plan(root, standing(CURRENT, without(past, "clean[2013-01-15]"), FILES), over=over)
    assert told(made)["clean[2013-01-15]"] == ("run", "outputs_gone")
    assert told(made)["delays[2013-01-15,EWR]"] == ("decide", "waits")
    assert told(made)["delays[2013-01-16,EWR]"] == ("skip", "unchanged")


def test_places_narrow_what_is_filled_in(root):
    over = {"day": DAYS, "origin": ("EWR", "JFK")}
    made = plan(root, over=over, places=frozenset({("2013-01-15", "JFK")}))
    assert [step.name for step in made.steps if step.partition] == [
        "clean[2013-01-15]",
        "delays[2013-01-15,JFK]",
        "daily[2013-01-15]",
    ]
    assert plan(root, over=over, places=frozenset()).steps == ()


def test_one_partition_of_one_step_can_be_selected(root):
    made = plan(
        root, standing(CURRENT, {}, FILES), over={"day": DAYS, "origin": ("EWR",)}, select=["clean[2013-01-16]+"]
    )
    assert [step.name for step in made.steps if step.action != "skip"] == [
        "clean[2013-01-16]",
        "delays[2013-01-16,EWR]",
        "total",
        "daily[2013-01-16]",
    ]


def test_partitions_that_would_replace_each_other_are_refused(root):
    lay_out(
        root,
        (root / "pipelines/p.yaml").read_text().removeprefix("name: p\n"),
        {"clean": "raw.flights > clean.flights! | label: str = ''"},
    )
    assert plan(root, given={"day": "2013-01-15", "origin": "EWR"}).steps
    with pytest.raises(GraphError, match=r"WB-PIP-644.*clean\.flights is overwritten whole.*by=\"day\""):
        plan(root, over={"day": DAYS, "origin": ("EWR",)})


def test_instances_and_partitions_together(tmp_path):
    spec = SPEC.replace(
        "  delays: delays.ipynb", "  delays: {notebook: delays.ipynb, foreach: {size: '${source.sizes}'}}"
    )
    lay_out(
        tmp_path,
        spec,
        {**NOTEBOOKS, "delays": "clean.flights > marts.delays | day: date; size: int"}
        | {"source": "> raw.flights! | limit: int = 1; origin: str = 'x'"},
    )
    made = plan(tmp_path, over={"day": DAYS}, given={"origin": "EWR"})
    assert told(made)["delays[2013-01-15]"] == ("decide", "fans_out")
    assert made.step("daily[2013-01-15]").upstream == ("delays[2013-01-15]",)
    instances = expand(tmp_path, made.step("delays[2013-01-15]"), {"source": {"sizes": [1, 2]}}, standing())
    assert [step.name for step in instances] == ["delays[2013-01-15,1]", "delays[2013-01-15,2]"]
    assert instances[0].parameters == {"day": date(2013, 1, 15), "size": 1}
    assert {step.partition["day"] for step in instances} == {"2013-01-15"}


@pytest.mark.parametrize(
    ("over", "given", "says"),
    [
        ({"dya": ""}, (), 'has no partition "dya" - its partitions: day, origin. Did you mean "day"?'),
        ({"day": ""}, ("day",), "by --over and as a parameter"),
        ({"origin": "LGA"}, (), "its values: EWR, JFK"),
    ],
)
def test_ranges_that_cannot_be(root, over, given, says):
    with pytest.raises(UsageError, match="WB-PIP-64") as caught:
        spread(load_pipeline(root, "p"), over, given, NOW)
    assert says in str(caught.value)


def test_a_pipeline_without_partitions_says_how_to_have_some(tmp_path):
    lay_out(tmp_path, "steps: {source: source.ipynb}", {"source": ""})
    with pytest.raises(UsageError, match=r"WB-PIP-640: pipelines/p\.yaml has no partitions"):
        spread(load_pipeline(tmp_path, "p"), {"day": ""}, (), NOW)


def latest(base, state, key="{}", **partition):
    return Latest(base, key, partition, State(state), f"run of {base}", base, "2013-02-01T00:00:00+00:00", "r.html")


KNOWN = {"clean": ("day",), "delays": ("day", "origin"), "daily": ("day",)}
RAN = [
    latest("clean", "succeeded", day=DAYS[0]),
    latest("clean", "failed", day=DAYS[1]),
    latest("delays", "succeeded", day=DAYS[0], origin="EWR"),
    latest("delays", "lost", day=DAYS[0], origin="JFK"),
    latest("daily", "skipped", day=DAYS[0]),
    latest("daily", "succeeded", day="2014-01-01"),
    latest("gone", "succeeded", day=DAYS[0]),
]


def test_the_matrix_shows_each_part_of_each_step(root):
    pipeline = load_pipeline(root, "p")
    notebooks = {step.name: read_notebook(root, step.notebook) for step in pipeline.steps}
    assert dimensions(pipeline, notebooks) == KNOWN
    made = matrix(pipeline, "prod", KNOWN, RAN, {}, NOW)
    assert (made.names, made.steps) == (("day",), ("clean", "delays", "daily"))
    assert len(made.rows) == 32
    rows = {row.values[0]: row.squares for row in made.rows}
    clean, delays, daily = rows[DAYS[0]]
    assert (clean.state, daily.state) == (State.SUCCEEDED, State.SKIPPED)
    assert (delays.state, delays.good, delays.count, delays.run, delays.report) == (
        State.LOST,
        1,
        2,
        "run of delays",
        "r.html",
    )
    assert [square.state for square in rows[DAYS[1]]] == [State.FAILED, None, None]
    assert rows["2014-01-01"][2].state is State.SUCCEEDED
    narrow = matrix(pipeline, "prod", KNOWN, RAN, {"day": DAYS}, NOW)
    assert [row.values for row in narrow.rows] == [(day,) for day in DAYS]


def test_steps_that_know_no_common_partition_are_shown_by_the_first(root):
    made = matrix(load_pipeline(root, "p"), "prod", {"clean": ("day",), "other": ("origin",)}, RAN, {"day": DAYS}, NOW)
    assert (made.names, made.steps) == (("day",), ("clean",))


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (Only.ALL, None),
        (Only.MISSING, {(DAYS[1], "EWR"), (DAYS[1], "JFK"), ("2013-01-17", "EWR"), ("2013-01-17", "JFK")}),
        (Only.FAILED, {(DAYS[0], "JFK"), (DAYS[1], "EWR"), (DAYS[1], "JFK")}),
    ],
)
def test_what_is_missing_and_what_failed(only, found):
    wanted = {"day": (*DAYS, "2013-01-17"), "origin": ("EWR", "JFK")}
    assert places(wanted, KNOWN, RAN, only) == found


def test_what_failed_when_only_one_partition_is_asked_for():
    assert places({"day": DAYS}, KNOWN, RAN, Only.FAILED) == {(DAYS[0],), (DAYS[1],)}
    assert places({"origin": ("EWR", "JFK")}, KNOWN, RAN, Only.FAILED) == {("JFK",)}
