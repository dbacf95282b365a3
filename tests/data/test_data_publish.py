"""What a step staged becomes current all at once, or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from data_bench import Bench, anywhere, rows

from workbench.model.dataset import Mode, Read, Snapshot
from workbench.model.errors import Conflict, StorageError
from workbench.model.quality import Check, CheckResult, Examination, Outcome, Profile, Severity
from workbench.model.run import AttemptState, Finished, State, StepResult


def frame(*values: int) -> pd.DataFrame:
    return pd.DataFrame({"n": list(values)})


def current_rows(bench: Bench, environment: str = "prod", name: str = "clean.flights") -> list[int]:
    snapshot = bench.current(environment, name)
    assert snapshot
    return [row["n"] for row in rows(snapshot)]


def branch(bench: Bench, name: str = "main", dataset: str = "clean.flights") -> int | None:
    found = bench.tables.warehouse.load(dataset).snapshot_by_name(name)
    return found.snapshot_id if found else None


def parquet(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*.parquet")}


@anywhere
def test_all_outputs_of_a_step_become_current_together(bench: Bench) -> None:
    given = bench.publish(bench.tables.stage(frame(0), "raw.input")).snapshots[0]
    finished = bench.attempt(
        bench.tables.stage(frame(1)), bench.tables.stage(frame(2), "raw.other"), values={"auc": 0.9},
        reads=[Read("raw.input", given.id, 1, ("n",))],
    )  # fmt: skip
    result = bench.publisher.publish(finished)
    assert result.state is State.SUCCEEDED
    assert [snapshot.version for snapshot in result.snapshots] == [1, 1]
    assert current_rows(bench) == [1] and current_rows(bench, name="raw.other") == [2]
    assert bench.states(finished) == (AttemptState.COMMITTED, State.SUCCEEDED)
    assert branch(bench) == result.snapshots[0].id
    assert set(bench.tables.warehouse.load("clean.flights").refs()) == {"main"}
    assert finished.run and finished.step_run and finished.attempt
    with bench.store.reading() as transaction:
        step = transaction.runs.step_run(finished.step_run.id)
        assert transaction.datasets.unfollowed() == ()
        assert transaction.datasets.reads(finished.attempt.id) == finished.reads
    assert step.outputs == {snapshot.dataset: snapshot.id for snapshot in result.snapshots}
    assert step.values == {"auc": 0.9}
    snapshot = result.snapshots[0]
    assert (snapshot.run, snapshot.step, snapshot.actor) == (finished.run.id, "clean", "ada")
    assert bench.witness.results[1:] == [result] == bench.witness.published[1:]


def test_notes_of_conversions_stay_with_the_snapshot(bench: Bench) -> None:
    result = bench.publish(bench.tables.stage(pd.DataFrame({"c": pd.Categorical(["x"])})))
    current = bench.current()
    assert current and current.notes == result.snapshots[0].notes == ("c: category stored as its values",)


def test_the_same_content_makes_no_snapshot(bench: Bench, folder: Path) -> None:
    first = bench.publish(bench.tables.stage(frame(1)))
    before = parquet(folder)
    finished = bench.attempt(bench.tables.stage(frame(1)))
    again = bench.publisher.publish(finished)
    assert (again.snapshots, again.unchanged) == ((), ("clean.flights",))
    assert bench.current() == first.snapshots[0]
    assert parquet(folder) == before
    assert finished.step_run
    with bench.store.reading() as transaction:
        outputs = transaction.runs.step_run(finished.step_run.id).outputs
    assert outputs == {"clean.flights": first.snapshots[0].id}


def failing(severity: str = "error") -> Examination:
    check = Check("not_null", "n", severity=Severity(severity))
    profile = Profile("clean.flights", 0, 1)
    return Examination(profile, (CheckResult(check, Outcome.FAIL, "1 null", "no null", failing=1, rows=1),))


@anywhere
def test_a_failing_check_withholds_the_whole_step(bench: Bench) -> None:
    good = bench.publish(bench.tables.stage(frame(1))).snapshots[0]
    bench.witness.examination = lambda made: failing() if made.dataset == "clean.flights" else None
    finished = bench.attempt(bench.tables.stage(frame(2)), bench.tables.stage(frame(3), "raw.other"))
    result = bench.publisher.publish(finished)
    assert result.state is State.WITHHELD
    assert bench.states(finished) == (AttemptState.WITHHELD, State.WITHHELD)
    assert bench.current() == good and bench.current(name="raw.other") is None
    assert branch(bench) == good.id
    assert result.error and result.error["code"] == "WB-CHK-701"
    assert "stays at version 1" in result.error["kept"]
    rejected = {snapshot.dataset: snapshot for snapshot in result.snapshots}
    assert all(snapshot.withheld for snapshot in rejected.values())
    assert rows(rejected["clean.flights"]) == [{"n": 2}]
    with bench.store.reading() as transaction:
        assert transaction.datasets.snapshot(rejected["clean.flights"].id).withheld
    bench.witness.examination = lambda made: None
    assert bench.publish(bench.tables.stage(frame(4))).snapshots[0].version == 2


def test_a_warning_withholds_nothing(bench: Bench) -> None:
    bench.witness.examination = lambda made: failing("warn")
    result = bench.publish(bench.tables.stage(frame(1)))
    assert result.state is State.SUCCEEDED
    assert result.examinations["clean.flights"].profile == Profile("clean.flights", 0, 1)


def test_an_interactive_write_needs_no_attempt(bench: Bench) -> None:
    result = bench.publisher.publish(bench.interactive(bench.tables.stage(frame(1))))
    assert result.snapshots[0].environment == "dev"
    assert current_rows(bench, "dev") == [1]
    assert branch(bench, "dev") == result.snapshots[0].id


@anywhere
def test_dev_starts_from_prod_and_never_touches_it(bench: Bench) -> None:
    prod = bench.publish(bench.tables.stage(frame(1))).snapshots[0]
    append = bench.tables.stage(frame(2), mode="append")
    dev = bench.publisher.publish(bench.interactive(append)).snapshots[0]
    assert current_rows(bench, "dev") == [1, 2]
    assert bench.current() == prod
    assert (branch(bench), branch(bench, "dev")) == (prod.id, dev.id)
    later = bench.publish(bench.tables.stage(frame(9))).snapshots[0]
    assert current_rows(bench, "dev") == [1, 2]
    assert (branch(bench), branch(bench, "dev")) == (later.id, dev.id)


def test_a_first_write_to_prod_holds_nothing_of_dev(bench: Bench) -> None:
    bench.publisher.publish(bench.interactive(bench.tables.stage(frame(1, 2))))
    prod = bench.publish(bench.tables.stage(frame(3), mode="append")).snapshots[0]
    assert current_rows(bench) == [3]
    table = bench.tables.warehouse.load("clean.flights")
    assert table.scan(snapshot_id=prod.id).to_arrow()["n"].to_pylist() == [3]


@pytest.mark.parametrize("mode", ["overwrite", "upsert", "partition"])
def test_of_two_runs_at_once_one_wins_and_the_other_is_told(bench: Bench, mode: str) -> None:
    keys = [] if mode == "overwrite" else ["n"]
    bench.publish(bench.tables.stage(frame(0)), bench.tables.stage(frame(0), "raw.other"))
    ours = bench.tables.stage(frame(1).assign(v="ours"), mode=mode, keys=keys)
    slow = bench.attempt(bench.tables.stage(frame(7), "raw.other"), ours)
    winner = bench.publish(bench.tables.stage(frame(1, 5), mode=mode, keys=keys)).snapshots[0]
    with pytest.raises(Conflict, match="WB-DAT-320") as caught:
        bench.publisher.publish(slow)
    assert winner.run in caught.value.cause
    assert bench.current() == winner
    assert current_rows(bench, name="raw.other") == [0]
    assert bench.states(slow)[0] is AttemptState.STAGED
    for name in ("clean.flights", "raw.other"):
        assert set(bench.tables.warehouse.load(name).refs()) == {"main"}


def test_appends_of_two_runs_both_stay(bench: Bench) -> None:
    bench.publish(bench.tables.stage(frame(0)))
    slow = bench.attempt(bench.tables.stage(frame(1), mode="append"))
    bench.publish(bench.tables.stage(frame(2), mode="append"))
    bench.publisher.publish(slow)
    assert current_rows(bench) == [0, 2, 1]


def test_partitions_that_do_not_overlap_do_not_conflict(bench: Bench) -> None:
    def part(day: str, n: int) -> Any:
        return bench.tables.stage(pd.DataFrame({"day": [day], "n": [n]}), mode="partition", keys=["day"])

    bench.publish(part("mon", 0))
    slow, slower = bench.attempt(part("tue", 1)), bench.attempt(part("wed", 2))
    bench.publish(part("wed", 9))
    bench.publisher.publish(slow)
    assert sorted(current_rows(bench)) == [0, 1, 9]
    with pytest.raises(Conflict, match="WB-DAT-320"):
        bench.publisher.publish(slower)


def test_a_step_that_read_what_it_writes_must_have_read_the_current(bench: Bench) -> None:
    first = bench.publish(bench.tables.stage(frame(1))).snapshots[0]
    read = Read("clean.flights", first.id)
    slow = bench.attempt(bench.tables.stage(frame(2), mode="append"), reads=[read])
    fresh = bench.publish(bench.tables.stage(frame(1, 3))).snapshots[0]
    with pytest.raises(Conflict, match="WB-DAT-320"):
        bench.publisher.publish(slow)
    result = bench.publish(bench.tables.stage(frame(4), mode="append"), reads=[replace(read, snapshot=fresh.id)])
    assert result.state is State.SUCCEEDED


def test_an_attempt_that_was_taken_publishes_nothing(bench: Bench) -> None:
    finished = bench.attempt(bench.tables.stage(frame(1)))
    assert finished.attempt and finished.run
    stale = replace(finished, attempt=replace(finished.attempt, fence=finished.attempt.fence - 1))
    with pytest.raises(Conflict, match="WB-RUN-120"):
        bench.publisher.publish(stale)
    assert bench.current() is None
    assert set(bench.tables.warehouse.load("clean.flights").refs()) == set()


def test_a_listener_that_fails_before_the_commit_leaves_nothing(bench: Bench) -> None:
    def fail(result: StepResult) -> None:
        raise StorageError("WB-DB-501", "no")

    bench.witness.before_commit = fail
    with pytest.raises(StorageError):
        bench.publish(bench.tables.stage(frame(1)))
    assert bench.current() is None
    with bench.store.reading() as transaction:
        assert transaction.datasets.live_paths() == frozenset()


@anywhere
def test_a_branch_that_lags_behind_is_made_to_follow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise StorageError("WB-DSK-301", "full")

    with monkeypatch.context() as patch:
        patch.setattr(bench.tables.warehouse, "follow", fail)
        result = bench.publish(bench.tables.stage(frame(1)))
    assert result.state is State.SUCCEEDED
    assert current_rows(bench) == [1]
    assert branch(bench) is None
    assert bench.publisher.reconcile() == ()
    assert branch(bench) == result.snapshots[0].id
    with bench.store.reading() as transaction:
        assert transaction.datasets.unfollowed() == ()


def test_the_sweep_spares_what_a_run_that_goes_on_has_staged(bench: Bench, folder: Path) -> None:
    kept = bench.publish(bench.tables.stage(frame(1))).snapshots[0]
    bench.tables.stage(frame(2))
    assert bench.publisher.reconcile(sweep_older_than=0.0) == ()
    with bench.store.writing() as transaction:
        for run in transaction.runs.list(None):
            transaction.runs.move_run(run.id, State.SUCCEEDED)
    removed = bench.publisher.reconcile(sweep_older_than=-1.0)
    assert len([path for path in removed if path.endswith(".parquet")]) == 1
    assert parquet(folder) == {file.path for file in kept.files}


def test_steps_publish_from_several_threads(bench: Bench) -> None:
    bench.publish(bench.tables.stage(frame(0)))
    work = [
        bench.attempt(
            bench.tables.stage(frame(number), mode="append"), bench.tables.stage(frame(number), f"raw.t{number}")
        )
        for number in range(1, 5)
    ]
    errors: list[BaseException] = []

    def go(finished: Finished) -> None:
        try:
            bench.publisher.publish(finished)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=go, args=(finished,)) for finished in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for number in range(1, 5):
        assert current_rows(bench, name=f"raw.t{number}") == [number]
    snapshot: Snapshot | None = bench.current()
    assert snapshot and snapshot.mode is Mode.APPEND
    assert sorted(current_rows(bench)) == [0, 1, 2, 3, 4]
    assert branch(bench) == snapshot.id
