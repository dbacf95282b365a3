"""Steps on the workers of a Dask cluster, with nothing shared but a bucket and a store; then parts of it are killed."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from servers import Dask, PostgreSQL
from team import Team, all_gone, at_work, below, lay_out_team, until

from workbench.model.location import Location
from workbench.model.run import AttemptState, State
from workbench.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def team(tmp_path: Path, dask: Dask, bucket: Location, postgresql_store: str) -> Team:
    return lay_out_team(tmp_path / "project", dask, bucket, postgresql_store)


def test_steps_run_on_workers_that_share_nothing_with_the_runner(team: Team) -> None:
    team.cluster.start_scheduler()
    team.cluster.start_worker("ann")
    team.cluster.start_worker("bob")
    team.go()
    run = team.run()
    assert run.state is State.SUCCEEDED, [step.error for step in run.steps]
    assert team.committed_once()
    ingest, double = team.step("ingest"), team.step("double")
    assert ingest.attempts[-1].worker.startswith("tcp://127.0.0.1:")
    assert ingest.values["worker"] in ("ann", "bob")
    *places, note = ingest.values["seen"]
    assert note == "brought along"
    assert not [place for place in places if place.startswith(str(team.root))]
    assert places[0].startswith(str(team.cluster.folder / ingest.values["worker"]))
    with Project.open(team.root) as project:
        events = list(project.runs.events(double))
        executed = project.runs.notebook(double)
        assert executed is not None
        assert "doubling 2" in executed.read_text()
        assert project.plan("orders").steps[0].action == "skip"
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert "doubling 2" in json.dumps([event.data for event in events if event.kind == "output"])
    assert team.step("show").report
    until(lambda: not at_work(team.cluster.folder))


def test_f18_a_worker_that_is_killed_loses_its_attempt_and_nothing_else(team: Team) -> None:
    team.cluster.start_scheduler()
    team.cluster.start_worker("ann")
    team.cluster.start_worker("bob")
    running = team.begin()
    first = team.met()
    worker = team.cluster.workers[first]
    processes = below(worker.pid)
    assert processes
    worker.kill()
    second = team.met((first,))
    until(lambda: all_gone(processes))
    team.go()
    running.join()
    assert team.committed_once(), team.runs[-1]
    attempts = team.step("double").attempts
    assert [attempt.state for attempt in attempts] == [AttemptState.LOST, AttemptState.COMMITTED]
    assert attempts[0].cause == "worker_lost"
    assert attempts[0].error is not None
    assert "worker at tcp://127.0.0.1" in attempts[0].error["cause"]
    assert second != first
    until(lambda: not at_work(team.cluster.folder))


def test_f18_a_scheduler_that_is_killed_loses_its_attempts_which_run_again_when_there_is_one(team: Team) -> None:
    team.cluster.start_scheduler()
    team.cluster.start_worker("ann")
    running = team.begin()
    team.met()
    processes = below(team.cluster.workers["ann"].pid)
    assert team.cluster.scheduler is not None
    team.cluster.scheduler.kill()
    team.cluster.scheduler.wait()
    until(lambda: all_gone(processes))
    team.cluster.start_scheduler()
    team.cluster.start_worker("bob")
    assert team.met(("ann",)) == "bob"
    team.go()
    running.join()
    assert team.committed_once(), team.runs[-1]
    attempts = team.step("double").attempts
    assert attempts[0].state is AttemptState.LOST
    assert attempts[0].cause == "worker_lost"
    assert attempts[-1].state is AttemptState.COMMITTED
    until(lambda: not at_work(team.cluster.folder))


def test_f40_a_store_that_is_restarted_meanwhile_loses_and_doubles_nothing(
    tmp_path: Path, dask: Dask, bucket: Location, own_postgresql: PostgreSQL
) -> None:
    team = lay_out_team(tmp_path / "project", dask, bucket, own_postgresql.database())
    dask.start_scheduler()
    dask.start_worker("ann")
    running = team.begin()
    team.met()
    own_postgresql.stop(signal.SIGQUIT)
    own_postgresql.start()
    team.go()
    running.join()
    assert team.committed_once(), team.runs[-1]
    assert len(team.step("double").attempts) == 1


def test_a_run_that_is_cancelled_leaves_nothing_on_the_workers(team: Team) -> None:
    team.cluster.start_scheduler()
    team.cluster.start_worker("ann")
    runner = team.command()
    team.met()
    runner.send_signal(signal.SIGINT)
    assert runner.wait() == 130
    with Project.open(team.root) as project:
        run = project.runs.get("last")
    assert run.state is State.CANCELLED
    assert [step.state for step in run.steps][1:] == [State.CANCELLED] * 3
    attempt = run.steps[1].attempts[-1]
    assert attempt.error is not None
    assert attempt.error["code"] == "WB-RUN-190"
    assert attempt.cells, "its notebook and its cells came back"
    until(lambda: not at_work(team.cluster.folder))
    team.go()
    assert team.run().state is State.SUCCEEDED


def test_f6_a_runner_that_is_killed_leaves_nothing_on_the_workers(team: Team) -> None:
    team.cluster.start_scheduler()
    team.cluster.start_worker("ann")
    runner = team.command()
    team.met()
    assert at_work(team.cluster.folder)
    runner.kill()
    runner.wait()
    until(lambda: not at_work(team.cluster.folder))
    team.go()
    assert team.run().state is State.SUCCEEDED
