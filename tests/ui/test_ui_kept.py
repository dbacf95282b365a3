"""``wb run --keep``, ``wb runs open`` and ``wb runs release``, against a real JupyterLab."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook
from terminal import Wb, running_wb, wait_for

CELLS = ("x = 42", "y = x + 1", "1 / 0", "'never'")


@pytest.fixture
def root(make_project: MakeProject, wb: Wb) -> Iterator[Path]:
    made = make_project({"p": "name: p\nsteps: {a: notebooks/a.ipynb}"}, {"a": notebook(*CELLS)})
    yield made
    wb("runs", "release", "last", cwd=made)


def asked(server: str, token: str, what: str) -> Any:
    request = urllib.request.Request(f"{server}/api/{what}", headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


async def evaluated(server: str, token: str, kernel: str, expression: str) -> str:
    """What an expression gives, asked for as JupyterLab does, over its socket."""
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    url = f"{server.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
    socket = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {token}"}))
    header = {"msg_id": "asked", "msg_type": "execute_request", "session": "s", "username": "u", "version": "5.3"}
    content = {"code": expression, "silent": False, "store_history": False, "user_expressions": {}}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps(message))
    while True:
        said = json.loads(await asyncio.wait_for(socket.read_message(), 60))
        if said["msg_type"] in ("execute_result", "error") and said["parent_header"].get("msg_id") == "asked":
            socket.close()
            while await socket.read_message() is not None:
                pass
            return str(said["content"].get("data", said["content"]).get("text/plain"))


@pytest.mark.slow
def test_a_kernel_is_kept_opened_and_released(wb: Wb, root: Path) -> None:
    failed = wb("run", "p", "--keep", cwd=root)
    assert failed.code == 1
    assert re.search(r"its kernel is kept until \d\d:\d\d: wb runs open \w{6} a", failed.out), failed.out
    assert re.search(r"Next: wb runs open \w{6} a", failed.out)
    for _ in range(2):  # JupyterLab may end and begin again, the kernel stays
        with running_wb("runs", "open", "last", "--no-browser", cwd=root) as opened:
            wait_for(lambda: "token=" in opened.output(), 120)
            found = re.search(
                r"(http://127\.0\.0\.1:\d+)/lab/workspaces/kept/tree/(\S+)\?token=(\w+)#cell-id=cell-3", opened.output()
            )
            assert found, opened.output()
            server, path, token = found.groups()
            (session,) = asked(server, token, "sessions")
            (kernel,) = asked(server, token, "kernels")
            assert (session["path"], session["kernel"]["id"]) == (path, kernel["id"])
            content = asked(server, token, f"contents/{path}")["content"]
            assert content["cells"][2]["id"] == "cell-3"
            assert "failed" in content["cells"][2]["metadata"]["tags"]
            assert asyncio.run(evaluated(server, token, kernel["id"], "x, y")) == "(42, 43)"
    released = wb("runs", "release", "last", "--json", cwd=root)
    assert [each["step"] for each in released.json["released"]] == ["a"]
    assert "kept until" not in wb("runs", "show", "last", cwd=root).out
    gone = wb("runs", "open", "last", cwd=root)
    assert (gone.code, "WB-RUN-406" in gone.err) == (3, True)


def test_how_to_reach_the_kernel_is_told(wb: Wb, root: Path) -> None:
    wb("run", "p", cwd=root)
    nothing = wb("runs", "open", "last", "--json", cwd=root)
    assert (nothing.code, nothing.json["error"]["code"]) == (3, "WB-RUN-406")
    assert "keeps no kernel" in wb("runs", "release", "last", cwd=root).out
    assert wb("runs", "repair", "last", "--keep", "--json", cwd=root).code == 1
    told = wb("runs", "open", "last", "--json", cwd=root).json
    connection = Path(told["connection_file"])
    assert json.loads(connection.read_text())["kernel_name"] == "python3"
    assert connection.stat().st_mode & 0o077 == 0
    assert f"--ServerApp.external_connection_dir={connection.parent}" in told["command"]
    assert (Path(told["opened"]).exists(), told["step"], told["number"]) == (True, "a", 3)


@pytest.mark.parametrize("executor", ["inline", "dask"])
def test_executors_that_cannot_keep_refuse(wb: Wb, root: Path, executor: str) -> None:
    refused = wb("run", "p", "--keep", "--executor", executor, cwd=root)
    assert (refused.code, "WB-CLI-814" in refused.err) == (2, True)
