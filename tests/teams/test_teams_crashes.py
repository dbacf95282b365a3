"""With store and catalog on PostgreSQL: a run is killed around its commit; what is left is true, and is completed."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from forks import Forks
from servers import PostgreSQL
from stages import TOO_MANY, Stage

from workbench.data import query
from workbench.model.run import State
from workbench.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: PostgreSQL, filled_database: str
) -> Iterator[Stage]:
    with Forks() as forks:
        made = Stage(tmp_path_factory.mktemp("crashes") / "project", forks)
        with (made.root / "workbench.toml").open("a") as settings:
            settings.write(f'[storage]\nstore = "{postgresql_server.database(filled_database)}"\n')
        yield made


def current(stage: Stage) -> dict[str, set[int]]:
    """The tokens in the two outputs that belong together."""
    with Project.open(stage.root) as project:
        found = project.resolve("prod", ["pair.left", "pair.right"])
        return {name: set(query.read(dataset).token) for name, dataset in found.items()}


@pytest.mark.parametrize(
    ("place", "published"),
    [
        ("publish.before_commit", False),
        ("publish.inside_pointers", False),
        ("publish.inside_commit", False),
        ("publish.after_commit", True),
    ],
)
def test_a_run_that_is_killed_around_the_commit_published_all_or_nothing(
    stage: Stage, place: str, published: bool
) -> None:
    before, token = current(stage), stage.next()
    new = {"pair.left": {token}, "pair.right": {token}}
    assert stage.begin(*stage.run("pair"), failpoint=place).wait() == -signal.SIGKILL, stage.said()
    assert stage.faults() == [], stage.said()
    assert stage.state() is State.LOST
    assert current(stage) == (new if published else before)
    assert stage.begin("runs", "repair", "last").wait() == 0, stage.said()
    assert stage.faults() == [], stage.said()
    assert current(stage) == new


def test_a_run_that_is_killed_as_a_check_says_no_is_completed(stage: Stage) -> None:
    stage.next()
    killed = stage.begin(*stage.run("checked", *TOO_MANY), failpoint="publish.withheld_inside")
    assert killed.wait() == -signal.SIGKILL, stage.said()
    assert stage.faults() == [], stage.said()
    assert stage.begin(*stage.run("checked")).wait() == 0, stage.said()
    assert stage.faults() == [], stage.said()
    assert stage.tokens("kept.once") == {stage.token}
