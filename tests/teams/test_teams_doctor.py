"""What ``wb doctor`` says of a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import MakeProject
from servers import Dask

from workbench.model.doctor import Finding
from workbench.ui.cli.checkup import examine


def seen(root: Path) -> Finding:
    (found,) = [finding for finding in examine(root) if finding.subject == "cluster"]
    return found


def test_without_a_cluster_there_is_nothing_to_mend(make_project: MakeProject) -> None:
    assert seen(make_project()).ok
    made = seen(make_project(files={"workbench.toml": 'name = "tested"\n[run]\nexecutor = "dask"\n'}))
    assert (made.ok, made.detail) == (True, "made of dask.distributed:LocalCluster for each command")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_cluster_is_away_then_empty_then_there_then_of_several_versions(
    make_project: MakeProject, dask: Dask
) -> None:
    settings = f'name = "tested"\n[executors.dask]\naddress = "{dask.address}"\n'
    root = make_project(files={"workbench.toml": settings})
    away = seen(root)
    assert not away.ok
    assert "WB-RUN-161" in away.detail
    dask.start_scheduler()
    empty = seen(root)
    assert (empty.ok, empty.detail) == (False, f"{dask.address} has no workers")
    dask.start_worker("ann")
    there = seen(root)
    assert there.ok, there
    assert f"{dask.address} has 1 worker with 1 thread, all with Workbench" in there.detail
    old = dask.folder / "old" / "dataops_workbench-0.0.1.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: dataops-workbench\nVersion: 0.0.1\n")
    dask.start_worker("old")
    mixed = seen(root)
    assert not mixed.ok
    assert "2 workers with 2 threads" in mixed.detail
    assert mixed.detail.endswith("has 0.0.1")
