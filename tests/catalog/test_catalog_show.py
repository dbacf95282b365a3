"""The page of one dataset: what it is, where it came from, whether it is good, who uses it."""

from __future__ import annotations

import pytest

from workbench.catalog.service import CatalogService
from workbench.model.errors import NotFound
from workbench.model.quality import Outcome
from workbench.store.transaction import Store


def test_all_that_is_known(service: CatalogService, publish) -> None:
    raw = publish("raw.flights")
    first = publish("clean.flights", "origin tail", ("raw.flights",))
    publish("marts.delays", "origin", ("clean.flights",))
    entry = service.show("clean.flights")
    assert entry.snapshot == first and entry.history == (first,)
    assert entry.dataset.description == "Every departure from New York" and entry.dataset.owner == "Ops team"
    assert entry.dataset.tags == ("pii", "daily") and entry.dataset.current == {"prod": first}
    origin, tail = entry.columns
    assert (origin.name, origin.type, origin.nulls, origin.minimum, origin.maximum) == ("origin", "long", 2, "1", "9")
    assert (tail.description, tail.nulls) == ("registration of the plane", None)
    assert entry.contract is not None and entry.contract.checks[0].column == "origin"
    assert [result.outcome for result in entry.results] == [Outcome.PASS] and entry.withheld == ()
    assert [(use.pipeline, use.step) for use in entry.writers] == [("flights", "clean")]
    assert [use.notebook for use in entry.readers] == ["notebooks/clean.ipynb"]
    assert [(made.dataset, made.snapshot, made.version, made.rows) for made in entry.inputs] == [
        ("raw.flights", raw.id, 1, 10)
    ]
    assert entry.run is not None and (entry.run.commit, entry.run.parameters) == ("abc123", {"day": "x"})
    assert entry.step is not None and (entry.step.notebook, entry.step.parameters) == (
        "notebooks/clean.ipynb", {"limit": 3},
    )  # fmt: skip
    assert first.notes and first.cell == 4 and first.actor == "ann"


def test_a_withheld_write_is_in_the_history_and_not_current(service: CatalogService, publish) -> None:
    good = publish("clean.flights")
    held = publish("clean.flights", withheld=True)
    entry = service.show("clean.flights")
    assert entry.snapshot == good and sorted(entry.history, key=lambda made: made.id) == [good, held]
    assert [result.outcome for result in entry.results] == [Outcome.PASS]


def test_a_dataset_that_was_only_ever_withheld_has_nothing_current(service: CatalogService, publish) -> None:
    publish("clean.flights", withheld=True)
    entry = service.show("clean.flights")
    assert entry.snapshot is None and entry.columns == () and entry.inputs == () and entry.run is None
    assert [result.outcome for result in entry.withheld] == [Outcome.FAIL]
    assert entry.dataset.owner == "Ops team"


def test_an_environment_shows_its_own_then_that_of_prod_then_the_newest(service: CatalogService, publish) -> None:
    prod = publish("clean.flights")
    dev = publish("clean.flights", environment="dev")
    assert service.show("clean.flights").snapshot == prod
    assert service.show("clean.flights", "dev").snapshot == dev
    assert service.show("clean.flights", "dev_ann").snapshot == prod
    only = publish("play.sample", environment="dev_ann")
    assert service.show("play.sample").snapshot == only


def test_history_is_as_long_as_asked(service: CatalogService, publish) -> None:
    made = [publish("clean.flights") for _ in range(5)]
    assert service.show("clean.flights", history=2).history == tuple(reversed(made[-2:]))


def test_what_is_not_there_is_named_with_what_was_meant(service: CatalogService, publish) -> None:
    publish("clean.flights")
    with pytest.raises(NotFound, match=r'WB-CAT-401.*Did you mean "clean.flights"'):
        service.show("clean.fligths")
    with pytest.raises(NotFound, match=r'WB-CAT-401.*Did you mean "clean.flights"'):
        service.show("flights")
    with pytest.raises(NotFound, match="WB-CAT-402"):
        service.show("clean.promised")
    for name in ("", "'", "../..", "x" * 10_000):
        with pytest.raises(NotFound, match="WB-CAT-401"):
            service.show(name)


def test_content_that_came_out_unchanged_is_described_anew(service: CatalogService, store: Store, publish) -> None:
    publish("clean.flights")
    with store.writing() as transaction:
        transaction.datasets.describe("clean.flights", "outdated")
    publish("clean.flights", unchanged=True)
    assert service.show("clean.flights").dataset.description == "Every departure from New York"


def test_a_description_stays_when_there_is_no_contract(service: CatalogService, store: Store, publish) -> None:
    with store.writing() as transaction:
        transaction.datasets.describe("raw.flights", "as the airline sent it", "bo", ("raw",))
    publish("raw.flights")
    dataset = service.show("raw.flights").dataset
    assert (dataset.description, dataset.owner, dataset.tags) == ("as the airline sent it", "bo", ("raw",))
