"""A server in a folder without a project: one is begun there, and nothing that lies there is touched."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from readonly import only_read
from web import TOKEN, Server, serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


@pytest.fixture
def bare(folder: Path, tmp_path: Path) -> Iterator[Server]:
    """A server in an empty folder."""
    with serving(folder, tmp_path / "jupyter") as running:
        yield running


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_project_begins_beside_what_is_there(bare: Server, folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    (folder / ".gitignore").write_text("mine too")
    assert bare.ask("project").code == "WB-CFG-601"
    answer = bare.ask("project", "POST", {})
    assert (answer.status, answer.json) == (201, {"pipeline": "first"})
    assert bare.ask("project").json["pipelines"] == 1
    assert ((folder / "notes.txt").read_text(), (folder / ".gitignore").read_text()) == ("mine", "mine too")
    assert (folder / ".workbench/.gitignore").read_text() == "*\n"  # git leaves the state out all the same
    again = bare.ask("project", "POST", {})
    assert (again.status, again.code) == (409, "WB-CLI-811")


def test_an_example_is_laid_out_whole(bare: Server, folder: Path) -> None:
    assert bare.ask("project", "POST", {"example": "flights"}).json == {"pipeline": "flights"}
    assert {"workbench.toml", "pipelines/flights.yaml", "notebooks/ingest.ipynb", ".gitignore"} <= files(folder)
    assert [row["name"] for row in bare.ask("pipelines").json["pipelines"]] == ["flights"]


def test_what_would_be_replaced_or_is_not_known_is_refused(bare: Server, folder: Path) -> None:
    (folder / "README.md").write_text("mine")
    for body, status, code in (
        ({"example": "flights"}, 409, "WB-CLI-811"),
        ({"example": "../flights"}, 404, "WB-CLI-812"),
        ({"example": 1}, 400, "WB-WEB-804"),
        ({"folder": "/tmp"}, 400, "WB-WEB-803"),
    ):
        answer = bare.ask("project", "POST", body)
        assert (answer.status, answer.code) == (status, code), answer.text
    assert files(folder) == {"README.md"}
    assert (folder / "README.md").read_text() == "mine"


def test_of_many_who_ask_at_once_one_begins_it(bare: Server, folder: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: bare.ask("project", "POST", {}).status, range(4)))
    assert sorted(answers) == [201, 409, 409, 409]
    assert {"workbench.toml", "pipelines/first.yaml", "notebooks/first.ipynb"} <= files(folder)


def test_a_folder_that_is_read_only_says_so(bare: Server, folder: Path) -> None:
    with only_read(folder, folder):
        answer = bare.ask("project", "POST", {})
    assert (answer.status, answer.code) == (503, "WB-DSK-302")
    assert files(folder) == set()


def test_below_a_project_none_is_begun(server: Server) -> None:
    before = files(server.root)
    assert server.ask("project", "POST", {"example": "flights"}).code == "WB-CLI-811"
    assert {name for name in files(server.root) - before if not name.startswith(".workbench/")} == set()


def test_the_address_of_wb_lab_lets_in_with_its_token_and_leads_to_the_start_page(server: Server) -> None:
    def led(query: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            connection.request("GET", f"/workbench/start{query}")
            answer = connection.getresponse()
            return answer.status, answer.getheader("Location", ""), answer.getheader("Set-Cookie", "")
        finally:
            connection.close()

    status, place, cookie = led(f"?token={TOKEN}")
    assert (status, place) == (302, "/lab?workbench=start")
    assert cookie, "JupyterLab lets the same browser in"
    status, place, _ = led("")
    assert status == 302 and place.startswith("/login?")
    assert led("?token=wrong")[1].startswith("/login?")
