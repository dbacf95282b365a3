"""The board knows, after every change, exactly which steps may begin."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from workbench.execution.walk.board import GOOD, Board
from workbench.model.pipeline import StepOptions
from workbench.model.plan import NOT_SELECTED, Action, Fingerprint, PlannedStep, Reason
from workbench.model.run import State

ENDS = sorted(state for state in State if state.final)


def step(
    name: str, upstream: Sequence[str] = (), base: str = "", action: Action = Action.RUN, reason: str = ""
) -> PlannedStep:
    return PlannedStep(
        name, "n.ipynb", action, Reason("", reason), Fingerprint(), {}, (), (), tuple(upstream), "python3", "",
        StepOptions(timeout=1.0), base=base or name,
    )  # fmt: skip


def names(board: Board) -> list[str]:
    return [one.name for one in board.ready()]


@pytest.mark.parametrize("seed", range(50))
def test_ready_is_what_is_queued_and_has_nothing_unfinished_before_it(seed: int) -> None:
    rng = random.Random(seed)
    steps = [step(f"s{at}", [f"s{i}" for i in range(at) if rng.random() < 0.4]) for at in range(rng.randint(1, 12))]
    board = Board(steps)
    while not board.over:
        open_names = [name for name, state in board.states.items() if not state.final]
        expected = [
            one.name
            for one in steps
            if board.states[one.name] is State.QUEUED and all(board.states[name].final for name in one.upstream)
        ]
        assert names(board) == expected
        for one in steps:
            assert set(board.bad(one)) == {
                name for name in one.upstream if board.states[name].final and board.states[name] not in GOOD
            }
        board.put(rng.choice(open_names), rng.choice([State.QUEUED, State.RUNNING, State.STAGED, *ENDS]))
    assert names(board) == []


def test_a_step_waits_for_all_instances_of_another() -> None:
    board = Board([step("delays[EWR]", base="delays"), step("delays[JFK]", base="delays"), step("daily", ["delays"])])
    board.put("delays[EWR]", State.SUCCEEDED)
    assert names(board) == ["delays[JFK]"]
    board.put("delays[JFK]", State.FAILED)
    assert names(board) == ["daily"]
    assert board.bad(board.steps["daily"]) == {"delays[JFK]": State.FAILED}


def test_a_step_gives_way_to_its_instances() -> None:
    board = Board([step("origins"), step("delays", ["origins"]), step("daily", ["delays"])])
    board.put("origins", State.SUCCEEDED)
    board.replace("delays", [step(f"delays[{at}]", ["origins"], base="delays") for at in ("EWR", "JFK")])
    assert list(board.steps) == ["origins", "delays[EWR]", "delays[JFK]", "daily"]
    assert names(board) == ["delays[EWR]", "delays[JFK]"]
    for name in names(board):
        board.put(name, State.SUCCEEDED)
    assert names(board) == ["daily"]


def test_a_run_that_is_taken_up_again_knows_what_stands() -> None:
    board = Board([step("a"), step("b", ["a"]), step("c", ["b", "gone"])], {"a": State.SUCCEEDED})
    assert names(board) == ["b"]
    assert not board.over
    board.put("b", State.SKIPPED)
    assert names(board) == ["c"]
    board.put("c", State.SUCCEEDED)
    assert board.over


def test_what_needs_no_run_stands_from_the_start_unless_something_before_it_runs() -> None:
    skip = Action.SKIP
    steps = [
        step("a", action=skip),
        step("b"),
        step("c", ["a"], action=skip),
        step("d", ["c", "b"], action=skip),
        step("e", ["c"], action=skip),
    ]
    board = Board(steps)
    assert [one.name for one in board.stand()] == ["a", "c", "e"]
    assert names(board) == ["b"]
    board.put("b", State.SUCCEEDED)
    assert names(board) == ["d"], "it comes after one that ran"


def unselected(name: str, *upstream: str) -> PlannedStep:
    return step(name, upstream, action=Action.SKIP, reason=NOT_SELECTED)


def test_what_is_not_selected_is_skipped_whatever_becomes_of_the_rest() -> None:
    board = Board([step("a"), unselected("b", "a"), unselected("c", "b"), step("d", ["c"]), unselected("e", "d")])
    assert [one.name for one in board.stand()] == ["b", "c", "e"]
    assert names(board) == ["a"], "d comes after a, though not at once"
    board.put("a", State.FAILED)
    assert names(board) == ["d"]
    assert board.bad(board.steps["d"]) == {"a": State.FAILED}


def test_a_run_that_is_taken_up_again_goes_on_in_order_behind_what_was_skipped() -> None:
    board = Board([step("a"), step("b", ["a"]), step("c", ["b"])], {"b": State.SKIPPED})
    assert names(board) == ["a"]
    board.put("a", State.SUCCEEDED)
    assert names(board) == ["c"]
