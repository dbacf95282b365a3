"""The datasets that a SQL text names, as DuckDB's own parser sees them; nothing is bound, opened or run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import Any

from workbench.model.errors import InvalidName
from workbench.model.names import parse_dataset

_DYNAMIC = frozenset({"query", "query_table"})
"""Functions of DuckDB that name tables at run time."""


@lru_cache(maxsize=1024)
def datasets(sql: str) -> tuple[str, ...] | None:
    """The ``namespace.name`` tables that ``sql`` reads, in order of appearance; None when that cannot be told.

    It cannot be told when DuckDB does not parse the text, when it is more than queries (a pivot without its values, a
    ``create table``), and when tables are named at run time (``query_table``).
    """
    serialized = json.loads(_serialize(sql))
    if serialized["error"]:
        return None
    found: list[str] = []
    for node in _nodes(serialized["statements"]):
        if node.get("function_name") in _DYNAMIC:
            return None
        if node.get("type") == "BASE_TABLE" and node.get("schema_name") and not node.get("catalog_name"):
            name = f"{node['schema_name']}.{node['table_name']}".lower()
            if _is_dataset(name) and name not in found:
                found.append(name)
    return tuple(found)


@lru_cache(maxsize=1024)
def variables(sql: str) -> tuple[str, ...]:
    """The tables that ``sql`` names without a namespace and does not define itself: local frames, if they are any."""
    serialized = json.loads(_serialize(sql))
    if serialized["error"]:
        return ()
    nodes = list(_nodes(serialized["statements"]))
    own = {entry["key"] for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    plain = [node for node in nodes if node.get("type") == "BASE_TABLE" and not node.get("schema_name")]
    return tuple(dict.fromkeys(node["table_name"] for node in plain if node["table_name"] not in own))


def _serialize(sql: str) -> str:
    import duckdb

    with closing(_connection().cursor()) as own:  # threads that share a connection take each other's answers
        row = own.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchone()
    assert row is not None, duckdb.__version__
    return str(row[0])


@lru_cache(maxsize=1)
def _connection() -> Any:
    import duckdb

    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(":memory:", config={**config, "threads": "1"})


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def _is_dataset(name: str) -> bool:
    try:
        parse_dataset(name)
    except InvalidName:
        return False
    return True
