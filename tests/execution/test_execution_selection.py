"""How runs are named, listed, and held against what is usual: through the service, on a store of a few runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from timed_runs import at

from workbench.execution.service import RunService
from workbench.model.errors import NotFound, UsageError
from workbench.model.names import new_id
from workbench.model.plan import Forecast, forecast
from workbench.model.run import Run, State, StepRun
from workbench.model.timeline import excess
from workbench.store.owner import this_process
from workbench.store.transaction import Store

KINDS = [
    ("flights", State.SUCCEEDED, "manual", "2013-01-14"),
    ("flights", State.FAILED, "schedule", "2013-01-15"),
    ("shop", State.SUCCEEDED, "manual", ""),
    ("flights", State.SUCCEEDED, "schedule", "2013-01-16"),
    ("flights", State.WITHHELD, "backfill", "2013-01-17"),
]
"""Pipeline, final state, trigger and day of the runs, oldest first, a minute after one another."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def kept(store: Store) -> list[str]:
    """The ids of the runs of ``KINDS``."""
    ids = []
    for minute, (pipeline, state, trigger, day) in enumerate(KINDS):
        run = Run(new_id(), pipeline, "prod", State.QUEUED, created_at=at(60 * minute), trigger=trigger)
        partition = {"day": day} if day else {}
        step = StepRun(new_id(), run.id, "clean", "n.ipynb", State.QUEUED, base="clean", partition=partition)
        with store.writing() as transaction:
            transaction.runs.create(run, (step,), this_process(), 3600.0)
            transaction.runs.move_run(run.id, State.RUNNING)
            transaction.runs.move_step(step.id, State.RUNNING)
            transaction.runs.move_step(step.id, state)
            transaction.runs.move_run(run.id, state)
        ids.append(run.id)
    return ids


@pytest.fixture
def runs(store: Store, kept: list[str], tmp_path: Path) -> RunService:
    return RunService(store, tmp_path, lambda: ("flights", "shop", "new"))


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("last", 4), ("last~1", 3), (" last~4 ", 0), ("last-success", 3), ("last-success~1", 2), ("last-failed", 1),
        ("last-withheld", 4), ("flights@last", 4), ("flights@last~1", 3), ("flights@last-success~1", 0),
        ("shop@last", 2), ("shop@last-success", 2),
    ],
)  # fmt: skip
def test_a_selector_finds_the_run(runs: RunService, kept: list[str], text: str, index: int) -> None:
    assert runs.get(text).id == kept[index]


def test_an_id_or_its_end_finds_the_run_too(runs: RunService, kept: list[str]) -> None:
    assert runs.get(kept[1]).id == runs.get(kept[1][-6:].lower()).id == kept[1]


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("lst", NotFound, 'there is no run "lst"'),
        ("lats~1", UsageError, 'Did you mean "last"?'),
        ("last-sucess", UsageError, 'Did you mean "last-success"?'),
        ("flights@lst", UsageError, 'Did you mean "last"?'),
        (
            "flihgts@last",
            NotFound,
            'there is no pipeline "flihgts" - known: flights, new, shop. Did you mean "flights"?',
        ),
        ("last~x", UsageError, "names no run"),
        ("a@b@last", UsageError, "names no run"),
        ("last~99", NotFound, "there are not so many"),
        ("last-running", NotFound, "none has ended so"),
        ("new@last", NotFound, "wb runs list --pipeline new"),
        ("flights", NotFound, "flights@last is its newest run"),
    ],
)
def test_what_names_no_run_says_what_would(runs: RunService, text: str, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as caught:
        runs.get(text)
    assert told in str(caught.value)


def test_without_any_run_the_next_command_is_to_run(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/store.db") as empty, pytest.raises(NotFound, match="Next: wb run PIPELINE"):
        RunService(empty, tmp_path).get("last")


class TestList:
    def test_it_is_narrowed_by_pipeline_state_trigger_and_partition(self, runs: RunService, kept: list[str]) -> None:
        def found(**how: object) -> list[int]:
            return [kept.index(run.id) for run in runs.list(**how)]  # type: ignore[arg-type]

        assert found() == [4, 3, 2, 1, 0]
        assert found(pipeline="shop") == [2]
        assert found(states=[State.SUCCEEDED], limit=2) == [3, 2]
        assert found(trigger="schedule") == [3, 1]
        assert found(partition="2013-01-15") == found(partition="day=2013-01-15") == [1]
        assert found(partition="2013-01") == found(partition="month=2013-01-15") == []
        assert found(pipeline="new") == []

    def test_an_unknown_pipeline_is_refused(self, runs: RunService) -> None:
        with pytest.raises(NotFound, match='Did you mean "flights"'):
            runs.list(pipeline="flight")

    def test_beside_each_stand_its_partitions_and_what_is_usual(self, runs: RunService, kept: list[str]) -> None:
        beside = runs.beside(runs.list())
        assert beside.partitions[kept[1]] == ({"day": "2013-01-15"},)
        assert kept[2] not in beside.partitions
        assert beside.usual[kept[4]].samples == 2, "runs that did not succeed are no measure"
        assert beside.usual[kept[2]].samples == 1


class TestUsual:
    def test_half_took_at_most_the_median(self) -> None:
        assert forecast([]) is None
        assert forecast([4.0]) == Forecast(4.0, 4.0, 1)
        assert forecast([3, 1, 2]) == Forecast(2, 3, 3)
        assert forecast(range(1, 21)) == Forecast(10.5, 17, 20)

    @pytest.mark.parametrize(
        ("usual", "seconds", "factor"),
        [
            (Forecast(10, 12, 5), 41, 4.1),
            (Forecast(10, 12, 5), 19, None),
            (Forecast(0.1, 0.2, 5), 0.5, None),
            (Forecast(10, 12, 2), 41, None),
            (None, 41, None),
            (Forecast(10, 12, 5), None, None),
            (Forecast(0, 0, 5), 1, 1000),
        ],
    )
    def test_only_what_is_much_slower_is_flagged(
        self, usual: Forecast | None, seconds: float | None, factor: float | None
    ) -> None:
        assert excess(usual, seconds) == (factor and pytest.approx(factor))
