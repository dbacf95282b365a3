"""Ids of snapshots are greater than JavaScript can count: over HTTP they are texts, with ``--json`` numbers."""

from __future__ import annotations

import pytest
from web import Server

from workbench.model.catalog import InputEntry
from workbench.model.plain import to_plain
from workbench.model.report import Proof, ProofInput
from workbench.ui import run_shapes, shapes
from workbench.ui.server.routes import find
from workbench.ui.server.wide import SAFE, safe, texts

LARGE = 2**62 + 1


@pytest.mark.parametrize(
    ("hint", "plain", "told"),
    [
        (InputEntry, to_plain(InputEntry("raw.sales", LARGE, 1, 2)), {"snapshot": str(LARGE), "version": 1}),
        (run_shapes.Snapshot | None, None, None),
        (run_shapes.Snapshot, {"id": LARGE, "parent": None, "rows": 3}, {"id": str(LARGE), "parent": None, "rows": 3}),
        (list[run_shapes.Snapshot], [{"id": 1, "parent": LARGE}], [{"id": "1", "parent": str(LARGE)}]),
    ],
)
def test_what_is_marked_as_wide_is_written_as_text(hint: object, plain: object, told: object) -> None:
    rewrite = texts(hint)
    assert rewrite is not None
    found = rewrite(plain)
    assert found == (found | told if isinstance(told, dict) else told)


def test_it_is_found_however_deep_it_lies() -> None:
    rewrite = texts(shapes.ReportWithProof)
    assert rewrite is not None
    inputs = (ProofInput("raw.sales", 1, LARGE, 2, ""),)
    proof = to_plain(Proof("shop", "r", "p", "s", "prod", "", "me", "", {}, inputs))
    assert rewrite({"proof": proof})["proof"]["inputs"][0]["snapshot"] == str(LARGE)


def test_what_has_no_wide_number_is_left_alone() -> None:
    assert texts(shapes.Found) is None
    assert texts(run_shapes.RunRow) is None
    assert find("GET", "catalog")[0].widened is None
    assert find("GET", "datasets/raw.sales")[0].widened is not None


@pytest.mark.parametrize(
    ("value", "told"),
    [(SAFE, SAFE), (SAFE + 1, str(SAFE + 1)), (-SAFE - 1, str(-SAFE - 1)), (True, True), ("x", "x"), (1.5, 1.5)],
)
def test_a_value_of_data_stays_what_it_is(value: object, told: object) -> None:
    assert safe(value) == told and type(safe(value)) is type(told)


def test_the_ids_of_snapshots_are_texts_wherever_they_are_told(server: Server) -> None:
    dataset = server.ask("datasets/marts.totals").json
    assert dataset["snapshot"]["id"].isdecimal() and dataset["inputs"][0]["snapshot"].isdecimal()
    version = server.ask("datasets/marts.totals/snapshots").json["snapshots"][0]
    assert version["snapshot"]["id"] == dataset["snapshot"]["id"]
    assert server.ask("quality").json["datasets"][0]["snapshot"].isdecimal()
    assert server.ask("quality/raw.sales").json["points"][0]["snapshot"].isdecimal()
