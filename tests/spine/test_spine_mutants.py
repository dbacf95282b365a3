"""The test of the tests: with one safeguard taken away, the scene that is green with it is seen to be wrong."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forks import Forks, stopped
from stages import TOO_MANY, WAITS, Stage

pytestmark = pytest.mark.slow

Scene = Callable[[Stage, str], list[str]]
"""What happens with a mutant, or without one; returns what is wrong afterwards."""


def killed_at(place: str) -> Scene:
    """A run is killed at a place."""

    def scene(stage: Stage, mutant: str) -> list[str]:
        run = stage.begin(*stage.run("pair"), failpoint=place, mutant=mutant)
        assert run.wait() == -signal.SIGKILL, stage.said()
        return stage.faults()

    return scene


def paused_beyond_the_lease(stage: Stage, mutant: str) -> list[str]:
    """A runner stands still as it is about to publish; when it goes on, its run was told to be lost."""
    run = stage.begin(*stage.run("pair"), failpoint="publish.before_commit:stop", mutant=mutant)
    with stopped(run):
        stage.outlast_lease()
        told = stage.ends()
        run.go_on()
    run.wait()
    after = stage.ends()
    changed = [f"{id} was told to be {state} and is {after[id]}" for id, state in told.items() if after[id] != state]
    return [*changed, *stage.faults()]


def two_attempts_of_a_step(stage: Stage, mutant: str) -> list[str]:
    """As above, and the run was repaired meanwhile: the next attempt is about to publish when the first goes on."""
    first = stage.begin(*stage.run("pair"), failpoint="publish.before_commit:stop", mutant=mutant)
    with stopped(first):
        stage.outlast_lease()
        second = stage.begin("runs", "repair", "last", failpoint="publish.before_commit:stop", mutant=mutant)
        with stopped(second):
            first.go_on()
            first.wait()
            second.go_on()
            second.wait()
    return stage.faults()


def withheld(stage: Stage, mutant: str) -> list[str]:
    """A check says no."""
    assert stage.begin(*stage.run("checked", *TOO_MANY), mutant=mutant).wait() != 0
    return stage.faults()


def settled(stage: Stage, mutant: str) -> list[str]:
    """A run was killed, and a command finds it."""
    killed = stage.begin(*stage.run("pair"), failpoint="publish.before_commit")
    assert killed.wait() == -signal.SIGKILL, stage.said()
    assert stage.begin("runs", "list", mutant=mutant).wait() == 0, stage.said()
    return stage.faults()


def beside(*command: str) -> Scene:
    """A command is typed while a run goes on, which must not notice."""

    def scene(stage: Stage, mutant: str) -> list[str]:
        run = stage.begin(*stage.run("pair", *WAITS))
        stage.reached()
        stage.begin(*command, mutant=mutant).wait()
        stage.go()
        status = run.wait()
        return [*([f"a run that was alive ended with {status}"] if status else []), *stage.faults()]

    return scene


def killed_as_it_waits(stage: Stage, mutant: str) -> list[str]:
    """A run is killed while a cell of its step waits for what never comes."""
    run = stage.begin(*stage.run("pair", *WAITS), mutant=mutant)
    stage.reached()
    run.send_signal(signal.SIGKILL)
    run.wait()
    return stage.faults()


def busy_beyond_the_lease(stage: Stage, mutant: str) -> list[str]:
    """A cell computes for longer than the lease, and says nothing meanwhile."""
    status = stage.begin(*stage.run("pair", "-p", "seconds=6"), mutant=mutant).wait()
    return [*([f"a run that was alive ended with {status}"] if status else []), *stage.faults()]


SCENES: dict[str, Scene] = {
    "mutants.states_without_guard": paused_beyond_the_lease,
    "mutants.no_fence": two_attempts_of_a_step,
    "mutants.outputs_one_by_one": killed_at("publish.inside_pointers"),
    "mutants.published_before_checked": withheld,
    "mutants.followed_before_it_is": killed_at("publish.noted"),
    "mutants.report_after_commit": killed_at("publish.after_commit"),
    "mutants.reaper_without_leases": beside("runs", "list"),
    "mutants.lost_by_halves": settled,
    "mutants.sweep_of_all_that_is_loose": beside("run", "checked", "-p", "token=0"),
    "mutants_below.deaf_guardian": killed_as_it_waits,
    "mutants_below.beats_of_the_kernel": busy_beyond_the_lease,
}
"""Mutants, each with what happens when it shows."""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as found:
        yield found


@pytest.fixture
def stage(forks: Forks, tmp_path: Path) -> Stage:
    stage = Stage(tmp_path / "project", forks)
    stage.next()
    return stage


@pytest.mark.parametrize("mutant", SCENES)
def test_a_scene_is_green_and_red_with_its_mutant(forks: Forks, tmp_path: Path, mutant: str) -> None:
    healthy, ill = (Stage(tmp_path / name, forks) for name in ("healthy", "ill"))
    assert SCENES[mutant](healthy, "") == []
    assert SCENES[mutant](ill, mutant) != [], ill.said()


def test_the_fence_alone_keeps_a_stale_attempt_out(stage: Stage) -> None:
    assert two_attempts_of_a_step(stage, "mutants.attempts_without_guard") == []
