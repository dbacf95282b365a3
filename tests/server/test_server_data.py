"""What the API answers about data."""

from __future__ import annotations

from web import Server


def test_the_catalog_is_searched_and_counted_by_facets(server: Server) -> None:
    answer = server.ask("catalog", query="sales")
    assert answer.status == 200
    (hit,) = answer.json["hits"]
    assert hit["dataset"] == "raw.sales" and hit["matched"] == "name" and hit["rows"] == 20
    facets = server.ask("catalog").json["facets"]
    assert facets["kind"] == [{"value": "dataset", "count": 2}]
    assert facets["namespace"] == [{"value": "marts", "count": 1}, {"value": "raw", "count": 1}]
    assert facets["tag"] == [{"value": "money", "count": 1}]
    assert facets["freshness"] == [{"value": "day", "count": 2}]


def test_a_search_is_narrowed_by_facets_and_paged(server: Server) -> None:
    assert [hit["dataset"] for hit in server.ask("catalog", tag="money").json["hits"]] == ["raw.sales"]
    narrowed = server.ask("catalog", namespace="marts").json
    assert [hit["dataset"] for hit in narrowed["hits"]] == ["marts.totals"] and narrowed["total"] == 1
    assert len(narrowed["facets"]["namespace"]) == 2, "another namespace can still be chosen"
    page = server.ask("catalog", limit=1, offset=1).json
    assert [hit["dataset"] for hit in page["hits"]] == ["raw.sales"] and page["total"] == 2
    quick = server.ask("catalog", facets="false", tag="money", freshness="day", owner="").json
    assert quick["facets"] is None and quick["total"] == 1 and len(quick["hits"]) == 1
    assert server.ask("catalog", freshness="never").json["hits"] == []
    assert server.ask("catalog", query="slaes").json["hits"][0]["corrected"] == "sales"


def test_a_dataset_tells_all_that_is_known(server: Server) -> None:
    told = server.ask("datasets/raw.sales").json
    assert told["description"] == "What the shops sold" and told["tags"] == ["money"]
    amount = next(column for column in told["columns"] if column["name"] == "amount")
    assert amount["nulls"] == 0 and amount["description"] == "In euros"
    assert {each["outcome"] for each in told["results"]} == {"pass"}
    assert [use["step"] for use in told["readers"]] == ["total"] and [use["step"] for use in told["writers"]] == [
        "load"
    ]
    assert told["history"][0]["version"] == 1 and told["run"]["pipeline"] == "sales"


def test_lineage_is_laid_out_for_whoever_draws_it(server: Server) -> None:
    told = server.ask("lineage/raw.sales/drawing").json
    ids = [box["id"] for box in told["boxes"]]
    assert {"raw.sales", "marts.totals", "step:sales.total"} <= set(ids)
    assert len(told["places"]) == 4 * len(ids) and told["focus"] == "raw.sales"
    assert len(told["ends"]) == 2 * len(told["ways"]) and all(0 <= end < len(ids) for end in told["ends"])
    assert all(len(way) >= 4 and len(way) % 2 == 0 for way in told["ways"])
    upstream = server.ask("lineage/raw.sales/drawing", direction="upstream").json
    assert "marts.totals" not in [box["id"] for box in upstream["boxes"]]


def test_every_group_can_be_open_at_once(server: Server) -> None:
    answer = server.ask("lineage/raw.sales/drawing", opened="*")
    assert answer.status == 200 and answer.json["folded"] == {}
    assert server.ask("lineage/raw.sales/drawing", opened="x" * 5001).status == 400


def test_a_path_between_two_is_laid_out_whichever_comes_first(server: Server) -> None:
    for ends in ("raw.sales/path/marts.totals", "marts.totals/path/raw.sales"):
        told = server.ask(f"lineage/{ends}/drawing").json
        assert {"raw.sales", "step:sales.total", "marts.totals"} == {box["id"] for box in told["boxes"]}


def test_an_arrow_leads_to_the_cell_that_proved_it(server: Server) -> None:
    cells = server.ask("runs/sales@last/steps/total/cells").json["cells"]
    notebook = server.ask("runs/sales@last/steps/total/notebook").json["path"]
    arrows = ("raw.sales/evidence/step:sales.total", "step:sales.total/evidence/marts.totals")
    for arrow in (*arrows, "raw.sales/evidence/marts.totals"):
        (entry,) = server.ask(f"lineage/{arrow}").json["evidence"]
        assert (entry["source"], entry["target"], entry["step"]) == ("raw.sales", "marts.totals", "total")
        assert entry["cell"] in {cell["id"] for cell in cells if "wb.write" in cell["source"]}
        assert entry["notebook"] == notebook


def test_an_arrow_that_there_is_not_has_no_proof(server: Server) -> None:
    assert server.ask("lineage/marts.totals/evidence/raw.sales").json == {"evidence": [], "more": False}
    assert server.ask("lineage/raw.sales/evidence/step:sales.nowhere").json["evidence"] == []
    assert server.ask("lineage/raw.nowhere/evidence/raw.sales").code == "WB-CAT-401"
    for wrong in ("step:", "..%2f..%2fetc", "step:a.b%00", "a" * 600):
        assert server.ask(f"lineage/raw.sales/evidence/{wrong}").status in (400, 404)
