"""A project whose data is in a bucket: runs, reads by hand and by others, and what the command line says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import MakeProject, notebook

from workbench import files
from workbench.model.location import Location
from workbench.model.run import State
from workbench.project import Project
from workbench.session import ProjectSession
from workbench.ui.cli.checkup import examine

PIPELINE = "name: orders\nsteps: {ingest: notebooks/ingest.ipynb, total: notebooks/total.ipynb}\n"
INGEST = notebook(
    """
    import pandas as pd, workbench as wb
    wb.write(pd.DataFrame({"id": [1, 2, 3], "amount": [1.5, 2.5, 4.0]}), "raw.orders")
    """
)
TOTAL = notebook(
    """
    import workbench as wb
    frame = wb.read("raw.orders", where="amount > 2")
    total = wb.sql("select sum(amount) as total from raw.orders").df()
    wb.record("kept", len(frame))
    wb.write(total, "marts.total")
    """
)


@pytest.fixture
def root(make_project: MakeProject, bucket: Location) -> Path:
    place = f'warehouse = "{bucket}"\nendpoint = "{bucket.endpoint}"\nregion = "{bucket.region}"\n'
    return make_project(
        {"orders": PIPELINE}, {"ingest": INGEST, "total": TOTAL}, {"workbench.toml": f'name = "t"\n[storage]\n{place}'}
    )


@pytest.mark.slow
def test_a_run_leaves_its_data_in_the_bucket_and_nowhere_else(root: Path, bucket: Location) -> None:
    with Project.open(root) as project:
        run = project.run("orders")
        assert run.state is State.SUCCEEDED, [step.error for step in run.steps]
        assert run.steps[1].values == {"kept": 2}
        assert [step.action for step in project.plan("orders").steps] == ["skip", "skip"]
        session = ProjectSession(project)
        assert session.resolve("marts.total", None).files[0].path.startswith(f"{bucket}/marts/total/data/")
    assert [found.path for found in files.below(bucket) if "/data/" in found.path]
    assert not list(root.rglob("*.parquet"))


def test_the_checkup_says_whether_the_bucket_can_be_reached(root: Path, bucket: Location) -> None:
    found = {finding.subject: finding for finding in examine(root)}
    assert found["warehouse"].ok
    assert str(bucket) in found["warehouse"].detail
    text = (root / "workbench.toml").read_text()
    (root / "workbench.toml").write_text(text.replace(bucket.bucket, "no-such-bucket"))
    found = {finding.subject: finding for finding in examine(root)}
    assert not found["warehouse"].ok
    assert "WB-DSK-311" in found["warehouse"].detail
