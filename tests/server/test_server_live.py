"""What happens in runs is told when it is written, not only when the next look at the store is due."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest
from projects import lay_out, notebook

from workbench.project import Project
from workbench.ui.run_shapes import RunEvent
from workbench.ui.server import live

PIPELINES = {"quick": "name: quick\nsteps: {say: notebooks/say.ipynb}"}
TRIES = 3


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "project", PIPELINES, {"say": notebook("print('hi')")})


def test_what_others_write_is_told_though_no_look_is_due(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was over before the very first look is old, and not told of: then another one is begun."""
    monkeypatch.setattr(live, "LOOK", 600.0)
    monkeypatch.setattr(live, "IDLE", 600.0)
    told: queue.Queue[RunEvent] = queue.Queue()
    with Project.open(root) as watched, Project.open(root) as other:
        following = live.Live(lambda: watched, told.put)
        following.start()
        try:
            for _ in range(TRIES):
                run = other.run("quick", force=True, executor="inline")
                try:
                    event = told.get(timeout=20)
                    while event["run"] != run.id or event["state"] != "succeeded":
                        event = told.get(timeout=20)
                    return
                except queue.Empty:
                    continue
        finally:
            following.stop()
    raise AssertionError("nothing was told")


def test_a_follower_names_the_journals_that_may_still_grow(root: Path) -> None:
    with Project.open(root) as project:
        run = project.run("quick", executor="inline")
        follower = project.runs.follow(run)
        assert follower.journals() == ()
        over, news = follower.look()
        first = next(news)
        (journal,) = follower.journals()
        assert over and journal.is_file() and first.step == "say"
        assert list(news) and follower.journals() == ()


def test_the_files_of_a_store_change_with_a_write(root: Path) -> None:
    with Project.open(root) as project:
        project.run("quick", executor="inline")
        before = [(file.stat().st_size, file.stat().st_mtime_ns) for file in project.store.files()]
        project.run("quick", force=True, executor="inline")
        assert before != [(file.stat().st_size, file.stat().st_mtime_ns) for file in project.store.files()]
