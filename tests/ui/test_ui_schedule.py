"""``wb schedule`` and ``wb up`` as they are typed."""

from __future__ import annotations

import io
import json
import os
import re
from datetime import UTC, datetime, timedelta

from projects import MakeProject, notebook
from rich.console import Console
from terminal import Wb

from workbench.model.schedule import Standing
from workbench.project import Project
from workbench.scheduler.clock import SystemClock
from workbench.scheduler.daemon import Options, Up
from workbench.ui.cli.views.up import Screen

STEPS = "steps: {one: notebooks/one.ipynb}\n"
NIGHTLY = 'name: nightly\nschedule: {cron: "30 2 * * *", timezone: Europe/Berlin}\n' + STEPS
HOURLY = "name: hourly\nschedule: {cron: 0 * * * *}\n" + STEPS
PLAIN = "name: plain\n" + STEPS
BROKEN = "name: broken\nschedule: {cron: 99 * * * *}\n" + STEPS
ONE = {"one": notebook("1")}


class TestNext:
    def test_the_next_times_of_each_the_soonest_first(self, make_project: MakeProject, wb: Wb) -> None:
        root = make_project({"hourly": HOURLY, "nightly": NIGHTLY, "plain": PLAIN}, ONE)
        found = wb("schedule", "next", "--json", cwd=root).json
        assert [item["pipeline"] for item in found["schedules"]] == ["hourly", "nightly"]
        for item in found["schedules"]:
            times = [fire["at"] for fire in item["fires"]]
            assert len(times) == 5
            assert times == sorted(set(times))
        assert all("T02:30" in fire["local"] for fire in found["schedules"][1]["fires"])
        said = wb("schedule", "next", "nightly", "-n", "2", cwd=root)
        assert said.code == 0
        assert said.out.splitlines()[0] == "nightly  30 2 * * *  Europe/Berlin"
        assert len(said.out.splitlines()) == 4

    def test_a_file_that_is_wrong_hides_no_other(self, make_project: MakeProject, wb: Wb) -> None:
        root = make_project({"hourly": HOURLY, "broken": BROKEN}, ONE)
        said = wb("schedule", "next", cwd=root)
        assert said.code == 0
        assert "hourly  0 * * * *  UTC" in said.out
        assert "WB-CFG-650: pipelines/broken.yaml:2:18: not a pattern of cron - bad minute" in said.out
        assert wb("schedule", "next", "broken", cwd=root).code == 2

    def test_what_is_not_scheduled_says_how(self, make_project: MakeProject, wb: Wb) -> None:
        root = make_project({"plain": PLAIN}, ONE)
        said = wb("schedule", "next", cwd=root)
        assert (said.code, said.out.startswith("Schedules would be here.")) == (0, True)
        refused = wb("schedule", "next", "plain", "--json", cwd=root)
        assert refused.code == 3
        assert json.loads(refused.out)["error"]["code"] == "WB-SCH-852"


