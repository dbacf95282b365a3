"""Which files have arrived, by a clock that is set by hand; what becomes of them, through the scheduler itself."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import MakeProject
from scheduler_bench import ONE, FakeClock

from workbench.model.schedule import Arrival, FileTrigger, Tick, TickState
from workbench.project import Project
from workbench.scheduler.clock import SystemClock
from workbench.scheduler.daemon import Options, Up
from workbench.scheduler.files import FileWatch, Found
from workbench.scheduler.service import ScheduleService

STABLE = 10.0


class Landing:
    """A folder where files land, and a trigger that looks at it."""

    def __init__(self, root: Path, pattern: str = "landing/*.csv", done: str = "", batch: bool = False) -> None:
        self.root = root
        (root / "landing").mkdir(parents=True, exist_ok=True)
        self.watch = FileWatch(root, FileTrigger(pattern, STABLE, done, batch))
        self.known: dict[str, Arrival] = {}
        self.steady = 0.0
        self.found = Found()

    def put(self, name: str, text: str = "x") -> Path:
        path = self.root / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def look(self, after: float = 0.0) -> list[str]:
        """The names of files that have arrived by so many seconds later."""
        self.steady += after
        self.found = self.watch.look(self.known, self.steady)
        self.known |= {file.path: file for file in self.found.arrived}
        return [file.path.removeprefix("landing/") for file in self.found.arrived]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


class TestComplete:
    def test_a_file_arrives_once_it_is_stable(self, landing: Landing) -> None:
        landing.put("a.csv")
        assert landing.look() == []
        assert landing.look(STABLE - 1) == []
        assert landing.look(1) == ["a.csv"]
        assert landing.look(STABLE) == []
        assert landing.found == Found()

    def test_a_file_that_grows_is_waited_for(self, landing: Landing) -> None:
        landing.put("a.csv")
        for size in range(2, 6):
            assert landing.look(STABLE - 1) == []
            landing.put("a.csv", "x" * size)
        assert landing.look(STABLE) == []
        assert landing.found.settling == 1
        assert landing.look(STABLE) == ["a.csv"]
        assert landing.known["landing/a.csv"].size == 5

    def test_a_file_that_somebody_writes_to_is_waited_for(self, landing: Landing) -> None:
        path = landing.put("a.csv")
        with path.open("a"):
            landing.look()
            assert landing.look(10 * STABLE) == []
        with path.open():  # reading it is no reason to wait
            assert landing.look(1) == ["a.csv"]

    def test_a_file_that_is_replaced_is_a_new_one(self, landing: Landing) -> None:
        path = landing.put("a.csv", "old")
        landing.look()
        other = landing.put("b.txt", "new")
        other.rename(path)
        assert landing.look(STABLE) == []
        assert landing.look(STABLE) == ["a.csv"]

    @pytest.mark.parametrize("name", [".a.csv", "a.csv.part", "a.csv.TMP", "a.csv~", "~$a.csv", "a.csv.crdownload"])
    def test_names_that_say_that_a_file_is_not_finished(self, tmp_path: Path, name: str) -> None:
        landing = Landing(tmp_path, "landing/*")
        landing.put(name)
        landing.look()
        assert landing.look(STABLE) == []

    def test_a_marker_says_that_it_is_done(self, tmp_path: Path) -> None:
        landing = Landing(tmp_path, "landing/*", done=".done")
        landing.put("a.csv")
        landing.look()
        assert landing.look(STABLE) == []
        landing.put("a.csv.done", "")
        landing.look()
        assert landing.look(STABLE) == ["a.csv"]

    def test_what_is_no_file_is_left_alone(self, landing: Landing) -> None:
        (landing.root / "landing" / "folder.csv").mkdir()
        os.mkfifo(landing.root / "landing" / "pipe.csv")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(landing.root / "landing" / "s.csv"))
            landing.look()
            assert landing.look(STABLE) == []
        assert landing.found == Found()

    def test_a_folder_that_is_not_there_yet(self, tmp_path: Path) -> None:
        landing = Landing(tmp_path, "later/**/*.csv")
        assert landing.look() == []
        landing.put("../later/deep/a.csv")
        landing.look()
        assert landing.look(STABLE) == ["later/deep/a.csv"]


class TestOnce:
    def test_the_same_file_again_is_none_a_changed_one_is(self, landing: Landing) -> None:
        path = landing.put("a.csv")
        landing.look()
        landing.look(STABLE)
        first = landing.known["landing/a.csv"]
        after = Landing(landing.root)  # after a restart
        after.known = dict(landing.known)
        after.look()
        assert after.look(STABLE) == []
        os.utime(path, ns=(first.mtime + 10**9, first.mtime + 10**9))
        after.look()
        assert after.look(STABLE) == ["a.csv"]
        assert after.known["landing/a.csv"].digest == first.digest

    def test_very_many_are_taken_in_one_look_after_the_other(
        self, landing: Landing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("workbench.scheduler.files.MOST", 3)
        for number in range(7):
            landing.put(f"{number}.csv")
        landing.look()
        assert [len(landing.look(STABLE)), len(landing.look()), len(landing.look())] == [3, 3, 1]


class TestBatch:
    def test_a_batch_waits_for_files_that_still_change_but_not_for_ever(self, tmp_path: Path) -> None:
        landing = Landing(tmp_path, batch=True)
        landing.put("a.csv")
        landing.look()
        landing.put("b.csv")
        assert landing.look(STABLE) == []
        assert landing.look(STABLE) == ["a.csv", "b.csv"]
        landing.put("c.csv")
        landing.look()
        for size in range(20):
            landing.put("log.csv", "x" * size)
            if found := landing.look(STABLE):
                break
        assert found == ["c.csv"]
        assert size > 5


class TestRefused:
    def test_links_that_lead_out_of_the_project(self, tmp_path: Path) -> None:
        landing = Landing(tmp_path / "project", "landing/**/*.csv")
        outside = tmp_path / "secret"
        outside.mkdir()
        (outside / "a.csv").write_text("secret")
        (landing.root / "landing" / "link.csv").symlink_to(outside / "a.csv")
        (landing.root / "landing" / "folder").symlink_to(outside)
        (landing.root / "landing" / "circle.csv").symlink_to("circle.csv")
        inside = landing.put("real.csv")
        (landing.root / "landing" / "inside.csv").symlink_to(inside)
        landing.look()
        assert landing.look(STABLE) == ["inside.csv", "real.csv"]
        refused = dict(landing.found.refused)
        assert refused["landing/link.csv"] == "its link leads out of the project"
        assert "landing/circle.csv" in refused

    def test_a_name_that_is_no_text(self, landing: Landing) -> None:
        (landing.root / "landing" / os.fsdecode(b"\xff.csv")).write_text("x")
        landing.put("line\nbreak.csv")
        landing.look()
        assert landing.look(STABLE) == []
        assert sorted(why for _, why in landing.found.refused) == [
            "its name holds letters that cannot be shown",
            "its name is no text",
        ]


INTAKE = """
    name: intake
    parameters: {path: {type: str, default: ""}, paths: {type: list[str], default: []}}
    steps: {one: notebooks/one.ipynb}
    triggers:
    - {file: "landing/*.csv", stable: 1s, name: files, parameters: {path: "${file}"}}
    - {file: "landing/*.json", stable: 1s, name: batch, batch: true, parameters: {paths: "${files}"}}
