"""Messages of real runs to real servers: no receiver slows or fails a run, and what was not sent can be seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from projects import MakeProject, notebook
from receivers import TOKEN, Hook, closed_port, web_hook
from terminal import Said, Wb

from workbench.model.notification import Delivery
from workbench.model.schedule import Standing
from workbench.project import Project

pytestmark = pytest.mark.slow

SETTINGS = 'name = "shop"\n[notify.ops]\nurl = "${env:OPS_URL}"\n'
FLIGHTS = "name: flights\nsteps: {clean: notebooks/clean.ipynb}\nschedule: {cron: 0 * * * *}\n"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as found:
        yield found


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    return make_project({"flights": FLIGHTS}, {"clean": notebook("1 / 0")}, {"workbench.toml": SETTINGS})


@pytest.fixture
def say(root: Path, hook: Hook, wb: Wb) -> Callable[..., Said]:
    def run(*arguments: str, url: str = hook.url) -> Said:
        return wb(*arguments, cwd=root, OPS_URL=url, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")

    return run


def messages(root: Path) -> list[Any]:
    with Project.open(root) as project:
        return list(project.notifications.list())


def wait_for(true: Callable[[], Any], seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)
    return found


def test_f89_a_receiver_that_hangs_keeps_no_run_waiting(root: Path, hook: Hook, say: Callable[..., Said]) -> None:
    hook.go.clear()
    said = say("run", "flights", "--json")
    assert said.code == 1
    assert said.json["state"] == "failed"
    assert hook.got == []
    (one,) = messages(root)
    assert one.state is Delivery.WAITING
    assert hook.reached.wait(60)
    hook.go.set()
    wait_for(lambda: hook.got)
    (root / "notebooks" / "clean.ipynb").write_text(json.dumps(notebook("1")))
    assert say("run", "flights").code == 0
    wait_for(lambda: len(hook.got) == 2)
    assert [got["title"] for got in hook.got] == ["✗ flights failed", "✓ flights succeeded again"]


def test_f89_a_receiver_that_fails_fails_no_run(root: Path, hook: Hook, say: Callable[..., Said]) -> None:
    (root / "notebooks" / "clean.ipynb").write_text(json.dumps(notebook("1")))
    (root / "pipelines" / "flights.yaml").write_text(FLIGHTS)
    gone = f"json://127.0.0.1:{closed_port()}/{TOKEN}"
    assert say("run", "flights", url=gone).code == 0
    assert messages(root) == []
    (root / "notebooks" / "clean.ipynb").write_text(json.dumps(notebook("1 / 0")))
    assert say("run", "flights", url=gone).code == 1
    wait_for(lambda: messages(root)[0].error)
    listed = say("notifications", "list", "--json")
    assert TOKEN not in listed.out
    (one,) = listed.json["notifications"]
    assert (one["state"], one["occasion"], one["tries"]) == ("waiting", "failure", 1)
    shown = say("notifications", "list").out
    assert "flights failure" in shown
    assert "next try in" in shown
    hook.answer = 500
    assert say("notifications", "retry", one["id"][:8]).code == 1
    hook.answer = 200
    retried = say("notifications", "retry", one["id"][:8], "--json")
    assert (retried.code, retried.json) == (0, {"retried": 1, "sent": 1, "waiting": 0, "dead": 0})
    assert "✓" in say("notifications", "list").out
    assert say("notifications", "deliver").out.startswith("Nothing is to be sent.")


def test_the_scheduler_sends_too_also_of_what_could_not_begin(root: Path, hook: Hook, say: Callable[..., Said]) -> None:
    (root / "notebooks" / "clean.ipynb").unlink()
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    with Project.open(root) as project, project.store.writing() as transaction:
        facts = {"cron": "0 * * * *", "timezone": "UTC"}
        transaction.schedules.put(Standing("flights", "schedule", since, facts=facts))
    assert say("up", "--once").code == 1
    (got,) = wait_for(lambda: hook.got)
    assert got["title"] == "✗ flights failed"
    assert got["message"].startswith("Its run could not begin: WB-NB-600: step clean: notebooks/clean.ipynb")


def test_a_receiver_is_tried_out(root: Path, hook: Hook, say: Callable[..., Said], wb: Wb) -> None:
    assert say("notifications", "test", "ops").out == "ops took the message.\n"
    assert say("notifications", "test", "opps").code == 3
    missing = wb("notifications", "test", "ops", cwd=root)
    assert (missing.code, "WB-NTF-863" in missing.err, "OPS_URL is not set" in missing.err) == (2, True, True)
    hook.answer = 403
    refused = say("notifications", "test", "ops", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "WB-NTF-862")
    assert TOKEN not in refused.out + refused.err


def test_without_receivers_it_says_how(make_project: MakeProject, wb: Wb) -> None:
    root = make_project({}, {})
    assert "[notify.ops]" in wb("notifications", "list", cwd=root).out
    assert wb("notifications", "list", "--state", "lost", cwd=root).code == 2
