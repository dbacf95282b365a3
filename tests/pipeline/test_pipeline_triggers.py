"""``schedule:``, ``triggers:`` and ``notify:`` of a pipeline file, and every fault in them with its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workbench.model.errors import SpecError
from workbench.model.notification import Notify, Occasion
from workbench.model.pipeline import Every, Partition, Pipeline
from workbench.model.schedule import Catchup, DatasetTrigger, FileTrigger, Overlap, Schedule
from workbench.pipeline.handover import hand_over
from workbench.pipeline.spec import parse_pipeline

HEAD = """\
name: p
parameters:
  day: {type: date, default: 2026-01-01}
  at: {type: datetime, default: 2026-01-01T00:00:00}
  path: {type: str, default: ""}
  paths: {type: list[str], default: []}
  limit: 5
steps: {one: notebooks/one.ipynb}
"""


def parsed(text: str) -> Pipeline:
    return parse_pipeline(HEAD + text, "pipelines/p.yaml", "p")


def refused(text: str) -> SpecError:
    with pytest.raises(SpecError) as caught:
        parsed(text)
    return caught.value


class TestSchedule:
    def test_what_a_schedule_says(self) -> None:
        found = parsed(
            "schedule: {cron: '0  6 * * MON', timezone: America/New_York, catchup: all, catchup_max: 3, overlap: queue,"
            " parameters: {day: ${run.date - 1d}, limit: 7}, force: true}"
        )
        assert found.schedule == Schedule(
            "0 6 * * MON",
            "America/New_York",
            Catchup.ALL,
            3,
            Overlap.QUEUE,
            {"day": "${run.date - 1d}", "limit": 7},
            force=True,
        )

    def test_defaults(self) -> None:
        found = parsed("schedule: {cron: '*/5 * * * *'}").schedule
        assert found == Schedule("*/5 * * * *", "UTC", Catchup.LATEST, 24, Overlap.SKIP, {})
        assert parsed("").schedule is None

    @pytest.mark.parametrize(
        ("text", "code", "told"),
        [
            ("schedule: {cron: 0 25 * * *}", "WB-CFG-650", r"p.yaml:9:18: not a pattern of cron - bad hour"),
            ("schedule: {cron: 0 0 31 2 *}", "WB-CFG-650", "bad day-of-month"),
            ("schedule: {cron: 5}", "WB-CFG-625", '"cron" must be a text'),
            ("schedule: {timezone: UTC}", "WB-CFG-626", '"cron" is missing'),
            ("schedule: {cron: 0 6 * * *, tz: UTC}", "WB-CFG-624", 'unknown key "tz"'),
            (
                "schedule: {cron: 0 6 * * *, timezone: Europe/Belrin}",
                "WB-CFG-651",
                'Europe/Belrin". Did you mean "Europe/Berlin"',
            ),
            ("schedule: {cron: 0 6 * * *, timezone: /etc/passwd}", "WB-CFG-651", "there is no time zone"),
            ("schedule: {cron: 0 6 * * *, catchup: lates}", "WB-CFG-625", 'Did you mean "latest"'),
            ("schedule: {cron: 0 6 * * *, catchup_max: 0}", "WB-CFG-625", "at least 1"),
            ("schedule: {cron: 0 6 * * *, overlap: kill}", "WB-CFG-625", "known: skip, queue"),
            (
                "schedule: {cron: 0 6 * * *, parameters: {dya: 1}}",
                "WB-CFG-653",
                r'p.yaml:9:42: the pipeline has no parameter "dya".*Did you mean "day"',
            ),
            ("schedule: {cron: 0 6 * * *, parameters: {limit: x}}", "WB-CFG-653", 'parameter "limit"'),
            ("schedule: {cron: 0 6 * * *, parameters: {limit: ${run.date}}}", "WB-CFG-653", 'parameter "limit"'),
            (
                "schedule: {cron: 0 6 * * *, parameters: {day: ${date - 1d}}}",
                "WB-CFG-652",
                r'p.yaml:9:47: "\$\{date - 1d\}" means nothing here.*Did you mean "run.date"',
            ),
            ("schedule: {cron: 0 6 * * *, parameters: {day: ${run.date - 1h}}}", "WB-CFG-652", "days"),
            (
                "schedule: {cron: 0 6 * * *, parameters: {day: ${run.date - 1}}}",
                "WB-CFG-652",
                "units are m, h, d and w",
            ),
            ("schedule: {cron: 0 6 * * *, parameters: {day: ${os.system}}}", "WB-CFG-652", "means nothing"),
            ("schedule: {cron: 0 6 * * *, parameters: {path: ${file}}}", "WB-CFG-652", "known here: run.date"),
            ("schedule: 0 6 * * *", "WB-CFG-625", "expected a mapping"),
        ],
    )
    def test_faults_are_told_with_their_place(self, text: str, code: str, told: str) -> None:
        error = refused(text)
        assert error.code == code
        with pytest.raises(SpecError, match=told):
            raise error

    def test_a_parameter_that_nobody_gives_is_told_before_the_night(self) -> None:
        text = "name: p\nparameters: {day: {type: date}}\nsteps: {one: notebooks/one.ipynb}\n"
        with pytest.raises(SpecError, match='nobody is there to give the parameter "day"'):
            parse_pipeline(text + "schedule: {cron: 0 6 * * *}", "pipelines/p.yaml", "p")
        parse_pipeline(text + 'schedule: {cron: 0 6 * * *, parameters: {day: "${run.date}"}}', "pipelines/p.yaml", "p")


class TestTriggers:
    def test_what_triggers_say(self) -> None:
        found = parsed(
            "triggers:\n"
            "- {file: landing/*.csv, stable: 30s, done: .done, parameters: {path: ${file}}}\n"
            "- {file: landing/**/*.json, batch: true, parameters: {paths: ${files}}, force: false, name: jsons}\n"
            "- {dataset: raw.flights}\n"
            "- {dataset: [raw.a, raw.b], when: all, timezone: Europe/Berlin}\n"
        )
        one, many, single, both = found.triggers
        assert one == FileTrigger(
            "landing/*.csv", 30.0, ".done", parameters={"path": "${file}"}, name="file landing/*.csv"
        )
        assert many == FileTrigger(
            "landing/**/*.json", batch=True, parameters={"paths": "${files}"}, force=False, name="jsons"
        )
        assert single == DatasetTrigger(("raw.flights",), name="dataset raw.flights")
        assert both == DatasetTrigger(
            ("raw.a", "raw.b"), True, timezone="Europe/Berlin", name="dataset raw.a and raw.b"
        )

    @pytest.mark.parametrize(
        ("text", "code", "told"),
        [
            ("- {file: /etc/*.csv}", "WB-CFG-654", "inside the project only"),
            ("- {file: ../*.csv}", "WB-CFG-654", "inside the project only"),
            ("- {file: a/../../b}", "WB-CFG-654", "inside the project only"),
            ("- {file: '~/x.csv'}", "WB-CFG-654", "inside the project only"),
            ("- {file: ''}", "WB-CFG-654", "no pattern"),
            ("- {file: landing/**.csv}", "WB-CFG-654", "whole folders"),
            ("- {file: a, dataset: b.c}", "WB-CFG-626", 'either a "file" or a "dataset"'),
            ("- {name: x}", "WB-CFG-626", 'either a "file" or a "dataset"'),
            ("- {dataset: flights}", "WB-CFG-628", "not a valid name"),
            ("- {dataset: []}", "WB-CFG-625", "a dataset, or a list"),
            ("- {dataset: a.b, when: some}", "WB-CFG-625", "any or all"),
            ("- {dataset: a.b, stable: 3s}", "WB-CFG-624", 'unknown key "stable"'),
            ("- {file: a, stable: soon}", "WB-CFG-625", "a duration"),
            ("- {file: a, done: x/y}", "WB-CFG-625", "ending of the marker"),
            ("- {file: a, parameters: {path: ${files}}}", "WB-CFG-652", 'Did you mean "file"'),
            ("- {file: a, batch: true, parameters: {path: ${file}}}", "WB-CFG-652", 'Did you mean "files"'),
            ("- {file: a, batch: true, parameters: {path: ${files}}}", "WB-CFG-653", 'parameter "path"'),
            ("- {file: a, parameters: {path: ${file - 1d}}}", "WB-CFG-652", "no time"),
            ("- {file: a}\n- {file: a}", "WB-CFG-655", 'two triggers are called "file a"'),
            ("- {file: a, name: schedule}", "WB-CFG-655", 'called "schedule"'),
            ("- {file: a, name: A}", "WB-CFG-628", "not a valid name"),
            ("- landing", "WB-CFG-625", "expected a mapping"),
        ],
    )
    def test_faults_are_told(self, text: str, code: str, told: str) -> None:
        error = refused(f"triggers:\n{text}\n")
        assert error.code == code
        with pytest.raises(SpecError, match=told):
            raise error


class TestNotify:
    def test_what_notify_says(self) -> None:
        found = parsed("notify: {on: [failure, late], to: ops, late_after: 45m}").notify
        assert found == Notify((Occasion.FAILURE, Occasion.LATE), ("ops",), 2700.0)
        assert parsed("notify: {on: []}").notify == Notify(())
        assert parsed("").notify is None

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("{on: faliure}", 'Did you mean "failure"'),
            ("{to: Ops}", "not a valid name"),
            ("{too: ops}", 'Did you mean "to"'),
            ("{late_after: never}", "a duration"),
        ],
    )
    def test_faults_are_told(self, text: str, told: str) -> None:
        with pytest.raises(SpecError, match=told):
            parsed(f"notify: {text}")


class TestHandOver:
    def over(self, schedule: Schedule, at: str) -> dict[str, object]:
        return hand_over(schedule, datetime.fromisoformat(at).replace(tzinfo=UTC))

    def test_the_nominal_time_in_the_zone_of_the_schedule(self) -> None:
        given = {
            "day": "${run.date}",
            "before": "${run.date - 1d}",
            "week": "${run.date-1w}",
            "at": "${run.nominal_time}",
            "hour": "${run.nominal_time - 2h}",
            "text": "for ${run.date + 1d}, $${run.date}",
            "list": ["${run.date}", 3],
            "number": 4,
        }
        schedule = Schedule("0 20 * * *", "America/New_York", parameters=given)
        assert self.over(schedule, "2026-03-09T00:00") == {
            "day": "2026-03-08",
            "before": "2026-03-07",
            "week": "2026-03-01",
            "at": "2026-03-08T20:00:00-04:00",
            "hour": "2026-03-08T18:00:00-04:00",
            "text": "for 2026-03-09, ${run.date}",
            "list": ["2026-03-08", 3],
            "number": 4,
        }

    def test_f44_a_day_before_a_change_of_clocks_is_the_same_time_of_day(self) -> None:
        schedule = Schedule("0 6 * * *", "America/New_York", parameters={"at": "${run.nominal_time - 1d}"})
        assert self.over(schedule, "2026-03-08T10:00") == {"at": "2026-03-07T06:00:00-05:00"}
        schedule = Schedule("0 6 * * *", "America/New_York", parameters={"at": "${run.nominal_time - 24h}"})
        assert self.over(schedule, "2026-03-08T10:00") == {"at": "2026-03-07T05:00:00-05:00"}

    def test_a_partition_of_time_is_the_last_one_that_is_over(self) -> None:
        day = Partition("day", every=Every.DAY, start="2026-03-01", end="2026-03-31", timezone="America/New_York")
        hour = Partition("hour", every=Every.HOUR, start="2026-03-01", timezone="America/New_York")
        schedule = Schedule("0 6 * * *", "America/New_York")

        def filled(at: str, *partitions: Partition) -> dict[str, object]:
            return hand_over(schedule, datetime.fromisoformat(at), partitions=partitions)

        assert filled("2026-03-16T06:00-04:00", day, hour) == {"day": "2026-03-15", "hour": "2026-03-16T05:00-04:00"}
        assert filled("2026-03-16T00:00-04:00", day) == {"day": "2026-03-15"}
        assert filled("2026-03-09T00:00-04:00", day) == {"day": "2026-03-08"}  # of 23 hours
        assert filled("2026-03-08T03:00-04:00", hour) == {"hour": "2026-03-08T01:00-05:00"}  # the hour before the gap
        assert filled("2026-04-01T06:00-04:00", day) == {"day": "2026-03-31"}
        assert filled("2026-04-02T06:00-04:00", day) == {}
        assert filled("2026-03-01T06:00-05:00", day) == {}
        assert filled("2026-02-01T06:00-05:00", day, Partition("origin", ("EWR", "JFK"))) == {}
        given = Schedule("0 6 * * *", parameters={"day": "${run.date}"})
        at = datetime.fromisoformat("2026-03-16T06:00+00:00")
        assert hand_over(given, at, partitions=[day]) == {"day": "2026-03-16"}

    def test_files(self) -> None:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        one = FileTrigger("*", parameters={"path": "${file}", "name": "${file.name}", "stem": "${file.stem}"})
        assert hand_over(one, at, {"file": "/p/landing/a.b.csv"}) == {
            "path": "/p/landing/a.b.csv",
            "name": "a.b.csv",
            "stem": "a.b",
        }
        many = FileTrigger("*", batch=True, parameters={"paths": "${files}"})
        assert hand_over(many, at, {"files": ["/p/a", "/p/b"]}) == {"paths": ["/p/a", "/p/b"]}
