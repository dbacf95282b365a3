"""How the extension behaves in JupyterLab: palette, launcher, settings, keys, the status bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lab_projects import lay_out_sales
from lab_server import Tab, lab_on

PLUGIN = "dataops-workbench-lab:plugin"
SET = """async ([plugin, key, value]) => {
    await window.jupyterapp.serviceManager.settings.save(plugin, JSON.stringify({[key]: value}));
}"""


@pytest.fixture(scope="module")
def own(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A JupyterLab whose settings nobody else goes by."""
    home = tmp_path_factory.mktemp("own")
    with lab_on(lay_out_sales(home), home / "jupyter") as lab:
        tab = Tab(browser, lab)
        tab.open()
        yield tab
        tab.close()


def choose(tab: Tab, key: str, value: Any) -> None:
    """Set one of our settings, as the editor of settings does, and load JupyterLab with it."""
    tab.page.evaluate(SET, [PLUGIN, key, value])
    tab.open()


def test_the_launcher_and_the_palette_lead_to_the_catalog(tab: Tab) -> None:
    tab.command("launcher:create")
    tab.page.locator(".jp-LauncherCard:visible", has_text="Search the Catalog").first.wait_for()
    tab.palette("search the catalog")
    tab.page.locator(".lm-CommandPalette-item", has_text="Search the Catalog").wait_for()
    tab.page.keyboard.press("Escape")


@pytest.mark.slow
def test_an_address_leads_to_a_page(own: Tab) -> None:
    own.open("&workbench=dataset&subject=raw.sales")
    own.page.locator(".wb-Page:visible").get_by_role("heading", name="raw.sales", level=1).wait_for()
    assert "workbench=" not in own.page.url


def test_keys_lead_to_the_catalog_from_anywhere(tab: Tab) -> None:
    tab.command("launcher:create")
    tab.page.locator(".jp-Launcher >> visible=true").click()
    tab.page.keyboard.press("Control+Alt+K")
    tab.page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'combobox'")


@pytest.mark.slow
def test_the_status_bar_tells_of_runs_unless_it_is_not_to(own: Tab) -> None:
    own.page.locator(".wb-Status").get_by_text("No runs").wait_for()
    choose(own, "showStatusBar", False)
    own.page.locator(".wb-Status").wait_for(state="hidden")


@pytest.mark.slow
def test_what_a_dataset_is_read_as_can_be_set(own: Tab) -> None:
    choose(own, "readAs", "polars")
    own.command("workbench:open", kind="dataset", subject="raw.sales")
    own.page.locator(".wb-Reads").get_by_text('as_="polars"').wait_for()


def test_the_schema_of_the_settings_is_offered(tab: Tab) -> None:
    told = tab.page.evaluate("id => window.jupyterapp.serviceManager.settings.fetch(id)", PLUGIN)
    assert {"readAs", "showStatusBar", "notifications"} <= told["schema"]["properties"].keys()


def entries(tab: Tab) -> list[str]:
    """What the menu of Workbench offers."""
    tab.page.locator(".lm-MenuBar-item", has_text="Workbench").click()
    menu = tab.page.locator(".lm-Menu")
    menu.wait_for()
    labels = [
        str(text) for text in menu.locator(".lm-Menu-item[data-type=command] .lm-Menu-itemLabel").all_inner_texts()
    ]
    tab.page.keyboard.press("Escape")
    menu.wait_for(state="hidden")
    return labels


def test_the_menu_offers_what_the_palette_does(tab: Tab) -> None:
    offered = entries(tab)
    assert offered[0] == "Search the Catalog" and {"Pipelines", "Lineage", "Quality", "Reports"} < set(offered)
    tab.palette("workbench")
    group = tab.page.locator(".lm-CommandPalette-item[data-command^='workbench:'] .lm-CommandPalette-itemLabel")
    group.first.wait_for()
    listed = [str(text) for text in group.all_inner_texts()]
    tab.page.keyboard.press("Escape")
    assert sorted(listed) == sorted(offered)


def test_a_page_opens_from_the_menu(tab: Tab) -> None:
    tab.page.locator(".lm-MenuBar-item", has_text="Workbench").click()
    tab.page.locator(".lm-Menu").get_by_text("Lineage", exact=True).click()
    tab.page.get_by_text("The lineage of a dataset: where it comes from, and what is made of it.").wait_for()
