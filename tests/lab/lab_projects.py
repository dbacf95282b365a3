"""Projects whose data the pages of JupyterLab show."""

from __future__ import annotations

from pathlib import Path

from projects import lay_out, notebook

from workbench.config import load_config
from workbench.model.dataset import Column, DataFile, Mode, Schema, Snapshot
from workbench.project import Project
from workbench.store.transaction import Store

HOSTILE = "<img src=x onerror=window.hit=1> \u202eright to left\u202c \U0001f6eb " + "endless" * 1400
"""A description that must be shown as the text that it is."""
LONG = "marts." + "a_name_without_end_" * 3 + "of_62"
MANY = 1000

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: raw.sales
version: 1.0.0
status: active
description: {{purpose: '{purpose}'}}
team: [{{username: shop-team, role: Owner}}]
tags: [money]
schema:
  - name: sales
    physicalName: raw.sales
    properties:
      - {{name: amount, logicalType: number, required: true, description: In euros}}
"""
LOAD = """
import pandas as pd
import workbench as wb
frame = pd.DataFrame({"id": range(20), "shop": ["north", "south"] * 10, "amount": [1.5] * 20})
wb.write(frame, "raw.sales", mode="overwrite")
"""
TOTAL = f"""
import workbench as wb
sums = wb.sql("select shop, sum(amount) as amount from raw.sales group by 1 order by 1").df()
wb.write(sums, "marts.totals", mode="overwrite")
wb.write(sums, "{LONG}", mode="overwrite")
"""


def lay_out_sales(root: Path) -> Path:
    """A project whose pipeline has run: ``raw.sales`` with a contract, and two datasets made from it."""
    made = lay_out(
        root / "project",
        {"sales": "name: sales\nsteps: {load: notebooks/load.ipynb, total: notebooks/total.ipynb}"},
        {"load": notebook(LOAD), "total": notebook(TOTAL)},
        {"contracts/raw.sales.odcs.yaml": CONTRACT.format(purpose=HOSTILE)},
    )
    with Project.open(made) as project:
        assert project.run("sales", executor="inline").state == "succeeded"
    return made


def lay_out_many(root: Path) -> Path:
    """A project that knows of ``MANY`` datasets, as if other machines had written them."""
    made = lay_out(root / "project")
    schema = Schema((Column("id", "long"),))
    with Store.open(load_config(made).store) as store, store.writing() as transaction:
        for number in range(MANY):
            files = (DataFile(f"{number}.parquet", number * 10, 1, str(number)),)
            snapshot = Snapshot(
                number + 1, f"wide.table_{number:04}", 0, None, schema, files, Mode.OVERWRITE,
                "2026-01-01T00:00:00.000+00:00", "prod",
            )  # fmt: skip
            transaction.datasets.add_snapshot(snapshot)
    return made
