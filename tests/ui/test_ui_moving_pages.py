"""Views that lead to others: every name leads somewhere, and what leads nowhere changes nothing."""

from __future__ import annotations

import html
import json
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from projects import lay_out, notebook
from traitlets import TraitError

from workbench.project import Project
from workbench.step import CONTEXT_VARIABLE
from workbench.ui.widgets import script
from workbench.ui.widgets.moving_pages import PagesWidget
from workbench.ui.widgets.pages import Pages

MAKE = """
import pandas as pd, workbench as wb
wb.write(pd.DataFrame({"id": [1, 1, 2]}), "raw.orders", mode="overwrite")
"""
VIEW = "application/vnd.jupyter.widget-view+json"
ELEMENT = "<img src=x onerror=window.hit=1>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    root = lay_out(
        tmp_path_factory.mktemp("pages") / "project",
        {"orders": "name: orders\nsteps: {make: notebooks/make.ipynb}"},
        {"make": notebook(MAKE)},
    )
    with Project.open(root) as project:
        assert project.run("orders", executor="inline").state == "succeeded"
        (root / "notebooks/make.ipynb").write_text(json.dumps(notebook(MAKE + "\nprint('again')")), encoding="utf-8")
        assert project.run("orders", executor="inline").state == "succeeded"
        yield Pages(project, "prod")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()
    script.built.cache_clear()


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a kernel that people sit at, with the script built."""
    (tmp_path / "pages.js").write_text("export default { render() {} };")
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    script.built.cache_clear()
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(__import__("sys").modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.delenv(CONTEXT_VARIABLE, raising=False)


def leads(shown: str) -> list[list[str]]:
    return [json.loads(html.unescape(written)) for written in re.findall('data-wb-lead="([^"]*)"', shown)]


def widget(pages: Pages, *first: str) -> PagesWidget:
    return PagesWidget(pages, [list(first)], pages.show(*first).html)


def test_every_name_leads_to_a_view_from_wherever_one_begins(pages: Pages) -> None:
    latest, before = (run.id for run in pages.project.runs.list(2))
    todo = [["search"], ["diff", before, latest, ""]]
    kinds = set()
    for lead in todo:
        found = leads(pages.show(*lead).html)
        kinds.add((lead[0], *{each[0] for each in found}))
        todo += [each for each in found if each not in todo]
        assert len(todo) < 50
    assert {lead[0] for lead in todo} == {"search", "dataset", "runs", "run", "diff"}


def test_one_goes_on_and_back(pages: Pages) -> None:
    moving = widget(pages, "search", "orders")
    began = moving.html
    moving.trail = [*moving.trail, ["dataset", "raw.orders"]]
    assert "Read it:" in moving.html and moving.error == ""
    moving.trail = moving.trail[:-1]
    assert moving.html == began


def test_what_is_typed_is_searched_for(pages: Pages) -> None:
    moving = widget(pages, "search")
    moving.trail = [["search", "nothing like that"]]
    assert "Nothing matches" in moving.html


@pytest.mark.parametrize(
    "lead",
    [
        ["nowhere"],
        ["__init__", "x"],
        ["dataset"],
        ["dataset", "no.such"],
        ["dataset", ELEMENT],
        ["run", "..%2f"],
        ["runs", "no such"],
        ["diff", "last"],
        ["diff", "last", "x" * 10_000],
    ],
)
def test_what_leads_nowhere_is_told_and_what_was_shown_stays(pages: Pages, lead: list[str]) -> None:
    moving = widget(pages, "search", "orders")
    began = moving.html
    moving.trail = [*moving.trail, lead]
    assert moving.error.startswith("WB-") and moving.html == began
    moving.trail = moving.trail[:-1]
    assert moving.error == ""


@pytest.mark.parametrize("trail", ["search", [1], [["search", 1]], [{"kind": "search"}]])
def test_a_trail_is_lists_of_words(pages: Pages, trail: Any) -> None:
    with pytest.raises(TraitError):
        widget(pages, "search").trail = trail


def test_names_of_any_kind_stay_inside_their_lead() -> None:
    from workbench.ui.widgets.html import lead

    for name in (ELEMENT, '"><script>hit()</script>', "'\u202e\U0001f6eb&amp;", 'a\\"b'):
        written = str(lead(name, "dataset", name))
        assert leads(written) == [["dataset", name]] and "<script" not in written and "<img" not in written


@pytest.mark.usefixtures("kernel")
def test_a_view_keeps_what_everybody_can_read_beside_its_widget(pages: Pages) -> None:
    view = pages.leading(pages.dataset("raw.orders"), "dataset", "raw.orders")
    bundle = view._repr_mimebundle_()
    assert bundle["text/html"] == view.html == view.widget.html and VIEW in bundle
    assert view._repr_mimebundle_()[VIEW] == bundle[VIEW]


@pytest.mark.usefixtures("kernel")
def test_in_a_run_and_where_the_script_was_not_built_views_stay_as_they_are(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CONTEXT_VARIABLE, "{}")
    assert pages.leading(pages.runs(), "runs").widget is None
    monkeypatch.delenv(CONTEXT_VARIABLE)
    monkeypatch.setattr(script, "FOLDER", tmp_path / "missing")
    script.built.cache_clear()
    assert pages.leading(pages.runs(), "runs").widget is None


def test_what_is_asked_is_heard(pages: Pages) -> None:
    widget = PagesWidget(pages, [["search", ""]], "<p>before</p>")
    assert (widget.asked, widget.heard) == (0, 0)
    widget.asked = 2
    assert widget.heard == 2, "so that the script knows that somebody is there"
