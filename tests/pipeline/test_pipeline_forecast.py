"""What a plan is expected to take: by earlier runs, along the graph, as many at once as there is room for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.pipeline import StepOptions
from workbench.model.plan import Action, Fingerprint, Forecast, Plan, PlannedStep, Reason, forecast
from workbench.pipeline.forecast import Course, with_forecasts


def step(name, *upstream, action=Action.RUN, base="", max_parallel=None):
    return PlannedStep(
        name, f"{name}.ipynb", action, Reason("", ""), Fingerprint(), {}, (), (), upstream, "python3", "",
        StepOptions(timeout=1.0), base=base or name.partition("[")[0], max_parallel=max_parallel,
    )  # fmt: skip


def plan(*steps):
    return Plan("p", "prod", {}, steps)


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        ([], None),
        ([3.0], Forecast(3.0, 3.0, 1)),
        ([4.0, 2.0], Forecast(3.0, 4.0, 2)),
        ([float(n) for n in range(1, 21)], Forecast(10.5, 17.0, 20)),
    ],
)
def test_half_took_at_most_and_85_of_100_took_at_most(seconds, found):
    assert forecast(seconds) == found


DIAMOND = (step("a"), step("b"), step("c"), step("d", "a", "b"))
SECONDS = {"a": 10.0, "b": 5.0, "c": 3.0, "d": 1.0}


@pytest.mark.parametrize(("slots", "whole"), [(1, 19.0), (2, 11.0), (8, 11.0), (0, 19.0)])
def test_the_longest_way_through_the_graph_counts(slots, whole):
    assert Course(DIAMOND).play(SECONDS, slots) == whole


def test_a_skipped_step_takes_no_time_and_no_place():
    steps = (step("a", action=Action.SKIP), step("b", "a"), step("c", "a"))
    assert Course(steps).play({"b": 2.0, "c": 3.0}, 1) == 5.0
    assert Course(steps).play({"b": 2.0, "c": 3.0}, 2) == 3.0
    assert Course(tuple(step(name, action=Action.SKIP) for name in "abc")).play({}, 2) == 0.0


def test_who_waits_for_a_base_waits_for_all_its_instances():
    instances = tuple(step(f"i[{number}]", "a") for number in range(4))
    steps = (step("a"), *instances, step("z", "i"))
    assert Course(steps).play({"a": 1.0, "i": 2.0, "z": 1.0}, 2) == 6.0
    assert Course(steps).play({"a": 1.0, "i": 2.0, "z": 1.0}, 4) == 4.0


def test_max_parallel_holds_back_instances_and_nobody_else():
    instances = tuple(step(f"i[{number}]", max_parallel=1) for number in range(3))
    assert Course((*instances, step("b"))).play({"i": 2.0, "b": 6.0}, 4) == 6.0
    assert Course(instances).play({"i": 2.0}, 4) == 6.0


@given(st.integers(1, 12), st.integers(1, 4), st.data())
def test_no_run_is_shorter_than_its_longest_chain_or_than_its_work_by_its_places(count, slots, data):
    before = [
        data.draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set() for number in range(count)
    ]
    seconds = {f"s{number}": float(data.draw(st.integers(1, 9))) for number in range(count)}
    steps = [step(f"s{n}", *(f"s{m}" for m in sorted(before[n]))) for n in range(count)]
    chain = []
    for number in range(count):
        chain.append(seconds[f"s{number}"] + max((chain[m] for m in before[number]), default=0.0))
    whole = Course(steps).play(seconds, slots)
    work = sum(seconds.values())
    assert max(max(chain), work / slots) <= whole <= work
    assert Course(steps).play(seconds, count) == max(chain)


def test_a_plan_is_forecast_by_playing_earlier_runs_again():
    made = plan(step("a"), step("b", "a"), step("c", action=Action.SKIP))
    samples = {"a": [("R3", 10.0), ("R2", 20.0), ("R1", 30.0)], "b": [("R3", 1.0), ("R1", 3.0)]}
    found = with_forecasts(made, samples, 2)
    assert found.step("a").forecast == Forecast(20.0, 30.0, 3)
    assert found.step("b").forecast == Forecast(2.0, 3.0, 2)
    assert found.step("c").forecast is None
    assert found.forecast == Forecast(22.0, 33.0, 3)


def test_instances_share_the_past_of_their_step():
    made = plan(step("i[1]"), step("i[2]"), step("i[3]"))
    samples = {"i": [("R1", 2.0), ("R1", 4.0), ("R1", 6.0)]}
    assert with_forecasts(made, samples, 1).forecast == Forecast(12.0, 12.0, 1)
    assert with_forecasts(made, samples, 3).forecast == Forecast(4.0, 4.0, 1)


def test_what_never_ran_is_not_guessed():
    made = plan(step("a"), step("b"))
    found = with_forecasts(made, {"a": [("R1", 1.0)]}, 1)
    assert (found.step("a").forecast, found.step("b").forecast) == (Forecast(1.0, 1.0, 1), None)
    assert found.forecast == Forecast(1.0, 1.0, 1)
    assert with_forecasts(made, {}, 1).forecast is None
    skipped = plan(step("a", action=Action.SKIP))
    assert with_forecasts(skipped, {}, 1) == skipped