class TestListAndPause:
    def test_what_runs_by_itself_and_who_paused_it(self, make_project: MakeProject, wb: Wb) -> None:
        both = HOURLY + "triggers: [{dataset: raw.orders, name: orders}]\n"
        root = make_project({"hourly": both, "broken": BROKEN}, ONE)
        listed = wb("schedule", "list", "--json", cwd=root).json
        first, second = listed["schedules"]
        assert (first["trigger"], first["kind"], first["cron"], first["waiting"]) == (
            "schedule",
            "schedule",
            "0 * * * *",
            0,
        )
        assert (second["trigger"], second["kind"], second["datasets"], second["fires"]) == (
            "orders",
            "dataset",
            ["raw.orders"],
            [],
        )
        assert len(first["fires"]) == 5
        assert [item["error"]["code"] for item in listed["broken"]] == ["WB-CFG-650"]
        said = wb("schedule", "pause", "hourly", "--trigger", "orders", cwd=root)
        assert (said.code, said.out) == (0, "hourly is paused. Next: wb schedule resume hourly\n")
        shown = wb("schedule", "list", cwd=root).out
        assert "– paused by" in shown
        assert "in" in shown.splitlines()[1]
        listed = wb("schedule", "list", "--json", cwd=root).json
        assert [bool(item["paused_at"]) for item in listed["schedules"]] == [False, True]
        assert len(wb("schedule", "resume", "hourly", "--json", cwd=root).json["resumed"]) == 1
        assert wb("schedule", "resume", "hourly", cwd=root).out.startswith("hourly was not paused.")

    def test_what_is_not_there(self, make_project: MakeProject, wb: Wb) -> None:
        root = make_project({"hourly": HOURLY, "plain": PLAIN}, ONE)
        assert "WB-SCH-852" in wb("schedule", "pause", "plain", cwd=root).err
        refused = wb("schedule", "pause", "hourly", "--trigger", "schedul", cwd=root)
        assert (refused.code, 'Did you mean "schedule"' in refused.err) == (3, True)
        assert wb("schedule", "fire", "nothing", cwd=root).code == 3
        assert wb("schedule", "ticks", "--state", "skiped", cwd=root).code == 2
        assert wb("schedule", "ticks", cwd=root).out.startswith("Ticks would be here")


class TestTicks:
    def test_each_with_its_run_or_its_reason(self, make_project: MakeProject, wb: Wb) -> None:
        root = make_project({"hourly": HOURLY}, {})
        since = (datetime.now(UTC) - timedelta(hours=4)).isoformat()
        facts = {"cron": "0 * * * *", "timezone": "UTC"}
        with Project.open(root) as project, project.store.writing() as transaction:
            transaction.schedules.put(Standing("hourly", "schedule", since, facts=facts))
        assert wb("up", "--once", cwd=root).code == 1  # there is no notebook
        found = wb("schedule", "ticks", "--json", cwd=root).json["ticks"]
        assert len(found) == 4
        assert {tick["state"] for tick in found} == {"skipped"}
        assert found[0]["reason"].startswith("WB-NB-600")
        assert all(tick["reason"].startswith("missed, and a later one") for tick in found[1:])
        shown = wb("schedule", "ticks", "-n", "2", cwd=root).out
        assert "▲  hourly" in shown
        assert "WB-NB-600" in shown
        assert len(shown.splitlines()) == 4


class TestScreen:
    def test_it_says_who_is_at_work_and_what_comes(self, make_project: MakeProject) -> None:
        root = make_project({"hourly": HOURLY, "broken": BROKEN}, ONE)
        with Project.open(root) as project:
            screen = Screen()
            first, second = (Up(project, Options("prod"), SystemClock(), lambda news: None) for _ in range(2))
            looked = screen.follow(first)
            assert drawn(screen) == ""
            first.step()
            looked()
            text = drawn(screen)
            assert "wb up  tested  prod  ● at work" in text
            assert "hourly    0 * * * *  UTC" in text
            assert len(re.findall(r"then (\w{3} \d\d:00,? ?){4}", text)) == 1
            assert "broken: is not scheduled until it is mended: WB-CFG-650" in text
            looked = screen.follow(second)
            second.step()
            looked()
            assert f"○ standing by, process {os.getpid()} on" in drawn(screen)
            first.stop()
            assert first.step()
            assert second.step() is False
            looked()
            assert "● at work" in drawn(screen)

    def test_nothing_runs_by_itself_yet(self, make_project: MakeProject) -> None:
        root = make_project({"plain": PLAIN}, ONE)
        with Project.open(root) as project:
            up, screen = Up(project, Options("prod"), SystemClock(), lambda news: None), Screen()
            looked = screen.follow(up)
            up.step()
            looked()
            assert "Schedules would be here." in drawn(screen)


def drawn(screen: Screen) -> str:
    console = Console(file=io.StringIO(), width=120, height=40)
    console.print(screen)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
