"""``wb run --keep``, ``wb runs open`` and ``wb runs release``, against a real JupyterLab."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import NEEDED, chromium
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


def opened(output: str) -> tuple[str, str, str]:
    """The server, the path and the token of the address that was told."""
    found = re.search(r"(http://127\.0\.0\.1:\d+)/lab/workspaces/kept/tree/(\S+)\?token=(\w+)#cell-id=cell-3", output)
    assert found, output
    return found[1], found[2], found[3]


@pytest.mark.slow
@NEEDED
def test_a_kernel_is_kept_opened_and_released(wb: Wb, root: Path) -> None:
    failed = wb("run", "p", "--keep", cwd=root)
    assert failed.code == 1
    tomorrow = r"\d+ \w+"  # of the time little is left then
    assert re.search(rf"its kernel is kept until (\d\d:\d\d: wb runs open \w{{6}} a|{tomorrow})", failed.out), (
        failed.out
    )
    assert re.search(r"Next: wb runs open \w{6} a", failed.out)
    with running_wb("runs", "open", "last", "--no-browser", cwd=root) as lab:
        wait_for(lambda: "#cell-id=" in lab.output(), 120)
        with chromium() as browser:
            _work_in(browser, re.search(r"http\S+", lab.output())[0])  # type: ignore[index]
    with running_wb("runs", "open", "last", "--no-browser", cwd=root) as again:  # JupyterLab ended, the kernel stays
        wait_for(lambda: "#cell-id=" in again.output(), 120)
        server, path, token = opened(again.output())
        (session,), (kernel,) = asked(server, token, "sessions"), asked(server, token, "kernels")
        assert (session["path"], session["kernel"]["id"]) == (path, kernel["id"])
        content = asked(server, token, f"contents/{path}")["content"]
        assert (content["cells"][2]["id"], content["cells"][2]["metadata"]["tags"]) == ("cell-3", ["failed"])
    released = wb("runs", "release", "last", "--json", cwd=root)
    assert [each["step"] for each in released.json["released"]] == ["a"]
    assert "kept until" not in wb("runs", "show", "last", cwd=root).out
    gone = wb("runs", "open", "last", cwd=root)
    assert (gone.code, "WB-RUN-406" in gone.err) == (3, True)


def _work_in(browser: Any, url: str) -> None:
    """Look at what JupyterLab shows of the notebook, and evaluate something in its kernel."""
    tab = browser.new_page()
    tab.set_default_timeout(90_000)
    tab.goto(url)
    cells = tab.locator(".jp-Notebook .jp-CodeCell")
    tab.locator(".jp-Notebook .jp-Cell.jp-mod-active", has_text="1 / 0").wait_for()
    assert [cells.nth(at).locator(".jp-InputPrompt").inner_text() for at in range(3)] == ["[1]:", "[2]:", "[3]:"]
    assert "ZeroDivisionError" in cells.nth(2).inner_text()
    tab.get_by_text("| Idle").wait_for()  # the notebook has its kernel now: before, a cell that is run asks for one
    cells.nth(2).locator(".cm-content").click()
    cells.nth(2).locator(".cm-content").press("Escape")
    cells.nth(2).press("b")
    cells.nth(len(CELLS)).wait_for()
    new = cells.nth(3).locator(".cm-content")
    new.click()
    new.press_sequentially("x + y")
    new.press("Shift+Enter")
    cells.nth(3).locator(".jp-OutputArea-executeResult", has_text="85").wait_for()


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
