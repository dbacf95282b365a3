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


def test_quality_is_narrowed_by_name_and_state_while_all_are_counted(server: Server) -> None:
    whole = server.ask("quality").json
    assert [each["dataset"] for each in whole["datasets"]] == ["marts.totals", "raw.sales"]
    assert whole["counts"] == {"withheld": 0, "failing": 0, "warned": 0, "unchecked": 1, "good": 1}
    narrowed = server.ask("quality", query="SALES raw").json
    assert [each["dataset"] for each in narrowed["datasets"]] == ["raw.sales"]
    assert narrowed["counts"] == whole["counts"] and narrowed["more"] is False
    assert server.ask("quality", query="sales", state="unchecked").json["datasets"] == []
    assert server.ask("quality", limit=1).json["more"] is True


def test_a_trend_names_the_run_of_each_version(server: Server) -> None:
    (point,) = server.ask("quality/raw.sales").json["points"]
    assert point["version"] == 1 and point["failed"] == 0 and point["passed"] > 0
    assert point["step"] == "load" and server.ask(f"runs/{point['run']}").json["pipeline"] == "sales"


def test_reports_are_found_by_their_words(server: Server) -> None:
    (report,) = server.ask("reports").json["reports"]
    assert report["genuine"] is True and report["gone"] is False
    for query in ("sales", "SALES total", report["run"].lower()):
        found = server.ask("reports", query=query).json
        assert [each["id"] for each in found["reports"]] == [report["id"]] and found["total"] == 1
    assert server.ask("reports", query="sales nothing").json == {"reports": [], "total": 0, "more": False}


def test_figures_are_drawn_by_the_script_of_reports(server: Server) -> None:
    from workbench.reports.figures import plotly_script

    answer = server.ask("plots.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.text == plotly_script()


def test_the_spread_of_the_values_of_each_column(server: Server) -> None:
    told = server.ask("datasets/raw.sales/distribution").json
    assert (told["dataset"], told["version"], told["looked"], told["rows"]) == ("raw.sales", 1, 20, 20)
    by_column = {column["column"]: column for column in told["columns"]}
    assert list(by_column) == ["id", "shop", "amount"]
    assert by_column["id"]["kind"] == "range" and sum(each["rows"] for each in by_column["id"]["bins"]) == 20
    assert by_column["shop"]["bins"] == [
        {"label": "north", "upto": "", "rows": 10},
        {"label": "south", "upto": "", "rows": 10},
    ]
    assert by_column["amount"]["distinct"] == 1


def test_the_spread_of_what_has_no_data_says_so(server: Server) -> None:
    assert server.ask("datasets/raw.nowhere/distribution").code == "WB-CAT-401"
    assert server.ask("datasets/raw.sales/distribution", environment="nowhere").code == "WB-CFG-603"
