"""One JupyterLab on one project for all tests of the extension, and a browser in each process of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from browsers import CHROMIUM, chromium
from lab_projects import lay_out_sales
from lab_server import EXTENSION, Lab, Tab, unbuilt
from lab_shared import shared_lab

CLOSED = """() => [...document.querySelectorAll('.jp-Launcher, .jp-Dialog')].some(each => each.checkVisibility())"""
"""Whether JupyterLab has closed its tabs: it opens a launcher then by itself, which takes the cursor, or asks first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a browser takes long."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def built() -> None:
    """All that these tests need is there."""
    pytest.importorskip("playwright.sync_api", reason="the tests of JupyterLab need the package playwright")
    if CHROMIUM is None:
        pytest.skip("the tests of JupyterLab need a Chromium")
    if not (EXTENSION / "package.json").is_file():
        unbuilt("the extension is not built here: it needs Node, and a registry of its packages")


@pytest.fixture(scope="module")
def browser(built: None) -> Iterator[Any]:
    """A browser. It keeps a loop running in this thread, so no test elsewhere may find it open."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def lab(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The server is one for all processes of a session, wherever their tests are sent to."""
    base, worker = tmp_path_factory.getbasetemp(), os.environ.get("PYTEST_XDIST_WORKER", "")
    with shared_lab(base.parent if worker else base, lay_out_sales, worker or "default") as server:
        yield server


@pytest.fixture(scope="module")
def shared_tab(browser: Any, lab: Lab) -> Iterator[Tab]:
    """JupyterLab takes seconds to load: most tests look at the same one."""
    opened = Tab(browser, lab)
    opened.forget()
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def tab(shared_tab: Tab, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """JupyterLab with the whole catalog in view; nothing may go wrong in it, nor ask anything of other servers.

    ``WORKBENCH_SHOTS`` names a folder that gets a picture of how each test left it.
    """
    shared_tab.page.unroute_all()
    shared_tab.command("application:close-all")
    shared_tab.page.wait_for_function(CLOSED)
    shared_tab.command("workbench:search")
    shared_tab.page.get_by_role("combobox", name="Search the catalog").fill("")
    shared_tab.problems.clear()
    yield shared_tab
    shared_tab.picture(request.node.name)
    assert shared_tab.problems == []
