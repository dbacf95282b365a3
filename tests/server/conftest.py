"""A project that has run, and one Jupyter server on it for all tests of this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import lay_out, notebook
from web import Server, serving

from workbench.project import Project

PIPELINES = {
    "sales": """
        name: sales
        description: Sales of the day
        parameters:
          day: {type: date, default: 2026-01-15, help: The day to look at}
        steps:
          load: notebooks/load.ipynb
          total: {notebook: notebooks/total.ipynb, report: {title: Sales}}
    """,
    "fails": "name: fails\nsteps: {load: notebooks/breaks.ipynb}",
}
NOTEBOOKS = {
    "load": notebook(
        """
        import pandas as pd
        import workbench as wb
        frame = pd.DataFrame({"id": range(20), "shop": ["north", "south"] * 10, "amount": [1.5] * 20})
        wb.write(frame, "raw.sales", mode="overwrite")
        """,
        parameters="from datetime import date\nday: date = date(2026, 1, 15)  # the day to look at",
    ),
    "total": notebook(
        """
        import workbench as wb
        sums = wb.sql("select shop, sum(amount) as amount from raw.sales group by 1 order by 1").df()
        wb.write(sums, "marts.totals", mode="overwrite")
        print("summed")
        """
    ),
    "breaks": notebook("import workbench as wb\nprint('before')", "1 / 0"),
}
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: raw.sales
version: 1.0.0
status: active
description: {purpose: What the shops sold}
tags: [money]
schema:
  - name: sales
    physicalName: raw.sales
    properties:
      - {name: amount, logicalType: number, required: true, description: In euros}
"""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run that succeeded and one that failed; tests leave both as they are."""
    root = lay_out(
        tmp_path_factory.mktemp("served") / "shop", PIPELINES, NOTEBOOKS, {"contracts/raw.sales.odcs.yaml": CONTRACT}
    )
    with Project.open(root) as opened:
        assert opened.run("sales", executor="inline").state == "succeeded"
        assert opened.run("fails", executor="inline").state == "failed"
    return root


@pytest.fixture(scope="session")
def server(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter server in the project."""
    with serving(project, tmp_path_factory.mktemp("jupyter")) as running:
        yield running
