"""``wb lab``: what is started, and where."""

from __future__ import annotations

from projects import MakeProject
from terminal import Wb


def test_it_opens_the_project_that_one_stands_in_with_the_catalog_in_view(make_project: MakeProject, wb: Wb) -> None:
    root = make_project(files={"below/it/file": ""})
    said = wb("lab", "--json", "--no-browser", "--port", "8890", cwd=root / "below/it")
    command = said.json["command"]
    assert command[1:3] == ["-m", "jupyterlab"]
    assert {f"--ServerApp.root_dir={root}", "--ServerApp.port=8890", "--no-browser"} <= set(command)
    assert "--LabApp.default_url=/lab?workbench=catalog" in command


def test_without_a_project_nothing_is_started(wb: Wb) -> None:
    said = wb("lab", "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "WB-CFG-601")
