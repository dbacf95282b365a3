"""Who is believed to be at work, and what becomes of what nobody holds any more."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from attempts import LEASE, begun
from test_store_runs import started

from workbench.model.errors import Conflict
from workbench.model.run import AttemptState, State
from workbench.store.owner import new_owner, owner_alive, this_process
from workbench.store.transaction import Store

ERROR = {"code": "WB-RUN-121"}


def gone(store: Store) -> list[str]:
    with store.reading() as transaction:
        return [run.id for run in transaction.leases.gone()]


def test_a_lease_holds_until_its_time_is_up(store: Store) -> None:
    run, _ = started(store)
    owner = this_process()
    assert gone(store) == []
    with store.writing() as transaction:
        transaction.leases.renew(run.id, owner, (), 0.0)
    assert gone(store) == [run.id]
    with store.writing() as transaction:
        transaction.leases.renew(run.id, owner, (), LEASE)
    assert gone(store) == []


def test_runners_of_one_process_are_held_apart(store: Store) -> None:
    first, _ = started(store, owner=new_owner())
    second, _ = started(store, owner=new_owner(), lease=0.0)
    assert gone(store) == [second.id]
    assert first.id != second.id


def test_f43_a_clock_that_is_set_does_not_end_the_lease_of_a_process_that_can_be_seen(store: Store) -> None:
    owner = new_owner()
    started(store, owner=owner)
    with store.writing() as transaction:
        transaction.leases.hold(owner, LEASE)
    long_over = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert not replace(owner, lease_until=long_over, ticks=time.monotonic() + 5).over(datetime.now(UTC))
    assert replace(owner, lease_until=long_over, ticks=time.monotonic() - 1).over(datetime.now(UTC))
    assert replace(owner, lease_until="2999-01-01T00:00:00+00:00", ticks=0.0).over(datetime.now(UTC))


def test_an_owner_elsewhere_is_judged_by_its_lease_alone(store: Store) -> None:
    elsewhere = replace(this_process(), id="far", host="elsewhere", pid=1)
    assert owner_alive(elsewhere) is None
    run, _ = started(store, owner=elsewhere)
    assert gone(store) == []
    with store.writing() as transaction:
        transaction.leases.hold(elsewhere, 0.0)
    assert gone(store) == [run.id]


def test_an_empty_lease_is_over() -> None:
    elsewhere = replace(this_process(), host="elsewhere", lease_until="")
    assert elsewhere.over(datetime.now(UTC))
    assert this_process().over(datetime.now(UTC))


def test_a_killed_owner_is_seen_at_once(store: Store, url: str) -> None:
    code = f"""
import sys
from workbench.store.owner import this_process
from workbench.store.transaction import Store
from workbench.model.run import Run, State
with Store.open({url!r}) as store, store.writing() as transaction:
    transaction.runs.create(Run("01J00000000000000000000000", "p", "prod", State.QUEUED), (), this_process(), 3600)
print("held", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert gone(store) == []
        process.kill()
        while not gone(store):  # the process is a zombie until it is waited for; it must count as gone before that
            time.sleep(0.01)


def test_a_process_number_used_again_is_another_owner() -> None:
    assert owner_alive(this_process()) is True
    assert owner_alive(replace(this_process(), started="1")) is False
    assert owner_alive(replace(this_process(), pid=2**22 + 5)) is False


def test_losing_a_run_settles_all_of_it_in_one_go(store: Store) -> None:
    owner = new_owner()
    run, (clean, delays, daily) = started(store, "clean", "delays", "daily", owner=owner)
    with store.writing() as transaction:
        transaction.runs.move_step(clean.id, State.RUNNING)
        transaction.runs.move_step(clean.id, State.SUCCEEDED)
        attempt = begun(transaction, delays.id, "delays", owner)
        assert transaction.leases.lose(run.id, ERROR) is False
        waiting = transaction.claims.queue(daily.id, "daily", owner, "2999-01-01T00:00:00+00:00")
        transaction.leases.hold(owner, 0.0)
        assert transaction.leases.lose(run.id, ERROR) is True
        assert transaction.leases.lose(run.id, ERROR) is False
        found = transaction.runs.get(run.id)
    assert found.state is State.LOST
    assert found.ended_at
    assert found.error == ERROR
    assert [step.state for step in found.steps] == [State.SUCCEEDED, State.LOST, State.CANCELLED]
    assert all(step.ended_at for step in found.steps)
    assert [(one.state, one.cause, bool(one.ended_at)) for step in found.steps[1:] for one in step.attempts] == [
        (AttemptState.LOST, "worker_lost", True),
        (AttemptState.CANCELLED, "cancelled", True),
    ]
    for late in (
        lambda transaction: transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.STAGED),
        lambda transaction: transaction.claims.queue(daily.id, "daily", owner),
        lambda transaction: transaction.claims.claim(waiting, owner, LEASE),
        lambda transaction: transaction.runs.move_run(run.id, State.SUCCEEDED),
        lambda transaction: transaction.leases.ours(run.id, owner),
        lambda transaction: transaction.leases.renew(run.id, owner, (), LEASE),
    ):
        with pytest.raises(Conflict, match="WB-RUN-120"), store.writing() as transaction:
            late(transaction)


def test_a_run_that_somebody_else_holds_is_not_ours(store: Store) -> None:
    run, _ = started(store)
    with store.writing() as transaction:
        transaction.leases.ours(run.id, this_process())
        assert transaction.leases.holds(run.id, this_process())
        assert not transaction.leases.holds(run.id, new_owner())
        with pytest.raises(Conflict, match="WB-RUN-120"):
            transaction.leases.ours(run.id, new_owner())
