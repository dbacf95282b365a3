"""What the API refuses, and how it says so: never by a traceback, never by 500."""

from __future__ import annotations

import subprocess
import sys

import pytest
from web import Server

from workbench.ui.server.routes import ROUTES

PLACES = {
    "name": "raw.sales",
    "other": "marts.totals",
    "run": "last",
    "pipeline": "sales",
    "step": "load",
    "report": "x",
    "before": "last",
    "after": "last",
}
EVERY = [(route.method, route.path.format_map(PLACES)) for route in ROUTES]
POSTED = [path for method, path in EVERY if method == "POST"]
FOREIGN = {"Origin": "http://elsewhere.example"}


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_every_route_refuses_strangers_and_foreign_pages(server: Server, method: str, path: str) -> None:
    body = b"{}" if method == "POST" else None
    for token in (None, "wrong"):
        answer = server.ask(path, method, body, token=token)
        assert answer.status == 403 and answer.code == "WB-WEB-807"
        assert answer.headers["content-type"] == "application/problem+json"
    answer = server.ask(path, method, body, headers=FOREIGN)
    assert answer.status == 403 and answer.code == "WB-WEB-809"
    assert "access-control-allow-origin" not in answer.headers
    assert server.ask(path, "OPTIONS", token=None, headers=FOREIGN).status == 403


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_every_route_refuses_what_it_does_not_know(server: Server, method: str, path: str) -> None:
    unknown = server.ask(path, method, b"{}" if method == "POST" else None, unheard_of=1)
    assert unknown.status == 400 and unknown.code == "WB-WEB-803"
    assert server.ask(path, "DELETE").status == 405


@pytest.mark.parametrize("path", POSTED)
def test_documents_are_read_strictly(server: Server, path: str) -> None:
    for body in (b"{", b"\xff\xfe", b"[" * 100_000, b'{"parameters": {"x": NaN}}'):
        answer = server.ask(path, "POST", body)
        assert answer.status == 400 and answer.code == "WB-WEB-805"


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("body", [b"[]", b'{"unheard_of": 1}', b'"x"', b"7", b'[{"unheard_of": 1}]'])
def test_every_route_refuses_documents_it_does_not_know(server: Server, path: str, body: bytes) -> None:
    answer = server.ask(path, "POST", body)
    assert answer.status == 400 and answer.code in ("WB-WEB-803", "WB-WEB-804")


def test_what_takes_no_document_refuses_one(server: Server) -> None:
    for path in ("catalog", "runs/last", "plots.js"):
        answer = server.ask(path, "GET", b'{"unheard_of": 1}')
        assert answer.status == 400 and answer.code == "WB-WEB-804"


@pytest.mark.parametrize("path", ["runs", "pipelines/sales/plan", "runs/last/repair"])
@pytest.mark.parametrize("body", [b"[]", b'{"unheard_of": 1}', b'{"executor": 1, "environment": 3}', b"null", b'"x"'])
def test_fields_are_known_and_of_their_type(server: Server, path: str, body: bytes) -> None:
    answer = server.ask(path, "POST", body)
    assert answer.status == 400 and answer.code in ("WB-WEB-803", "WB-WEB-804")


@pytest.mark.parametrize("path", [*POSTED, "catalog", "datasets/raw.sales"])
def test_bodies_of_any_size_are_refused_in_words(server: Server, path: str) -> None:
    large = server.ask(path, "POST", b"x" * 60_000_000)
    assert large.status == 413 and large.code == "WB-WEB-806"


@pytest.mark.parametrize("bad", ["..%2f..%2fetc%2fpasswd", "a%00b", "%2e%2e", "%ff", "x" * 3000, "%F0%9F%98%80", "'--"])
@pytest.mark.parametrize("route", [route for route in ROUTES if route.names], ids=lambda route: route.path)
def test_names_are_parsed_and_never_paths(server: Server, route: object, bad: str) -> None:
    assert hasattr(route, "names")
    path = route.path.format_map(dict.fromkeys(route.names, bad))
    answer = server.ask(path, route.method, b"{}" if route.method == "POST" else None)  # type: ignore[attr-defined]
    assert 400 <= answer.status < 500 and answer.code.startswith("WB-")
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["", "nothing", "catalog/", "../../api/contents", "datasets", "datasets/raw.sales/x"])
def test_addresses_that_are_none(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status == 404
    assert server.ask(path, token=None).status in (403, 404)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 201},
        {"limit": 0},
        {"limit": "ten"},
        {"limit": "9" * 50},
        {"offset": -1},
        {"freshness": "stale"},
        {"query": "x" * 10_000},
        {"query": "a\x00b"},
    ],
)
def test_values_outside_their_type(server: Server, query: dict[str, object]) -> None:
    answer = server.ask("catalog", **query)
    assert answer.status == 400 and answer.code == "WB-WEB-804"


def test_a_parameter_given_twice(server: Server) -> None:
    assert server.ask("catalog?limit=1&limit=2").code == "WB-WEB-804"


def test_a_dataset_that_is_none(server: Server) -> None:
    answer = server.ask("datasets/raw.salse")
    assert answer.status == 404 and answer.code == "WB-CAT-401"
    assert 'Did you mean "raw.sales"?' in answer.json["error"]["cause"]


def test_jupyter_finds_no_handler_of_ours_without_authentication(server: Server) -> None:
    server.ask("catalog")
    log = server.log.read_text(errors="replace")
    assert not [line for line in log.splitlines() if "Workbench" in line and "unauthenticated" in line]


def test_what_jupyter_loads_at_its_start_is_light() -> None:
    probe = (
        "import sys, jupyter_server.serverapp; before = set(sys.modules); import workbench.ui.server.extension;"
        "print(*sorted(name for name in set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("workbench.")}
    ours = {name for name in loaded if name.startswith("workbench.ui")}
    assert loaded - ours == {"workbench.model", "workbench.model.errors", "workbench.model.frozen"}
    assert not {"sqlalchemy", "pyarrow", "pandas", "duckdb", "rich", "typer"} & set(done.stdout.split())
