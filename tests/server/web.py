"""A real Jupyter server on loopback, as tests ask it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import websocket

TOKEN = "t0ken-of-the-tests"
OTHERS = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim")
"""Extensions that are installed for all, and cost a second each."""


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of the problem that it told of."""
        return str(self.json["error"]["code"])


@dataclass(frozen=True)
class Server:
    """A server whose root folder is ``root``; what it logs stands in ``log``."""

    port: int
    root: Path
    log: Path
    process: subprocess.Popen[bytes]

    def ask(
        self, path: str, /, method: str = "GET", body: Any = None, *, token: str | None = TOKEN, **more: Any
    ) -> Answer:
        """Ask for a path below ``workbench/api/``; ``headers`` and the parameters of the query may be given."""
        headers = {"Authorization": f"token {token}"} if token else {}
        headers |= more.pop("headers", {})
        query = f"?{urlencode(more)}" if more else ""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(method, f"/workbench/api/{path}{query}", data, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()

    @contextmanager
    def events(self) -> Iterator[Events]:
        """What Jupyter's event stream tells of runs during the block."""
        url = f"ws://127.0.0.1:{self.port}/api/events/subscribe"
        socket = websocket.create_connection(url, timeout=60, header={"Authorization": f"token {TOKEN}"})
        try:
            yield Events(socket)
        finally:
            socket.close()


@dataclass
class Events:
    """Events of runs, one after another."""

    socket: websocket.WebSocket

    def until(self, run: str, *states: str) -> list[dict[str, Any]]:
        """The events of a run up to the one at which it is in one of these states."""
        found = []
        while True:
            event = json.loads(self.socket.recv())
            if event["schema_id"] == "urn:workbench:run" and event["run"] == run:
                found.append(event)
                if event["state"] in states:
                    return found


@contextmanager
def serving(root: Path, folder: Path, *extensions: str) -> Iterator[Server]:
    """A server on ``root``, as long as the block lasts; its own files lie in ``folder``.

    ``extensions`` are modules beside this one that it loads too.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "JUPYTER"))}
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    loaded = dict.fromkeys(["workbench.ui.server.extension", *extensions], True) | dict.fromkeys(OTHERS, False)
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}"),
        f"--ServerApp.jpserver_extensions={loaded}",
        "--ServerApp.allow_unauthenticated_access=False",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env={**clean, **own, "JUPYTER_TOKEN": TOKEN}, stdout=file, stderr=file
        )
    try:
        yield Server(_port(process, folder / "runtime", log), root, log, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> int:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        for found in runtime.glob("jpserver-*.json"):
            try:
                port = int(json.loads(found.read_text())["port"])
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    return port
            except (ValueError, KeyError, OSError):
                break
        time.sleep(0.05)
    raise RuntimeError(log.read_text(errors="replace"))
