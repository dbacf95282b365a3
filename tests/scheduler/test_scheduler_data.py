"""Datasets that are new: which ticks they make, and that nothing goes round in circles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from projects import MakeProject, notebook
from scheduler_bench import FakeClock

from workbench.model.pipeline import Pipeline
from workbench.model.schedule import DatasetTrigger, Standing, Tick, TickState
from workbench.project import Project
from workbench.scheduler.book import Book
from workbench.scheduler.daemon import Options, Up
from workbench.scheduler.data import DEEPEST, Made, evaluate_data

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT = "2026-03-02T11:00:00+00:00"
FOLLOWS = Pipeline("follows", "pipelines/follows.yaml", ())


class Looking:
    """A trigger that looks at what is current again and again."""

    def __init__(self, *datasets: str, every: bool = False) -> None:
        self.trigger = DatasetTrigger(datasets, every, name="data")
        self.standing: Standing | None = None

    def look(self, **current: Made | int) -> list[Tick]:
        there = {
            f"raw.{name}": made if isinstance(made, Made) else Made(made, AT, "other") for name, made in current.items()
        }
        found = evaluate_data(FOLLOWS, self.trigger, self.standing, there, NOW, "prod")
        self.standing = found.standing
        return list(found.ticks)


class TestWhatIsNew:
    def test_what_was_there_before_is_not(self) -> None:
        one = Looking("raw.a")
        assert one.look(a=1) == []
        assert one.look(a=1) == []
        (tick,) = one.look(a=2)
        assert (tick.nominal, tick.nominal_at, tick.kind, tick.depth) == ("raw.a@2", AT, "dataset", 1)
        assert tick.facts == {"snapshots": {"raw.a": 2}}
        assert one.look(a=2) == []

    def test_the_first_data_of_all_is(self) -> None:
        one = Looking("raw.a")
        assert one.look() == []
        assert len(one.look(a=1)) == 1

    def test_of_several_any_one(self) -> None:
        one = Looking("raw.a", "raw.b")
        one.look(a=1, b=1)
        assert [tick.nominal for tick in one.look(a=1, b=2)] == ["raw.b@2"]
        assert [tick.nominal for tick in one.look(a=2, b=3)] == ["raw.a@2, raw.b@3"]

    def test_of_several_all(self) -> None:
        one = Looking("raw.a", "raw.b", every=True)
        one.look(a=1, b=1)
        assert one.look(a=2, b=1) == []
        assert one.look(a=3, b=1) == []
        assert [tick.nominal for tick in one.look(a=3, b=2)] == ["raw.a@3, raw.b@2"]
        assert one.look(a=4, b=2) == []

    def test_what_the_pipeline_itself_made_is_not(self) -> None:
        one = Looking("raw.a")
        one.look(a=1)
        assert one.look(a=Made(2, AT, "follows", 3)) == []
        assert len(one.look(a=3)) == 1

    def test_a_chain_that_gets_too_long_is_cut_and_says_so(self) -> None:
        one = Looking("raw.a")
        one.look(a=1)
        (tick,) = one.look(a=Made(2, AT, "other", DEEPEST - 1))
        assert tick.state is TickState.WAITING
        (tick,) = one.look(a=Made(3, AT, "other", DEEPEST))
        assert (tick.state, tick.depth) == (TickState.SKIPPED, DEEPEST + 1)
        assert tick.reason.startswith("20 runs led to it")

    def test_paused_it_remembers_what_it_saw_last(self) -> None:
        one = Looking("raw.a")
        one.look(a=1)
        assert one.standing is not None
        one.standing = replace(one.standing, paused_at=AT)
        assert one.look(a=2) == one.look(a=3) == []
        one.standing = replace(one.standing, paused_at="")
        assert [tick.nominal for tick in one.look(a=3)] == ["raw.a@3"]


WRITES = "import pandas as pd, workbench as wb\nwb.write(pd.DataFrame({{'n': [{n}]}}), '{name}', mode='overwrite')"


def writer(name: str, n: str = "1") -> dict[str, object]:
    return notebook(WRITES.format(name=name, n=n))


def triggered(name: str, step: str, dataset: str) -> str:
    return f"name: {name}\nsteps: {{{step}: notebooks/{step}.ipynb}}\ntriggers: [{{dataset: {dataset}}}]\n"


class TestCircles:
    def test_they_are_found_when_the_files_are_read(self, make_project: MakeProject) -> None:
        root = make_project(
            {
                "one": triggered("one", "a", "raw.c"),
                "two": triggered("two", "b", "raw.a"),
                "three": triggered("three", "c", "raw.b"),
                "leaf": triggered("leaf", "d", "raw.a"),
                "own": triggered("own", "e", "raw.e"),
            },
            {name: writer(f"raw.{name}") for name in "abcde"},
        )
        book = Book(root)
        book.read()
        assert sorted(book.loops) == ["one", "three", "two"]
        assert book.loops["one"].what == "pipelines trigger each other: one → two → three → one"
        assert book.faults == {}


@pytest.mark.slow
def test_new_data_starts_the_next_pipeline_once(make_project: MakeProject) -> None:
    root = make_project(
        {
            "first": "name: first\nparameters: {n: 1}\nsteps: {a: notebooks/a.ipynb}\n",
            "second": triggered("second", "b", "raw.a"),
        },
        {"a": notebook(WRITES.format(name="raw.a", n="n"), parameters="n: int = 1"), "b": writer("raw.b")},
    )
    clock = FakeClock()
    with Project.open(root) as project:
        up = Up(project, Options("prod"), clock, lambda news: None)
        up.leader.contend()
        assert up.leader.lease is not None
        up.book.read()
        up.intake.expect(up.book)

        def look() -> list[tuple[str, TickState, str]]:
            assert up.leader.lease is not None
            up.intake.look(up.book, up.leader.lease)
            with project.store.reading() as transaction:
                ticks = transaction.schedules.ticks(None)
            return sorted((tick.nominal.partition("@")[0], tick.state, tick.reason) for tick in ticks)

        assert look() == []
        project.run("first", executor="inline")
        assert look() == [("raw.a", TickState.WAITING, "")]
        assert look() == [("raw.a", TickState.WAITING, "")]
        project.run("first", executor="inline")  # unchanged
        assert len(look()) == 1
        project.run("first", {"n": 2}, executor="inline")
        assert look() == [
            ("raw.a", TickState.SKIPPED, "newer data came before it began"),
            ("raw.a", TickState.WAITING, ""),
        ]
        up.intake.survey.close()