"""


class Scheduler:
    """A scheduler that makes ticks and begins no runs, by a clock that is set by hand."""

    def __init__(self, project: Project, clock: FakeClock) -> None:
        self.up = Up(project, Options("prod"), clock, lambda news: None)
        self.clock = clock
        self.project = project
        assert self.up.leader.contend()
        self.up.book.read()
        self.up.intake.expect(self.up.book)

    def look(self, times: int = 4) -> None:
        assert self.up.leader.lease is not None
        for _ in range(times):
            self.clock.sleep(11)
            self.up.intake.look(self.up.book, self.up.leader.lease)  # begins to look
            self.wait()
            self.up.intake.look(self.up.book, self.up.leader.lease)  # takes in what was found

    def wait(self) -> None:
        running = self.up.intake.survey._running
        if running is not None:
            running.result(30)

    def ticks(self) -> list[Tick]:
        with self.project.store.reading() as transaction:
            return list(reversed(transaction.schedules.ticks(None)))

    def close(self) -> None:
        self.up.leader.give_up()
        self.up.intake.survey.close()


@pytest.fixture
def project(make_project: MakeProject) -> Iterator[Project]:
    root = make_project({"intake": INTAKE}, ONE)
    (root / "landing").mkdir()
    with Project.open(root) as opened:
        yield opened


class TestTicks:
    def test_each_file_has_one_tick_also_after_a_restart(self, project: Project) -> None:
        landing = project.root / "landing"
        for name in ("a.csv", "b.csv"):
            (landing / name).write_text(name)
        clock = FakeClock()
        first = Scheduler(project, clock)
        first.look()
        first.close()
        second = Scheduler(project, clock)
        second.look()
        ticks = second.ticks()
        assert [tick.parameters for tick in ticks] == [{"path": str(landing / name)} for name in ("a.csv", "b.csv")]
        assert {(tick.kind, tick.trigger, tick.state, tick.force) for tick in ticks} == {
            ("file", "files", TickState.WAITING, True)
        }
        assert ticks[0].facts["size"] == 5
        (landing / "a.csv").write_text("changed")
        second.look()
        assert len(second.ticks()) == 3
        second.close()

    def test_a_batch_is_one_tick(self, project: Project) -> None:
        landing = project.root / "landing"
        for name in ("a.json", "b.json"):
            (landing / name).write_text(name)
        scheduler = Scheduler(project, FakeClock())
        scheduler.look()
        (tick,) = scheduler.ticks()
        assert tick.parameters == {"paths": [str(landing / "a.json"), str(landing / "b.json")]}
        assert tick.nominal.startswith("2 files@")
        scheduler.close()

    def test_what_is_refused_is_told_once_with_its_reason(self, project: Project, tmp_path: Path) -> None:
        (tmp_path / "secret.csv").write_text("x")
        (project.root / "landing" / "link.csv").symlink_to(tmp_path / "secret.csv")
        scheduler = Scheduler(project, FakeClock())
        scheduler.look()
        (tick,) = scheduler.ticks()
        assert (tick.state, tick.reason) == (TickState.SKIPPED, "its link leads out of the project")
        assert tick.nominal == "landing/link.csv@refused"
        assert [news.text for news in scheduler.up.board.news] == [
            "skipped for landing/link.csv: its link leads out of the project"
        ]
        scheduler.close()

    def test_files_that_come_while_it_is_paused_are_made_up_for(self, project: Project) -> None:
        scheduler = Scheduler(project, FakeClock())
        ScheduleService(project).pause("intake", "files", now=scheduler.clock.now())
        (project.root / "landing" / "a.csv").write_text("x")
        scheduler.look()
        assert scheduler.ticks() == []
        ScheduleService(project).resume("intake", now=scheduler.clock.now())
        scheduler.look()
        assert len(scheduler.ticks()) == 1
        scheduler.close()


def test_an_event_of_the_system_asks_for_a_look(project: Project) -> None:
    clock = SystemClock()
    up = Up(project, Options("prod"), clock, lambda news: None)
    up.leader.contend()
    up.book.read()
    up.intake.expect(up.book)
    survey = up.intake.survey
    survey.news()
    running = survey._running
    assert running is not None
    running.result(30)
    survey.news()
    assert not survey._asked
    clock.wait(0)  # forget what rang before
    (project.root / "landing" / "a.csv").write_text("x")
    clock.wait(30)
    assert survey._asked
    survey.close()
    clock.close()
