"""Runs: what is kept of them, which moves they make, and who may make them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from attempts import LEASE, begun

from workbench.model.errors import Conflict, InternalError, NotFound, UsageError
from workbench.model.names import new_id
from workbench.model.plan import Fingerprint
from workbench.model.run import AttemptState, CellRun, CellState, Run, State, StepRun
from workbench.store.owner import Owner, this_process
from workbench.store.transaction import Store

NOW = datetime.now(UTC).isoformat()


def started(
    store: Store, *steps: str, owner: Owner | None = None, lease: float = LEASE
) -> tuple[Run, tuple[StepRun, ...]]:
    run = Run(new_id(), "flights", "prod", State.QUEUED, {"day": date(2013, 1, 15)}, "ann", "abc123", NOW)
    kept = tuple(
        StepRun(new_id(), run.id, name, f"notebooks/{name}.ipynb", State.QUEUED, "first run") for name in steps
    )
    with store.writing() as transaction:
        transaction.runs.create(run, kept, owner or this_process(), lease)
        transaction.runs.move_run(run.id, State.RUNNING)
    return run, kept


def test_a_run_comes_back_as_it_went(store: Store) -> None:
    run, (clean, _) = started(store, "clean", "delays")
    cells = (CellRun(0, "a1", CellState.SUCCEEDED, NOW, 0.5, 1000), CellRun(1, "b2"))
    fingerprint = Fingerprint(code={"b": "1", "a": "2"}, parameters={"day": "date(2013, 1, 15)"})
    with store.writing() as transaction:
        attempt = begun(transaction, clean.id, "runs/x/clean", this_process())
        transaction.runs.keep_fingerprint(clean.id, fingerprint)
        transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED, cells=cells)
        transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.COMMITTED)
        transaction.runs.move_step(clean.id, State.SUCCEEDED, values={"auc": float("inf")}, report="R1", reason="ran")
    with store.reading() as transaction:
        found = transaction.runs.get(run.id)
        assert transaction.runs.get(run.id[-6:].lower()) == found
        assert transaction.runs.list() == (replace(found, steps=()),)
    assert found.parameters == {"day": date(2013, 1, 15)} and found.commit == "abc123" and found.state is State.RUNNING
    assert [step.step for step in found.steps] == ["clean", "delays"]
    step = found.steps[0]
    assert step.fingerprint == fingerprint and list(step.fingerprint.code) == ["b", "a"]
    assert step.values == {"auc": float("inf")} and step.report == "R1" and step.reason == "ran"
    assert step.seconds is not None and step.seconds >= 0
    assert (
        step.attempts[0].cells == cells
        and step.attempts[0].state is AttemptState.COMMITTED
        and step.attempts[0].ended_at
    )


@pytest.mark.parametrize("to", [State.QUEUED, State.SUCCEEDED, State.WITHHELD, State.STAGED])
def test_a_move_outside_the_table_is_refused(store: Store, to: State) -> None:
    _, (clean,) = started(store, "clean")
    with pytest.raises(InternalError, match="WB-INT-998"), store.writing() as transaction:
        transaction.runs.move_step(clean.id, to)


def test_a_final_state_stays(store: Store) -> None:
    run, _ = started(store)
    with store.writing() as transaction:
        transaction.runs.move_run(run.id, State.SUCCEEDED)
    with pytest.raises(InternalError), store.writing() as transaction:
        transaction.runs.move_run(run.id, State.FAILED)


def test_every_attempt_has_a_higher_fence_and_an_old_one_moves_nothing(store: Store) -> None:
    _, (clean, delays) = started(store, "clean", "delays")
    with store.writing() as transaction:
        first = begun(transaction, clean.id, "clean", this_process())
        second = begun(transaction, delays.id, "delays", this_process())
    assert second.fence > first.fence
    with pytest.raises(Conflict, match="WB-RUN-120"), store.writing() as transaction:
        transaction.runs.move_attempt(second.id, first.fence, AttemptState.STAGED)
    with pytest.raises(InternalError), store.writing() as transaction:
        transaction.runs.move_attempt(second.id, second.fence, AttemptState.QUEUED)


def test_what_is_not_there_is_named(store: Store) -> None:
    first, _ = started(store)
    started(store)
    with store.reading() as transaction:
        with pytest.raises(NotFound, match="WB-RUN-401"):
            transaction.runs.get("nosuch")
        with pytest.raises(NotFound, match="WB-RUN-401"):
            transaction.runs.get("%")
        with pytest.raises(NotFound, match="WB-RUN-401"):
            transaction.runs.get("")
        with pytest.raises(NotFound, match="WB-RUN-403"):
            transaction.runs.step_run("nosuch")
        with pytest.raises(NotFound, match="WB-RUN-403"):
            transaction.runs.attempt("nosuch")
    twin = replace(first, id=first.id[:10] + "X" * 10 + first.id[-6:])
    with pytest.raises(UsageError, match="WB-RUN-402"), store.writing() as transaction:
        transaction.runs.create(twin, (), this_process(), LEASE)
        transaction.runs.get(first.id[-6:])


def test_successes_are_newest_first_and_of_that_step_alone(store: Store) -> None:
    wanted = []
    for environment_step in ("clean", "clean", "delays"):
        _, (step,) = started(store, environment_step)
        with store.writing() as transaction:
            transaction.runs.move_step(step.id, State.RUNNING, fingerprint=Fingerprint(code={"a": step.id}))
            transaction.runs.move_step(step.id, State.SUCCEEDED)
        wanted.append(step.id)
    with store.reading() as transaction:
        found = transaction.runs.successes("flights", "clean", "prod")
        assert [step.id for step in found] == [wanted[1], wanted[0]]
        assert found[0].fingerprint == Fingerprint(code={"a": wanted[1]})
        assert transaction.runs.successes("flights", "clean", "prod", limit=1) == found[:1]
        assert transaction.runs.successes("flights", "clean", "dev") == ()
