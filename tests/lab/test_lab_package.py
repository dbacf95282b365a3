"""The extension in the archives that people install, and in the environment of the tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from lab_server import EXTENSION, ROOT

INSTALLED = "share/jupyter/labextensions/dataops-workbench-lab"
BUILT = (EXTENSION / "package.json").is_file()
needs_build = pytest.mark.skipif(
    not BUILT and os.environ.get("WORKBENCH_FRONTEND") != "required", reason="the extension is not built here"
)


def build(source: Path, kind: str, into: Path, **environment: str) -> Path:
    """Build one archive of a source tree, with what is installed here."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            f"--{kind}",
            "--no-isolation",
            "--skip-dependency-check",
            "--outdir",
            into,
            source,
        ],
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
    )
    (made,) = into.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def bare(folder: Path) -> str:
    """A ``PATH`` on which there is no Node."""
    folder.mkdir()
    for name in ("sh", "env", "git"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return str(folder)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist of this checkout, and the wheel that is made of it where there is no Node."""
    folder = tmp_path_factory.mktemp("archives")
    sdist = build(ROOT, "sdist", folder / "sdist")
    with tarfile.open(sdist) as file:
        file.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    wheel = build(source, "wheel", folder / "wheel", PATH=bare(folder / "bin"), WORKBENCH_FRONTEND="required")
    return sdist, wheel


@pytest.mark.slow
@needs_build
def test_the_wheel_brings_the_extension_once_and_enables_the_server(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as file:
        names = file.namelist()
        data = next(name for name in names if name.endswith(f".data/data/{INSTALLED}/package.json")).split("/")[0]
        described = json.loads(file.read(f"{data}/data/{INSTALLED}/package.json"))
        enabled = json.loads(file.read(f"{data}/data/etc/jupyter/jupyter_server_config.d/workbench.json"))
    assert described["jupyterlab"]["_build"]["load"].removeprefix("static/") in {name.split("/")[-1] for name in names}
    assert f"{data}/data/{INSTALLED}/static/third-party-licenses.json" in names
    assert f"{data}/data/{INSTALLED}/install.json" in names
    assert "workbench/ui/widgets/static/graph.js" in names
    assert enabled["ServerApp"]["jpserver_extensions"] == {"workbench.ui.server.extension": True}
    assert not [name for name in names if name.startswith(("workbench/labextension", "extensions"))]


@pytest.mark.slow
@needs_build
def test_the_sdist_holds_sources_and_what_they_were_built_to(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"workbench/labextension/package.json", "extensions/jupyterlab/yarn.lock", "hatch_build.py"} <= names
    assert not [name for name in names if "node_modules" in name or "/lib/" in name]


@needs_build
def test_what_is_built_knows_no_place_of_this_machine() -> None:
    for path in EXTENSION.rglob("*"):
        if path.is_file():
            assert str(ROOT) not in path.read_text(encoding="utf-8"), path


def test_node_is_taken_from_the_path_or_from_the_package(tmp_path: Path) -> None:
    def serves(path: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-c", "import hatch_build; print(hatch_build._node_serves())"],
            cwd=ROOT,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip() == "True"

    def node(version: str) -> str:
        folder = tmp_path / version
        folder.mkdir()
        (folder / "node").write_text(f"#!/bin/sh\necho {version}\n")
        (folder / "node").chmod(0o755)
        return f"{folder}:{bare(tmp_path / ('bin' + version))}"

    expected = {"v18.20.1": 0, "v20.18.0": 0, "v20.19.0": 1, "v21.7.0": 0, "v22.12.0": 1, "v24.0.1": 1}
    assert {version: int(serves(node(version))) for version in expected} == expected
    assert not serves(bare(tmp_path / "none"))
