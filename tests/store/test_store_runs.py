"""Runs: what is kept of them, which moves they make, and who may make them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from workbench.model.errors import Conflict, InternalError, NotFound, UsageError
from workbench.model.names import new_id
from workbench.model.plan import Fingerprint
from workbench.model.run import AttemptState, CellRun, CellState, Run, State, StepRun
from workbench.store.owner import Owner, owner_alive, this_process
from workbench.store.transaction import Store

LATER = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
NOW = datetime.now(UTC).isoformat()


def started(
    store: Store, *steps: str, owner: Owner | None = None, lease: str = LATER
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
        transaction.runs.move_step(clean.id, State.RUNNING, fingerprint=fingerprint)
        attempt = transaction.runs.start_attempt(clean.id, 1, "runs/x/clean/a1", this_process(), LATER)
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
        first = transaction.runs.start_attempt(clean.id, 1, "a1", this_process(), LATER)
        second = transaction.runs.start_attempt(delays.id, 1, "a1", this_process(), LATER)
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
        transaction.runs.create(twin, (), this_process(), LATER)
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


def test_a_run_of_this_process_is_not_expired_until_its_lease_is_over(store: Store) -> None:
    run, _ = started(store)
    with store.writing() as transaction:
        assert transaction.runs.expired(NOW) == ()
        assert [found.id for found in transaction.runs.expired(LATER)] == [run.id]
        much_later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        transaction.runs.renew(this_process(), much_later)
        assert transaction.runs.expired(LATER) == ()
        assert [found.id for found in transaction.runs.expired(much_later)] == [run.id]


def test_a_killed_owner_is_seen_at_once(store: Store, url: str) -> None:
    code = f"""
import os, signal, sys
from workbench.store.owner import this_process
from workbench.store.transaction import Store
from workbench.model.run import Run, State
with Store.open({url!r}) as store, store.writing() as transaction:
    transaction.runs.create(Run("01J00000000000000000000000", "p", "prod", State.QUEUED), (), this_process(), {LATER!r})
print("held", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        with store.reading() as transaction:
            assert transaction.runs.expired(NOW) == ()
        process.kill()
        while True:  # the process is a zombie until it is waited for; it must count as gone before that
            with store.reading() as transaction:
                if transaction.runs.expired(NOW):
                    break


def test_an_owner_elsewhere_is_judged_by_its_lease_alone(store: Store) -> None:
    elsewhere = replace(this_process(), id="far", host="elsewhere", pid=1)
    assert owner_alive(elsewhere) is None
    run, _ = started(store, owner=elsewhere)
    with store.reading() as transaction:
        assert transaction.runs.expired(NOW) == ()
        assert [found.id for found in transaction.runs.expired(LATER)] == [run.id]


def test_a_process_number_used_again_is_another_owner() -> None:
    assert owner_alive(this_process()) is True
    assert owner_alive(replace(this_process(), started="1")) is False
    assert owner_alive(replace(this_process(), pid=2**22 + 5)) is False


def test_losing_a_run_settles_all_of_it_in_one_go(store: Store) -> None:
    run, (clean, delays, daily) = started(store, "clean", "delays", "daily")
    with store.writing() as transaction:
        transaction.runs.move_step(clean.id, State.RUNNING)
        transaction.runs.move_step(clean.id, State.SUCCEEDED)
        transaction.runs.move_step(delays.id, State.RUNNING)
        attempt = transaction.runs.start_attempt(delays.id, 1, "a1", this_process(), LATER)
        assert transaction.runs.lose(run.id, {"code": "WB-RUN-104"}) is True
        assert transaction.runs.lose(run.id, {"code": "WB-RUN-104"}) is False
        found = transaction.runs.get(run.id)
    assert found.state is State.LOST and found.ended_at and found.error == {"code": "WB-RUN-104"}
    assert [step.state for step in found.steps] == [State.SUCCEEDED, State.LOST, State.CANCELLED]
    assert all(step.ended_at for step in found.steps)
    assert found.steps[1].attempts[0].state is AttemptState.LOST and found.steps[1].attempts[0].ended_at
    with pytest.raises(Conflict, match="WB-RUN-120"), store.writing() as transaction:
        transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED)
    with pytest.raises(Conflict, match="WB-RUN-120"), store.writing() as transaction:
        transaction.runs.start_attempt(daily.id, 1, "a1", this_process(), LATER)
    with pytest.raises(Conflict, match="WB-RUN-120"), store.writing() as transaction:
        transaction.runs.move_run(run.id, State.SUCCEEDED)


def test_a_lease_that_is_gone_cannot_be_renewed(store: Store) -> None:
    with pytest.raises(Conflict, match="WB-RUN-120"), store.writing() as transaction:
        transaction.runs.renew(this_process(), LATER)
