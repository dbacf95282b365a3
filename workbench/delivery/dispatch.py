"""Sending, in a process that can be ended: what hangs, crashes or knows too much does so there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from workbench.model.errors import MissingExtra
from workbench.model.notification import Notification

MOST = 10
"""Messages that one process sends."""
LIMIT = 60.0
"""Seconds that it gets for them."""
CLAIM = LIMIT + 30.0
"""Seconds for which messages are ours: nobody else sends them in that time."""

_started: list[subprocess.Popen[bytes]] = []


def installed() -> bool:
    """Whether Apprise is there."""
    return find_spec("apprise") is not None


def refuse_without_apprise() -> None:
    """Raise MissingExtra (WB-EXT-909) when Apprise is not there."""
    if not installed():
        raise MissingExtra(
            "WB-EXT-909",
            "messages need Apprise, which is not installed",
            kept="What is to be told waits in the outbox.",
            next='pip install "dataops-workbench[notify]"',
        )


def dispatch(url: str, notifications: Sequence[Notification], limit: float = LIMIT) -> Mapping[str, str]:
    """Send messages to one address; by id, why each was not sent, empty when it was.

    The address goes through a pipe, so that it stands in no list of processes.
    """
    if not notifications:
        return {}
    keys = ("id", "occasion", "title", "body")
    order = {"url": url, "messages": [{key: getattr(one, key) for key in keys} for one in notifications]}
    command = [sys.executable, "-P", "-m", "workbench.delivery.send"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    silent = "it said nothing"
    try:
        out, _ = process.communicate(json.dumps(order).encode(), timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        out, _ = process.communicate()
        silent = f"no answer in {limit:g} s"
    told = {one.id: silent for one in notifications}
    for line in out.splitlines():
        answer = json.loads(line)
        told[answer["id"]] = answer["error"]
    return told


def spawn(root: Path) -> None:
    """Start a process that sends what is due in the project at ``root``, and wait for nothing of it.

    Does nothing while the last one that was started here is still at work.
    """
    _started[:] = [process for process in _started if process.poll() is None]
    if _started:
        return
    command = [sys.executable, "-P", "-m", "workbench", "--project", str(root), "notifications", "deliver"]
    null = subprocess.DEVNULL
    _started.append(subprocess.Popen(command, cwd=root, stdin=null, stdout=null, stderr=null, start_new_session=True))
