"""The widgets of views: what they are asked, and what Python answers; the scripts are tested in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import lay_out, notebook

from workbench.model.catalog import ColumnEntry
from workbench.project import Project
from workbench.ui.widgets import catalog, script
from workbench.ui.widgets.moving_profile import ProfileWidget
from workbench.ui.widgets.moving_quality import QualityWidget

MAKE = """
import pandas as pd, workbench as wb
wb.write(pd.DataFrame({"id": [1, 1, 2]}), "raw.orders")
wb.write(pd.DataFrame({"id": [1]}), "raw.others")
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: raw.orders
version: 1.0.0
status: active
schema:
  - name: raw.orders
    quality:
      - {metric: rowCount, mustBeBetween: [5, 10], severity: warning}
    properties:
      - {name: id, logicalType: integer, required: true}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root = lay_out(
        tmp_path_factory.mktemp("moving") / "project",
        {"orders": "name: orders\nsteps: {make: notebooks/make.ipynb}"},
        {"make": notebook(MAKE)},
        {"contracts/raw.orders.odcs.yaml": CONTRACT},
    )
    with Project.open(root) as opened:
        assert opened.run("orders", executor="inline").state == "succeeded"
        yield opened


def names(widget: QualityWidget) -> list[str]:
    return [each["dataset"] for each in widget.found["datasets"]]


def test_quality_is_asked_by_name_and_by_standing(project: Project) -> None:
    widget = QualityWidget(project, "prod")
    assert names(widget) == ["raw.orders", "raw.others"]
    widget.query = "OTHERS"
    assert names(widget) == ["raw.others"] and widget.found["counts"]["warned"] == 1
    widget.query, widget.standing = "", "warned"
    assert names(widget) == ["raw.orders"]
    widget.standing = "no such standing"
    assert names(widget) == ["raw.orders", "raw.others"]


def test_a_dataset_that_is_opened_tells_of_its_versions(project: Project) -> None:
    widget = QualityWidget(project, "prod")
    widget.opened = "raw.orders"
    assert [point["failed"] for point in widget.trend["points"]] == [1]
    widget.opened = "<b>no.such</b>"
    assert widget.error.startswith("WB-")
    widget.opened = ""
    assert widget.trend == {} and widget.error == ""


def test_a_profile_keeps_how_it_is_looked_at() -> None:
    columns = [vars(ColumnEntry("id", "long", nulls=0, minimum="1", maximum="2"))]
    widget = ProfileWidget(dataset="raw.orders", version=1, rows=3, columns=columns)
    widget.chosen, widget.order = "id", {"column": "nulls", "descending": True}
    kept = widget.get_state(["chosen", "order", "columns", "query"])
    assert kept == {"chosen": "id", "order": widget.order, "columns": columns, "query": ""}


def test_a_view_shows_its_widget_beside_what_it_leaves_behind() -> None:
    made: list[ProfileWidget] = []

    def make() -> ProfileWidget:
        made.append(ProfileWidget(dataset="raw.orders", version=1, rows=3, columns=[]))
        return made[-1]

    view = catalog.profile("raw.orders", [], 3, 1, make)
    bundle = view._repr_mimebundle_()
    assert {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"} <= bundle.keys()
    assert bundle["text/plain"] == view.text, "where there are no widgets, the text of the view is read"
    view._repr_mimebundle_()
    assert made == [view.widget], "a view that is shown twice has one widget, whose state both share"
    assert catalog.profile("raw.orders", [], 3, 1).widget is None


def test_a_script_that_was_not_built_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    script.built.cache_clear()
    try:
        assert script.built("quality.js") == ""
        (tmp_path / "profile.js").write_text("export default {}")
        assert script.built("profile.js") == "\nexport default {}"
    finally:
        script.built.cache_clear()
