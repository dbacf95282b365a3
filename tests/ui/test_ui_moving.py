"""A graph that moves in a cell: what it tells the script, and what it does when told that a group is opened."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from graphs import HOSTILE, crowd
from traitlets import TraitError

from workbench.step import CONTEXT_VARIABLE
from workbench.ui.graph.chart import Box, Chart
from workbench.ui.widgets import moving, script
from workbench.ui.widgets.moving import GraphWidget
from workbench.ui.widgets.view import View

VIEW = "application/vnd.jupyter.widget-view+json"
SMALL = Chart("two", (Box("raw.a", "dataset", "raw.a"), Box("raw.b", "dataset", "raw.b")), (("raw.a", "raw.b"),))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()
    script.built.cache_clear()


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a kernel that people sit at, with the script built."""
    (tmp_path / "graph.js").write_text("export default { render() {} };")
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    script.built.cache_clear()
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(__import__("sys").modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.delenv(CONTEXT_VARIABLE, raising=False)


def view(chart: Chart | None) -> View:
    return View(html="<p>a graph</p>", text="a graph", data={}, chart=chart)


def shown(widget: GraphWidget) -> list[str]:
    return [box["id"] for box in widget.drawn["boxes"]]


def test_what_it_tells_is_json_and_whole() -> None:
    told = GraphWidget(SMALL).drawn
    assert json.loads(json.dumps(told)) == told
    assert len(told["places"]) == 8 and told["ends"] == [0, 1] and len(told["ways"]) == 1
    assert [box["shown"] for box in told["boxes"]] == ["raw.a", "raw.b"]


def test_an_opened_group_is_laid_out_open_and_all_of_them_when_that_is_said() -> None:
    chart = crowd(400, 500)
    widget = GraphWidget(chart)
    group = next(iter(widget.drawn["folded"]))
    assert f"group:{group}" in shown(widget)
    widget.opened = [group]
    assert f"group:{group}" not in shown(widget)
    widget.opened = [moving.EVERY]
    assert sorted(shown(widget)) == sorted(box.id for box in chart.boxes)
    widget.opened = []
    assert f"group:{group}" in shown(widget)


def test_a_group_that_there_is_not_changes_nothing() -> None:
    widget = GraphWidget(crowd(400, 500))
    before = shown(widget)
    widget.opened = ["no such group", "<script>"]
    assert shown(widget) == before


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_go_through_as_short_lines_of_text(name: str) -> None:
    told = GraphWidget(Chart("one", (Box("a.b", "dataset", name, name),))).drawn
    (box,) = told["boxes"]
    assert json.loads(json.dumps(told).encode("utf-8")) == told
    assert len(box["name"]) <= 1000 and "\n" not in box["name"] and "\u202e" not in box["name"]


@pytest.mark.parametrize(("name", "value"), [("height", 10), ("height", "tall"), ("opened", [1]), ("selected", 7)])
def test_a_script_cannot_make_it_something_else(name: str, value: Any) -> None:
    with pytest.raises(TraitError):
        setattr(GraphWidget(SMALL), name, value)


@pytest.mark.usefixtures("kernel")
def test_it_stands_beside_what_everybody_can_read_and_is_one_however_often_it_is_shown() -> None:
    graph = view(SMALL)
    first, second = graph._repr_mimebundle_(), graph._repr_mimebundle_()
    assert first[VIEW]["model_id"] == second[VIEW]["model_id"]
    assert first["text/html"] and first["text/plain"] == "a graph"
    assert VIEW not in view(None)._repr_mimebundle_()


@pytest.mark.usefixtures("kernel")
def test_a_run_leaves_the_picture_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTEXT_VARIABLE, "{}")
    assert VIEW not in view(SMALL)._repr_mimebundle_()


@pytest.mark.usefixtures("kernel")
def test_where_the_script_was_not_built_the_picture_has_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(script, "FOLDER", tmp_path / "missing")
    script.built.cache_clear()
    assert VIEW not in view(SMALL)._repr_mimebundle_()


def test_without_a_kernel_there_is_the_picture_alone() -> None:
    assert VIEW not in view(SMALL)._repr_mimebundle_()
