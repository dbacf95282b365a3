"""A project in which something is wrong: rows that fail checks, a withheld write, names and values of any kind."""

from __future__ import annotations

import json
from pathlib import Path

from projects import lay_out, notebook

from workbench.project import Project

ELEMENT = "<img src=x onerror=window.hit=1>"
WILD = (
    ELEMENT,
    '"><script>window.hit=1</script>',
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "\U0001f6eb\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "%1 ${1} {0}",
    "__proto__",
    "endless" * 1429,
)
"""What people and data may write; each has to be shown as the text that it is."""
ORDERS = """
import pandas as pd
import workbench as wb
names = {names}
frame = pd.DataFrame({{"id": range(len(names)), "name": names, "amount": [{amount}] * len(names)}})
wb.write(frame, "raw.orders", mode="overwrite")
"""
BLOCKED = """
import pandas as pd
import workbench as wb
wb.write(pd.DataFrame({"id": [1, 1]}), "raw.blocked", mode="overwrite")
"""
REPORT = """
import pandas as pd
import workbench as wb
print("rows", len(wb.read("raw.orders")))
wb.write(pd.DataFrame({"n": [1]}), "marts.fine", mode="overwrite")
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: {name}
version: 1.0.0
status: active
description: {{purpose: {purpose}}}
tags: [{tag}]
team: [{{username: {owner}, role: Owner}}]
schema:
  - name: {table}
    physicalName: {name}
    properties:
      - {{name: id, logicalType: integer, unique: true}}
      {more}
"""
NAME = """- name: name
        logicalType: string
        description: {about}
        quality:
          - metric: invalidValues
            name: {check}
            arguments: {{validValues: [fine]}}
            mustBe: 0
            severity: warning"""


def lay_out_wrong(root: Path) -> Path:
    """A project with a dataset that only warns, one that was withheld, one without checks, and a report."""
    told = {key: json.dumps(ELEMENT) for key in ("purpose", "tag", "owner")}
    more = NAME.format(about=json.dumps(ELEMENT), check=json.dumps(ELEMENT))
    title = json.dumps(f"{ELEMENT} \u202etitle\u202c {'long' * 200}")
    made = lay_out(
        root / "project",
        {
            "orders": "name: orders\nsteps: {load: notebooks/load.ipynb, "
            f"tell: {{notebook: notebooks/tell.ipynb, report: {{title: {title}}}}}}}",
            "blocked": "name: blocked\nsteps: {write: notebooks/blocked.ipynb}",
        },
        {
            "load": notebook(ORDERS.format(names=list(WILD), amount=1)),
            "tell": notebook(REPORT),
            "blocked": notebook(BLOCKED),
        },
        {
            "contracts/raw.orders.odcs.yaml": CONTRACT.format(name="raw.orders", table="orders", more=more, **told),
            "contracts/raw.blocked.odcs.yaml": CONTRACT.format(name="raw.blocked", table="blocked", more="", **told),
        },
    )
    with Project.open(made) as project:
        assert project.run("orders", executor="inline").state == "succeeded"
        assert project.run("blocked", executor="inline").state in ("withheld", "failed")
        (made / "notebooks/load.ipynb").write_text(
            json.dumps(notebook(ORDERS.format(names=list(WILD), amount=2))), encoding="utf-8"
        )
        assert project.run("orders", executor="inline").state == "succeeded"
    return made
