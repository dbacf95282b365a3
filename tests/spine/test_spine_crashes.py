"""A run is killed at every named place of its life; whatever is left is true, and the next command completes it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from forks import Forks, stopped
from projects import notebook
from runners import until
from stages import IMPORTS, TOO_MANY, WAITS, Stage

from workbench.failpoints import POINTS
from workbench.model.run import AttemptState, State
from workbench.project import Project

pytestmark = pytest.mark.slow

PIPELINES = {
    "strays": "name: strays\nparameters: {token: {type: int}}\nsteps: {strays: notebooks/strays.ipynb}\n",
    "fan": """
        name: fan
        parameters: {token: {type: int}}
        steps:
          list: notebooks/list.ipynb
          parts: {notebook: notebooks/parts.ipynb, foreach: {part: "${list.parts}"}}
    """,
    "fails": """
        name: fails
        parameters: {token: {type: int}}
        steps:
          shaky: notebooks/shaky.ipynb
          list: {notebook: notebooks/list.ipynb, after: [shaky]}
    """,
    "shaky": """
        name: shaky
        parameters: {token: {type: int}}
        steps:
          shaky: {notebook: notebooks/shaky.ipynb, retries: {max: 1, on: [ConnectionError], backoff: 1s, jitter: 0}}
    """,
}
NOTEBOOKS = {
    "strays": notebook(
        """
        import subprocess, time
        from pathlib import Path

        import psutil

        stray = subprocess.Popen(["sleep", "600"], start_new_session=True)
        guardian = psutil.Process().parent().parent()
        Path(f"../wrote-{token}").write_text(f"{stray.pid} {guardian.pid}")
        time.sleep(600)
        """,
        parameters="token: int",
    ),
    "list": notebook("import workbench as wb", 'wb.record("parts", ["a"])', parameters="token: int"),
    "parts": notebook(
        IMPORTS,
        'wb.write(pa.table({"token": [token], "part": [part]}), "fan.parts", mode="partition", by="part")',
        parameters="token: int\npart: str",
    ),
    "shaky": notebook(
        """
        from pathlib import Path
        if not (tried := Path(f"../tried-{token}")).exists():
            tried.touch()
            raise ConnectionError("no answer")
        """,
        parameters="token: int",
    ),
}


@dataclass(frozen=True)
class Scene:
    """What has to go on so that a place is reached: a pipeline with these parameters, what comes ``before``, a command.

    ``below`` says that the place is not the runner's; ``heals`` are the parameters of a later run that goes well.
    """

    pipeline: str = "pair"
    given: tuple[str, ...] = ()
    before: str = ""
    command: tuple[str, ...] = ()
    below: bool = False
    heals: tuple[str, ...] = ()


SCENES = {
    "attempt.failed_inside": Scene("fails"),
    "attempt.failed": Scene("fails"),
    "retry.queued_inside": Scene("shaky"),
    "retry.queued": Scene("shaky"),
    "run.fanned_out_inside": Scene("fan"),
    "run.fanned_out": Scene("fan"),
    "run.skipped_inside": Scene("fails"),
    "run.skipped": Scene("fails"),
    "heartbeat.inside": Scene(given=("-p", "seconds=1.5")),
    "heartbeat.after": Scene(given=("-p", "seconds=1.5")),
    "publish.withheld_inside": Scene("checked", given=TOO_MANY, heals=("-p", "rows=1")),
    "settle.inside": Scene(before="lost", command=("runs", "list")),
    "settle.after": Scene(before="lost", command=("runs", "list")),
    "repair.inside": Scene(before="lost", command=("runs", "repair", "last")),
    "repair.after": Scene(before="lost", command=("runs", "repair", "last")),
    "cancel.asked": Scene(before="lost", command=("runs", "cancel", "last")),
    **{
        name: Scene(below=True)
        for name in POINTS
        if name.split(".")[0] in ("cell", "notebook", "journal", "stage") or name == "supervisor.begun"
    },
}
"""Places that a plain run does not come to, or that are not the runner's."""
KEEPING = [name for name in POINTS if name.startswith("keep.")]
"""Places on the way of a kernel that a failed step leaves, by its supervisor and its guardian."""
PLACES = [
    *(pytest.param(name, SCENES.get(name, Scene()), id=name) for name in POINTS if name not in KEEPING),
    *(
        pytest.param(f"durable.{name}_rename@{count}", Scene(), id=f"{name}_rename_{count}")
        for name in ("before", "after")
        for count in (2, 4)
    ),
    *(
        pytest.param(f"durable.{name}_rename@{count}", Scene(below=True), id=f"{name}_rename_below_{count}")
        for name in ("before", "after")
        for count in (1, 2)
    ),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Forks() as forks:
        yield Stage(tmp_path_factory.mktemp("crashes") / "project", forks, PIPELINES, NOTEBOOKS)


@pytest.mark.parametrize(("place", "scene"), PLACES)
def test_what_is_left_of_a_run_is_true_and_the_next_command_completes_it(
    stage: Stage, place: str, scene: Scene
) -> None:
    stage.next()
    run = stage.run(scene.pipeline, *scene.given)
    if scene.before == "lost":
        assert stage.begin(*run, failpoint="publish.examined").wait() == -signal.SIGKILL, stage.said()
    killed = {"below": place} if scene.below else {"failpoint": place}
    status = stage.begin(*(scene.command or run), **killed).wait()
    # an attempt counts whose end is in its journal, whoever is killed then
    lives = place.startswith("journal.")
    assert (status == 0 if lives else status > 0) if scene.below else status == -signal.SIGKILL, stage.said()
    assert stage.faults() == [], stage.said()
    with Project.open(stage.root) as project:
        last = project.runs.list(1)
    broken = bool(last) and last[0].state not in (State.SUCCEEDED, State.WITHHELD)
    again = ("runs", "repair", "last") if broken and not scene.heals else stage.run(scene.pipeline, *scene.heals)
    assert stage.begin(*again).wait() == 0, stage.said()
    assert stage.faults() == [], stage.said()
    if scene.pipeline == "pair":
        assert stage.tokens("pair.left") == stage.tokens("pair.right") == {stage.token}


def test_a_run_whose_end_was_asked_for_ends_although_who_asked_was_killed(stage: Stage) -> None:
    stage.next()
    run = stage.begin(*stage.run("pair", *WAITS))
    stage.reached()
    assert stage.begin("runs", "cancel", "last", failpoint="cancel.asked").wait() == -signal.SIGKILL, stage.said()
    assert run.wait() != 0
    assert stage.faults() == [], stage.said()
    assert stage.state() is State.CANCELLED


@pytest.mark.parametrize(
    ("place", "stays"),
    [
        *((place, 0) for place in KEEPING),
        ("attempt.over", 0),
        ("attempt.failed_inside", 0),
        ("attempt.failed", 1),
        ("run.ended", 1),
    ],
)
def test_a_kernel_that_a_step_leaves_is_known_or_gone_whoever_is_killed(stage: Stage, place: str, stays: int) -> None:
    stage.next()
    killed = {"below" if place in KEEPING else "failpoint": place}
    status = stage.begin(*stage.run("fails", "--keep"), **killed).wait()
    assert status == (1 if place in KEEPING else -signal.SIGKILL), stage.said()
    if place == "keep.over":
        assert stage.begin("runs", "release", "last").wait() == 0, stage.said()
    assert stage.faults() == [], stage.said()
    with Project.open(stage.root) as project:
        run = project.runs.get("last")
        kept = project.runs.kept.of(run)
        (attempt,) = run.steps[0].attempts
        assert (len(kept), bool(attempt.kept_until)) == (stays, bool(stays)), stage.said()
        for one in kept:
            project.runs.kept.release(one)
    assert stage.begin("runs", "repair", "last").wait() == 0, stage.said()
    assert stage.faults() == [], stage.said()


def test_what_a_run_left_behind_goes_although_who_found_it_was_killed(stage: Stage) -> None:
    stage.next()
    run = stage.begin(*stage.run("strays"))
    told = stage.root / f"wrote-{stage.token}"
    until(lambda: told.exists() and told.read_text())
    stray, guardian = (psutil.Process(int(pid)) for pid in told.read_text().split())
    guardian.suspend()
    run.send_signal(signal.SIGKILL)
    guardian.kill()
    run.wait()
    assert stage.begin("runs", "list", failpoint="settle.after").wait() == -signal.SIGKILL, stage.said()
    assert stray.is_running()
    assert stage.begin("runs", "list").wait() == 0, stage.said()
    assert not stray.is_running() or stray.status() == psutil.STATUS_ZOMBIE
    assert stage.faults() == [], stage.said()


def test_an_attempt_that_was_paused_leaves_the_report_of_the_next_one_alone(stage: Stage) -> None:
    """The run was repaired meanwhile, so that both are attempts of the same step."""
    stage.next()
    paused = stage.begin(*stage.run("pair"), failpoint="publish.examined:stop")
    with stopped(paused):
        stage.outlast_lease()
        assert stage.begin("runs", "repair", "last").wait() == 0, stage.said()
        paused.go_on()
    paused.wait()
    assert stage.faults() == [], stage.said()
    with Project.open(stage.root) as project:
        (step,) = project.runs.get("last").steps
    assert [attempt.state for attempt in step.attempts] == [AttemptState.LOST, AttemptState.COMMITTED]
