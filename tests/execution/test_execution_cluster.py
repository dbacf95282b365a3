"""Which worker a step may have, what travels to it, and what is said before anything does."""

from __future__ import annotations

import logging
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.config import load_config
from workbench.execution.cluster.dask import DaskExecutor
from workbench.execution.cluster.link import nobody
from workbench.execution.cluster.parcel import pack, unpack
from workbench.model.cluster import Cluster, Needs, Offer, fit
from workbench.model.errors import MissingExtra, StorageError

SMALL = Offer("tcp://a:1", threads=1, memory=2_000_000_000)
LARGE = Offer("tcp://b:1", threads=8, memory=64_000_000_000, resources={"gpu": 1.0})


def chosen(needs: Needs, *offers: Offer) -> tuple[dict[str, float], tuple[str, ...] | None] | None:
    found = fit(needs, offers)
    return None if found is None else (dict(found.resources), found.workers)


def test_a_step_without_wishes_may_run_anywhere() -> None:
    assert chosen(Needs(), SMALL, LARGE) == ({}, None)
    assert chosen(Needs()) is None


def test_what_a_step_requires_is_a_resource_that_it_takes() -> None:
    assert chosen(Needs(requires=("gpu",)), SMALL, LARGE) == ({"gpu": 1.0}, None)
    assert chosen(Needs(requires=("gpu", "licence")), SMALL, LARGE) is None
    assert chosen(Needs(requires=("gpu",)), replace(LARGE, resources={"gpu": 0.5})) is None


def test_memory_and_cpus_are_held_against_limits_and_threads() -> None:
    assert chosen(Needs(memory=8_000_000_000), SMALL, LARGE) == ({}, ("tcp://b:1",))
    assert chosen(Needs(memory=1_000_000_000), SMALL, LARGE) == ({}, None)
    assert chosen(Needs(memory=128_000_000_000), SMALL, LARGE) is None
    assert chosen(Needs(cpus=4), SMALL, LARGE) == ({}, ("tcp://b:1",))
    assert chosen(Needs(memory=1 << 40), replace(SMALL, memory=None)) == ({}, None)


def test_memory_and_cpus_are_counted_where_workers_declare_them() -> None:
    counted = replace(LARGE, resources={"memory": 32e9, "cpus": 4.0})
    wanted = ({"cpus": 1.0, "memory": 8e9}, None)
    assert chosen(Needs(memory=8_000_000_000), SMALL, counted) == wanted
    assert chosen(Needs(memory=40_000_000_000), SMALL, counted) is None
    assert chosen(Needs(cpus=5), SMALL, counted) is None


def test_nobody_names_what_was_wanted_and_what_there_is() -> None:
    told = str(nobody(Needs(8_000_000_000, 2, ("gpu",)), (SMALL, LARGE)))
    assert "WB-RUN-160" in told
    assert "8 GB of memory, 2 cpus, gpu" in told
    assert "tcp://b:1 (8 threads, 64 GB, gpu 1)" in told
    assert "no worker at all" in str(nobody(Needs(), ()))


def test_equal_files_make_equal_parcels(tmp_path: Path) -> None:
    for name in ("one", "two"):
        root = tmp_path / name
        (root / "notebooks").mkdir(parents=True)
        (root / "contracts").mkdir()
        (root / "workbench.toml").write_text('name = "x"')
        (root / "contracts" / "a.b.odcs.yaml").write_text("kind: DataContract")
        (root / "notebooks" / "times.py").write_text("HOUR = 3600")
        (root / "big.csv").write_text("not asked for")
    files = ("notebooks/times.py",)
    one, two = (pack(tmp_path / name, files) for name in ("one", "two"))
    assert one == two
    (tmp_path / "archive.zip").write_bytes(one.content)
    unpack(tmp_path / "archive.zip", tmp_path / "there")
    laid_out = {path.relative_to(tmp_path / "there").as_posix() for path in (tmp_path / "there").rglob("*.*")}
    assert laid_out == {"workbench.toml", "contracts/a.b.odcs.yaml", "notebooks/times.py"}
    more = pack(tmp_path / "one", files, ["*.csv"])
    assert more.digest != one.digest
    (tmp_path / "archive.zip").write_bytes(more.content)
    assert "big.csv" in zipfile.ZipFile(tmp_path / "archive.zip").namelist()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"WB-DSK-302.*gone.py"):
        pack(tmp_path, ["gone.py"])


@pytest.fixture
def executor(tmp_path: Path) -> DaskExecutor:
    (tmp_path / "workbench.toml").write_text("")
    config = load_config(tmp_path)
    return DaskExecutor(replace(config, dask=Cluster(address="tcp://192.0.2.1:8786", wait=0.1)))


def test_strangers_who_could_listen_are_warned_of(executor: DaskExecutor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "workbench"):
        executor.warm_up()
    executor.close()
    (warning,) = caplog.messages
    assert "tcp://192.0.2.1:8786 is reached without encryption" in warning
    assert "tls://" in warning


def test_dask_is_an_extra(executor: DaskExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match="WB-EXT-907") as caught:
        executor.warm_up()
    assert "dataops-workbench[dask]" in caught.value.next
