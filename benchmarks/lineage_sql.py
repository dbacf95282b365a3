"""Columns in SQL: how long reading takes, from the text and from memory, and how much of what flows is told.

Run with ``python benchmarks/lineage_sql.py``; ``--short`` takes one round. The 99 queries are those of TPC-DS where
DuckDB can give them, that is where its extension ``tpcds`` is installed already; nothing is downloaded. Elsewhere they
are 99 of our own over a star of seven tables, of eleven shapes (joins, CTEs, windows, set operations, roll-ups,
correlated queries, pivots) with nine settings each; the figures say which. The table by kind of statement holds what
``trace`` tells against the cases of ``tests/lineage/sql_cases.yaml``, which are written by hand; they were written
beside the reader, so they show what is missing and not how common it is elsewhere.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import bench
import yaml

from workbench.lineage.sql.schemas import Schemas
from workbench.lineage.sql.trace import forget, trace

CASES = bench.HERE.parent / "tests" / "lineage" / "sql_cases.yaml"
PROMISED, FROM_MEMORY = 50.0, 1.0
"""Milliseconds for a query as a mean, and for one that was answered before."""
KNOWN: Mapping[str, Sequence[str]] = {
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
"""The tables of the cases."""
STAR: Mapping[str, Sequence[str]] = {
    "sales": ("day_id", "item_id", "customer_id", "store_id", "promotion_id", "quantity", "price", "cost", "profit"),
    "refunds": ("day_id", "item_id", "customer_id", "store_id", "quantity", "amount", "reason"),
    "days": ("id", "date", "year", "quarter", "month", "week", "weekday"),
    "items": ("id", "code", "name", "brand", "category", "class", "price", "color"),
    "customers": ("id", "first", "last", "birth_year", "city", "state", "country"),
    "stores": ("id", "name", "city", "state", "manager", "opened"),
    "promotions": ("id", "name", "channel", "cost"),
}
"""The tables of our own queries."""
FACTS = ("quantity", "price", "cost")
KINDS = ("brand", "category", "class")
SHAPES = (
    """SELECT i.{kind}, d.year, sum(s.{fact}) AS total, count(*) AS n FROM sales s JOIN items i ON s.item_id = i.id
    JOIN days d ON s.day_id = d.id WHERE d.quarter = 1 AND i.color IN ('red', 'blue') GROUP BY i.{kind}, d.year
    HAVING sum(s.{fact}) > 100 ORDER BY total DESC, i.{kind} LIMIT 100""",
    """WITH sold AS (SELECT customer_id, item_id, sum({fact}) AS amount FROM sales GROUP BY 1, 2),
    back AS (SELECT customer_id, item_id, sum(amount) AS amount FROM refunds GROUP BY 1, 2)
    SELECT c.last, i.{kind}, sold.amount - coalesce(back.amount, 0) AS net FROM sold
    LEFT JOIN back USING (customer_id, item_id) JOIN customers c ON c.id = sold.customer_id
    JOIN items i ON i.id = sold.item_id WHERE c.state = 'CA' ORDER BY net DESC NULLS LAST""",
    """SELECT * FROM (SELECT i.{kind}, s.{fact}, rank() OVER (PARTITION BY i.{kind} ORDER BY s.{fact} DESC) AS place,
    avg(s.profit) OVER (PARTITION BY i.{kind} ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS near FROM sales s
    JOIN items i ON i.id = s.item_id) ranked WHERE place <= 10 AND {fact} > near""",
    """SELECT 'store' AS channel, i.{kind}, sum(s.{fact}) AS total FROM sales s, items i WHERE s.item_id = i.id
    GROUP BY 2 UNION ALL SELECT 'refund', i.{kind}, -sum(r.amount) FROM refunds r, items i WHERE r.item_id = i.id
    GROUP BY 2 UNION ALL SELECT p.channel, i.{kind}, sum(p.cost) FROM promotions p, sales s, items i
    WHERE p.id = s.promotion_id AND s.item_id = i.id GROUP BY 1, 2 ORDER BY 3""",
    """SELECT c.first, c.last, c.city FROM customers c WHERE EXISTS (SELECT 1 FROM sales s
    JOIN days d ON d.id = s.day_id
    WHERE s.customer_id = c.id AND d.year = 2001 AND s.{fact} > 3) AND c.id NOT IN (SELECT r.customer_id FROM refunds r
    JOIN items i ON i.id = r.item_id WHERE i.{kind} = 'Books') ORDER BY c.last, c.first LIMIT 50""",
    """SELECT i.{kind}, st.state, grouping(i.{kind}) + grouping(st.state) AS depth, sum(s.{fact}) AS total,
    CASE WHEN sum(s.cost) > 0 THEN sum(s.profit) / sum(s.cost) ELSE 0 END AS margin FROM sales s
    JOIN items i ON i.id = s.item_id JOIN stores st ON st.id = s.store_id GROUP BY ROLLUP (i.{kind}, st.state)
    ORDER BY depth DESC, CASE WHEN grouping(st.state) = 0 THEN i.{kind} END""",
    """SELECT i.name, s.{fact} FROM sales s JOIN items i ON i.id = s.item_id WHERE s.{fact} >
    (SELECT 1.3 * avg(o.{fact})
    FROM sales o JOIN items j ON j.id = o.item_id WHERE j.{kind} = i.{kind}) AND s.price BETWEEN 10 AND 99""",
    """WITH weekly AS (SELECT s.store_id, d.week, {columns} FROM sales s JOIN days d ON d.id = s.day_id
    GROUP BY s.store_id, d.week) SELECT st.name, now.week, now.sun / nullif(old.sun, 0) AS sun,
    now.mon / nullif(old.mon, 0) AS mon, now.tue / nullif(old.tue, 0) AS tue FROM weekly now
    JOIN weekly old ON old.store_id = now.store_id AND old.week = now.week - 52
    JOIN stores st ON st.id = now.store_id""",
    """SELECT i.{kind}, d.month, sum(s.{fact}) AS total, lag(sum(s.{fact})) OVER w AS before,
    sum(sum(s.{fact})) OVER (w ROWS UNBOUNDED PRECEDING) AS running FROM sales s JOIN items i ON i.id = s.item_id
    JOIN days d ON d.id = s.day_id GROUP BY ALL WINDOW w AS (PARTITION BY i.{kind} ORDER BY d.month)""",
    """WITH RECURSIVE steps AS (SELECT id, date, 1 AS depth FROM days WHERE year = 2000 UNION ALL SELECT d.id, d.date,
    steps.depth + 1 FROM days d JOIN steps ON d.id = steps.id + 1 WHERE steps.depth < 30) SELECT steps.date, i.{kind},
    count(DISTINCT s.customer_id) FILTER (WHERE s.{fact} > 1) AS buyers FROM steps JOIN sales s ON s.day_id = steps.id
    JOIN items i ON i.id = s.item_id GROUP BY ALL""",
    """SELECT kind, (SELECT max(name) FROM stores WHERE opened < 1999) AS oldest, q1, q2, q3, q4 FROM
    (SELECT i.{kind} AS kind,
    d.quarter, s.{fact} AS value FROM sales s JOIN items i ON i.id = s.item_id JOIN days d ON d.id = s.day_id)
    PIVOT (sum(value) FOR quarter IN (1 AS q1, 2 AS q2, 3 AS q3, 4 AS q4))""",
)
WEEKDAYS = ", ".join(
    f"sum(CASE WHEN d.weekday = '{name}' THEN s.{{fact}} ELSE 0 END) AS {name[:3].lower()}"
    for name in ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
)


def own_queries() -> list[str]:
    """99 queries: eleven shapes, each with three facts and three kinds of items."""
    return [
        shape.format(fact=fact, kind=kind, columns=WEEKDAYS.format(fact=fact))
        for shape in SHAPES
        for fact in FACTS
        for kind in KINDS
    ]


def queries() -> tuple[str, list[str], Schemas]:
    """Whose queries these are, the queries, and the columns of their tables."""
    import duckdb

    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        try:
            connection.execute("LOAD tpcds; CALL dsdgen(sf = 0)")
            texts = [text for (text,) in connection.execute("SELECT query FROM tpcds_queries() ORDER BY 1").fetchall()]
            rows = connection.execute(
                "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() GROUP BY 1"
            ).fetchall()
            return "TPC-DS", texts, Schemas(dict(rows))
        except duckdb.Error:
            return "99 queries of our own", own_queries(), Schemas(STAR)


def milliseconds(texts: Sequence[str], schemas: Schemas) -> tuple[list[float], list[float], list[str]]:
    """What each query takes from its text and from memory, and what is not known of any."""
    first, again, unknown = [], [], []
    forget()
    for text in texts:
        started = time.perf_counter()
        traced = trace(text, schemas, "duckdb")
        first.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        trace(text, schemas, "duckdb")
        again.append((time.perf_counter() - started) * 1000)
        unknown += traced.unknown
    return first, again, unknown


def accuracy() -> dict[str, dict[str, float]]:
    """By kind of statement: cases, edges that flow, edges told, and how many of either are in both."""
    counts: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(("cases", "flow", "told", "both"), 0))
    for case in yaml.safe_load(CASES.read_text()):
        traced = trace(case["sql"], KNOWN, case.get("dialect", "duckdb"))
        told = {
            f"{edge.source} {edge.source_column or '*'} > {edge.target or '-'} {edge.target_column or '*'} {edge.how}"
            for edge in traced.columns
        }
        flow = set(case["edges"])
        for kind in (case["kind"], "all"):
            row = counts[kind]
            for name, more in (("cases", 1), ("flow", len(flow)), ("told", len(told)), ("both", len(flow & told))):
                row[name] += more
    for row in counts.values():
        row["precision"] = round(row["both"] / row["told"], 3) if row["told"] else 1.0
        row["recall"] = round(row["both"] / row["flow"], 3) if row["flow"] else 1.0
    return dict(sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])))


def figures(rounds: int) -> dict[str, Any]:
    """All that is measured here; ``promises`` among it."""
    whose, texts, schemas = queries()
    trace(texts[0], schemas, "duckdb")
    measured = [milliseconds(texts, schemas) for _ in range(rounds)]
    means = [statistics.mean(first) for first, _, _ in measured]
    memory = [statistics.mean(again) for _, again, _ in measured]
    slowest = [sorted(first)[int(len(first) * 0.95)] for first, _, _ in measured]
    mean, remembered = round(statistics.median(means), 2), round(statistics.median(memory), 4)
    return {
        "title": f"Columns of {whose}",
        "queries": len(texts),
        "whose": whose,
        "rounds": rounds,
        "mean_ms": mean,
        "p95_ms": round(statistics.median(slowest), 2),
        "from_memory_ms": remembered,
        "unknown": sorted(set(measured[0][2])),
        "accuracy": accuracy(),
        "promises": [
            bench.promise(f"{whose}: at most {PROMISED:g} ms as a mean", mean, mean <= PROMISED),
            bench.promise(f"from memory at most {FROM_MEMORY:g} ms", remembered, remembered <= FROM_MEMORY),
        ],
    }


def main() -> None:
    """Measure, print, and keep the figures when asked to."""
    given = bench.options(__doc__, "lineage_sql")
    found = figures(given.rounds)
    print(f"{'kind':18}{'cases':>6}{'flow':>6}{'told':>6}{'precision':>11}{'recall':>8}")
    for kind, row in found["accuracy"].items():
        print(
            f"{kind:18}{row['cases']:>6}{row['flow']:>6}{row['told']:>6}{row['precision']:>11.3f}{row['recall']:>8.3f}"
        )
    print(f"{found['queries']} queries: mean {found['mean_ms']} ms, 95 of 100 within {found['p95_ms']} ms")
    for note in found["unknown"]:
        print(f"unknown: {note}")
    sys.exit(bench.conclude(found, given.json))


if __name__ == "__main__":
    main()
