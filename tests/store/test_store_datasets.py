"""Datasets: versions, files, pointers, and finding them again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.model.catalog import Facet, Freshness, Narrow
from workbench.model.dataset import Column, DataFile, Mode, Read, Schema, Snapshot
from workbench.model.errors import Conflict, InternalError, NotFound
from workbench.model.quality import Check, CheckResult, ColumnProfile, Outcome, Profile, Severity
from workbench.model.report import Report
from workbench.store.transaction import Store

SCHEMA = Schema((Column("origin", "string", "airport of departure"), Column("dep_delay", "double")))
FIRST = DataFile("clean/flights/data/1.parquet", 10, 1000, "d1", {"day": "2013-01-15"})
SECOND = DataFile("clean/flights/data/2.parquet", 5, 500, "d2")
SNAPSHOT = Snapshot(
    2**62 + 1, "clean.flights", 0, None, SCHEMA, (SECOND, FIRST), Mode.APPEND, "2026-01-01T00:00:00+00:00", "prod",
    step="clean", cell=3, actor="ann", notes=("gate: period stored as string",),
)  # fmt: skip


def test_a_snapshot_comes_back_as_it_went_with_its_version(store: Store) -> None:
    with store.writing() as transaction:
        kept = transaction.datasets.add_snapshot(SNAPSHOT)
        again = transaction.datasets.add_snapshot(replace(SNAPSHOT, id=7, parent=kept.id, files=(FIRST,)))
    assert kept == replace(SNAPSHOT, version=1)
    assert again.version == 2
    with store.reading() as transaction:
        assert transaction.datasets.snapshot(kept.id) == kept
        assert transaction.datasets.snapshots("clean.flights") == (again, kept)
        assert transaction.datasets.snapshots("clean.flights", limit=1) == (again,)
        assert transaction.datasets.live_paths() == {FIRST.path, SECOND.path}
        with pytest.raises(NotFound, match="WB-DAT-341"):
            transaction.datasets.snapshot(99)


def test_a_withheld_snapshot_takes_no_version(store: Store) -> None:
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(SNAPSHOT)
        held = transaction.datasets.add_snapshot(replace(SNAPSHOT, id=2, withheld=True))
        transaction.datasets.add_snapshot(replace(SNAPSHOT, id=3, withheld=True))
        assert held.version == 0
        assert transaction.datasets.add_snapshot(replace(SNAPSHOT, id=4)).version == 2
        assert {found.id for found in transaction.datasets.snapshots("clean.flights")} == {SNAPSHOT.id, 2, 3, 4}


def test_more_files_than_a_statement_may_bind(store: Store) -> None:
    files = tuple(DataFile(f"f{number}.parquet", 1, 10, str(number)) for number in range(1500))
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(replace(SNAPSHOT, files=files))
        transaction.datasets.add_snapshot(replace(SNAPSHOT, id=2, files=files))
        assert transaction.datasets.snapshot(2).files == files


def test_pointers_move_by_compare_and_set(store: Store) -> None:
    with store.writing() as transaction:
        for identifier in (1, 2, 3):
            transaction.datasets.add_snapshot(replace(SNAPSHOT, id=identifier))
        transaction.datasets.move_pointer("prod", "clean.flights", None, 1)
        transaction.datasets.move_pointer("prod", "clean.flights", 1, 2)
        transaction.datasets.move_pointer("dev", "clean.flights", None, 1)
    for expected in (None, 1, 3):
        with pytest.raises(Conflict, match=r"WB-DAT-320.*version 2 became current in prod"):  # noqa: SIM117
            with store.writing() as transaction:
                transaction.datasets.move_pointer("prod", "clean.flights", expected, 3)
    with pytest.raises(Conflict, match="nothing is current"), store.writing() as transaction:
        transaction.datasets.move_pointer("test", "clean.flights", 1, 2)
    with store.reading() as transaction:
        assert transaction.datasets.pointers("prod") == {"clean.flights": 2}
        found = transaction.datasets.get("clean.flights")
        assert found is not None
        assert {name: snapshot.id for name, snapshot in found.current.items()} == {"prod": 2, "dev": 1}
        assert transaction.datasets.all() == (found,)
        assert transaction.datasets.get("clean.nothing") is None


def test_a_pointer_to_no_snapshot_is_our_fault(store: Store) -> None:
    with store.writing() as transaction:
        transaction.datasets.describe("clean.flights")
    with pytest.raises(InternalError, match="WB-INT-997"), store.writing() as transaction:
        transaction.datasets.move_pointer("prod", "clean.flights", None, 12345)


def test_a_branch_lags_until_it_has_followed(store: Store) -> None:
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(replace(SNAPSHOT, id=1))
        transaction.datasets.add_snapshot(replace(SNAPSHOT, id=2))
        transaction.datasets.move_pointer("prod", "clean.flights", None, 1)
        assert transaction.datasets.unfollowed() == (("prod", "clean.flights", 1),)
        transaction.datasets.move_pointer("prod", "clean.flights", 1, 2)
        transaction.datasets.mark_followed("prod", "clean.flights", 1)
        assert transaction.datasets.unfollowed() == (("prod", "clean.flights", 2),)
        transaction.datasets.mark_followed("prod", "clean.flights", 2)
        assert transaction.datasets.unfollowed() == ()


def test_what_was_measured_comes_back(store: Store) -> None:
    check = Check("between", "dep_delay", {"minimum": -60, "maximum": None}, Severity.WARN, "delay", "sane")
    results = (
        CheckResult(check, Outcome.FAIL, "3 rows", "0 rows", 3, 15, ({"dep_delay": float("nan")},), 0.25, ""),
        CheckResult(Check("unique", "origin"), Outcome.ERROR, "", "", error="no such column"),
    )
    profile = Profile("clean.flights", 1, 15, (ColumnProfile("origin", "string", 0, "EWR", "LGA"),))
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(replace(SNAPSHOT, id=1))
        transaction.quality.add(1, results)
        transaction.quality.add_profile(profile)
        found = transaction.quality.results(1)
        assert transaction.quality.profile(1) == profile
        assert transaction.quality.profile(2) is None and transaction.quality.results(2) == ()
    assert repr(found) == repr(results)


def test_reports_are_newest_first(store: Store) -> None:
    old = Report("R1", "", "flights", "daily", "Delays", "reports/1.html", "d1", "2026-01-01T00:00:00+00:00")
    new = replace(old, id="R2", created_at="2026-01-02T00:00:00+00:00")
    with store.writing() as transaction:
        transaction.reports.add(new)
        transaction.reports.add(old)
        assert transaction.reports.list() == (new, old)
        assert transaction.reports.latest("flights", "daily") == new
        assert transaction.reports.latest("flights", "other") is None


def test_a_read_of_an_attempt_that_is_not_there_is_our_fault(store: Store) -> None:
    with store.writing() as transaction:
        transaction.datasets.add_snapshot(replace(SNAPSHOT, id=1))
    with pytest.raises(InternalError), store.writing() as transaction:
        transaction.datasets.add_reads("nosuch", [Read("clean.flights", 1)])


def test_what_a_search_finds_is_counted_by_facets_and_narrowed(store: Store) -> None:
    with store.writing() as transaction:
        for name, owner, tags in (("raw.a", "ada", ("x", "y")), ("raw.b", "", ()), ("clean.a", "ada", ('"q"',))):
            transaction.datasets.describe(name, owner=owner, tags=tags)
    with store.reading() as transaction:
        found = transaction.datasets.browse("", Narrow(), 2, 1)
        narrowed = transaction.datasets.browse("a", Narrow(owner="ada", tag='"q"', freshness=Freshness.NEVER), 50, 0)
        quick = transaction.datasets.browse("ada", Narrow(namespace="raw"), 50, 0, facets=False)
    assert found.facets is not None and narrowed.facets is not None
    assert [hit.dataset for hit in found.hits] == ["raw.a", "raw.b"] and found.total == 3
    assert found.facets["namespace"] == (Facet("raw", 2), Facet("clean", 1))
    assert found.facets["owner"] == (Facet("ada", 2),)
    assert found.facets["tag"] == (Facet('"q"', 1), Facet("x", 1), Facet("y", 1))
    assert found.facets["freshness"] == (Facet("never", 3),)
    assert [hit.dataset for hit in narrowed.hits] == ["clean.a"] and narrowed.total == 1
    assert narrowed.facets["tag"] == (Facet('"q"', 1), Facet("x", 1), Facet("y", 1)), "others can still be chosen"
    assert [hit.dataset for hit in quick.hits] == ["raw.a"] and quick.facets is None
