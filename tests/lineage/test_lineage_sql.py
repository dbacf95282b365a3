"""Statements of SQL: what flows where in them, by kind, and that no text whatever ends in an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.lineage.sql import trace as tracing
from workbench.lineage.sql import words
from workbench.lineage.sql.schemas import Schemas, joined, split
from workbench.lineage.sql.trace import Traced, forget, trace
from workbench.model.lineage import DIRECT, INDIRECT, ColumnEdge

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "sql_cases.yaml").read_text())
TABLES: Mapping[str, tuple[str, ...]] = {
    "t": ("id", "a", "b", "c"),
    "s": ("id", "x", "y", "z"),
    "u": ("k", "v", "w"),
    "nested": ("id", "items"),
    "clean.orders": ("id", "customer_id", "amount", "day", "status"),
    "clean.customers": ("id", "name", "region"),
    "marts.days": ("day", "total", "n"),
    "wide": ("id", "jan", "feb", "mar"),
    "Mixed": ("Id", "Name"),
    "known.csv": ("p", "q"),
}
SCHEMAS = Schemas(TABLES)
WORDS = ("SELECT", "INSERT INTO", "FROM", "JOIN", "ON", "WHERE", "GROUP BY", "AS", *"(),*=;", "t", "s", "a", "x", "1")


def edges(traced: Traced) -> set[str]:
    """The edges as the cases write them."""
    return {
        f"{edge.source} {edge.source_column or '*'} > {edge.target or '-'} {edge.target_column or '*'} {edge.how}"
        for edge in traced.columns
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {' '.join(case['sql'].split())[:60]}")
def test_columns_flow_as_the_statement_says(case: dict[str, Any]) -> None:
    traced = trace(case["sql"], SCHEMAS, case.get("dialect", "duckdb"))
    assert edges(traced) == set(case["edges"])
    for edge in traced.columns:
        assert edge.how in (DIRECT if edge.kind == "direct" else INDIRECT)
        assert edge.method == "sql" and 0 < edge.confidence <= 1
        assert not edge.target or (edge.source, edge.target) in traced.tables
    if all("nobody" not in edge and "unknown" not in edge for edge in case["edges"]):
        assert {note for note in traced.unknown if "columns of" not in note} == set()


def test_an_edge_tells_the_text_that_makes_its_value() -> None:
    (edge,) = trace("SELECT upper(trim(c)) AS c FROM t", SCHEMAS, "duckdb").columns
    assert edge == ColumnEdge("t", "c", "", "c", "direct", "transformation", "sql", 1.0, "UPPER(TRIM(c))")


def test_a_query_can_have_a_name_for_what_takes_it() -> None:
    traced = trace("SELECT a FROM t", SCHEMAS, "duckdb", result="frame")
    assert edges(traced) == {"t a > frame a identity"}
    assert traced.tables == (("t", "frame"),) and traced.writes == ("frame",)


def test_texts_of_one_session_know_of_each_other() -> None:
    texts = ["CREATE TEMP TABLE q AS SELECT a FROM t", "INSERT INTO u (k) SELECT a FROM q"]
    assert edges(trace(texts, SCHEMAS, "duckdb")) == {"t a > u k identity"}
    alone = trace(texts[1], SCHEMAS, "duckdb")
    assert edges(alone) == {"q a > u k identity"} and alone.unknown == ("the columns of q are not known",)


def test_reads_writes_and_pairs_are_told_with_the_columns() -> None:
    traced = trace("INSERT INTO u (k) SELECT t.a FROM t JOIN s USING (id)", SCHEMAS, "duckdb")
    assert (traced.reads, traced.writes) == (("t", "s"), ("u",))
    assert set(traced.tables) == {("t", "u"), ("s", "u")}


def test_datasets_can_be_called_by_other_ids() -> None:
    traced = trace("INSERT INTO u (k) SELECT a FROM t", SCHEMAS, "duckdb").named(
        {"t": "external:file|/t", "u": "mine.u"}
    )
    assert edges(traced) == {"external:file|/t a > mine.u k identity"}
    assert (traced.reads, traced.writes) == (("external:file|/t",), ("mine.u",))
    assert traced.tables == (("external:file|/t", "mine.u"),)


# -- what is not sure ------------------------------------------------------------------------------------------------


def test_a_column_that_two_unknown_tables_could_have_is_told_with_less_confidence() -> None:
    traced = trace("SELECT p FROM one JOIN other ON one.id = other.id", SCHEMAS, "duckdb")
    found = {edge.source: edge.confidence for edge in traced.columns if edge.target_column == "p"}
    assert found.keys() == {"one", "other"} and all(confidence <= 0.5 for confidence in found.values())
    assert "the columns of one are not known" in traced.unknown


def test_a_column_that_no_table_has_is_not_made_up() -> None:
    traced = trace("SELECT nothing, a FROM t", SCHEMAS, "duckdb")
    assert edges(traced) == {"t a > - a identity"}
    assert traced.unknown == ("it is not known where nothing comes from",)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("INSERT INTO u SELEC * FRM FROM s WHERE ((", {("s", "u")}),
        ("COPY BROKEN ) u FROM 'known.csv", set()),
        ("CREATE TABLE n AS SELECT FROM FROM t JOIN clean.orders WHERE !!", {("t", "n"), ("clean.orders", "n")}),
        ("INSERT INTO u SELECT 'not closed FROM s", set()),
    ],
)
def test_what_cannot_be_read_keeps_its_tables_and_says_so(sql: str, tables: set[tuple[str, str]]) -> None:
    traced = trace(sql, SCHEMAS, "duckdb")
    assert traced.columns == () and set(traced.tables) >= tables
    assert traced.unknown != ()


def test_one_broken_statement_takes_nothing_from_the_others() -> None:
    text = "INSERT INTO u (k) SELECT a FROM t; INSERT INTO u SELEC x FRM ((; INSERT INTO u (v) SELECT x FROM s"
    traced = trace(text, SCHEMAS, "duckdb")
    assert edges(traced) == {"t a > u k identity", "s x > u v identity"}
    assert len(traced.unknown) == 1 and "INSERT INTO u SELEC" in traced.unknown[0]


def test_a_statement_of_another_dialect_keeps_at_least_its_tables() -> None:
    text = "MERGE INTO u USING (SELECT TOP 5 x FROM s) q ON u.k = q.x WHEN MATCHED THEN UPDATE SET v = q.x"
    assert ("s", "u") in trace(text, SCHEMAS, "duckdb").tables
    traced = trace("SELECT a FROM t", SCHEMAS, "klingon")
    assert edges(traced) == {"t a > - a identity"} and "no dialect" in traced.unknown[0]


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["t", "clean.orders", '"a.b".c', '"he said ""no"".".t', "/data/a b.csv", "größe.ß"])
def test_names_are_split_and_joined_without_loss(name: str) -> None:
    assert joined(split(name)) == name


def test_of_names_that_differ_in_case_the_exact_one_is_meant() -> None:
    schemas = Schemas({"Orders": ["A"], "orders": ["a"]})
    assert trace("SELECT a FROM orders", schemas).reads == ("orders",)
    assert trace('SELECT a FROM "Orders"', schemas).reads == ("Orders",)


def test_a_name_is_found_though_nobody_knows_its_columns() -> None:
    traced = trace("SELECT a FROM orders", {"shop.main.orders": None}, "duckdb")
    assert edges(traced) == {"shop.main.orders a > - a identity"}
    assert traced.unknown == ("the columns of shop.main.orders are not known",)


def test_columns_that_a_query_does_not_name_are_named_as_in_the_table_that_it_made() -> None:
    text = "CREATE TABLE n AS SELECT a, sum(b), (c) FROM t GROUP BY ALL"
    traced = trace(text, {**TABLES, "n": ("a", "sum(b)", "c")}, "duckdb")
    assert edges(traced) >= {"t a > n a identity", "t b > n sum(b) aggregation", "t c > n c identity"}


def test_a_table_read_and_written_by_one_statement_leads_to_itself() -> None:
    traced = trace("INSERT INTO t (a) SELECT b FROM t", SCHEMAS, "duckdb")
    assert traced.tables == (("t", "t"),) and edges(traced) == {"t b > t a identity"}


def test_no_secret_of_a_url_is_told() -> None:
    text = "CREATE TABLE n AS SELECT 'https://u:pw@h/x?token=abc' AS link, a FROM 's3://key:secret@b/f.csv?sig=abc'"
    told = repr(trace(text, SCHEMAS, "duckdb"))
    assert "s3://b/f.csv" in told and not any(secret in told for secret in ("pw@", "secret", "token=", "sig="))


# -- hostile texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT " + "(" * 10_000 + "a" + ")" * 10_000 + " FROM t", id="parentheses"),
        pytest.param("SELECT " + "NOT " * 10_000 + "a FROM t", id="signs"),
        pytest.param("SELECT " + "a + " * 5_000 + "a FROM t", id="a long sum"),
        pytest.param("SELECT " + "CASE WHEN a THEN " * 1_000 + "a" + " END" * 1_000 + " FROM t", id="cases"),
        pytest.param("SELECT * FROM t" + " UNION ALL SELECT * FROM t" * 1_000, id="unions"),
        pytest.param("/*" * 10_000 + " FROM t", id="comments"),
        pytest.param("FROM t " * 2_000, id="words"),
        pytest.param("SELECT '" + "x" * 10_000_000 + "' FROM t", id="ten megabytes"),
        pytest.param('SELECT "a\u202e\u0000\ud800" FROM t', id="letters that are none"),
        pytest.param("SELECT a FROM '" + "a://" * 100_000 + "'", id="addresses"),
        pytest.param("", id="nothing"),
        pytest.param(";;;  -- nothing\n;", id="nothing but marks"),
    ],
)
def test_whatever_the_text_is_there_is_an_answer(text: str) -> None:
    traced = trace(text, SCHEMAS, "duckdb")
    assert {name[:3] for name in traced.reads} <= {"t", "a:/"}
    assert traced.columns or traced.unknown or "FROM" not in text


def test_columns_that_double_with_every_query_end_at_a_bound() -> None:
    queries = ", ".join(f"q{number + 1} AS (SELECT * FROM q{number} l, q{number} r)" for number in range(30))
    traced = trace(f"CREATE TABLE n AS WITH q0 AS (SELECT * FROM t), {queries} SELECT * FROM q30", SCHEMAS, "duckdb")
    assert traced.tables == (("t", "n"),) and "more work" in traced.unknown[0]


def test_three_thousand_columns_and_five_thousand_lines_are_read() -> None:
    names = [f"c{number}" for number in range(3_000)]
    wide = Schemas({"wide": names, "target": names})
    traced = trace("INSERT INTO target SELECT * FROM wide WHERE c0 > 1", wide, "duckdb")
    assert len(traced.columns) == 3_001 and traced.unknown == ()
    lines = ",\n".join(f"a + {number} AS c{number}" for number in range(5_000))
    assert len(trace(f"CREATE TABLE n AS SELECT\n{lines}\nFROM t", SCHEMAS, "duckdb").columns) == 5_000


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_letters_at_all_are_answered(text: str) -> None:
    assert isinstance(trace(text, SCHEMAS, "duckdb"), Traced)


@given(st.lists(st.sampled_from(WORDS)))
@settings(deadline=None)
def test_any_words_of_sql_are_answered(tokens: list[str]) -> None:
    traced = trace(" ".join(tokens), SCHEMAS, "duckdb")
    assert all(edge.source in traced.reads or edge.source == edge.target for edge in traced.columns)
    assert not any("while reading it" in note for note in traced.unknown), "every tree is one that was thought of"


# -- from memory -----------------------------------------------------------------------------------------------------


def test_an_equal_question_is_answered_from_memory_and_another_schema_is_another_question() -> None:
    forget()
    first = trace("SELECT * FROM t", SCHEMAS, "duckdb")
    assert trace("SELECT * FROM t", Schemas(TABLES), "duckdb") is first
    other = trace("SELECT * FROM t", {**TABLES, "t": ("id", "new")}, "duckdb")
    assert edges(other) == {"t id > - id identity", "t new > - new identity"}
    assert trace("SELECT * FROM t", SCHEMAS, "duckdb", result="r") is not first


def test_memory_is_bounded() -> None:
    forget()
    first = trace("SELECT 0 FROM t", SCHEMAS, "duckdb")
    for number in range(1, tracing.KEPT + 1):
        trace(f"SELECT {number} FROM t", SCHEMAS, "duckdb")
    assert trace("SELECT 0 FROM t", SCHEMAS, "duckdb") is not first


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reads", "writes"),
    [
        ("insert into a.b select * from c, d x, e join f on 1", {"c", "d", "e", "f"}, {"a.b"}),
        ("delete from a using b where extract(year from c.d) = 1", {"b"}, {"a"}),
        ("with q as (select 1 from t) select * from q", {"t"}, set()),
        ("create or replace temp table if not exists a as select * from read_csv('x.csv')", {"x.csv"}, {"a"}),
        ("copy t to 'out/x.csv'", {"t"}, {"out/x.csv"}),
        ("copy t from 'in/x.csv'", {"in/x.csv"}, {"t"}),
        ("-- from no\n/* from no */ select 'from no', a is distinct from b from `t`", {"t"}, set()),
        ("from range(3)", set(), set()),
        ("insert into t values (1) on conflict do update set a = 1", set(), {"t"}),
    ],
)
def test_words_name_the_tables_of_a_text(text: str, reads: set[str], writes: set[str]) -> None:
    found = words.tables(text)
    assert tuple({".".join(parts) for parts in each} for each in found) == (reads, writes)


def test_what_the_parser_says_of_a_text_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    assert trace("GRANT ALL ON t TO x; OPTIMIZE NOTHING AT ALL", SCHEMAS, "duckdb").columns == ()
    assert caplog.records == []
