"""What the API answers about lineage: graphs laid out, paths, and what proves an arrow."""

from __future__ import annotations

from web import Server


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
        found = server.ask(f"lineage/{arrow}").json["evidence"]
        (entry,) = [one for one in found if one["target"] == "marts.totals"]
        assert (entry["source"], entry["target"], entry["step"]) == ("raw.sales", "marts.totals", "total")
        assert entry["cell"] in {cell["id"] for cell in cells if "wb.write" in cell["source"]}
        assert entry["notebook"] == notebook


def test_an_arrow_that_there_is_not_has_no_proof(server: Server) -> None:
    assert server.ask("lineage/marts.totals/evidence/raw.sales").json == {"evidence": [], "more": False}
    assert server.ask("lineage/raw.sales/evidence/step:sales.nowhere").json["evidence"] == []
    assert server.ask("lineage/raw.nowhere/evidence/raw.sales").code == "WB-CAT-401"
    for wrong in ("step:", "..%2f..%2fetc", "step:a.b%00", "a" * 600):
        assert server.ask(f"lineage/raw.sales/evidence/{wrong}").status in (400, 404)
