"""How the extension behaves in JupyterLab: palette, launcher, settings, keys, the status bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lab_server import Tab

PLUGIN = "dataops-workbench-lab:plugin"
SET = """async ([plugin, key, value]) => {
    await window.jupyterapp.serviceManager.settings.save(plugin, JSON.stringify(value === null ? {} : {[key]: value}));
}"""


@pytest.fixture
def settings(tab: Tab) -> Iterator[Any]:
    """Sets one of our settings, as the editor of settings does: read when JupyterLab is loaded again."""

    def choose(key: str, value: Any) -> None:
        tab.page.evaluate(SET, [PLUGIN, key, value])
        tab.open()

    yield choose
    tab.page.evaluate(SET, [PLUGIN, "", None])
    tab.open()


def test_the_launcher_and_the_palette_lead_to_the_catalog(tab: Tab) -> None:
    tab.command("launcher:create")
    tab.page.locator(".jp-LauncherCard", has_text="Search the Catalog").wait_for()
    tab.command("apputils:activate-command-palette")
    tab.page.locator(".lm-CommandPalette-input").fill("search the catalog")
    tab.page.locator(".lm-CommandPalette-item", has_text="Search the Catalog").wait_for()
    tab.page.keyboard.press("Escape")


def test_keys_lead_to_the_catalog_from_anywhere(tab: Tab) -> None:
    tab.command("launcher:create")
    tab.page.locator(".jp-Launcher").first.click()
    tab.page.keyboard.press("Control+Alt+K")
    tab.page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'combobox'")


def test_the_status_bar_tells_of_runs_unless_it_is_not_to(tab: Tab, settings: Any) -> None:
    tab.page.locator(".wb-Status").get_by_text("No runs").wait_for()
    settings("showStatusBar", False)
    tab.page.locator(".wb-Status").wait_for(state="hidden")


def test_what_a_dataset_is_read_as_can_be_set(tab: Tab, settings: Any) -> None:
    settings("readAs", "polars")
    tab.command("workbench:open", kind="dataset", subject="raw.sales")
    tab.page.locator(".wb-Reads").get_by_text('as_="polars"').wait_for()


def test_the_schema_of_the_settings_is_offered(tab: Tab) -> None:
    told = tab.page.evaluate("id => window.jupyterapp.serviceManager.settings.fetch(id)", PLUGIN)
    assert {"readAs", "showStatusBar", "notifications"} <= told["schema"]["properties"].keys()
