"""``wb schedule`` and ``wb up`` as they are typed."""

from __future__ import annotations

import json

from projects import MakeProject, notebook
from ui_terminal import Wb

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
