"""JupyterLab on a project, and for a kernel that goes on already: a server on this machine, open at its cell."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from workbench.execution.processes.kinship import die_with_parent
from workbench.model.errors import StepFailed
from workbench.model.frozen import dataclass

PATIENCE = 120.0
"""Seconds that JupyterLab gets to start."""
WORKSPACE = "kept"
"""What JupyterLab calls the arrangement of its tabs."""
PAUSE = 0.2
"""Seconds between two looks whether it has."""


@dataclass(frozen=True)
class Lab:
    """A server that is at work; ``url`` leads to the notebook, at its cell, with the key to the server in it."""

    process: subprocess.Popen[bytes]
    url: str

    def wait(self) -> None:
        """Wait until it ends, as by *File → Shut Down*."""
        self.process.wait()


def whole(root: Path, port: int, *, browser: bool) -> list[str]:
    """What starts JupyterLab in ``root`` for a person, with the start page and the catalog in view."""
    return [
        *(sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}"),
        "--LabApp.default_url=/workbench/start",
        "--ContentsManager.allow_hidden=True",  # notebooks of runs lie in the state folder
        *([] if browser else ["--no-browser"]),
        *_as_root(),
    ]


def become(command: list[str]) -> NoReturn:
    """Go on as that program: it talks to the terminal by itself, and nothing of ours stays behind."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def _as_root() -> list[str]:
    """What Jupyter asks for before it serves the superuser, as in a container."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def command(root: Path, connections: Path) -> list[str]:
    """What starts JupyterLab in ``root`` so that it knows the kernels whose connection files lie in ``connections``."""
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser"),
        f"--ServerApp.root_dir={root}",
        "--ServerApp.allow_external_kernels=True",
        f"--ServerApp.external_connection_dir={connections}",
        "--ContentsManager.allow_hidden=True",
    ]


@contextlib.contextmanager
def serving(root: Path, connections: Path, notebook: Path, cell: str) -> Iterator[Lab]:
    """JupyterLab for the block: ``notebook``, below ``root``, is attached to the one kernel of ``connections``.

    ``cell`` is the id of the cell to show. Raises StepFailed (WB-EXT-910) when it does not start.
    """
    token, own = secrets.token_hex(24), os.getpid()
    with tempfile.TemporaryDirectory(prefix="wb-lab-") as folder:
        log = Path(folder) / "log"
        options = ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=8888", "--ServerApp.port_retries=200"]
        options += _as_root()
        environment = {**os.environ, "JUPYTER_TOKEN": token, "JUPYTER_RUNTIME_DIR": folder}
        environment["JUPYTERLAB_WORKSPACES_DIR"] = folder
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command(root, connections), *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # an interrupt from the keyboard is ours to handle
                preexec_fn=lambda: die_with_parent(own),
            )
        try:
            server = _server(process, Path(folder), log)
            path = notebook.relative_to(root).as_posix()
            _attach(server, token, path)
            _arrange(server, token, path)
            there = f"{server}lab/workspaces/{WORKSPACE}/tree/{quote(path)}"
            yield Lab(process, f"{there}?token={token}#cell-id={quote(cell)}")
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _server(process: subprocess.Popen[bytes], folder: Path, log: Path) -> str:
    """The address of the server, once it tells it."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return str(json.loads((folder / f"jpserver-{process.pid}.json").read_text())["url"])
        time.sleep(PAUSE)
    raise StepFailed(
        "WB-EXT-910",
        "JupyterLab did not start",
        cause=" ".join(log.read_text(errors="replace").split("\n")[-4:]).strip(),
        kept="The kernel is as it was.",
        next="wb runs open --json tells how to reach the kernel by other means",
    )


def _attach(server: str, token: str, path: str) -> None:
    """Let the notebook at ``path`` be one with the kernel that the server knows: JupyterLab takes such a session up."""
    kernel = _asked(f"{server}api/kernels", token)[0]["id"]
    session = {"path": path, "type": "notebook", "name": path.rpartition("/")[2], "kernel": {"id": kernel}}
    _asked(f"{server}api/sessions", token, session)


def _arrange(server: str, token: str, path: str) -> None:
    """Let the notebook be there when JupyterLab begins, which goes to a cell only in what is open by then.

    The arrangement that the user has elsewhere is left alone.
    """
    name = f"notebook:{path}"
    dock = {"type": "tab-area", "currentIndex": 0, "widgets": [name]}
    layout = {"main": {"dock": dock, "current": name}}
    data = {"layout-restorer:data": layout, name: {"data": {"path": path, "factory": "Notebook"}}}
    _asked(
        f"{server}lab/api/workspaces/{WORKSPACE}", token, {"data": data, "metadata": {"id": WORKSPACE}}, method="PUT"
    )


def _asked(url: str, token: str, body: Any = None, method: str | None = None) -> Any:
    """What the server answers; it is on this machine, so no proxy is asked."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with opener.open(request, timeout=30) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError:
            raise
        except OSError:  # its socket is bound a moment after it tells its address
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
